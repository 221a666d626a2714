"""Days that statutory clocks leave out. Bank holidays are data, and beyond the data nothing is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

WARNING_DAYS = 400
"""How long before the data run out the register begins to say so: time for two yearly updates of the list."""

_SUNDAY = 6


class HolidaysNotKnown(ValueError):
    """The bank holidays of a year that a computation needs are not loaded. Load them; nothing is ever assumed."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"the bank holidays of {day.year} are not loaded, so a clock that runs into it cannot be computed"
        )
        self.day = day


@dataclass(frozen=True, slots=True)
class Holidays:
    """The bank holidays of England and Wales (Banking and Financial Dealings Act 1971), complete for a run of years.

    `sits`: from when until when magistrates' courts sit on the other days, Saturdays included; local times. No Act says
    so: it is what a force is told by its courts.
    """

    days: frozenset[date]
    first_year: int
    last_year: int
    sits: tuple[time, time] = (time(10), time(16))

    @classmethod
    def of(cls, days: Iterable[date], sits: tuple[time, time] = (time(10), time(16))) -> Holidays:
        """From a list that is complete for every year from its first day's to its last day's."""
        days = frozenset(days)
        if not days:
            return cls(days, 1, 0, sits)
        return cls(days, min(days).year, max(days).year, sits)

    def holds(self, day: date) -> bool:
        """Whether a day is a bank holiday. Raises HolidaysNotKnown for a day of a year that is not loaded."""
        if not self.first_year <= day.year <= self.last_year:
            raise HolidaysNotKnown(day)
        return day in self.days

    def warns_on(self, today: date) -> bool:
        """Whether the data run out soon enough to say so."""
        return self.last_year < self.first_year or today + timedelta(days=WARNING_DAYS) > date(self.last_year, 12, 31)


@lru_cache(maxsize=512)
def good_friday(year: int) -> date:
    """Good Friday: two days before Easter Day as the tables of the Calendar (New Style) Act 1750 give it."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    full_moon = epact - (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    days = full_moon - weekday
    month = 3 + (days + 40) // 44
    return date(year, month, days + 28 - 31 * (month // 4)) - timedelta(days=2)


def is_sunday_christmas_or_good_friday(day: date) -> bool:
    """The days that Family Law Act 1996 s.47(7) leaves out: bank holidays count."""
    return day.weekday() == _SUNDAY or (day.month, day.day) == (12, 25) or day == good_friday(day.year)


def is_excluded(day: date, holidays: Holidays) -> bool:
    """The days that Crime and Security Act 2010 ss.26(4), 27(4) and 29(3) leave out: those, and bank holidays."""
    return is_sunday_christmas_or_good_friday(day) or holidays.holds(day)
