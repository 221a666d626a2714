"""Seals why bundles were mended and undone. The log has had that sealed, under the register's own key, which stays."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# The orders that mendings wrote to after a bundle had been applied: the first of its runs is the bundle as it came.
_MENDED = """
    SELECT e.order_id FROM orders_event e JOIN orders_recording r ON r.id = e.recording_id WHERE r.run_id = ANY(%(runs)s)
     UNION
    SELECT o.id FROM orders_order o JOIN orders_recording r ON r.id IN (o.recording_id, o.first_recording_id)
     WHERE r.run_id = ANY(%(runs)s) LIMIT %(most)s"""


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal each under a key that tells of the orders that were mended, as far as that is known."""
    from orders.access import sealing
    from orders.access.reasons import MOST

    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, reason, runs[2:] FROM orders_upload WHERE reason <> '' AND reason NOT LIKE 'v1.%'")
        for pk, reason, runs in cursor.fetchall():
            cursor.execute(_MENDED, {"runs": runs, "most": MOST + 1})
            orders = [order for (order,) in cursor.fetchall()]
            (key,) = sealing.for_letters([orders if len(orders) <= MOST else []])
            cursor.execute("UPDATE orders_upload SET reason = %s WHERE id = %s", [key.seal(reason), pk])


def keep(apps: Any, schema_editor: Any) -> None:
    """What is sealed stays sealed; the code before this shows the token."""


class Migration(migrations.Migration):
    """Seals what is not sealed; there are as many rows as bundles."""

    dependencies = [("orders", "0211_what_is_said_of_imports")]

    operations = [migrations.RunPython(seal, keep)]
