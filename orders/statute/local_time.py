"""Civil time in England and Wales: instants are UTC, and the law counts local days (Summer Time Act 1972)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=65_536)
def local_midnight(day: date) -> datetime:
    """The instant (UTC) at which a local day begins. No clock change has ever fallen on midnight since 1972."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of_local_day(day: date) -> datetime:
    """The instant (UTC) at which a local day is over: the next midnight, the first instant outside."""
    return local_midnight(day + ONE_DAY)


def local_day(at: datetime) -> date:
    """The local date of an instant."""
    return at.astimezone(LONDON).date()


def parse_local(text: str) -> datetime:
    """Read an instant in ISO 8601, seconds optional; without an offset it is local wall-clock time. Returns UTC.

    Raises ValueError, with the remedy, for what is no instant, and for a local time that a clock change skips
    (last Sunday of March, 01:00 to 02:00) or repeats (last Sunday of October, 01:00 to 02:00).
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{text!r} is no instant; write it like 2026-11-20T14:30 or 2026-11-20T14:30:00+00:00"
        ) from None
    if len(text.strip()) <= len("2026-11-20"):
        raise ValueError(f"{text!r} is a date without a time; write it like 2026-11-20T14:30")
    if not 1900 <= at.year <= 9998:
        raise ValueError(f"{text!r} lies outside the years 1900 to 9998")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    first, second = (at.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(LONDON).replace(tzinfo=None) != at:
        raise ValueError(f"{text!r} never happened: the clocks went forward over it; check it, or give an offset")
    raise ValueError(
        f"{text!r} happened twice: the clocks went back over it; add +01:00 for the first time or +00:00 for the second"
    )
