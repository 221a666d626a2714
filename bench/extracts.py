"""Extract bundles to measure with: the sample's orders many times over, each time of other people at other times.

Copies that were all alike would flatter: every date and name after the first would be known already.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "sample-extract"
_REFS = ("order_ref", "person_ref", "address_ref", "condition_ref", "event_ref", "replaces_ref")
_FAMILY = (
    "HUSSAIN", "O'NEILL", "SMITH", "KAUR", "NOWAK", "BEGUM", "JONES", "AHMED", "CLARKE", "SINGH", "TAYLOR", "KHAN",
    "WIŚNIEWSKI", "CAMPBELL", "AL-HASSAN", "PATEL", "BAKER-SMITH", "OKAFOR", "WILLIAMS", "MAHMOOD", "MACDONALD",
    "GREWAL", "FRANCIS", "MIAH", "HICKMAN", "POPESCU", "UDDIN", "YARDLEY", "BALOGUN", "DHILLON",
)  # fmt: skip
_GIVEN = (
    "Adam", "Simran", "Ciarán", "Joanne", "Gavin", "Zofia", "Iain", "Aisha", "Marek", "Leroy", "Fatima", "Craig",
    "Harpreet", "Donna", "Imran", "Chloe", "Tunde", "Nasreen", "Kieran", "Latoya", "Pawel", "Gemma", "Omar", "Jaspal",
    "Rina", "Stephen", "Ngozi", "Beth", "Rashid",
)  # fmt: skip
_NUMBER = re.compile(r"^\d+")
_WEEKS = 260
"""By how many whole weeks at most the times of a copy are earlier; so its days of the week stay what they were."""

Row = dict[str, str]


def write_bundle(folder: Path, copies: int, *, day: int, court: str = "", later: int = 0) -> Path:
    """So many copies under other keys, taken on a day of November 2026.

    `court` renames the court of every third; `later` has the orders of every third served so many minutes later.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = json.loads(SAMPLE.joinpath("manifest.json").read_text())
    listed = {}
    for name in manifest["files"]:
        with SAMPLE.joinpath(name).open(newline="") as file:
            reader = csv.DictReader(file)
            rows, header = list(reader), list(reader.fieldnames or ())
        path = folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(_copied(name, rows, copies, court, later))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listed[name] = {"rows": len(rows) * copies, "sha256": digest}
    manifest |= {"files": listed, "extracted_at": f"2026-11-{day:02}T04:00:00+00:00"}
    folder.joinpath("manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _copied(name: str, rows: list[Row], copies: int, court: str, later: int) -> Iterator[Row]:
    for copy in range(copies):
        for number, row in enumerate(rows):
            told = {column: _earlier(value, copy) for column, value in row.items()}
            told |= {key: f"{row[key]}-{copy}" for key in _REFS if row.get(key)}
            if row.get("event") == "RETRACTED":
                told["text"] = f"{row['text']}-{copy}"
            if name == "people.csv":
                told |= _somebody(copy * len(rows) + number)
            if row.get("address"):
                told["address"] = _NUMBER.sub(str(1 + copy % 397), row["address"])
            if court and name == "orders.csv" and copy % 3 == 0:
                told["court"] = court
            if later and row.get("event") == "SERVED" and len(row["at"]) > 10 and copy % 3 == 0:
                told["at"] = (datetime.fromisoformat(told["at"]) + timedelta(minutes=later)).isoformat()
            yield told


def _earlier(value: str, copy: int) -> str:
    """A date or instant so many weeks earlier, an instant some minutes too; anything else as it is."""
    if copy == 0 or len(value) < 10 or value[4:5] != "-" or value[7:8] != "-":
        return value
    return _shifted(value, copy % _WEEKS, copy % 7)


@lru_cache(200_000)
def _shifted(value: str, weeks: int, minutes: int) -> str:
    if len(value) == 10:
        return (datetime.fromisoformat(value) - timedelta(weeks=weeks)).date().isoformat()
    return (datetime.fromisoformat(value) - timedelta(weeks=weeks, minutes=minutes)).isoformat(timespec="minutes")


def _somebody(number: int) -> Row:
    born = date(1950, 1, 1) + timedelta(days=number * 37 % 19_000)
    family = _FAMILY[number * 7 % len(_FAMILY)]
    return {
        "family_name": f"{family}{'-' + _FAMILY[number // 31 % len(_FAMILY)] if number % 5 == 0 else ''}",
        "given_names": f"{_GIVEN[number * 11 % len(_GIVEN)]} {_GIVEN[number // 29 % len(_GIVEN)]}",
        "date_of_birth": born.isoformat(),
    }
