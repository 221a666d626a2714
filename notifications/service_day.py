"""Which local days an email is owed for: a day begins to be owed at a local time, whatever the clocks do. No Django."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

DAYS_LOOKED_BACK = 7
"""A day older than that is owed no more: its news, which is carried by rows, goes with the next email all the same."""


def begins(day: date, at: time) -> datetime:
    """The instant (UTC) from which the email of a local day is owed. Not in the hour that clock changes touch."""
    if at.hour == 1:
        raise ValueError(
            "the time must not lie between 01:00 and 02:00, which one day a year has twice, one not at all"
        )
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def latest(now: datetime, at: time) -> date:
    """The latest local day whose email is owed at an instant: today's, or yesterday's before the time."""
    today = now.astimezone(LONDON).date()
    return today if begins(today, at) <= now else today - timedelta(days=1)


def owed(now: datetime, at: time, *, made: Collection[date], first: date, known: bool) -> list[date]:
    """The local days of the last seven that are owed and lack a run, oldest first. None before `first`.

    `made` are the days that have a run. An area that is not `known`, having never had one, is owed the latest day only.
    """
    last = latest(now, at)
    days = [last - timedelta(days=back) for back in reversed(range(DAYS_LOOKED_BACK if known else 1))]
    return [day for day in days if day >= first and day not in made]
