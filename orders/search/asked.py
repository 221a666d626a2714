"""What somebody typed in the one box, taken apart: names, a birth, a number, a postcode. Pure; fails closed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from orders.people import names
from orders.statute import valid_pnc_id

LONGEST, MOST_WORDS = 200, 8
"""Letters and words that a question may have."""

FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Born:
    """A birth as far as it is known: in one of some years, perhaps the month, perhaps the day too."""

    years: tuple[int, ...]
    month: int | None = None
    day: int | None = None

    @property
    def on(self) -> date | None:
        """The day, if all of it is known."""
        if self.month is None or self.day is None or len(self.years) != 1:
            return None
        return date(self.years[0], self.month, self.day)

    @classmethod
    def at(cls, day: date) -> Born:
        """A birth on a known day."""
        return cls((day.year,), day.month, day.day)


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """Who is looked for; blank is not asked. What is asked must all fit one person, or the order if it is a number.

    `name`: family and given names in any order. `number`: a reference or case number, folded. `postcode` as it is
    printed; `outward`: its first part alone.
    """

    name: str = ""
    born: Born | None = None
    pnc_id: str = ""
    number: str = ""
    postcode: str = ""
    outward: str = ""

    def __bool__(self) -> bool:
        return self != PersonAsked()

    @property
    def describes(self) -> bool:
        """Whether it says anything of a person, not only of an order."""
        return bool(self.name or self.born or self.pnc_id or self.postcode or self.outward)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: in which field, and what to do."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read, or, if there are problems, nothing."""

    person: PersonAsked
    problems: tuple[Problem, ...] = ()


_MONTHS = {
    name: number
    for number, names_ in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        1,
    )
    for name in names_.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_LEAD = r"(?:\b(?:date of birth|d\.?o\.?b\.?|born|b\.)[:\s]*(?:on|in)?\s*)?"
_END = r"(?![\w/])"
_START = r"(?<![\w/])"


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(f"{_LEAD}{_START}{body}{_END}", re.IGNORECASE | re.ASCII)


_DATES = (
    _pattern(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    _pattern(rf"(?P<day>\d{{1,2}})(?P<s>[/.\-]|\s+)(?P<month>\d{{1,2}})(?P=s){_YEAR}"),
    _pattern(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s\-]*(?P<word>{_MONTH})\.?,?[\s\-]+{_YEAR}"),
    _pattern(rf"(?P<word>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"),
    _pattern(rf"(?P<word>{_MONTH})\.?,?[\s\-]+{_YEAR}"),
    _pattern(r"(?P<month>\d{1,2})/(?P<year>\d{4})"),
    _pattern(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>(?:19|20)\d{2})"),
    _pattern(r"(?P<year>(?:19|20)\d{2})"),
    re.compile(r"\b(?:date of birth|d\.?o\.?b\.?|born|b\.)[:\s]*(?:in\s+)?(?P<year>'?\d{2})(?![\w/])", re.IGNORECASE),
)
_AGE = re.compile(
    r"\b(?:(?:aged?|about|around|approx(?:imately)?|circa|some)\s+)+(?P<age>\d{1,3})"
    r"(?:\s*(?:years?(?:\s+old)?|yrs?(?:\s+old)?|yo))?(?![\w/])"
    r"|(?<![\w/])(?P<old>\d{1,3})\s*(?:years?\s+old|yrs?\s+old|yo)\b",
    re.IGNORECASE | re.ASCII,
)
_ABOUT = re.compile(r"about|around|approx|circa|some", re.IGNORECASE)
_PNC = re.compile(r"(?<![\w/])(\d{4}|\d{2})/(\d{1,7})([A-Z])(?![\w/])", re.IGNORECASE | re.ASCII)
_POSTCODE = re.compile(r"(?<![\w/\-])([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})(?![\w/\-])", re.IGNORECASE | re.ASCII)
_OUTWARD = re.compile(r"(?<![\w/\-])([A-Z]{1,2}\d[A-Z\d]?)(?![\w/\-])", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(
    r"(?<![\w/\-])(?=[A-Z0-9/.\-]*\d)[A-Z0-9]+(?:[/.\-][A-Z0-9]+)*(?![\w/\-])", re.IGNORECASE | re.ASCII
)
_SPACED_NUMBER = re.compile(
    r"(?<![\w/\-])(?:DVPN|DVPO|SPO|ISPO|NMO|OCC|RO|PHAI|DAPN|DAPO|FMPO|FGMPO|SHPO|ISHPO|SRO|ISRO)[\s/\-]+"
    r"\d[A-Z0-9]*(?:[\s/\-]+\d[A-Z0-9]*)*(?![\w/\-])",
    re.IGNORECASE | re.ASCII,
)
_SAID = re.compile(r"\b(?:mr|mrs|miss|ms|dr|born|dob|aged?|called|named|alias|aka)\b\.?", re.IGNORECASE)
_MARKS = " '’ʼ‘ʻ`-–.,;:()/&"


def understand(text: str, today: date) -> Understood:
    """Read what was typed in the one box. `today` (local) gives short years their century, and an age its years."""
    problems = _unreadable(text)
    if problems:
        return Understood(PersonAsked(), problems)
    left = re.sub(r"[‐‑–]", "-", unicodedata.normalize("NFKC", text))
    try:
        left, pnc_id = _pnc(left, today)
        left, number = _taken(_SPACED_NUMBER, left)
        left, postcode = _taken(_POSTCODE, left)
        left, born = _born(left, today)
        left, outward = _taken(_OUTWARD, left) if not postcode else (left, "")
        if not number:
            left, number = _taken(_NUMBER, left)
        name = _name(left)
    except _Misread as misread:
        return Understood(PersonAsked(), (misread.problem,))
    bare = re.sub(r"\s", "", postcode).upper()
    asked = PersonAsked(
        name=name,
        born=born,
        pnc_id=pnc_id,
        number=re.sub(r"[^A-Z0-9]", "", number.upper()),
        postcode=f"{bare[:-3]} {bare[-3:]}" if bare else "",
        outward=outward.upper(),
    )
    if text.strip() and not asked:
        return Understood(asked, (Problem("name", "has no letter in it; type a name, a date of birth or a number"),))
    return Understood(asked)


class _Misread(ValueError):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(field, message)


def _unreadable(text: str) -> tuple[Problem, ...]:
    if len(text) > LONGEST:
        return (Problem("name", f"is longer than {LONGEST} characters; type the name, and what else is known, alone"),)
    for letter in text:
        sort = unicodedata.category(letter)
        if sort[0] in "LMN" or letter in _MARKS or letter in "‐‑" or (letter.isspace() and sort != "Cc"):
            continue
        shown = f"“{letter}”" if letter.isprintable() else "a sign that cannot be seen"
        return (Problem("name", f"holds {shown}, which no name, date or number has; take it out"),)
    return ()


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.search(text)
    if found is None:
        return text, ""
    return f"{text[: found.start()]} {text[found.end() :]}", found[0]


def _pnc(text: str, today: date) -> tuple[str, str]:
    found = _PNC.search(text)
    if found is None:
        return text, ""
    year = found[1] if len(found[1]) == 4 else str(_full_year(found[1], today))
    pnc_id = f"{year}/{found[2].zfill(7)}{found[3].upper()}"
    if not valid_pnc_id(pnc_id):
        raise _Misread("PNC ID", "has a check letter that does not fit its number; look at both again")
    return f"{text[: found.start()]} {text[found.end() :]}", pnc_id


def _full_year(text: str, today: date) -> int:
    if len(text) > 3:
        return int(text)
    short = int(text.removeprefix("'"))
    return today.year // 100 * 100 + short - (100 if short > today.year % 100 else 0)


def _born(text: str, today: date) -> tuple[str, Born | None]:
    for pattern in _DATES:
        found = pattern.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        year = _full_year(parts["year"], today)
        month = (
            _MONTHS[parts["word"].lower()] if parts.get("word") else int(parts["month"]) if parts.get("month") else None
        )
        day = int(parts["day"]) if parts.get("day") else None
        left = f"{text[: found.start()]} {text[found.end() :]}"
        return left, _checked(year, month, day, found[0].strip(), today)
    aged = _AGE.search(text)
    if aged is None:
        return text, None
    age = int(aged["age"] or aged["old"])
    if not 10 <= age <= 110:
        raise _Misread("date of birth", f"{age} is no age from 10 to 110")
    spread = 2 if _ABOUT.search(aged[0]) else 0
    years = tuple(range(today.year - age - 1 - spread, today.year - age + spread + 1))
    return f"{text[: aged.start()]} {text[aged.end() :]}", Born(years)


def _checked(year: int, month: int | None, day: int | None, typed: str, today: date) -> Born:
    if month is not None and day is not None and month > 12 >= day:
        month, day = day, month
    try:
        latest = date(year, month or 1, day or 1)
    except ValueError as error:
        raise _Misread("date of birth", f"“{typed}” is no date of the calendar; write it like 23/6/1986") from error
    if not date(FIRST_YEAR, 1, 1) <= latest <= today + timedelta(days=1):
        raise _Misread("date of birth", f"“{typed}” lies in the future or before {FIRST_YEAR}")
    return Born((year,), month, day)


def _name(text: str) -> str:
    plain = re.sub(r"[,;:()&.]|(?<!\w)[-/]|[-/](?!\w)", " ", _SAID.sub(" ", text)).replace("/", " ")
    words = plain.split()
    if len(words) > MOST_WORDS:
        raise _Misread("name", f"has more than {MOST_WORDS} words; type names only")
    name = " ".join(words)
    if words and all(len(names.fold(word)) == 1 for word in words):
        raise _Misread("name", "is one letter; type at least a part of a name beside an initial")
    return name if names.fold(name) else ""
