"""The area that somebody names beside whom they look for: "Hussain, born June 86, somewhere in Sparkbrook". Pure.

Only after a word such as "in" is a name of a place read as one: Preston, Stone and Aston are surnames too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_SAID = re.compile(
    r"[\s,;]*\b(?:(?:somewhere|living|lives?|who|from|of|address|home|staying|based)\b[\s,:]*)*"
    r"\b(?:in|at|near|around|from)\s+(?:the\s+)?(?P<place>[^\W\d_][\w\s&'’.-]*?)[\s.]*$",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s*(?:&|,|/|\band\b)\s*", re.IGNORECASE)


def place_said(text: str, areas: Callable[[], Iterable[tuple[str, str]]]) -> tuple[str, str] | None:
    """What was typed without the place that it ends with, and the code of that area; None if it names no one area.

    `areas` gives code and name of each that may be asked about, and is called only if a place is said. A name's part
    will do, "Sparkbrook" for "Sparkbrook & Balsall Heath East", unless several areas have it.
    """
    said = _SAID.search(text)
    if said is None or not text[: said.start()].strip(" ,;"):
        return None
    place, known = _folded(said["place"]), [(code, name) for code, name in areas()]
    whole = [code for code, name in known if _folded(name) == place]
    part = [code for code, name in known if place in {_folded(one) for one in _PARTS.split(name)}]
    found = whole or part
    return (text[: said.start()].strip(" ,;"), found[0]) if len(found) == 1 else None


def _folded(name: str) -> str:
    return re.sub(r"\W", "", name.casefold())
