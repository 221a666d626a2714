"""What an area has been told of, and what it has not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from notifications.models import Carried, Digest

_EVERYTHING = """
    INSERT INTO notifications_carried (area_id, event_id)
    SELECT DISTINCT p.area_id, e.id
      FROM orders_place p
      JOIN orders_area a ON a.id = p.area_id AND a.level = 'lpa'
      JOIN orders_event e ON e.order_id = p.order_id
      JOIN orders_recording r ON r.id = e.recording_id
     WHERE p.valid_from <= %(at)s AND p.valid_until > %(at)s AND r.recorded_at <= %(before)s
       AND (%(area)s::bigint IS NULL OR p.area_id = %(area)s)
    ON CONFLICT DO NOTHING"""

_NOT_CARRIED = """
    SELECT e.order_id, e.id, e.kind
      FROM orders_event e
     WHERE e.order_id = ANY(%(orders)s)
       AND NOT EXISTS (SELECT FROM notifications_carried c WHERE c.area_id = %(area)s AND c.event_id = e.id)
     ORDER BY e.order_id, e.id"""


def mark_all(*, at: datetime, before: datetime, area_id: int | None = None) -> int:
    """Take everything recorded before an instant, and placed at `at`, as told: the baseline of a first digest."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERYTHING, {"at": at, "before": before, "area": area_id})
        return int(cursor.rowcount)


def not_carried(area_id: int, orders: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """The events of some orders of which an area has not been told: for each order, ids and kinds."""
    found: dict[int, list[tuple[int, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NOT_CARRIED, {"area": area_id, "orders": list(orders)})
        for order_id, event_id, kind in cursor.fetchall():
            found.setdefault(order_id, []).append((event_id, kind))
    return found


def mark(digest: Digest) -> None:
    """Note that a digest has reached its area."""
    Carried.objects.bulk_create(
        [Carried(area_id=digest.area_id, event_id=event, digest=digest) for event in digest.events],
        ignore_conflicts=True,
        batch_size=5_000,
    )
