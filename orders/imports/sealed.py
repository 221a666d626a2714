"""Sealing the words of a bundle while it is staged, so that not even the temporary tables hold them in the clear.

An order or person that the register holds has a key already, and the same words give the same token: the comparison
with what is held needs to open nothing. New ones get a key in `stage_key`, which `keep_keys` stores once it is known
which of them are applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from orders.access.keyring import keyring
from orders.access.sealing import (
    ERASED,
    Key,
    bare_postcode,
    keys_by_id,
    new_keys,
    outward_index,
    postcode_index,
    unseal_within,
)
from orders.imports.remarks import Remarks
from orders.places.locating import neighbourhoods

Rows = list[tuple[Any, ...]]


class Words(NamedTuple):
    """Of a stage table: whose key seals, in which column their ref stands, and the columns that are sealed."""

    owner: str
    ref: int
    columns: tuple[int, ...]


# By the places of the columns in `staging.TABLES`.
WORDS: dict[str, Words] = {
    "stage_party": Words("order", 1, (4,)),
    "stage_condition": Words("order", 1, (4,)),
    "stage_event": Words("order", 1, (9, 10)),
    "stage_address": Words("person", 1, (3, 4)),
}
_POSTCODE, _EVENT, _EVENT_TEXT = 4, 3, 10

_TABLE = """
    CREATE TEMPORARY TABLE stage_key (
        owner text, ref text COLLATE "C", id bigint, wrapped_by text, wrapped bytea, PRIMARY KEY (owner, ref)
    ) ON COMMIT DROP"""

_HELD = """SELECT ref, id, wrapped_by, wrapped FROM stage_key WHERE owner = '{owner}' AND ref = ANY(%(refs)s)
           UNION ALL
           SELECT o.source_ref, k.id, k.wrapped_by, k.wrapped
             FROM orders_{owner} o JOIN orders_sealingkey k ON k.{owner}_id = o.id
            WHERE o.source = %(source)s AND o.source_ref = ANY(%(refs)s)"""


class Sealer:
    """Seals the rows of one import. Makes `stage_key`."""

    def __init__(self, source: str) -> None:
        self._source = source
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.stage_key")
            cursor.execute(_TABLE)

    def sealed(self, table: str, rows: Rows) -> Rows:
        """Rows of a stage table with their words sealed; those of addresses with what they are found by, added."""
        words = WORDS.get(table)
        if words is None:
            return rows
        keys = self._keys(words.owner, {row[words.ref] for row in rows if any(row[at] for at in words.columns)})
        found = neighbourhoods(row[_POSTCODE] for row in rows) if table == "stage_address" else {}
        sealed: Rows = []
        for row in rows:
            values = list(row)
            if table == "stage_address":
                code = row[_POSTCODE]
                values += [postcode_index(code), outward_index(code), found.get(bare_postcode(code))]
            for at in words.columns:
                # What a RETRACTED says is a key of the source.
                if row[at] and not (table == "stage_event" and at == _EVENT_TEXT and row[_EVENT] == "RETRACTED"):
                    key = keys[row[words.ref]]
                    values[at] = ERASED if key is None else key.seal(row[at])
            sealed.append(tuple(values))
        return sealed

    def _keys(self, owner: str, refs: set[str]) -> dict[str, Key | None]:
        """The keys by ref; None for what has been erased."""
        ring = keyring()
        with connection.cursor() as cursor:
            cursor.execute(_HELD.format(owner=owner), {"refs": list(refs), "source": self._source})
            found: dict[str, Key | None] = {
                ref: None if wrapped is None else Key(pk, ring.unwrap(name, bytes(wrapped), pk))
                for ref, pk, name, wrapped in cursor.fetchall()
            }
        missing = sorted(refs - found.keys())
        made = list(zip(missing, new_keys(len(missing)), strict=True))
        found |= {ref: Key(pk, key) for ref, (pk, key) in made}
        _store((owner, ref, pk, *ring.wrap(key, pk)) for ref, (pk, key) in made)
        return found


def in_words(texts: Iterable[str]) -> list[str]:
    """Texts with what is sealed in them opened, be it by the register's keys or by those made for this import."""

    def keys_of(ids: set[int]) -> dict[int, Key]:
        ring = keyring()
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, wrapped_by, wrapped FROM stage_key WHERE id = ANY(%s)", [list(ids)])
            made = {pk: Key(pk, ring.unwrap(name, bytes(wrapped), pk)) for pk, name, wrapped in cursor.fetchall()}
        return keys_by_id(ids - made.keys()) | made

    return unseal_within(texts, keys_of)


def _store(rows: Iterable[Sequence[Any]]) -> None:
    statement = "COPY stage_key (owner, ref, id, wrapped_by, wrapped) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def leave_out_erased(remarks: Remarks) -> None:
    """Take what a source still carries of erased orders out of the stage tables: what is erased never comes back.

    After the checks, which look at the whole bundle. `stage_erased` keeps which they were.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stage_erased")
        cursor.execute(
            """CREATE TEMPORARY TABLE stage_erased ON COMMIT DROP AS
               SELECT h.order_ref FROM held_order h JOIN orders_sealingkey k ON k.order_id = h.order_id
                WHERE k.destroyed_at IS NOT NULL"""
        )
        for table in ("stage_order", "stage_party", "stage_condition", "stage_event"):
            cursor.execute(f"DELETE FROM {table} s USING stage_erased e WHERE e.order_ref = s.order_ref")
            if table == "stage_order" and cursor.rowcount:
                remarks.add("erased orders", f"{cursor.rowcount:,} orders of the bundle have been erased; left out")


KEEP_KEYS = (
    """INSERT INTO orders_sealingkey (id, order_id, wrapped_by, wrapped)
       SELECT s.id, r.id, s.wrapped_by, s.wrapped FROM stage_key s JOIN ref_order r ON r.order_ref = s.ref
        WHERE s.owner = 'order'""",
    """INSERT INTO orders_sealingkey (id, person_id, wrapped_by, wrapped)
       SELECT s.id, r.id, s.wrapped_by, s.wrapped FROM stage_key s JOIN ref_person r ON r.person_ref = s.ref
        WHERE s.owner = 'person'""",
)
"""What stores the new keys of the orders and people that are applied, once their ids are known."""
