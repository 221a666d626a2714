"""What an import last read of orders and people, and that somebody has written to them since (orders/imports/same.py).

Whoever writes by hand leaves a mark here in the same transaction, so that the next import reads in full what they wrote
to, also if it was running at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from orders.models import Recording

_TOUCH = """
    INSERT INTO orders_lastread (is_person, owner_id, touched_id)
    SELECT false, id, %(recording)s FROM orders_order WHERE id = ANY(%(orders)s) AND source <> 'register'
     UNION
    SELECT true, n.id, %(recording)s FROM orders_person n
     WHERE (n.id = ANY(%(people)s) OR n.id IN (SELECT person_id FROM orders_party WHERE order_id = ANY(%(orders)s)))
       AND n.source <> 'register'
     ORDER BY 1, 2
    ON CONFLICT (is_person, owner_id) DO UPDATE SET digest = NULL, touched_id = excluded.touched_id"""

_FORGET = """
    DELETE FROM orders_lastread d
     WHERE (NOT d.is_person AND d.owner_id IN (SELECT id FROM orders_order WHERE source = %(source)s))
        OR (d.is_person AND d.owner_id IN (SELECT id FROM orders_person WHERE source = %(source)s))"""


def touch(orders: Iterable[int], people: Iterable[int], recording: Recording) -> None:
    """Say that orders, with all who are or were party to them, and people were written to under a recording."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, {"orders": list(orders), "people": list(people), "recording": recording.pk})


def forget(source: str) -> None:
    """Have everything of a source read in full by its next import."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"source": source})
