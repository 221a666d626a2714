"""Seals what people said before: why they did something, notes, drafts, and what saved searches are called.

The log of who looked is left as it was written, because its seals stand over it: what was said before this stays in it.
The triggers that keep recordings and notes as they are let the owner of the tables pass, in these transactions alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from django.db import migrations, transaction

BATCH = 2_000

# What each recording wrote to: orders as o, people as p.
_WROTE = """
    SELECT r.id, w.kind, w.of FROM orders_recording r JOIN (
              SELECT recording_id AS id, 'o' AS kind, order_id AS of FROM orders_event
        UNION SELECT recording_id, 'o', id FROM orders_order
        UNION SELECT first_recording_id, 'o', id FROM orders_order
        UNION SELECT recording_id, 'o', order_id FROM orders_party
        UNION SELECT superseded_id, 'o', order_id FROM orders_party
        UNION SELECT recording_id, 'o', order_id FROM orders_condition
        UNION SELECT superseded_id, 'o', order_id FROM orders_condition
        UNION SELECT recording_id, 'o', order_id FROM orders_document
        UNION SELECT superseded_id, 'o', order_id FROM orders_document
        UNION SELECT recording_id, 'p', id FROM orders_person
        UNION SELECT recording_id, 'p', person_id FROM orders_residence
        UNION SELECT superseded_id, 'p', person_id FROM orders_residence
        UNION SELECT recording_id, 'p', person_id FROM orders_intervention
        UNION SELECT superseded_id, 'p', person_id FROM orders_intervention
        UNION SELECT recording_id, 'p', kept_id FROM orders_merge
        UNION SELECT undone_id, 'p', kept_id FROM orders_merge
    ) w ON w.id = r.id WHERE r.id = ANY(%s)"""


def _seal_recordings(connection: Any, report: Any) -> None:
    from orders.access import reasons

    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, reason, action FROM orders_recording"
                " WHERE reason <> '' AND reason !~ '^v1[.][0-9]+[.][A-Za-z0-9_-]+$' ORDER BY id LIMIT %s",
                [BATCH],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            about: dict[int, dict[str, set[int]]] = defaultdict(lambda: {"o": set(), "p": set()})
            cursor.execute(_WROTE, [[row[0] for row in rows]])
            for pk, kind, of in cursor.fetchall():
                about[pk][kind].add(of)
            _pass(cursor, "orders_recording")
            cursor.executemany(
                "UPDATE orders_recording SET reason = %s WHERE id = %s",
                [
                    (
                        reasons.sealed(
                            text, orders=about[pk]["o"], people=about[pk]["p"], outlives=action == "erase person"
                        ),
                        pk,
                    )
                    for pk, text, action in rows
                ],
            )
        report(f"  {len(rows):,} reasons of recordings sealed")


def _seal_notes(connection: Any) -> None:
    from orders.access import reasons

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, note, order_id FROM orders_workentry WHERE note <> '' AND note NOT LIKE 'v1.%'")
        notes = [(reasons.sealed(text, orders=[order] if order else []), pk) for pk, text, order in cursor.fetchall()]
        _pass(cursor, "orders_workentry")
        cursor.executemany("UPDATE orders_workentry SET note = %s WHERE id = %s", notes)
        cursor.execute(
            "SELECT r.id, r.note, e.orders FROM orders_lookreview r JOIN orders_auditentry e ON e.id = r.entry_id"
            " WHERE r.note <> '' AND r.note NOT LIKE 'v1.%'"
        )
        notes = [(reasons.sealed(text, orders=orders), pk) for pk, text, orders in cursor.fetchall()]
        _pass(cursor, "orders_lookreview")
        cursor.executemany("UPDATE orders_lookreview SET note = %s WHERE id = %s", notes)
        cursor.execute(
            "SELECT id, reason FROM orders_retentiondecision WHERE step = 'erase' AND reason NOT LIKE 'v1.%'"
        )
        decisions = [(reasons.sealed(text, outlives=True), pk) for pk, text in cursor.fetchall()]
        _pass(cursor, "orders_retentiondecision")
        cursor.executemany("UPDATE orders_retentiondecision SET reason = %s WHERE id = %s", decisions)


def _pass(cursor: Any, table: str) -> None:
    """Let the owner past the triggers of a table until the transaction is over, or the next table is named."""
    cursor.execute(
        "SELECT set_config('pgtrigger.ignore', (SELECT coalesce(array_agg(tgname), '{}')::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid = %s::regclass), true)",
        [table],
    )


def _seal_typed(connection: Any) -> None:
    from orders.models.saved import name_index
    from orders.models.typed import seal_words

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, answers, owner_id FROM orders_draft WHERE answers <> '{}' AND text = ''")
        drafts = [
            (seal_words(answers if isinstance(answers, str) else json.dumps(answers), owner), pk)
            for pk, answers, owner in cursor.fetchall()
        ]
        cursor.executemany("UPDATE orders_draft SET text = %s WHERE id = %s", drafts)
        cursor.execute("SELECT id, name, owner_id FROM orders_savedsearch WHERE sealed_name = ''")
        names = [(seal_words(name, owner), name_index(name, owner), pk) for pk, name, owner in cursor.fetchall()]
        cursor.executemany("UPDATE orders_savedsearch SET sealed_name = %s, name_index = %s WHERE id = %s", names)


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal everything that is not, in batches; run again it goes on where it was."""
    connection = schema_editor.connection
    _seal_recordings(connection, print)
    _seal_notes(connection)
    _seal_typed(connection)


def keep(apps: Any, schema_editor: Any) -> None:
    """What is sealed stays sealed: the code before this cannot read it, so that going back loses the words."""


class Migration(migrations.Migration):
    """Seals, in batches that commit by themselves."""

    atomic = False

    dependencies = [("orders", "0160_room_for_what_people_say")]

    operations = [migrations.RunPython(seal, keep)]
