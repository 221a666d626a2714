"""Rows of a bundle as typed values, and what is said of a row that cannot be taken."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orders.imports.bundle import opened_bundle
from orders.imports.fields import RowError, RowWarning
from orders.imports.reader import FileReader, Read
from orders.imports.rows import EventRow, OrderRow, PersonRow
from tests.imports.bundles import Draft, sample


def read(draft: Draft, name: str, folder: Path) -> list[Read]:
    """Every row, error and remark of one file."""
    with opened_bundle(draft.write(folder)) as bundle:
        return list(FileReader(bundle, name))


def test_rows_are_typed(tmp_path: Path) -> None:
    people = read(sample(), "people.csv", tmp_path)
    first = people[0]
    assert isinstance(first, PersonRow)
    assert (first.family_name, first.date_of_birth, first.warnings) == ("HUSSAIN", date(1986, 6, 23), ("VI", "DR"))
    assert first.aliases == (("HUSSEIN", "Adam"), ("HUSAIN", "Addy"))
    events = {row.event_ref: row for row in read(sample(), "events.csv", tmp_path) if isinstance(row, EventRow)}
    assert events["E-5"].at == datetime(2024, 4, 2, 10, 15, tzinfo=UTC)
    assert events["E-5"].until is not None
    assert events["E-5"].until_is_date
    assert (events["E-21"].until, events["E-21"].until_open) == (None, True)


def test_blank_reference_is_the_sources_key(tmp_path: Path) -> None:
    draft = sample().change("orders.csv", {"order_ref": "CN-100001"}, reference="")
    row = read(draft, "orders.csv", tmp_path)[0]
    assert isinstance(row, OrderRow)
    assert row.reference == "CN-100001"


def test_byte_order_mark_column_order_and_unknown_columns(tmp_path: Path) -> None:
    draft = sample()
    draft.headers["orders.csv"] = ["colour", *reversed(draft.headers["orders.csv"])]
    for row in draft.tables["orders.csv"]:
        row["colour"] = "red"
    draft.replace_bytes("orders.csv", lambda content: b"\xef\xbb\xbf" + content)
    with opened_bundle(draft.write(tmp_path)) as bundle:
        reader = FileReader(bundle, "orders.csv")
        rows = list(reader)
    assert reader.unknown_columns == ("colour",)
    assert len(rows) == 12
    assert all(isinstance(row, OrderRow) for row in rows)


@pytest.mark.parametrize(
    ("name", "where", "changes", "column", "says"),
    [
        ("orders.csv", {"order_ref": "CN-100001"}, {"kind": "ASBO"}, "kind", "not a code"),
        ("orders.csv", {"order_ref": "CN-100001"}, {"without_notice": "yes"}, "without_notice", "not one of N, Y"),
        ("orders.csv", {"order_ref": "CN-100001"}, {"replaces_ref": "CN-100001"}, "replaces_ref", "follows itself"),
        ("orders.csv", {"order_ref": "CN-100001"}, {"updated_at": ""}, "updated_at", "missing"),
        ("orders.csv", {"order_ref": "CN-100001"}, {"order_ref": "C" * 65}, "order_ref", "65 characters"),
        ("parties.csv", {"order_ref": "CN-100001", "role": "victim"}, {"role": "witness"}, "role", "not one of"),
        ("people.csv", {"person_ref": "P-1"}, {"pnc_id": "2003/0062845F"}, "pnc_id", "check letter"),
        ("people.csv", {"person_ref": "P-1"}, {"date_of_birth": "23/06/1986"}, "date_of_birth", "not a date"),
        ("people.csv", {"person_ref": "P-1"}, {"date_of_birth": "2030-06-23"}, "date_of_birth", "after the row"),
        ("people.csv", {"person_ref": "P-1"}, {"family_name": ""}, "family_name", "missing"),
        ("people.csv", {"person_ref": "P-1"}, {"family_name": "A\0B"}, "family_name", "NUL byte"),
        ("people.csv", {"person_ref": "P-1"}, {"aliases": ", Adam"}, "aliases", "without a family name"),
        ("addresses.csv", {"address_ref": "A-2"}, {"to": "2020-01-01"}, "to", "not after from"),
        ("addresses.csv", {"address_ref": "A-2"}, {"from": ""}, "from", "missing"),
        ("addresses.csv", {"address_ref": "A-2"}, {"status": "flat"}, "status", "not one of"),
        ("conditions.csv", {"condition_ref": "C-1"}, {"text": ""}, "text", "missing"),
        ("conditions.csv", {"condition_ref": "C-1"}, {"code": "AA"}, "code", "not a code"),
        ("conditions.csv", {"condition_ref": "C-7"}, {"until": "2026-06-11"}, "until", "before from"),
        ("events.csv", {"event_ref": "E-1"}, {"event": "AUTHORIZED"}, "event", "not a code"),
        ("events.csv", {"event_ref": "E-1"}, {"at": "2024-03-31T01:30"}, "at", "does not exist"),
        ("events.csv", {"event_ref": "E-1"}, {"at": "2024-10-27T01:30"}, "at", "ambiguous"),
        ("events.csv", {"event_ref": "E-1"}, {"at": "soon"}, "at", "neither a date"),
        ("events.csv", {"event_ref": "E-5"}, {"until": "2024-04-01"}, "until", "before at"),
        ("events.csv", {"event_ref": "E-5"}, {"until": "9999-12-31"}, "until", "outside the years"),
        ("events.csv", {"event_ref": "E-29"}, {"until": "UFO"}, "until", "only MADE"),
        ("events.csv", {"event_ref": "E-2"}, {"event": "RETRACTED"}, "text", "missing"),
        ("events.csv", {"event_ref": "E-8"}, {"text": "x" * 10_000_000}, "text", "10,000,000 characters"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(
    tmp_path: Path, name: str, where: dict[str, str], changes: dict[str, str], column: str, says: str
) -> None:
    draft = sample()
    ref = draft.row(name, **where).get("order_ref") or None
    position = draft.tables[name].index(draft.row(name, **where))
    draft.row(name, **where).update(changes)
    errors = [item for item in read(draft, name, tmp_path) if isinstance(item, RowError)]
    assert len(errors) == 1
    error = errors[0]
    assert (error.file, error.line, error.column) == (name, position + 2, column)
    assert says in error.reason
    assert len(error.value or "") <= 80
    assert "\0" not in (error.value or "")
    if "order_ref" not in changes:
        assert error.order_ref == ref


def test_every_fault_of_a_row_is_told_and_the_other_rows_are_read(tmp_path: Path) -> None:
    draft = sample().change("events.csv", {"event_ref": "E-4"}, at="never", event="ASKED", updated_at="")
    items = read(draft, "events.csv", tmp_path)
    assert sorted(item.column or "" for item in items if isinstance(item, RowError)) == ["at", "event", "updated_at"]
    assert sum(isinstance(item, EventRow) for item in items) == 38


def test_a_row_with_too_few_values_still_says_whose_it_is(tmp_path: Path) -> None:
    draft = sample().replace_bytes("orders.csv", lambda b: b.replace(b"CN-100012,DVPN,WMP,", b"CN-100012,DVPN,", 1))
    errors = [item for item in read(draft, "orders.csv", tmp_path) if isinstance(item, RowError)]
    assert [(error.order_ref, error.line, error.column) for error in errors] == [("CN-100012", 13, None)]
    assert "11 values" in errors[0].reason


def test_lines_are_counted_where_a_value_holds_line_breaks(tmp_path: Path) -> None:
    draft = sample().change("events.csv", {"event_ref": "E-8"}, text="Found inside\nthe zone\r\nagain")
    draft.change("events.csv", {"event_ref": "E-9"}, at="?")
    errors = [item for item in read(draft, "events.csv", tmp_path) if isinstance(item, RowError)]
    assert [error.line for error in errors] == [12]


def test_remarks_do_not_stop_a_row(tmp_path: Path) -> None:
    draft = sample().change("addresses.csv", {"address_ref": "A-1"}, postcode="ASTON")
    items = read(draft, "addresses.csv", tmp_path)
    assert [item.reason for item in items if isinstance(item, RowWarning)] == ["postcode is not a postcode"]
    assert len(items) == 12


def test_a_formula_in_a_name_is_kept_as_it_is(tmp_path: Path) -> None:
    draft = sample().change("people.csv", {"person_ref": "P-1"}, family_name='=HYPERLINK("http://x")')
    first = read(draft, "people.csv", tmp_path)[0]
    assert isinstance(first, PersonRow)
    assert first.family_name == '=HYPERLINK("http://x")'


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    draft = sample()
    peaks = []
    for rows in (2_000, 20_000):
        while len(draft.tables["events.csv"]) < rows:
            number = len(draft.tables["events.csv"])
            draft.tables["events.csv"].append(draft.tables["events.csv"][0] | {"event_ref": f"X-{number}"})
        with opened_bundle(draft.write(tmp_path / str(rows))) as bundle:
            tracemalloc.start()
            assert sum(1 for _ in FileReader(bundle, "events.csv")) == rows
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
