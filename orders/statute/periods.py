"""Lengths "beginning with the day on which" something is done: that day is the first, however late in it."""

from __future__ import annotations

from datetime import date, timedelta

from orders.statute.local_time import ONE_DAY

DVPO_DAYS = range(14, 29)
"""Crime and Security Act 2010 s.28(10): no fewer than 14 days and no more than 28."""


def last_day_of_days(first_day: date, days: int) -> date:
    """The last day of a period of days beginning with a day."""
    return first_day + timedelta(days=days - 1)


def last_day_of_months(first_day: date, months: int) -> date:
    """The last day of a period of months beginning with a day: the day before the same day of the month.

    Where that month has no such day, the day before the first of the month that follows: 24 months from 29 February
    end on 28 February.
    """
    year, month = divmod(first_day.year * 12 + first_day.month - 1 + months, 12)
    try:
        following = date(year, month + 1, first_day.day)
    except ValueError:
        following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return following - ONE_DAY


def dvpo_last_day(made_on: date, days: int) -> date:
    """The last day of a DVPO. Raises ValueError for a length that s.28(10) does not allow."""
    if days not in DVPO_DAYS:
        raise ValueError(
            f"a DVPO lasts 14 to 28 days beginning with the day it is made, not {days} (CSA 2010 s.28(10))"
        )
    return last_day_of_days(made_on, days)


def days_through(first_day: date, last_day: date) -> int:
    """How many days a period has that begins with one day and runs through another."""
    return (last_day - first_day).days + 1


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: when something done monthly is due again."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for candidate in range(day.day, 27, -1):
        try:
            return date(year, month + 1, candidate)
        except ValueError:
            continue
    return date(year, month + 1, day.day)
