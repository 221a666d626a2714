"""Extracts as large as wanted: the sample many times over, each time under other keys, written as a stream."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

from tests.imports.bundles import sample

_REFS = ("order_ref", "person_ref", "address_ref", "condition_ref", "event_ref", "replaces_ref")


def write_large(folder: Path, copies: int) -> Path:
    """Write the sample's twelve orders `copies` times over as one bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = sample()
    listed = {}
    for name, table in draft.tables.items():
        path = folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, draft.headers[name])
            writer.writeheader()
            for copy in range(copies):
                for row in table:
                    writer.writerow(row | {key: f"{row[key]}-{copy}" for key in _REFS if row.get(key)})
        listed[name] = {"rows": len(table) * copies, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest = draft.manifest | {"files": listed}
    folder.joinpath("manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
