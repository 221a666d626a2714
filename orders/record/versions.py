"""The version of an order that a page showed, and what was written to it since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q

from orders.access.sealing import unsealed
from orders.models import Condition, Event, Order, Party, Recording

_VERSION = """
    SELECT o.recording_id,
           (SELECT count(*) FROM orders_event e WHERE e.order_id = o.id),
           (SELECT count(*) + count(p.superseded_id) FROM orders_party p WHERE p.order_id = o.id),
           (SELECT count(*) + count(c.superseded_id) FROM orders_condition c WHERE c.order_id = o.id)
      FROM orders_order o WHERE o.id = %s"""


def version_of(order_id: int) -> str:
    """What changes whenever anything of the order itself is written: its heading, an event, a party, a condition.

    Facts are only ever added or superseded, so their numbers tell. The number of the last recording would not: of two
    recordings at once the one that was opened first may be the last to commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [order_id])
        row: Sequence[int] | None = cursor.fetchone()
    return "" if row is None else ".".join(str(part) for part in row)


def recordings_since(order: Order, at: datetime) -> list[tuple[Recording, list[Event]]]:
    """What was written to an order after an instant, the latest first: each recording with its events of the order.

    The events are to be shown and not to be saved: their words are unsealed.
    """
    since = Q(recording__recorded_at__gt=at)
    superseded = Q(superseded__recorded_at__gt=at)
    ids: set[int] = set()
    for rows in (Party.objects, Condition.objects):
        facts = rows.filter(order=order)
        ids |= set(facts.filter(since).values_list("recording_id", flat=True))
        ids |= {pk for pk in facts.filter(superseded).values_list("superseded_id", flat=True) if pk is not None}
    ids |= set(Order.objects.filter(since, pk=order.pk).values_list("recording_id", flat=True))
    events: dict[int, list[Event]] = {}
    for event in unsealed(Event.objects.filter(since, order=order).order_by("pk"), "by_whom", "text"):
        events.setdefault(event.recording_id, []).append(event)
    found = Recording.objects.filter(pk__in=ids | events.keys()).select_related("by").order_by("-recorded_at", "-pk")
    return [(one, events.get(one.pk, [])) for one in found]
