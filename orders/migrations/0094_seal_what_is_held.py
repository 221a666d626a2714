"""Seals the words that the register held before: those of residences, events, conditions, parties and restrictions.

The triggers that keep facts as recorded are off while this runs, as only the owner of the tables can have it; what is
recorded stays the same, only unreadable without its key. Run again it does nothing: what is sealed stays sealed.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db import migrations

BATCH = 2_000
FACTS = (
    ("orders_residence", "person_id", ("address", "postcode")),
    ("orders_event", "order_id", ("text", "by_whom")),
    ("orders_condition", "order_id", ("text",)),
    ("orders_party", "order_id", ("relationship",)),
)


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal everything that is not."""
    from orders.access import sealing

    connection = schema_editor.connection
    for table, owner, columns in FACTS:
        words = " OR ".join(f"{column} <> '' AND {column} NOT LIKE 'v1.%%'" for column in columns)
        kind = ", kind" if table == "orders_event" else ", ''"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {words})".replace("%%", "%"))
            if not cursor.fetchone()[0]:
                continue
            _triggers(cursor, table, "DISABLE")
        last = 0
        while rows := _batch(connection, table, owner, columns, kind, words, last):
            last = rows[-1][0]
            keys = (sealing.of_people if owner == "person_id" else sealing.of_orders)(row[1] for row in rows)
            _store(connection, table, columns, rows, keys)
        with connection.cursor() as cursor:
            _triggers(cursor, table, "ENABLE")
    _headings(connection)


def _triggers(cursor: Any, table: str, what: str) -> None:
    """Switch a table's own triggers, once no reference that was written waits to be checked."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"ALTER TABLE {table} {what} TRIGGER USER")


def _batch(connection: Any, table: str, owner: str, columns: Any, kind: str, words: str, last: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {owner}{kind}, {', '.join(columns)} FROM {table} WHERE id > %s AND ({words}) ORDER BY id LIMIT %s",
            [last, BATCH],
        )
        return list(cursor.fetchall())


def _store(connection: Any, table: str, columns: Any, rows: Any, keys: Any) -> None:
    from orders.access import sealing
    from orders.places.locating import neighbourhoods

    sets = [f"{column} = %s" for column in columns]
    located = {}
    if table == "orders_residence":
        sets += [
            "postcode_index = %s",
            "outward_index = %s",
            "found_in_id = %s",
        ]
        located = neighbourhoods(row[4] for row in rows)
    changes = []
    for pk, owned, kind, *words in rows:
        key = keys[owned]
        # What a RETRACTED from a source says is a key of the source.
        sealed = [
            word if word.startswith("v1.") or (kind == "RETRACTED" and at == 0) else key.seal(word)
            for at, word in enumerate(words)
        ]
        if table == "orders_residence":
            sealed += [
                sealing.postcode_index(words[1]),
                sealing.outward_index(words[1]),
                located.get(sealing.bare_postcode(words[1])),
            ]
        changes.append([*sealed, pk])
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {', '.join(sets)} WHERE id = %s", changes)


def _headings(connection: Any) -> None:
    """Why orders are restricted, in their headings and the versions of them."""
    from orders.access import sealing

    for table in ("orders_order", "orders_orderversion"):
        key_of = "id" if table == "orders_order" else "pgh_id"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key_of}, id, restricted_reason FROM {table} "
                "WHERE restricted_reason <> '' AND restricted_reason NOT LIKE 'v1.%'"
            )
            rows = iter(cursor.fetchall())
        while some := list(islice(rows, BATCH)):
            keys = sealing.of_orders(row[1] for row in some)
            with connection.cursor() as cursor:
                _triggers(cursor, table, "DISABLE")
                cursor.executemany(
                    f"UPDATE {table} SET restricted_reason = %s WHERE {key_of} = %s",
                    [(keys[order].seal(reason), pk) for pk, order, reason in some],
                )
                _triggers(cursor, table, "ENABLE")


def keep(apps: Any, schema_editor: Any) -> None:
    """What is sealed stays sealed: the code before this cannot read it, so that going back loses the words."""


class Migration(migrations.Migration):
    """Seals, in one transaction."""

    dependencies = [("orders", "0093_find_sealed_postcodes")]

    operations = [migrations.RunPython(seal, keep)]
