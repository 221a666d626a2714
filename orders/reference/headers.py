"""What the columns of other people's files are called: ONS and NSPL change their names with every vintage.

Domain brief, section 5. Names are compared without case; a pattern stands for all vintages of a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ALIASES: dict[str, tuple[str, ...]] = {
    "postcode": ("pcds", "pcd2", "pcd8", "pcd7", "pcd", "postcode"),
    "ended": ("doterm",),
    "ward": (r"wd\d\dcd", "osward", "ward", r"wd\d\d", r"osward\d*"),
    "latitude": ("lat", "latitude"),
    "longitude": ("long", "longitude", "lng"),
    "neighbourhood": ("neighbourhood",),
    "ward_name": (r"wd\d\dnm",),
    "lad": (r"lad\d\dcd", "oslaua", "laua", r"lad\d\d", r"laua\d*"),
    "lad_name": (r"lad\d\dnm",),
    "code": ("code",),
    "name": ("name",),
    "level": ("level",),
    "parent": ("parent",),
    "ons_code": ("ons_code",),
    "vintage": ("vintage",),
    "valid_from": ("valid_from",),
    "valid_until": ("valid_until",),
    "day": ("day", "date"),
    "holiday": ("name", "title"),
}


class NotRead(ValueError):
    """A file that cannot be taken; the message says what is wrong with it and what to do."""


def places_of(header: Sequence[str], *wanted: str) -> dict[str, int]:
    """Where the wanted columns stand, those that are there: by the first of their names that the header has."""
    names = [name.strip().strip("\ufeff").lower() for name in header]
    found: dict[str, int] = {}
    for column in wanted:
        for alias in ALIASES[column]:
            place = next((number for number, name in enumerate(names) if re.fullmatch(alias, name)), None)
            if place is not None:
                found[column] = place
                break
    return found


def vintage_of(header: Sequence[str]) -> str:
    """The vintage of the wards in a header, such as WD24CD; blank if it does not say."""
    return next((name.strip().upper() for name in header if re.fullmatch(r"wd\d\dcd", name.strip().lower())), "")


def needed(found: dict[str, int], *columns: str) -> None:
    """Raises NotRead if a column is not there, saying by which names it is known."""
    for column in columns:
        if column not in found:
            known = ", ".join(alias.replace(r"\d\d", "24").replace(r"\d*", "") for alias in ALIASES[column])
            raise NotRead(f"The file has no column for the {column.replace('_', ' ')}: one of {known}.")
