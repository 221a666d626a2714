"""Writing invented orders as an extract bundle, exactly as the contract has it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from orders.demo.histories import Invented
from orders.demo.people import Somebody

_HEADERS = {
    "orders.csv": "order_ref kind force reference court case_ref without_notice power_of_arrest replaces_ref team "
    "officer updated_at",
    "parties.csv": "order_ref person_ref role relationship",
    "people.csv": "person_ref family_name given_names date_of_birth sex ethnicity pnc_id warnings aliases updated_at",
    "addresses.csv": "person_ref address_ref address postcode neighbourhood status from to secret updated_at",
    "conditions.csv": "order_ref condition_ref code text from until",
    "events.csv": "order_ref event_ref event at until by text updated_at",
    "arrests.csv": "month area count source",
}


class BundleWriter:
    """A bundle being written, row by row. `close` writes the manifest."""

    def __init__(self, folder: Path, *, source: str, extracted_at: datetime, mode: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._source, self._mode = folder, source, mode
        self._at = extracted_at.isoformat(timespec="seconds")
        self._files = {name: (folder / name).open("w", newline="", encoding="utf-8") for name in _HEADERS}
        self._writers = {name: csv.writer(file) for name, file in self._files.items()}
        self._rows = dict.fromkeys(_HEADERS, 0)
        self._people: set[str] = set()
        for name, header in _HEADERS.items():
            self._writers[name].writerow(header.split())

    def add(self, order: Invented) -> None:
        """Write an order with all that it carries."""
        self._row(
            "orders.csv", order.ref, order.kind, "WMP", order.reference, order.court, order.case_ref,
            order.without_notice, order.power_of_arrest, order.replaces, "Civil Orders Team", "PC 4101", self._at,
        )  # fmt: skip
        self._row("parties.csv", order.ref, order.perpetrator.ref, "perpetrator", "")
        for victim in order.victims:
            self._row("parties.csv", order.ref, victim.ref, "victim", "former partner")
        for number, (code, text) in enumerate(order.conditions, 1):
            self._row("conditions.csv", order.ref, f"{order.ref}-C{number}", code, text, "", "")
        for number, event in enumerate(order.events, 1):
            self._row(
                "events.csv", order.ref, f"{order.ref}-E{number}", event.kind, _when(event.at),
                _when(event.until), event.by, event.text, self._at,
            )  # fmt: skip
        for person in (order.perpetrator, *order.victims):
            self._person(person)

    def _person(self, person: Somebody) -> None:
        if person.ref in self._people:
            return
        self._people.add(person.ref)
        self._row(
            "people.csv", person.ref, person.family_name, person.given_names, person.date_of_birth.isoformat(),
            person.sex, person.ethnicity, person.pnc_id, person.warnings, person.aliases, self._at,
        )  # fmt: skip
        for home in person.homes:
            self._row(
                "addresses.csv", person.ref, home.ref, home.address, home.postcode, home.neighbourhood, home.status,
                home.from_on.isoformat(), "" if home.to_on is None else home.to_on.isoformat(), home.secret, self._at,
            )  # fmt: skip

    def add_arrests(self, month: date, area: str, count: int) -> None:
        """Write how many arrests an area had in the month that a day begins."""
        self._row("arrests.csv", f"{month:%Y-%m}", area, str(count), "Invented custody count")

    def _row(self, name: str, *values: str) -> None:
        self._writers[name].writerow(values)
        self._rows[name] += 1

    def close(self) -> Path:
        """Write the manifest and return the bundle's folder."""
        listed = {}
        for name, file in self._files.items():
            file.close()
            digest = hashlib.sha256((self._folder / name).read_bytes()).hexdigest()
            listed[name] = {"rows": self._rows[name], "sha256": digest}
        manifest = {
            "format": "civil-orders-extract/1",
            "source": self._source,
            "extracted_at": self._at,
            "mode": self._mode,
            "files": listed,
        }
        (self._folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        return self._folder


def _when(value: datetime | date | str) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value if isinstance(value, str) else value.isoformat()


def write(folder: Path, orders: Iterable[Invented], *, source: str, extracted_at: datetime, mode: str) -> Path:
    """Write orders as one bundle."""
    writer = BundleWriter(folder, source=source, extracted_at=extracted_at, mode=mode)
    for order in orders:
        writer.add(order)
    return writer.close()
