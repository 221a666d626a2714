"""How one value of an extract is read: dates, instants, PNC IDs, postcodes. Pure, no Django.

Every function takes the text of a cell, already stripped, and returns a value or raises ValueProblem, whose message
completes the sentence "<column> …".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FIRST_YEAR, LAST_YEAR = 1850, 2200
_REMEMBERED = 20_000
"""Dates and instants that are read once: in an extract most of them come again and again."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:?\d{2})?\Z", re.ASCII)
_PNC = re.compile(r"(\d{4}|\d{2})/(\d{1,7})([A-Z])\Z", re.ASCII)
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})\Z", re.ASCII)
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


class ValueProblem(ValueError):
    """A value that cannot be read, or that contradicts itself; the message says how."""


class Moment(NamedTuple):
    """An instant in UTC, or a date held as the London midnight that begins it."""

    at: datetime
    is_date: bool


@lru_cache(_REMEMBERED)
def day_from(text: str) -> date:
    """A date written YYYY-MM-DD."""
    if not _DATE.match(text):
        raise ValueProblem("is not a date (YYYY-MM-DD)")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueProblem("is not a date of the calendar") from error
    return _in_range(day)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueProblem(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def instant_from_wall(wall: datetime) -> datetime:
    """The UTC instant of a naive Europe/London wall-clock time.

    Raises ValueProblem for a time that a clock change skips or repeats: guessing could move a deadline by an hour.
    """
    first = wall.replace(tzinfo=LONDON, fold=0)
    second = wall.replace(tzinfo=LONDON, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) == wall:
        raise ValueProblem("is ambiguous: the clocks went back and this time came twice; give it with an offset")
    raise ValueProblem("does not exist: the clocks went forward over this time; give it with an offset")


@lru_cache(_REMEMBERED)
def instant_from(text: str) -> datetime:
    """An ISO 8601 instant as UTC; without an offset it is Europe/London wall-clock time."""
    if not text:
        raise ValueProblem("is missing")
    found = _INSTANT.match(text)
    if not found:
        raise ValueProblem("is not an instant (YYYY-MM-DDTHH:MM, with seconds and offset if known)")
    day, clock, offset = found.groups()
    try:
        wall = datetime.combine(_in_range(date.fromisoformat(day)), time.fromisoformat(clock))
        if offset is None:
            return instant_from_wall(wall)
        return datetime.fromisoformat(f"{wall.isoformat()}{'+00:00' if offset == 'Z' else offset}").astimezone(UTC)
    except ValueProblem:
        raise
    except ValueError as error:
        raise ValueProblem("is not an instant of the calendar and clock") from error


def midnight(day: date) -> datetime:
    """The UTC instant at which a day begins in Europe/London. No clock change has ever happened there at midnight."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


@lru_cache(_REMEMBERED)
def moment_from(text: str) -> Moment:
    """A date or an instant."""
    if _DATE.match(text):
        return Moment(midnight(day_from(text)), is_date=True)
    try:
        return Moment(instant_from(text), is_date=False)
    except ValueProblem as problem:
        if str(problem).startswith("is not an instant ("):
            raise ValueProblem("is neither a date (YYYY-MM-DD) nor an instant (YYYY-MM-DDTHH:MM)") from problem
        raise


def last_instant(moment: Moment) -> datetime:
    """The last instant that a moment can mean: itself, or one microsecond before the end of its London day."""
    if not moment.is_date:
        return moment.at
    return midnight(moment.at.astimezone(LONDON).date() + timedelta(days=1)) - timedelta(microseconds=1)


def pnc_id_from(text: str, this_year: int) -> str:
    """A PNC ID in the long form YYYY/NNNNNNNL, its check letter verified.

    The short form YY/NNNNNNNL is read as the latest such year up to `this_year`; the letter does not depend on the
    century. Letters: the remainder by 23 of the two-digit year followed by the seven-digit serial.
    """
    found = _PNC.match(text.upper())
    if not found:
        raise ValueProblem("is not a PNC ID (YYYY/NNNNNNNL)")
    year, serial, letter = found.groups()
    serial = serial.zfill(7)
    if PNC_LETTERS[int(year[-2:] + serial) % 23] != letter:
        raise ValueProblem("is not a PNC ID: its check letter does not fit its number")
    if len(year) == 2:
        century = this_year // 100
        year = f"{century if int(year) <= this_year % 100 else century - 1}{year}"
    return f"{year}/{serial}{letter}"


def postcode_from(text: str) -> str:
    """A postcode as it is printed, upper case with one space. The form is checked, not that it exists."""
    found = _POSTCODE.match(re.sub(r"\s+", "", text).upper())
    if not found:
        raise ValueProblem("is not a postcode")
    return f"{found[1]} {found[2]}"


def split_list(text: str) -> tuple[str, ...]:
    """The parts of a `|`-separated value, without blanks and repeats, in the order given."""
    return tuple(dict.fromkeys(part for part in (piece.strip() for piece in text.split("|")) if part))
