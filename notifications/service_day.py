"""Which day a digest is owed for: a service day begins at a local hour, whatever the clocks do. No Django."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def begins(day: date, hour: int) -> datetime:
    """The instant (UTC) at which the digest of a local day falls due. Not at 1, the hour that clock changes touch."""
    if not 0 <= hour <= 23 or hour == 1:
        raise ValueError("the hour of the digest must be 0 or 2 to 23")
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)


def latest(now: datetime, hour: int) -> date:
    """The latest local day whose digest is due at an instant: today's, or yesterday's before the hour.

    Days that were missed are not owed one by one: a digest carries what was not carried before, however old.
    """
    today = now.astimezone(LONDON).date()
    return today if begins(today, hour) <= now else today - timedelta(days=1)
