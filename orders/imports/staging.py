"""A bundle's rows in temporary tables, where whole files can be checked against each other with a few statements.

The tables live in the import's own transaction and session: a refused or interrupted import leaves none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

from django.db import connection
from psycopg import sql

from orders.imports import reading
from orders.imports.bundle import Bundle
from orders.imports.corrections import NONE, Corrections
from orders.imports.progress import Advance
from orders.imports.remarks import Remarks
from orders.imports.sealed import Sealer

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
    lines_of: Callable[[str], Iterator[int] | None] | None = None,
) -> None:
    """Copy the rows of the bundle, as corrected and sealed, to their tables, and every row error to `stage_error`.

    `lines_of` gives the lines of a file that are read, None for all. Rows that something was remarked on are noted in
    `stage_remarked`. Raises BundleRefused.
    """
    create_tables()
    sealer = Sealer(bundle.manifest.source)
    files = bundle.manifest.files
    if lines_of is not None:
        read = reading.parts(bundle, corrections, lines_of)
    elif sum(listed.rows for listed in files.values()) < reading.BESIDE_FROM:
        read = reading.parts(bundle, corrections)
    else:
        read = reading.parts_beside(bundle, corrections)
    with closing(read):
        for part in read:
            for topic, sentence in part.remarks:
                remarks.add(topic, sentence)
            for table, rows in part.tuples.items():
                copy_in(table, sealer.sealed(table, rows))
            advance(part.file, part.read, files[part.file].rows)
    with connection.cursor() as cursor:
        for statement in _INDEXES:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


def copy_in(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into one of the temporary tables."""
    columns = [sql.Identifier(column.split(" ", 1)[0]) for column in TABLES[table]]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(columns))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
