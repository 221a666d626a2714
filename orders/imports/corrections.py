"""What a person put right in the rows of a bundle: the bundle stays as it came, and is read with these rows instead.

So what was corrected goes through the same reader, the same checks and the same comparison as everything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CorrectedRow = Mapping[str, str] | None
"""A row by its columns as it should have been; None where the row should not have been there."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrected rows by file and by the line on which the row begins."""

    rows: Mapping[str, Mapping[int, CorrectedRow]] = field(default_factory=dict)

    def of(self, file: str) -> Mapping[int, CorrectedRow]:
        """Those of one file."""
        return self.rows.get(file, {})

    def hashed_with(self, content_hash: str) -> str:
        """The hash of a bundle's content as corrected; that of the bundle itself if nothing is."""
        if not self.rows:
            return content_hash
        told = {
            file: {str(line): None if row is None else dict(sorted(row.items())) for line, row in sorted(lines.items())}
            for file, lines in sorted(self.rows.items())
        }
        return hashlib.sha256(json.dumps([content_hash, told], sort_keys=True).encode()).hexdigest()

    def with_row(self, file: str, line: int, row: CorrectedRow) -> Corrections:
        """These and one more; an earlier correction of the same row is replaced."""
        return Corrections({**self.rows, file: {**self.of(file), line: row}})

    def write(self, path: Path) -> None:
        """Keep them beside the bundle, whole or not at all."""
        text = json.dumps({file: {str(line): row for line, row in lines.items()} for file, lines in self.rows.items()})
        beside = path.with_suffix(".writing")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)


NONE = Corrections()


def read_corrections(path: Path) -> Corrections:
    """What is kept beside a bundle; nothing, if nothing is."""
    if not path.exists():
        return NONE
    told = json.loads(path.read_text(encoding="utf-8"))
    return Corrections({file: {int(line): row for line, row in lines.items()} for file, lines in told.items()})
