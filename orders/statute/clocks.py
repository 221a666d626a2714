"""Clocks that stand still on some days: 48 hours to a hearing, 24 hours in custody, 3 days to notify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from orders.statute.holidays import Holidays, is_excluded, is_sunday_christmas_or_good_friday
from orders.statute.local_time import LONDON, ONE_DAY, end_of_local_day, local_day, local_midnight

HEARING = timedelta(hours=48)
CUSTODY = timedelta(hours=24)
NOTIFICATION_DAYS = 3


def hearing_latest(served_at: datetime, holidays: Holidays) -> datetime:
    """The last instant at which the application after a notice may be heard: 48 hours from service.

    Crime and Security Act 2010 s.27(3)-(4); the same words in Domestic Abuse Act 2021 s.29(2)-(3). In time is "not
    later than", so the instant itself is still in time. Takes and returns UTC. Raises HolidaysNotKnown.
    """
    return _run(served_at, HEARING, lambda day: is_excluded(day, holidays))


def custody_before(arrested_at: datetime, holidays: Holidays) -> datetime:
    """The instant before which somebody arrested for breach of a notice or a DVPO must be before the court: 24 hours.

    Crime and Security Act 2010 ss.26(1)-(4) and 29(1), (3); Domestic Abuse Act 2021 s.26(3)-(4).
    Raises HolidaysNotKnown.
    """
    return _run(arrested_at, CUSTODY, lambda day: is_excluded(day, holidays))


def occupation_order_custody_before(arrested_at: datetime) -> datetime:
    """The same for an occupation order with a power of arrest, where bank holidays count: FLA 1996 s.47(7)."""
    return _run(arrested_at, CUSTODY, is_sunday_christmas_or_good_friday)


def notification_over(served_at: datetime) -> datetime:
    """The first instant after the 3 days, beginning with the day of service, in which the subject must notify.

    Stalking Protection Act 2019 s.9. No day is left out.
    """
    return local_midnight(local_day(served_at) + NOTIFICATION_DAYS * ONE_DAY)


def last_sitting(due: datetime, holidays: Holidays) -> datetime:
    """The last instant not after a deadline at which a court sits: by this somebody must be there, to be in time.

    The deadline itself where the court sits then; else when it last rose before. Courts sit at `holidays.sits` on every
    day that the clocks count. Takes and returns UTC. Raises HolidaysNotKnown.
    """
    day = local_day(due)
    while True:
        opens, rises = (datetime.combine(day, at, LONDON).astimezone(UTC) for at in holidays.sits)
        if opens < due and not is_excluded(day, holidays):
            return min(due, rises)
        day -= ONE_DAY


def _run(starts_at: datetime, length: timedelta, excluded: Callable[[date], bool]) -> datetime:
    """Elapsed time over the days that count. A clock that starts on a day left out starts when the next one begins.

    Real hours, not wall-clock hours: clock changes fall on Sundays, which are always left out, so that both agree.
    """
    at, left, day = starts_at, length, local_day(starts_at)
    while True:
        ends = end_of_local_day(day)
        if not excluded(day):
            if left <= ends - at:
                return at + left
            left -= ends - at
        at, day = ends, day + ONE_DAY


def days_left_out(starts_at: datetime, due: datetime, holidays: Holidays, *, bank_holidays: bool = True) -> list[date]:
    """The local days between a start and a deadline on which its clock stood still. Raises HolidaysNotKnown."""
    found, day = [], local_day(starts_at)
    while local_midnight(day) < due:
        if is_excluded(day, holidays) if bank_holidays else is_sunday_christmas_or_good_friday(day):
            found.append(day)
        day += ONE_DAY
    return found
