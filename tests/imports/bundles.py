"""Small extract bundles for tests: the sample extract, changed in one place, with a manifest that fits."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample-extract"
Table = list[dict[str, str]]


@dataclass
class Draft:
    """A bundle being composed: tables of rows, then written with counts and hashes that fit."""

    tables: dict[str, Table]
    headers: dict[str, list[str]]
    manifest: dict[str, Any]
    raw: dict[str, bytes] = field(default_factory=dict)

    def row(self, name: str, **keys: str) -> dict[str, str]:
        """The one row of a table that has these values."""
        found = [row for row in self.tables[name] if all(row[key] == value for key, value in keys.items())]
        assert len(found) == 1, f"{len(found)} rows of {name} with {keys}"
        return found[0]

    def change(self, name: str, where: dict[str, str], **changes: str) -> Draft:
        """Change the one row that `where` describes (`from_` stands for the column `from`)."""
        row = self.row(name, **where)
        for column, value in changes.items():
            row[column.rstrip("_")] = value
        return self

    def add(self, name: str, **values: str) -> Draft:
        """Add a row; columns not named are blank, updated_at is that of the sample."""
        blank = dict.fromkeys(self.headers[name], "")
        if "updated_at" in blank:
            blank["updated_at"] = "2026-11-20T03:00:00+00:00"
        self.tables[name].append(blank | {column.rstrip("_"): value for column, value in values.items()})
        return self

    def drop(self, name: str, **keys: str) -> Draft:
        """Remove the one row that has these values."""
        self.tables[name].remove(self.row(name, **keys))
        return self

    def only(self, *order_refs: str) -> Draft:
        """Keep only these orders and the people in them."""
        for name in ("orders.csv", "parties.csv", "conditions.csv", "events.csv"):
            self.tables[name] = [row for row in self.tables[name] if row["order_ref"] in order_refs]
        people = {row["person_ref"] for row in self.tables["parties.csv"]}
        for name in ("people.csv", "addresses.csv"):
            self.tables[name] = [row for row in self.tables[name] if row["person_ref"] in people]
        return self

    def later(self, extracted_at: str, mode: str | None = None) -> Draft:
        """Say when the bundle was taken."""
        self.manifest["extracted_at"] = extracted_at
        if mode:
            self.manifest["mode"] = mode
        return self

    def content(self) -> dict[str, bytes]:
        """The files as they will be written, manifest last."""
        files = {}
        listed = {}
        for name, table in self.tables.items():
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, self.headers[name], lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(table)
            files[name] = self.raw.get(name, out.getvalue().encode())
            listed[name] = {"rows": len(table), "sha256": hashlib.sha256(files[name]).hexdigest()}
        files["manifest.json"] = json.dumps({"files": listed} | self.manifest).encode()
        return files

    def write(self, folder: Path) -> Path:
        """Write as a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.content().items():
            folder.joinpath(name).write_bytes(content)
        return folder

    def write_zip(self, path: Path, prefix: str = "") -> Path:
        """Write as a zip."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.content().items():
                archive.writestr(prefix + name, content)
        return path

    def replace_bytes(self, name: str, change: Callable[[bytes], bytes]) -> Draft:
        """Change the bytes of one file; the manifest's hash will be that of the changed file."""
        self.raw[name] = change(self.content()[name])
        return self


def sample() -> Draft:
    """The sample extract as a draft."""
    manifest = json.loads(SAMPLE.joinpath("manifest.json").read_text())
    tables: dict[str, Table] = {}
    headers = {}
    for name in manifest.pop("files"):
        with SAMPLE.joinpath(name).open(newline="") as stream:
            reader = csv.DictReader(stream)
            tables[name] = list(reader)
            headers[name] = list(reader.fieldnames or ())
    return Draft(tables, headers, manifest)
