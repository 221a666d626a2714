"""A run of calendar months in local time, and the instants at which they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from orders.statute import local_day, local_midnight

MOST_MONTHS = 120
"""So many months are shown at once, ten years."""


def next_month(month: date) -> date:
    """The first day of the month after the one that a first day begins."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_of(at: datetime) -> date:
    """The first day of the local month in which an instant lies."""
    return local_day(at).replace(day=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the month that begins with `first` to the one that begins with `last`, both counted in."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first.day != 1 or self.last.day != 1 or self.last < self.first or len(list(self)) > MOST_MONTHS:
            raise ValueError("a period is from a month to the same or a later one, ten years at the most")

    def __iter__(self) -> Iterator[date]:
        month = self.first
        while month <= self.last:
            yield month
            month = next_month(month)

    @property
    def starts(self) -> datetime:
        """The first instant (UTC)."""
        return local_midnight(self.first)

    @property
    def over(self) -> datetime:
        """The first instant after it (UTC)."""
        return local_midnight(next_month(self.last))

    @classmethod
    def to(cls, day: date, months: int) -> Period:
        """So many months, the last of them the one that holds a day."""
        last = day.replace(day=1)
        year, month = divmod(last.year * 12 + last.month - 1 - (months - 1), 12)
        return cls(date(year, month + 1, 1), last)
