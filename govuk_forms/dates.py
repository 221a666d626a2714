"""Dates in three boxes, and instants: a date and a time of day on the clocks of the site's own time zone.

A time that a clock change skips or repeats is not guessed: the message says so, and how to say which was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from govuk_forms.boxes import DAY_MONTH_YEAR, TIME, Boxes

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?\s*(am|pm)?\s*(gmt|bst)?", re.IGNORECASE)
_EARLIEST, _LATEST = 1900, 9998
_OWN_ARTICLE = frozenset({"The", "Its", "When"})


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (UTC); where only a date was given, `is_date`, and `at` is the local midnight that begins it."""

    at: datetime
    is_date: bool = False


class DateField(forms.Field):
    """A date. `called` is what messages call it, a noun: "Date of birth". Its value is a `date`, None if left blank.

    `not_future`: today or earlier only, on the local calendar.
    """

    def __init__(self, *, called: str, not_future: bool = False, **options: Any) -> None:
        options.setdefault("widget", Boxes(self.parts()))
        super().__init__(**options)
        self.called, self.not_future = called, not_future

    @staticmethod
    def parts() -> tuple[Any, ...]:
        """The boxes."""
        return DAY_MONTH_YEAR

    def prepare_value(self, value: Any) -> Any:
        """What stands in the boxes: what was typed, or a date that is put there."""
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        return value

    def clean(self, value: Any) -> Any:
        """The date. Raises ValidationError, naming the boxes in its `boxes`."""
        typed = [*(value or ()), "", "", ""][:3]
        day = self.day_of(typed, required=self.required)
        self.run_validators(day)
        return day

    def in_words(self, value: Any) -> str:
        """The answer as a sentence would say it: 23 November 2026, at 14:30."""
        if isinstance(value, Moment):
            local = value.at.astimezone(timezone.get_default_timezone())
            clock = "time not recorded" if value.is_date else f"at {local:%H:%M}"
            return f"{local.day} {local:%B %Y}, {clock}"
        return "" if value is None else f"{value.day} {value:%B %Y}"

    def day_of(self, typed: list[str], *, required: bool) -> date | None:
        """The date in the first three boxes, None if they are blank and may be."""
        if not any(typed):
            if required:
                raise self._wrong(f"Enter {_lower(self.called)}", ())
            return None
        missing = [part.name for part, text in zip(DAY_MONTH_YEAR, typed, strict=True) if not text]
        if missing:
            raise self._wrong(f"{self.called} must include a {' and a '.join(missing)}", tuple(missing))
        day, month = _number(typed[0]), _number(typed[1]) or _month_named(typed[1])
        year = _number(typed[2])
        if year is not None and len(typed[2]) != 4:
            raise self._wrong("Year must include 4 numbers", ("year",))
        try:
            found = date(year or 0, month or 0, day or 0)
        except ValueError:
            raise self._wrong(f"{self.called} must be a real date", _suspects(day, month, year)) from None
        if not _EARLIEST <= found.year <= _LATEST:
            raise self._wrong(f"{self.called} must be after 1900", ("year",))
        if self.not_future and found > timezone.localdate():
            raise self._wrong(f"{self.called} must be today or in the past", ())
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether what was typed differs from what stood there."""
        return [str(part) for part in (self.prepare_value(initial) or ())] != [str(part) for part in (data or ())]

    def _wrong(self, message: str, boxes: tuple[str, ...]) -> ValidationError:
        return ValidationError(message.replace("%", "%%"), params={"boxes": boxes})


class MomentField(DateField):
    """A date and a time of day, as a `Moment`. Without `time_required` the time may be left blank.

    `now` gives the instant that `not_future` compares with; by default the clock.
    """

    def __init__(
        self, *, time_required: bool = True, now: Callable[[], datetime] = timezone.now, **options: Any
    ) -> None:
        super().__init__(**options)
        self.time_required, self.now = time_required, now

    @staticmethod
    def parts() -> tuple[Any, ...]:
        """The boxes of a date, and one for the time."""
        return (*DAY_MONTH_YEAR, TIME)

    def prepare_value(self, value: Any) -> Any:
        """What stands in the boxes: what was typed, or a moment, or a date that is put there."""
        if isinstance(value, Moment):
            local = value.at.astimezone(timezone.get_default_timezone())
            clock = "" if value.is_date else f"{local:%H:%M}"
            if clock and _happens_twice(local.replace(tzinfo=None)):
                clock += f" {local.tzname()}"
            return [str(local.day), str(local.month), str(local.year), clock]
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year), ""]
        return value

    def clean(self, value: Any) -> Any:
        """The moment, None if all is blank and may be. Raises ValidationError, naming the boxes in its `boxes`."""
        typed = [*(value or ()), "", "", "", ""][:4]
        day = self.day_of(typed[:3], required=self.required or bool(typed[3]))
        if day is None:
            return None
        if not typed[3]:
            if self.time_required:
                raise self._wrong(f"{self.called} must include a time, like 14:30", ("time",))
            return Moment(_instant(datetime.combine(day, time())), is_date=True)
        moment = Moment(self._at(day, typed[3]))
        if self.not_future and moment.at > self.now():
            raise self._wrong(f"{self.called} must be in the past", ("time",))
        return moment

    def _at(self, day: date, typed: str) -> datetime:
        match = _TIME.fullmatch(typed)
        hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
        half, zone = (match[3] or "").lower() if match else "", (match[4] or "").upper() if match else ""
        if match and half:
            hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
        elif match and match[2] is None:
            hour = 99
        if hour > 23 or minute > 59:
            raise self._wrong(f"Time must be a time of day, like 14:30, not {typed}", ("time",))
        local = datetime.combine(day, time(hour, minute))
        when = f"{hour:02}:{minute:02} on {day.day} {day:%B %Y}"
        first, second = _readings(local)
        if first.astimezone(timezone.get_default_timezone()).replace(tzinfo=None) != local:
            raise self._wrong(f"{when} did not happen: the clocks went forward over it. Check the time", ("time",))
        if zone:
            named = [at for at in (first, second) if at.astimezone(timezone.get_default_timezone()).tzname() == zone]
            if not named:
                raise self._wrong(f"{when} was not {zone}. Leave out {zone}", ("time",))
            return named[0]
        if first != second:
            raise self._wrong(
                f"{when} happened twice: the clocks went back over it. Write {hour:02}:{minute:02} BST for the first "
                f"or {hour:02}:{minute:02} GMT for the second",
                ("time",),
            )
        return first


def _readings(local: datetime) -> tuple[datetime, datetime]:
    """The two instants (UTC) that a local time can mean; one and the same except where a clock change intervenes."""
    zone = timezone.get_default_timezone()
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _happens_twice(local: datetime) -> bool:
    first, second = _readings(local)
    return first != second


def _instant(local: datetime) -> datetime:
    return _readings(local)[0]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _month_named(text: str) -> int | None:
    """A month written as a word: nov, November."""
    for number, short in enumerate(_MONTHS, 1):
        full = date(2000, number, 1).strftime("%B").lower()
        if len(text) >= 3 and full.startswith(text.lower()) and text.lower().startswith(short):
            return number
    return None


def _suspects(day: int | None, month: int | None, year: int | None) -> tuple[str, ...]:
    """The boxes that hold what cannot be; none, where each could and only all together cannot."""
    found = [] if day and 1 <= day <= 31 else ["day"]
    found += [] if month and 1 <= month <= 12 else ["month"]
    return tuple(found + ([] if year else ["year"]))


def _lower(words: str) -> str:
    """Words inside a sentence, with an article unless they begin with one; an abbreviation keeps its capitals."""
    if words[:2].isupper():
        return words
    first = words.split()[0]
    inside = f"{words[0].lower()}{words[1:]}"
    return inside if first in _OWN_ARTICLE else f"the {inside}"
