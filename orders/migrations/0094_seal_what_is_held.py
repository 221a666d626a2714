"""Seals the words that the register held before: those of residences, events, conditions, parties and restrictions.

The triggers that keep facts as recorded let the owner of the tables pass in these transactions alone; what is recorded
stays the same, only unreadable without its key. Batches commit by themselves and say how far they are; stopped and run
again it goes on where it was: what is sealed stays sealed.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from django.db import migrations, transaction

BATCH = 5_000
FACTS = (
    ("orders_residence", "person_id", ("address", "postcode")),
    ("orders_event", "order_id", ("text", "by_whom")),
    ("orders_condition", "order_id", ("text",)),
    ("orders_party", "order_id", ("relationship",)),
    ("orders_order", "id", ("restricted_reason",)),
    ("orders_orderversion", "id", ("restricted_reason",)),
)


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal everything that is not."""
    connection = schema_editor.connection
    for table, owner, columns in FACTS:
        words = " OR ".join(f"{column} <> '' AND {column} NOT LIKE 'v1.%%'" for column in columns)
        key = "pgh_id" if table == "orders_orderversion" else "id"
        last, done, began, said = 0, 0, time.monotonic(), time.monotonic()
        while rows := _batch(connection, table, key, owner, columns, words, last):
            last, done = rows[-1][0], done + len(rows)
            if time.monotonic() - said > 5:
                said = time.monotonic()
                _say(f"{table}: {done:,} rows sealed, {done / (said - began):,.0f} a second")
        if done:
            _say(f"{table}: {done:,} rows sealed in {time.monotonic() - began:,.0f} s")


def _say(words: str) -> None:
    sys.stderr.write(f"  {words}\n")
    sys.stderr.flush()


def _batch(connection: Any, table: str, key: str, owner: str, columns: Any, words: str, last: int) -> list[Any]:
    """Seal the next rows, in a transaction of their own; returns them."""
    from orders.access import sealing

    kind = "kind" if table == "orders_event" else "''"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {owner}, {kind}, {', '.join(columns)} FROM {table}"
            f" WHERE {key} > %s AND ({words}) ORDER BY {key} LIMIT %s",
            [last, BATCH],
        )
        rows = list(cursor.fetchall())
        if rows:
            keys = (sealing.of_people if owner == "person_id" else sealing.of_orders)(row[1] for row in rows)
            _store(cursor, table, key, columns, rows, keys)
    return rows


def _store(cursor: Any, table: str, key: str, columns: Any, rows: Any, keys: Any) -> None:
    from orders.access import sealing
    from orders.places.locating import neighbourhoods

    names, types = list(columns), ["text"] * len(columns)
    values: list[list[Any]] = [[] for _ in columns]
    for _, owned, kind, *words in rows:
        for at, word in enumerate(words):
            # What a RETRACTED from a source says is a key of the source.
            left = word.startswith("v1.") or (kind == "RETRACTED" and at == 0)
            values[at].append(word if left else keys[owned].seal(word))
    if table == "orders_residence":
        located = neighbourhoods(row[4] for row in rows)
        names += ["postcode_index", "outward_index", "found_in_id"]
        types += ["text", "text", "bigint"]
        values.append([sealing.postcode_index(row[4]) for row in rows])
        values.append([sealing.outward_index(row[4]) for row in rows])
        values.append([located.get(sealing.bare_postcode(row[4])) for row in rows])
    cursor.execute(
        "SELECT set_config('pgtrigger.ignore', (SELECT coalesce(array_agg(tgname), '{}')::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid = %s::regclass), true)",
        [table],
    )
    cursor.execute(
        f"UPDATE {table} t SET {', '.join(f'{name} = n.{name}' for name in names)}"
        f" FROM unnest(%s::bigint[], {', '.join(f'%s::{one}[]' for one in types)}) AS n (pk, {', '.join(names)})"
        f" WHERE t.{key} = n.pk",
        [[row[0] for row in rows], *values],
    )


def keep(apps: Any, schema_editor: Any) -> None:
    """What is sealed stays sealed: the code before this cannot read it, so that going back loses the words."""


class Migration(migrations.Migration):
    """Seals, in batches."""

    atomic = False

    dependencies = [("orders", "0093_find_sealed_postcodes")]

    operations = [migrations.RunPython(seal, keep)]
