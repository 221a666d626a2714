"""Areas from a list of one's own (CSV), an ONS ward look-up (CSV) or data.police.uk (JSON): what the file would change.

Codes stay for good, because orders were found under them: an area that a split or a new review ends gets its first day
outside, and those that follow it begin on that day.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from orders.models import Area, Level
from orders.reference.headers import NotRead, needed, places_of, vintage_of
from orders.reference.outlines import Outline

FIELDS = ("name", "level", "parent", "ons_code", "vintage", "valid_from", "valid_until", "police_id", "rings")
_LEVELS = {Level.FORCE.value: 0, Level.LPA.value: 1, Level.NEIGHBOURHOOD.value: 2}
Wanted = dict[str, dict[str, Any]]


def held() -> Wanted:
    """Every area as it stands, by its code."""
    found = {}
    for area in Area.objects.select_related("parent", "boundary"):
        boundary = getattr(area, "boundary", None)
        found[area.code] = {
            "name": area.name,
            "level": area.level,
            "parent": area.parent.code if area.parent else "",
            "ons_code": area.ons_code,
            "vintage": area.vintage,
            "valid_from": area.valid_from.isoformat() if area.valid_from else None,
            "valid_until": area.valid_until.isoformat() if area.valid_until else None,
            "police_id": boundary.police_id if boundary else "",
            "rings": boundary.rings if boundary else [],
        }
    return found


def wanted(content: bytes, *, now: Wanted, on: date | None, whole: bool, lpa: str, vintage: str) -> Wanted:
    """The areas that the file adds or changes, by code, as they should be. Raises NotRead.

    `on` is the day from which new areas begin and those that are gone end; `whole`: what the file lacks, within the
    local policing areas that it names, ends. `lpa` is the code of the area to which a list that does not say belongs.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotRead("The file is not UTF-8 text. Save it as CSV UTF-8.") from error
    if text.lstrip()[:1] in ("{", "["):
        found = _police(text, now, on=on, lpa=lpa, vintage=vintage)
    else:
        rows = list(csv.reader(io.StringIO(text)))
        if not rows:
            raise NotRead("The file is empty.")
        own = places_of(rows[0], "code", "name", "level", "parent")
        found = (
            _own(rows, now, vintage=vintage)
            if {"code", "level"} <= own.keys()
            else _wards(rows, now, on=on, vintage=vintage)
        )
    if not found:
        raise NotRead("The file names no area. Check that it is the right file and of the right force.")
    _check(found, now)
    if whole:
        found |= _gone(found, now, on)
    return {code: area for code, area in found.items() if now.get(code) != area}


def _own(rows: list[list[str]], now: Wanted, *, vintage: str) -> Wanted:
    columns = ("code", "name", "level", "parent", "ons_code", "vintage", "valid_from", "valid_until")
    at = places_of(rows[0], *columns)
    needed(at, "code", "name", "level", "parent")
    found: Wanted = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        if len(row) < len(rows[0]):
            raise NotRead(f"Line {line} has {len(row)} values; the header has {len(rows[0])}.")
        code = row[at["code"]].strip()
        if not code or len(code) > 16:
            raise NotRead(f"Line {line}: code is missing or longer than 16 characters.")
        if code in found:
            raise NotRead(f"Line {line}: {code} stands twice.")
        area = dict(now.get(code) or _blank())
        for column in columns[1:]:
            if column in at:
                area[column] = row[at[column]].strip()
        area["vintage"] = area["vintage"] or vintage
        for column in ("valid_from", "valid_until"):
            area[column] = _day(area[column], line, column)
        found[code] = area
    return found


def _wards(rows: list[list[str]], now: Wanted, *, on: date | None, vintage: str) -> Wanted:
    """An ONS look-up of wards to districts: a ward is a neighbourhood of the local policing area with that district."""
    at = places_of(rows[0], "ward", "ward_name", "lad")
    needed(at, "ward", "ward_name", "lad")
    vintage = vintage or vintage_of(rows[0])
    lpas = {area["ons_code"]: code for code, area in now.items() if area["level"] == Level.LPA and area["ons_code"]}
    codes = _by(now, "ons_code")
    found: Wanted = {}
    for line, row in enumerate(rows[1:], 2):
        if len(row) < len(rows[0]):
            raise NotRead(f"Line {line} has {len(row)} values; the header has {len(rows[0])}.")
        lpa, ward = lpas.get(row[at["lad"]].strip()), row[at["ward"]].strip()
        if lpa is None:
            continue
        code = codes.get(ward) or _next_code(lpa, now, found)
        found[code] = (now.get(code) or _fresh(on)) | {
            "name": row[at["ward_name"]].strip(),
            "level": Level.NEIGHBOURHOOD.value,
            "parent": lpa,
            "ons_code": ward,
            "vintage": vintage,
        }
    return found


def _police(text: str, now: Wanted, *, on: date | None, lpa: str, vintage: str) -> Wanted:
    """Neighbourhoods of data.police.uk: [{id, name}], with `lpa` and `boundary` where the file was put together so;
    or boundaries alone, {id: [{latitude, longitude}]}."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotRead("The file is not JSON that can be read.") from error
    known = _by(now, "police_id")
    if isinstance(told, dict) and "neighbourhoods" not in told:
        return {
            known[name]: now[known[name]] | {"rings": [_ring(ring, name)]}
            for name, ring in told.items()
            if name in known
        }
    listed = told["neighbourhoods"] if isinstance(told, dict) else told
    if not isinstance(listed, list):
        raise NotRead("The JSON is neither a list of neighbourhoods nor boundaries by id.")
    found: Wanted = {}
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not isinstance(one.get("name"), str):
            raise NotRead("A neighbourhood of the JSON has no id or no name.")
        parent = one.get("lpa") or lpa
        if now.get(parent, {}).get("level") != Level.LPA:
            raise NotRead(
                f"Say to which local policing area {one['name']} belongs: choose one, or give its code as lpa."
            )
        code = known.get(one["id"]) or _next_code(parent, now, found)
        found[code] = (now.get(code) or _fresh(on)) | {
            "name": one["name"][:120],
            "level": Level.NEIGHBOURHOOD.value,
            "parent": parent,
            "vintage": vintage or "data.police.uk",
            "police_id": one["id"][:40],
        }
        if one.get("boundary"):
            found[code]["rings"] = [_ring(one["boundary"], one["name"])]
    return found


def _ring(points: Any, whose: str) -> list[list[float]]:
    try:
        ring = [[float(point["latitude"]), float(point["longitude"])] for point in points]
        Outline.of(0, [ring])
    except (KeyError, TypeError, ValueError) as error:
        raise NotRead(f"The boundary of {whose} is not a list of latitudes and longitudes.") from error
    return ring


def _check(found: Wanted, now: Wanted) -> None:
    both = now | found
    for code, area in found.items():
        if area["level"] not in _LEVELS:
            raise NotRead(f"{code}: level is {area['level']!r}, not force, lpa or neighbourhood.")
        above = both.get(area["parent"]) if area["parent"] else None
        depth = -1 if above is None else _LEVELS[above["level"]]
        if depth != _LEVELS[area["level"]] - 1 or (area["parent"] and above is None):
            raise NotRead(f"{code}: parent {area['parent']!r} is not the code of an area of the level above.")
        if code in now and now[code]["level"] != area["level"]:
            raise NotRead(f"{code} is known as a {now[code]['level']}; a code is one thing for good.")
        if area["valid_from"] and area["valid_until"] and area["valid_until"] <= area["valid_from"]:
            raise NotRead(f"{code}: valid_until is not after valid_from.")
        if not area["name"] or len(area["name"]) > 120:
            raise NotRead(f"{code}: the name is missing or longer than 120 characters.")


def _gone(found: Wanted, now: Wanted, on: date | None) -> Wanted:
    """Neighbourhoods that the whole list lacks, of the local policing areas that it speaks of: they end."""
    parents = {area["parent"] for area in found.values() if area["level"] == Level.NEIGHBOURHOOD}
    gone = [
        code
        for code, area in now.items()
        if area["parent"] in parents and code not in found and area["valid_until"] is None
    ]
    if gone and on is None:
        raise NotRead(
            f"The list lacks {len(gone)} neighbourhoods that are held. Give the day from which they are gone."
        )
    return {code: now[code] | {"valid_until": on.isoformat() if on else None} for code in gone}


def _next_code(lpa: str, now: Wanted, found: Wanted) -> str:
    taken = [code for code in (*now, *found) if code.startswith(f"{lpa}-") and code[len(lpa) + 1 :].isdigit()]
    return f"{lpa}-{max((int(code[len(lpa) + 1 :]) for code in taken), default=0) + 1:02}"


def _by(now: Wanted, column: str) -> dict[str, str]:
    """Codes of the areas that have not ended, by what others call them."""
    return {area[column]: code for code, area in now.items() if area[column] and area["valid_until"] is None}


def _blank() -> dict[str, Any]:
    return dict.fromkeys(FIELDS, "") | {"valid_from": None, "valid_until": None, "rings": []}


def _fresh(on: date | None) -> dict[str, Any]:
    return _blank() | {"valid_from": on.isoformat() if on else None}


def _day(text: str | None, line: int, column: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise NotRead(f"Line {line}: {column} is {text!r}, not a date (YYYY-MM-DD).") from error


def in_order(lines: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Areas so that each comes after the one that holds it."""
    yield from sorted(lines.items(), key=lambda item: (_LEVELS[item[1]["level"]], item[0]))
