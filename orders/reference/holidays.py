"""Bank holidays from gov.uk (JSON) or a list of one's own (CSV: day, name). Whole years, England and Wales."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

from orders.models import BankHoliday
from orders.reference.headers import NotRead, needed, places_of

DIVISION = "england-and-wales"


def held() -> dict[str, dict[str, Any]]:
    """The days that are loaded."""
    return {holiday.day.isoformat(): {"name": holiday.name} for holiday in BankHoliday.objects.all()}


def wanted(content: bytes, now: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """The days that the file adds, renames or, in the years it covers, lacks (None). Raises NotRead."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotRead("The file is not UTF-8 text.") from error
    told = dict(_json(text) if text.lstrip()[:1] == "{" else _csv(text))
    years = {day[:4] for day in told}
    for year in sorted(years):
        if f"{year}-12-25" not in told and not any(day.startswith(f"{year}-12-2") for day in told):
            raise NotRead(f"The file has no Christmas of {year}: it must hold whole years.")
    found: dict[str, dict[str, Any] | None] = {
        day: {"name": name} for day, name in told.items() if now.get(day) != {"name": name}
    }
    found |= {day: None for day in now if day[:4] in years and day not in told}
    return found


def _json(text: str) -> list[tuple[str, str]]:
    try:
        told = json.loads(text)
        events = told[DIVISION]["events"] if DIVISION in told else told["events"]
        found = [(date.fromisoformat(event["date"]).isoformat(), str(event["title"])[:80]) for event in events]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotRead(f"The JSON does not hold the events of {DIVISION} as gov.uk gives them.") from error
    if not found:
        raise NotRead("The file names no day.")
    return found


def _csv(text: str) -> list[tuple[str, str]]:
    rows = list(csv.reader(io.StringIO(text)))
    at = places_of(rows[0] if rows else [], "day", "holiday")
    needed(at, "day", "holiday")
    found = []
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        try:
            found.append((date.fromisoformat(row[at["day"]].strip()).isoformat(), row[at["holiday"]].strip()[:80]))
        except (ValueError, IndexError) as error:
            raise NotRead(f"Line {line}: there is no date (YYYY-MM-DD).") from error
    if not found:
        raise NotRead("The file names no day.")
    return found
