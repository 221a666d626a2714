"""Taking a search away as a file: the same orders in the same order, every cell text, marked at both ends.

The file is written while it is sent, a chunk of orders at a time, so memory does not grow with it. Who may take how
many rows is decided by `permissions.export_rows`; that somebody did is recorded before the first byte, by the page.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO

import xlsxwriter

from govuk_forms.turning import straight
from orders.models import User
from orders.search.cards import Perpetrator
from orders.search.results import Result, results
from orders.statute import LONDON, local_day, local_midnight

CHUNK = 500
"""Orders worked out together, in a constant number of queries."""

_BLOCK = 64 * 1024
_LONGEST = 32_767
"""Characters that a cell of a spreadsheet can hold; a longer one would be left out whole."""

_FORMULA = re.compile("^[\\s\ufeff\u200b]*[=+\\-@＝＋－＠]|^[\t\r\n]")
"""How a cell begins that a spreadsheet might take for something to work out, full-width signs too."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is taken away: the orders in their order, what they are seen as, and the words that go with them.

    `at` and `known_at` are the instants of the search. `about` are lines for the reader, the first and the last of them
    the marking; `mark` is that marking; `columns` keys of COLUMNS. `matched`: why an order was found, by its id, where
    somebody was looked for.
    """

    order_ids: Sequence[int]
    user: User
    at: datetime
    known_at: datetime | None
    mark: str
    about: Sequence[str]
    columns: Sequence[str]
    matched: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what stands in it, and whether it is told of a restricted order too."""

    heading: str
    text: Callable[[Result, Copy], str]
    of_restricted: bool = False


def _of_person(said: Callable[[Perpetrator, datetime], str]) -> Callable[[Result, Copy], str]:
    return lambda result, copy: "" if result.perpetrator is None else said(result.perpetrator, copy.at)


def _born(person: Perpetrator, at: datetime) -> str:
    return "" if person.date_of_birth is None else person.date_of_birth.isoformat()


def _age(person: Perpetrator, at: datetime) -> str:
    born, today = person.date_of_birth, local_day(at)
    return "" if born is None else str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _instant(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def _end(at: datetime | None) -> str:
    """An end, the first instant outside: a local midnight is the end of the day before, as on the pages."""
    if at is None or at != local_midnight(local_day(at)):
        return _instant(at)
    return f"{local_day(at) - timedelta(days=1)}, end of the day"


def _until(result: Result, copy: Copy) -> str:
    if result.assessment.standing == "live" and result.in_force_until is None:
        return "until further order"
    until = _end(result.in_force_until)
    return f"{until}, at least" if until and result.assessment.at_least else until


def _lives_in(result: Result, copy: Copy) -> str:
    lived = [f"{area.name} ({' and '.join(area.roles)})" for area in result.areas if area.level == "lpa"]
    return "; ".join(lived) or "Not placed"


COLUMNS: dict[str, Column] = {
    "reference": Column("Reference", lambda result, copy: result.order.reference, of_restricted=True),
    "kind": Column("Kind", lambda result, copy: result.order.kind, of_restricted=True),
    "standing": Column("Standing", lambda result, copy: result.assessment.standing, of_restricted=True),
    "family_name": Column("Perpetrator: family name", _of_person(lambda person, at: person.family_name)),
    "given_names": Column("Perpetrator: given names", _of_person(lambda person, at: person.given_names)),
    "born": Column("Perpetrator: date of birth", _of_person(_born)),
    "age": Column("Perpetrator: age", _of_person(_age)),
    "from": Column("In force from", lambda result, copy: _instant(result.in_force_from)),
    "until": Column("In force until", _until),
    "ended_by": Column("Ended by", lambda result, copy: result.assessment.ended_by or ""),
    "service": Column("Service", lambda result, copy: result.assessment.service),
    "pnc": Column("PNC", lambda result, copy: result.assessment.pnc),
    "breaches": Column("Breaches", lambda result, copy: str(result.breaches)),
    "lives_in": Column("Lives in", _lives_in),
    "must_not": Column("Must not", lambda result, copy: "; ".join(result.conditions) or "See the order"),
    "doubt": Column(
        "Newer information", lambda result, copy: "received, not applied" if result.order.doubt_since else ""
    ),
    "matched": Column("Why it was found", lambda result, copy: copy.matched.get(result.order.pk, "")),
}
"""What a list of orders shows, and no address: a protected person's home is in no file."""

RESTRICTED = "Restricted"


def cell(text: str) -> str:
    """A text that is no formula, short enough for a cell, without what XML cannot hold and what turns text round."""
    text = straight("".join(letter for letter in text if letter >= " " or letter in "\t\r\n"))
    if _FORMULA.match(text):
        text = f"'{text}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def rows(copy: Copy) -> Iterator[list[str]]:
    """The cells of each order, worked out chunk by chunk."""
    chosen = [COLUMNS[name] for name in copy.columns]
    for first in range(0, len(copy.order_ids), CHUNK):
        chunk = copy.order_ids[first : first + CHUNK]
        for found in results(chunk, user=copy.user, at=copy.at, known_at=copy.known_at):
            yield [
                cell(RESTRICTED if found.hidden and not column.of_restricted else column.text(found, copy))
                for column in chosen
            ]


def headings(copy: Copy) -> list[str]:
    """The headings of the columns."""
    return [COLUMNS[name].heading for name in copy.columns]


def last_words(copy: Copy) -> str:
    """What the last row says: without it the file was cut."""
    count = len(copy.order_ids)
    return f"{copy.mark}. End of the export: {count:,} order{'' if count == 1 else 's'}."


def as_csv(copy: Copy) -> Iterator[bytes]:
    """The file as CSV in UTF-8 with a mark that spreadsheets read; all rows have as many cells."""
    width = len(copy.columns)

    def marked(words: str) -> list[str]:
        return [cell(words), *[""] * (width - 1)]

    yield "\ufeff".encode()
    yield _lines([marked(" | ".join(copy.about)), headings(copy)])
    pending: list[list[str]] = []
    for row in rows(copy):
        pending.append(row)
        if len(pending) == CHUNK:
            yield _lines(pending)
            pending = []
    yield _lines([*pending, marked(last_words(copy))])


def _lines(written: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(written)
    return out.getvalue().encode()


def as_xlsx(copy: Copy) -> Iterator[bytes]:
    """The file as a spreadsheet: a sheet about it, and the orders; made in a temporary file without a name."""
    with tempfile.TemporaryFile() as file:
        _write(copy, file)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _write(copy: Copy, file: IO[bytes]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        about = book.add_worksheet("About")
        about.set_column(0, 0, 100)
        for number, words in enumerate(copy.about):
            about.write_string(number, 0, cell(words))
        sheet = book.add_worksheet("Orders")
        width = len(copy.columns)
        sheet.set_column(0, width - 1, 22)
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for page in (about, sheet):
            marking = copy.mark.replace("&", "&&")
            page.set_header(f"&C{marking}")
            page.set_footer(f"&C{marking} page &P of &N")
        sheet.write_string(0, 0, cell(copy.mark), bold)
        for column, words in enumerate(headings(copy)):
            sheet.write_string(1, column, words, bold)
        for number, row in enumerate(rows(copy), 2):
            for column, words in enumerate(row):
                sheet.write_string(number, column, words)
        sheet.write_string(2 + len(copy.order_ids), 0, cell(last_words(copy)), bold)


FORMATS: dict[str, tuple[str, str, Callable[[Copy], Iterator[bytes]]]] = {
    "xlsx": (
        "Spreadsheet (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx,
    ),
    "csv": ("Comma-separated values (CSV)", "text/csv; charset=utf-8", as_csv),
}  # fmt: skip
"""What a file can be: in words, its content type, and what writes it."""


def file_name(ending: str, made_on: date) -> str:
    """A name that says what the file is and when it was made, and of nobody in it."""
    return f"civil-orders-{made_on.isoformat()}.{ending}"
