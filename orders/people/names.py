"""How a name is folded, taken apart and compared. Pure: no Django; rules and their reasons in `docs/search.md`.

A name is compared by its tokens: folded words, and words that belong together written as one (O'Neill, al-Hassan,
Smith-Jones). Which tokens may stand for which is decided in two steps: `keys` finds, by equal numbers, all tokens that
could be close to another, and `closeness` says how close each really is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import jellyfish
from anyascii import anyascii
from nicknames import NickNamer

GROUPS = Path(__file__).resolve().parents[1] / "data" / "name-groups.txt"

LONGEST = 40
"""Letters of a token that count."""

PARTICLES = frozenset(
    {
        *("ab", "al", "ap", "bin", "bint", "binte", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le"),
        *("mac", "mc", "ni", "nic", "o", "st", "ua", "ui", "ul", "ur", "van", "von"),
    }
)
"""Words that belong to the word after them, and by themselves say nothing."""

EXACT, CLOSE, FAR = 0, 1, 2
"""How far one token is from another: the same, nearly the same, or perhaps."""

_APOSTROPHES = re.compile(r"['`’ʼʻ‘]")
_OTHER = re.compile(r"[^a-z0-9]+")


class Closeness(NamedTuple):
    """How far a token is from the one asked for, and why: exact, spelling, nickname, sound or beginning."""

    cost: int
    how: str


def fold(text: str) -> str:
    """A name without accents, case and punctuation: O'Neill is oneill, Wiśniewski-Łoś is wisniewski los."""
    plain = _APOSTROPHES.sub("", anyascii(_APOSTROPHES.sub("'", text)).lower())
    return _OTHER.sub(" ", plain).strip()


@lru_cache(maxsize=50_000)
def tokens(name: str) -> tuple[str, ...]:
    """The tokens of a family name, or of somebody's given names, by which it is found."""
    found: dict[str, None] = {}
    for part in re.split(r"\s+", name.strip()):
        joined = fold(part).replace(" ", "")
        pieces = [piece for piece in _OTHER.split(anyascii(_APOSTROPHES.sub("-", part)).lower()) if piece]
        if joined and joined not in PARTICLES:
            found[joined] = None
        if len(pieces) > 1:
            found |= dict.fromkeys(piece for piece in pieces if len(piece) > 2 and piece not in PARTICLES)
    words = fold(name).split()
    for first, second in pairwise(words):
        if first in PARTICLES:
            found[first + second] = None
    if not found and words:
        found["".join(words)] = None
    return tuple(token[:LONGEST] for token in found)


@lru_cache(maxsize=50_000)
def family_tokens(name: str) -> tuple[str, ...]:
    """The tokens of a family name: also all of its words written as one, as they often are."""
    words = fold(name).split()
    joined = ["".join(words)[:LONGEST]] if 1 < len(words) <= 4 else []
    return tuple(dict.fromkeys([*tokens(name), *joined]))


def words_asked(text: str) -> list[str]:
    """The words of a name as somebody types it: particles go with the word that follows them."""
    words = fold(_APOSTROPHES.sub("", text)).split()
    found: list[str] = []
    waiting = ""
    for number, word in enumerate(words):
        if word in PARTICLES and number + 1 < len(words) and not (len(word) == 1 and len(words[number + 1]) == 1):
            waiting += word
            continue
        found.append((waiting + word)[:LONGEST])
        waiting = ""
    return found


def without_particle(word: str, text: str) -> str:
    """What is left of a word asked for when the particle that was put before it is taken off again; else nothing."""
    for particle in sorted(PARTICLES, key=len, reverse=True):
        rest = word.removeprefix(particle)
        if rest != word and len(rest) > 2 and f"{particle} {rest}" in f" {fold(text)} ":
            return rest
    return ""


_RESPELT = (
    ("tsch", "x"), ("sch", "x"), ("tch", "x"), ("cz", "x"), ("sz", "x"), ("sh", "x"), ("ch", "x"), ("rz", "j"),
    ("zh", "j"), ("kh", "k"), ("gh", "g"), ("bh", "b"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("ck", "k"), ("qu", "k"),
    ("q", "k"), ("wr", "r"), ("kn", "n"), ("w", "v"), ("z", "s"), ("dj", "j"),
)  # fmt: skip
"""Letters that sound alike in English, Polish and the transliterations of South Asian and Arabic names."""


_SILENT_W = re.compile(r"w(?![aeiouy])")


@lru_cache(maxsize=50_000)
def sound(token: str) -> str:
    """A key that tokens which sound alike share: consonants by Metaphone after `_RESPELT`, and that a vowel begins."""
    respelt = _SILENT_W.sub("", token)
    for letters, by in _RESPELT:
        respelt = respelt.replace(letters, by)
    heard = jellyfish.metaphone(respelt.replace("h", "").replace("x", "sh"))
    return re.sub(r"^[AEIOU]", "A", heard.replace("TH", "T").replace("0", "T").replace(" ", ""))


def _deletions(word: str, most: int) -> set[str]:
    """A word and what is left of it without some of its letters: two words one edit apart share one of these."""
    found, edge = {word}, {word}
    for _ in range(most):
        edge = {left[:at] + left[at + 1 :] for left in edge if len(left) > 1 for at in range(len(left))}
        found |= edge
    return found


_PREFIX, _LONG = 7, 6
"""Edits are looked for in the first letters; tokens at least so long may be two edits apart."""


def _key(text: str) -> int:
    number = crc32(text.encode())
    return number - (1 << 32) if number >= 1 << 31 else number


@lru_cache(maxsize=20_000)
def keys(token: str) -> tuple[int, ...]:
    """The numbers by which a token is found from those near it, signed and of 32 bits, in order."""
    near = {_key(left) for left in _deletions(token[:_PREFIX], 2 if len(token) >= _LONG else 1)}
    heard = sound(token)
    if len(heard) > 1:
        near.add(_key(f"~{heard}"))
    return tuple(sorted(near))


def keys_asked(word: str) -> list[int]:
    """The numbers of which a token must have one to be near a word asked for, its other names too."""
    return sorted({*keys(word), *(_key(other[:_PREFIX]) for other in other_names(word))})


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in GROUPS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            group = frozenset(word.replace("-", "") for word in line.split())
            for word in group:
                found[word] = found.get(word, frozenset()) | group
    return found


@lru_cache(maxsize=1)
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=10_000)
def other_names(word: str) -> frozenset[str]:
    """Nicknames of a name, names of a nickname, and other ways to write it; without itself."""
    known = _nicknames()
    told = {fold(name).replace(" ", "") for name in (*known.nicknames_of(word), *known.canonicals_of(word))}
    return frozenset(_groups().get(word, frozenset()) | told) - {word, ""}


def closeness(word: str, token: str) -> Closeness | None:
    """How close a token of the register is to a word asked for; None where it is not."""
    if word == token:
        return Closeness(EXACT, "exact")
    if token in other_names(word):
        return Closeness(CLOSE, "spelling" if token in _groups().get(word, ()) else "nickname")
    shorter = min(len(word), len(token))
    edits = jellyfish.damerau_levenshtein_distance(word, token) if abs(len(word) - len(token)) < 4 else 9
    if edits == 1 and shorter > 2:
        return Closeness(CLOSE, "spelling")
    alike = shorter > 2 and sound(word) == sound(token) and len(sound(word)) > 1
    if alike and edits <= 2 and shorter > 3:
        return Closeness(CLOSE, "sound")
    if edits == 2 and shorter >= 5:
        return Closeness(FAR, "spelling")
    if alike and edits == 3 and shorter >= 5:
        return Closeness(FAR, "sound")
    if len(word) > 2 and token.startswith(word):
        return Closeness(FAR, "beginning")
    return None


def distinct_tokens(family_name: str, given_names: str, aliases: Iterable[Sequence[str]]) -> Iterator[tuple[str, bool]]:
    """All tokens of a person, each with whether it is of an alias only; those of the name itself first."""
    own = dict.fromkeys([*family_tokens(family_name), *tokens(given_names)])
    yield from ((token, False) for token in own)
    other: dict[str, None] = {}
    for alias in aliases:
        other |= dict.fromkeys([*family_tokens(alias[0]), *(tokens(alias[1]) if len(alias) > 1 else ())])
    yield from ((token, True) for token in other if token not in own)
