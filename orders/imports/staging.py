"""A bundle's rows in temporary tables, where whole files can be checked against each other with a few statements.

The tables live in the import's own transaction and session: a refused or interrupted import leaves none of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection
from psycopg import sql

from orders.imports.bundle import Bundle
from orders.imports.corrections import NONE, Corrections
from orders.imports.fields import RowError, RowWarning
from orders.imports.progress import Advance
from orders.imports.reader import FileReader
from orders.imports.remarks import Remarks
from orders.imports.rows import (
    AddressRow,
    ArrestRow,
    ConditionRow,
    EventRow,
    OrderRow,
    PartyRow,
    PersonRow,
    Row,
)
from orders.imports.sealed import Sealer

CHUNK = 10_000
"""Rows read before they are copied to the database: what bounds the memory of an import."""

# Refs are compared, never shown in an order that a person reads: byte order is exact and quick.
_REF = 'text COLLATE "C"'

TABLES: dict[str, tuple[str, ...]] = {
    "stage_order": (
        "line int",
        f"order_ref {_REF}",
        "kind text",
        "force text",
        "reference text",
        "court text",
        "case_ref text",
        "without_notice boolean",
        "power_of_arrest boolean",
        f"replaces_ref {_REF}",
        "team text",
        "officer text",
        "updated_at timestamptz",
    ),
    "stage_party": ("line int", f"order_ref {_REF}", f"person_ref {_REF}", "role text", "relationship text"),
    "stage_person": (
        "line int",
        f"person_ref {_REF}",
        "family_name text",
        "given_names text",
        "date_of_birth date",
        "sex text",
        "ethnicity text",
        "pnc_id text",
        "warnings text[]",
        "aliases jsonb",
        "updated_at timestamptz",
    ),
    "stage_address": (
        "line int",
        f"person_ref {_REF}",
        f"address_ref {_REF}",
        "address text",
        "postcode text",
        "neighbourhood text",
        "status text",
        "from_on date",
        "to_on date",
        "secret boolean",
        "updated_at timestamptz",
        "postcode_index text",
        "outward_index text",
        "found_id bigint",
    ),
    "stage_condition": (
        "line int",
        f"order_ref {_REF}",
        f"condition_ref {_REF}",
        "code text",
        "text text",
        "begins timestamptz",
        "begins_is_date boolean",
        "until timestamptz",
        "until_is_date boolean",
    ),
    "stage_event": (
        "line int",
        f"order_ref {_REF}",
        f"event_ref {_REF}",
        "event text",
        "at timestamptz",
        "at_is_date boolean",
        "until timestamptz",
        "until_is_date boolean",
        "until_open boolean",
        "by_whom text",
        "text text",
        f"retracts {_REF}",
        "updated_at timestamptz",
    ),
    "stage_arrest": ("line int", "month date", "area text", "count int", "source text"),
    "stage_remarked": ("file text", "line int"),
    "stage_error": (
        "file text",
        "line int",
        "col text",
        "value text",
        f"order_ref {_REF}",
        f"person_ref {_REF}",
        "reason text",
    ),
}

_INDEXES = (
    "CREATE INDEX ON stage_order (order_ref)",
    "CREATE INDEX ON stage_party (order_ref)",
    "CREATE INDEX ON stage_party (person_ref)",
    "CREATE INDEX ON stage_person (person_ref)",
    "CREATE INDEX ON stage_address (person_ref)",
    "CREATE INDEX ON stage_address (address_ref)",
    "CREATE INDEX ON stage_condition (order_ref)",
    "CREATE INDEX ON stage_event (order_ref)",
    "CREATE INDEX ON stage_event (event_ref)",
)


def create_tables() -> None:
    """Make the temporary tables, empty."""
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({', '.join(columns)}) ON COMMIT DROP")


def stage(
    bundle: Bundle,
    remarks: Remarks,
    advance: Advance,
    corrections: Corrections = NONE,
    lines_of: Callable[[str], Iterator[int] | None] = lambda name: None,
) -> None:
    """Copy the rows of the bundle, as corrected and sealed, to their tables, and every row error to `stage_error`.

    `lines_of` gives the lines of a file that are read, None for all. Rows that something was remarked on are noted in
    `stage_remarked`. Raises BundleRefused.
    """
    create_tables()
    sealer = Sealer(bundle.manifest.source)
    for name, listed in bundle.manifest.files.items():
        reader = FileReader(bundle, name, corrections.of(name), lines_of(name))
        items = iter(reader)
        while chunk := list(islice(items, CHUNK)):
            _copy_chunk(chunk, bundle.manifest.extracted_at, remarks, sealer)
            advance(name, len(chunk), listed.rows)
        for column in reader.unknown_columns:
            remarks.add("unknown columns", f"{name}: the column {column} is not of the contract and was ignored")
    with connection.cursor() as cursor:
        for statement in _INDEXES:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


def _copy_chunk(
    chunk: list[Row | RowError | RowWarning], extracted_at: datetime, remarks: Remarks, sealer: Sealer
) -> None:
    tuples: dict[str, list[tuple[Any, ...]]] = {}
    for item in chunk:
        match item:
            case RowWarning():
                tuples.setdefault("stage_remarked", []).append((item.file, item.line))
                remarks.add(
                    item.reason, f"{item.file} line {item.line:,}: {item.reason} (value: {item.value or 'blank'})"
                )
            case RowError():
                tuples.setdefault("stage_error", []).append(
                    (item.file, item.line, item.column, item.value, item.order_ref, item.person_ref, item.reason)
                )
            case _:
                table, values = _staged(item, extracted_at, remarks)
                tuples.setdefault(table, []).append(values)
                if isinstance(item, EventRow) and item.at.at > extracted_at:
                    # What it means changes with time, while what it says stays the same.
                    tuples.setdefault("stage_remarked", []).append(("events.csv", item.line))
    for table, values_of in tuples.items():
        copy_in(table, sealer.sealed(table, values_of))


def copy_in(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into one of the temporary tables."""
    columns = [sql.Identifier(column.split(" ", 1)[0]) for column in TABLES[table]]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(columns))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _staged(row: Row, extracted_at: datetime, remarks: Remarks) -> tuple[str, tuple[Any, ...]]:
    match row:
        case OrderRow():
            return "stage_order", (
                row.line, row.order_ref, row.kind, row.force, row.reference, row.court, row.case_ref,
                row.without_notice, row.power_of_arrest, row.replaces_ref, row.team, row.officer, row.updated_at,
            )  # fmt: skip
        case PartyRow():
            return "stage_party", (row.line, row.order_ref, row.person_ref, row.role, row.relationship)
        case PersonRow():
            return "stage_person", (
                row.line, row.person_ref, row.family_name, row.given_names, row.date_of_birth, row.sex, row.ethnicity,
                row.pnc_id, list(row.warnings), json.dumps(row.aliases), row.updated_at,
            )  # fmt: skip
        case AddressRow():
            return "stage_address", (
                row.line, row.person_ref, row.address_ref, row.address, row.postcode, row.neighbourhood, row.status,
                row.from_on, row.to_on, row.secret, row.updated_at,
            )  # fmt: skip
        case ConditionRow():
            begins, until = row.from_, row.until
            return "stage_condition", (
                row.line, row.order_ref, row.condition_ref, row.code, row.text,
                begins.at if begins else None, bool(begins and begins.is_date),
                until.at if until else None, bool(until and until.is_date),
            )  # fmt: skip
        case ArrestRow():
            return "stage_arrest", (row.line, row.month, row.area, row.count, row.source)
        case EventRow():
            return "stage_event", _staged_event(row, extracted_at, remarks)


def _staged_event(row: EventRow, extracted_at: datetime, remarks: Remarks) -> tuple[Any, ...]:
    event = row.event
    if row.at.at > extracted_at:
        if event == "HEARING":
            # A hearing that has not begun yet extends nothing: it is a listing (contract, rule 8).
            event = "LISTED"
        elif event not in ("LISTED", "RETURN_DATE", "RETRACTED"):
            remarks.add(
                "events dated after the extract was taken",
                f"events.csv line {row.line:,}: {event} is dated after the extract was taken; "
                "it has no effect before its date",
            )
    return (
        row.line, row.order_ref, row.event_ref, event, row.at.at, row.at.is_date,
        row.until.at if row.until else None, bool(row.until and row.until.is_date), row.until_open,
        row.by, row.text, row.retracts, row.updated_at,
    )  # fmt: skip
