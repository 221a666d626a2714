"""Indexes off while a table is filled, and on again afterwards: building one from all rows is far cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.sessions import session

_INDEXES = """
    SELECT i.indexrelid::regclass::text, t.relname, pg_get_indexdef(i.indexrelid), c.conname
      FROM pg_index i
      JOIN pg_class t ON t.oid = i.indrelid
      LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype = 'u'
     WHERE t.relname = ANY(%s) AND NOT i.indisprimary
     ORDER BY pg_relation_size(i.indexrelid) DESC, 1"""


@dataclass(frozen=True, slots=True)
class Index:
    """An index as it was: how to make it again, and the unique constraint it stood for, if any."""

    name: str
    table: str
    definition: str
    constraint: str | None


def take_off(opened: psycopg.Connection[Any], tables: Sequence[str]) -> list[Index]:
    """Drop the indexes of some tables, all but those of their primary keys, and say what they were."""
    found = [Index(*row) for row in opened.execute(_INDEXES, [list(tables)])]
    for index in found:
        if index.constraint:
            opened.execute(f'ALTER TABLE {index.table} DROP CONSTRAINT "{index.constraint}"'.encode())
        else:
            opened.execute(f"DROP INDEX {index.name}".encode())
    return found


def put_on(indexes: Sequence[Index], *, sessions: int) -> None:
    """Make the indexes again, several at a time, the largest table first."""
    largest_first = sorted(indexes, key=lambda index: index.table != "orders_place")
    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(_build, largest_first))
    with session() as opened:
        for index in indexes:
            if index.constraint:
                opened.execute(
                    f'ALTER TABLE {index.table} ADD CONSTRAINT "{index.constraint}" UNIQUE USING INDEX {index.name}'
                    .encode()
                )  # fmt: skip


def _build(index: Index) -> None:
    with session() as opened:
        opened.execute("SET maintenance_work_mem = '320MB'; SET max_parallel_maintenance_workers = 0")
        opened.execute(index.definition.encode())


def tidy(tables: Sequence[str], *, sessions: int) -> None:
    """Vacuum and analyse some tables, so that index-only scans can trust the visibility map."""

    def vacuum(table: str) -> None:
        with session() as opened:
            opened.execute("SET maintenance_work_mem = '128MB'")
            opened.execute(f"VACUUM (ANALYZE) {table}".encode())

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(vacuum, tables))
