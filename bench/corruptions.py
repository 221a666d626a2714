"""What an officer types of somebody whose name was misheard, miswritten or half remembered: one kind of error each.

The rules of mishearing are those of English spelling and of names that were written down by ear, not the ones by which
the register compares names. Nicknames are those of the package that the register uses too.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from anyascii import anyascii
from nicknames import NickNamer


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of a person; `born` may be wrong by then."""

    given: str
    family: str
    born: date
    aliases: tuple[tuple[str, str], ...] = ()
    family_first: bool = False

    @property
    def words(self) -> str:
        """The name as it is typed."""
        return f"{self.family} {self.given}" if self.family_first else f"{self.given} {self.family}"


Corruption = Callable[[Remembered, random.Random], Remembered | None]
_NICKNAMES = NickNamer()


def _in_one_name(change: Callable[[str, random.Random], str | None]) -> Corruption:
    """An error in the given or the family name, where there is room for it."""

    def corrupted(person: Remembered, chance: random.Random) -> Remembered | None:
        for field in chance.sample(("given", "family"), 2):
            changed = change(getattr(person, field), chance)
            if changed and changed.casefold() != getattr(person, field).casefold():
                return replace(person, given=changed) if field == "given" else replace(person, family=changed)
        return None

    return corrupted


def _place(word: str, chance: random.Random) -> int | None:
    """A letter in a word of at least four, which is not the first: that is seldom wrong."""
    return chance.randrange(1, len(word) - 1) if len(word) >= 4 and word.isalpha() else None


def _wrong(word: str, chance: random.Random) -> str | None:
    at = _place(word, chance)
    return None if at is None else word[:at] + chance.choice(string.ascii_lowercase) + word[at + 1 :]


def _missing(word: str, chance: random.Random) -> str | None:
    at = _place(word, chance)
    return None if at is None else word[:at] + word[at + 1 :]


def _swapped(word: str, chance: random.Random) -> str | None:
    at = _place(word, chance)
    return None if at is None else word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _too_many(word: str, chance: random.Random) -> str | None:
    at = _place(word, chance)
    return None if at is None else word[:at] + chance.choice(string.ascii_lowercase) + word[at:]


_HEARD = tuple(
    tuple(pair.split(">"))
    for pair in [
        "ph>f",
        "ck>k",
        "ee>i",
        "ea>ee",
        "ou>oo",
        "kh>k",
        "sz>sh",
        "cz>ch",
        "w>v",
        "y>i",
        "ie>ee",
        "c>k",
        "ai>ay",
        "ss>s",
        "mm>m",
        "ll>l",
        "nn>n",
        "u>oo",
        "z>s",
        "dh>d",
        "q>k",
        "au>or",
        "i>y",
    ]
)
"""Letters, and what is heard or written for them."""


def _heard(word: str, chance: random.Random) -> str | None:
    plain = anyascii(word).lower()
    fits = [(letters, by) for letters, by in _HEARD if letters in plain[1:]]
    if len(plain) < 4 or not fits:
        return None
    letters, by = chance.choice(fits)
    return plain[0] + plain[1:].replace(letters, by, 1)


def _nickname(person: Remembered, chance: random.Random) -> Remembered | None:
    first, *rest = person.given.split()
    known = sorted(name for name in _NICKNAMES.nicknames_of(first) if " " not in name)
    return replace(person, given=" ".join([chance.choice(known), *rest])) if known else None


def _alias(person: Remembered, chance: random.Random) -> Remembered | None:
    if not person.aliases:
        return None
    family, given = chance.choice(person.aliases)
    return None if family == person.family else replace(person, family=family, given=given)


def _closed_up(word: str, chance: random.Random) -> str | None:
    return "".join(letter for letter in word if letter.isalnum()) if any(mark in word for mark in " -'") else None


def _plain(word: str, chance: random.Random) -> str | None:
    return None if word.isascii() else anyascii(word)


def _day_and_month(person: Remembered, chance: random.Random) -> Remembered | None:
    born = person.born
    if born.day > 12 or born.day == born.month:
        return None
    return replace(person, born=date(born.year, born.day, born.month))


def _year(person: Remembered, chance: random.Random) -> Remembered | None:
    try:
        return replace(person, born=person.born.replace(year=person.born.year + chance.choice((-1, 1))))
    except ValueError:
        return None


NAMES: dict[str, Corruption] = {
    "as written": lambda person, chance: person,
    "one letter wrong": _in_one_name(_wrong),
    "one letter missing": _in_one_name(_missing),
    "two letters exchanged": _in_one_name(_swapped),
    "one letter too many": _in_one_name(_too_many),
    "given and family exchanged": lambda person, chance: replace(person, family_first=True),
    "a nickname": _nickname,
    "an alias": _alias,
    "hyphen or space lost": _in_one_name(_closed_up),
    "diacritics dropped": _in_one_name(_plain),
    "spelt as it sounds": _in_one_name(_heard),
}
"""Errors in a name, typed without a date of birth."""

BIRTHS: dict[str, Corruption] = {"day and month exchanged": _day_and_month, "year one off": _year}
"""Errors in a date of birth, typed with the right name."""

_TOGETHER = [NAMES[name] for name in NAMES if name != "as written"] + list(BIRTHS.values())


def two(person: Remembered, chance: random.Random) -> Remembered | None:
    """Two different errors of any kind."""
    for first, second in (chance.sample(_TOGETHER, 2) for _ in range(6)):
        once = first(person, chance)
        twice = once and second(once, chance)
        if twice:
            return twice
    return None


def two_letters(person: Remembered, chance: random.Random) -> Remembered | None:
    """A letter wrong in the given name and one in the family name."""
    changes = (_wrong, _missing, _swapped)
    given = chance.choice(changes)(person.given, chance)
    family = chance.choice(changes)(person.family, chance)
    return replace(person, given=given, family=family) if given and family else None
