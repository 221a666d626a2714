"""The files of a bundle as a stream of typed rows, errors and remarks, in memory that does not grow with the file."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from orders.imports import rows
from orders.imports.bundle import Bundle
from orders.imports.corrections import CorrectedRow
from orders.imports.fields import Fields, RowError, RowWarning, shown
from orders.imports.manifest import BundleRefused

RECORD_LIMIT = 32 << 20
"""Characters of one row beyond which the file is taken for damaged: no row of an extract is a tenth as long."""

Read = rows.Row | RowError | RowWarning


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The columns of one file: those that must stand in its header, the others, and how a row is read."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[Fields], rows.Row]


LAYOUTS: dict[str, FileLayout] = {
    "orders.csv": FileLayout(
        ("order_ref", "kind", "force", "updated_at"),
        ("reference", "court", "case_ref", "without_notice", "power_of_arrest", "replaces_ref", "team", "officer"),
        rows.order_row,
    ),
    "people.csv": FileLayout(
        ("person_ref", "family_name", "updated_at"),
        ("given_names", "date_of_birth", "sex", "ethnicity", "pnc_id", "warnings", "aliases"),
        rows.person_row,
    ),
    "addresses.csv": FileLayout(
        ("person_ref", "address_ref", "from", "updated_at"),
        ("address", "postcode", "neighbourhood", "status", "to", "secret"),
        rows.address_row,
    ),
    "parties.csv": FileLayout(("order_ref", "person_ref", "role"), ("relationship",), rows.party_row),
    "conditions.csv": FileLayout(("order_ref", "condition_ref", "text"), ("code", "from", "until"), rows.condition_row),
    "events.csv": FileLayout(
        ("order_ref", "event_ref", "event", "at", "updated_at"), ("until", "by", "text"), rows.event_row
    ),
    "arrests.csv": FileLayout(("month", "area", "count"), ("source",), rows.arrest_row),
}


class FileReader:
    """Reads one listed file of a bundle. After iterating, `rows_read` holds how many rows there were.

    `corrected` gives rows by the line on which they begin, as a person put them right; None leaves a row out. `only`
    are the numbers, in order, of the lines that are read; None for all.
    """

    def __init__(
        self,
        bundle: Bundle,
        name: str,
        corrected: Mapping[int, CorrectedRow] | None = None,
        only: Iterator[int] | None = None,
    ) -> None:
        self.name = name
        self._corrected = corrected or {}
        self._only = only
        self.layout = LAYOUTS[name]
        self.unknown_columns: tuple[str, ...] = ()
        self.rows_read = 0
        self._bundle = bundle
        self._pending = 0

    def __iter__(self) -> Iterator[Read]:
        """Yield every row as a value, or its errors. Raises BundleRefused for a fault of the file itself."""
        wanted = None if self._only is None else next(self._only, 0)
        for index, line, cells in self._records():
            if self._only is not None:
                if line != wanted:
                    continue
                wanted = next(self._only, 0)
            if len(cells) != len(index):
                yield self._miscounted(index, cells, line)
                continue
            fields = Fields(index, cells, line)
            row = self.layout.read(fields)
            if fields.problems or fields.remarks:
                yield from self._told(fields)
            if not fields.problems:
                yield row

    def raw(self, *columns: str) -> Iterator[tuple[int, bytes, list[str]]]:
        """Every row unread: its line, all that it says, and the values of some columns, blank where it has none.

        Two rows say the same if they are read as the same: the order of columns, unknown columns and white space around
        a value do not count. Raises BundleRefused as reading does.
        """
        known = (*self.layout.required, *self.layout.optional)
        places: list[int | None] = []
        for index, line, cells in self._records():
            places = places or [index.get(name) for name in (*known, *columns)]
            if len(cells) != len(index):
                # A row that cannot be read is never the same as one that was.
                told = [cells[at].strip() if at is not None and at < len(cells) else "" for at in places]
                yield line, f"miscounted {cells!r}".encode(), [_fit(value) for value in told[len(known) :]]
                continue
            told = ["" if at is None else cells[at].strip() for at in places]
            said = "\x1f".join(told[: len(known)])
            if said.count("\x1f") >= len(known):
                said = repr(told[: len(known)])
            yield line, said.encode(), [_fit(value) for value in told[len(known) :]]

    def _records(self) -> Iterator[tuple[dict[str, int], int, list[str]]]:
        """Each row with the places of the columns and the line on which it begins, as a person put it right."""
        try:
            with io.TextIOWrapper(self._bundle.open(self.name), encoding="utf-8-sig", newline="") as text:
                yield from self._read(text)
        except UnicodeDecodeError as error:
            raise BundleRefused(f"{self.name} is not UTF-8 text (after row {self.rows_read:,})") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise BundleRefused(f"{self.name} cannot be read: {error}") from error
        listed = self._bundle.manifest.files[self.name].rows
        if self.rows_read != listed:
            raise BundleRefused(f"{self.name} holds {self.rows_read:,} rows; its manifest says {listed:,}")

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        """Lines of bounded length: a file without line ends, or a quote never closed, must not fill the memory."""
        while line := text.readline(RECORD_LIMIT):
            self._pending += len(line)
            if self._pending >= RECORD_LIMIT:
                raise BundleRefused(
                    f"{self.name}: the row after row {self.rows_read:,} holds more than {RECORD_LIMIT:,} characters"
                )
            yield line

    def _read(self, text: io.TextIOWrapper) -> Iterator[tuple[dict[str, int], int, list[str]]]:
        # The limit is the process's own; a field can never be longer than a record, which is bounded above.
        csv.field_size_limit(RECORD_LIMIT)
        records = csv.reader(self._lines(text), strict=True)
        try:
            index = self._header(next(records, None))
            last_line = records.line_num
            for cells in records:
                line, last_line = last_line + 1, records.line_num
                self._pending = 0
                if not cells:
                    continue
                self.rows_read += 1
                if line in self._corrected:
                    corrected = self._corrected[line]
                    if corrected is None:
                        continue
                    cells = [corrected.get(column, "") for column in index]
                yield index, line, cells
        except csv.Error as error:
            raise BundleRefused(f"{self.name} line {records.line_num:,}: its quoting is broken ({error})") from error

    def _header(self, header: list[str] | None) -> dict[str, int]:
        names = [name.strip() for name in header or ()]
        if not any(names):
            raise BundleRefused(f"{self.name} has no header row")
        for name in names:
            if names.count(name) > 1:
                raise BundleRefused(f"{self.name} has the column {shown(name) or '(blank)'} twice")
        for name in self.layout.required:
            if name not in names:
                raise BundleRefused(f"{self.name} lacks the column {name}")
        known = {*self.layout.required, *self.layout.optional}
        self.unknown_columns = tuple(shown(name) for name in names if name not in known)
        self._pending = 0
        return {name: place for place, name in enumerate(names)}

    def _told(self, fields: Fields) -> Iterator[RowError | RowWarning]:
        """What is wrong with a row, or else what is remarked on."""
        if not fields.problems:
            for column, value, reason in fields.remarks:
                yield RowWarning(self.name, fields.line, column, shown(value), f"{column} {reason}")
        else:
            order_ref, person_ref = self._owner(fields)
            for column, value, reason in fields.problems:
                yield RowError(
                    self.name, fields.line, column, shown(value), order_ref, person_ref, f"{column} {reason}"
                )

    def _miscounted(self, index: dict[str, int], cells: list[str], line: int) -> RowError:
        """A row with too few or too many cells: what it says cannot be trusted, but whose it is mostly can."""
        padded = Fields(index, [*cells, *("" for _ in range(len(index) - len(cells)))], line)
        order_ref, person_ref = self._owner(padded)
        reason = f"the row has {len(cells):,} values; the header has {len(index):,} columns"
        return RowError(self.name, line, None, None, order_ref, person_ref, reason)

    @staticmethod
    def _owner(fields: Fields) -> tuple[str | None, str | None]:
        found = []
        for column in ("order_ref", "person_ref"):
            ref = fields.raw(column)
            found.append(ref if ref and len(ref) <= 64 and "\0" not in ref else None)
        return found[0], found[1]


def _fit(ref: str) -> str:
    """A key that can be stored, or nothing: a NUL byte is not text."""
    return "" if "\0" in ref else ref
