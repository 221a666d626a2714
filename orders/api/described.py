"""What a request says, read strictly: what describes a person, and text and instants that the register can hold.

A description that cannot be read must never count as none, for that would find everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from orders.imports.values import ValueProblem, day_from, pnc_id_from, postcode_from
from orders.search.asked import Born, PersonAsked, understand

FIRST_YEAR, LAST_YEAR = "1900", "2200"
"""Years that can be asked about; extracts hold no later ones, and the calendar of the computer ends."""

Errors = dict[str, list[str]]


def is_text(value: str) -> bool:
    """Whether the database can hold it: no NUL, and no half of a character (a lone surrogate, RFC 8259 section 8.2)."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def beyond_the_calendar(asked: Mapping[str, object]) -> Errors:
    """The instants that lie outside the years that can be asked about, by name."""
    return {
        name: [f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}"]
        for name in ("at", "known_at")
        if (year := str(asked.get(name) or "").strip()[:4]).isdigit() and not FIRST_YEAR <= year <= LAST_YEAR
    }


def described_from(asked: Mapping[str, object], today: date) -> tuple[PersonAsked, Errors]:
    """The person described in a body, and what cannot be read. `today` (local) gives a short PNC ID its century."""
    errors: Errors = {}
    read = {name: _read(name, asked[name], today, errors) for name in DESCRIBING if name in asked}
    if errors:
        return PersonAsked(), errors
    born = read.get("date_of_birth")
    return (
        PersonAsked(
            name=str(read.get("name", "")),
            born=Born.at(born) if isinstance(born, date) else None,
            postcode=str(read.get("postcode", "")),
            pnc_id=str(read.get("pnc_id", "")),
        ),
        errors,
    )


def said(described: PersonAsked) -> dict[str, str]:
    """What a body said of a person, for the log."""
    born = described.born.on if described.born else None
    told = {"name": described.name, "date_of_birth": str(born or ""), "postcode": described.postcode}
    return {name: text for name, text in (told | {"pnc_id": described.pnc_id}).items() if text}


def _read(name: str, value: object, today: date, errors: Errors) -> object:
    if not isinstance(value, str) or not is_text(value) or not value.strip():
        errors[name] = ["is blank or no text; leave it out to ask for anybody"]
        return None
    try:
        return _READERS[name](value.strip(), today)
    except ValueProblem as problem:
        errors[name] = [str(problem)]
        return None


def _name(text: str, today: date) -> str:
    read = understand(text, today)
    for problem in read.problems:
        raise ValueProblem(problem.message)
    if read.person != PersonAsked(name=read.person.name):
        raise ValueProblem("holds more than a name; give dates and numbers in fields of their own")
    return read.person.name


_READERS: dict[str, Callable[[str, date], object]] = {
    "name": _name,
    "date_of_birth": lambda text, today: day_from(text),
    "postcode": lambda text, today: postcode_from(text),
    "pnc_id": lambda text, today: pnc_id_from(text, today.year),
}

DESCRIBING = tuple(_READERS)
"""What describes a person: taken in the body of a request only, never in its address."""
