"""What an area has been told of, and what it has not: row by row, never a window of time.

New to an area is every event of an order placed there that no email carries to it (`Carried`), except what was
recorded before its first email (`Baseline`). A transaction that commits late is found by its rows, not by its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from notifications.models import Baseline, Carried, DigestRun
from orders.models import Area

Found = dict[int, dict[int, list[tuple[int, str]]]]
"""By area and order: the ids and kinds of events, in the order in which they were stored."""

_RECORDED = """
    SELECT last.id, ARRAY(
        SELECT id FROM generate_series(1, last.id) AS id
         WHERE NOT EXISTS (SELECT FROM orders_recording r WHERE r.id = id.id AND r.recorded_at <= %(before)s))
      FROM (SELECT coalesce(max(id), 0) AS id FROM orders_recording WHERE recorded_at <= %(before)s) AS last"""

# What was recorded since comes first, then where it is placed, order by order (OFFSET 0 keeps it so). Begun at the
# areas, it would read all their places, which are as many as the register holds.
_NOT_CARRIED = """
    WITH fresh AS MATERIALIZED (
         SELECT id, order_id, kind, recording_id FROM orders_event
          WHERE recording_id > %(least)s OR recording_id = ANY(%(missing)s))
    SELECT p.area_id, e.order_id, e.id, e.kind
      FROM fresh e
     CROSS JOIN LATERAL (
           SELECT area_id FROM orders_place
            WHERE order_id = e.order_id AND valid_from <= %(at)s AND valid_until > %(at)s AND roles & 3 > 0
           OFFSET 0) p
      JOIN notifications_baseline b ON b.area_id = p.area_id AND b.area_id = ANY(%(areas)s)
     WHERE (e.recording_id > b.up_to OR e.recording_id = ANY(b.missing))
       AND NOT EXISTS (SELECT FROM notifications_carried c WHERE c.area_id = p.area_id AND c.event_id = e.id)
     ORDER BY e.order_id, e.id"""


def set_baseline(areas: Iterable[Area], *, before: datetime) -> int:
    """Take all that was recorded before an instant as told to areas that have no baseline yet. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDED, {"before": before})
        up_to, missing = cursor.fetchone()
    made = [Baseline(area=area, up_to=up_to, missing=missing) for area in areas]
    return len(Baseline.objects.bulk_create(made, ignore_conflicts=True))


def not_carried(areas: Collection[int], at: datetime) -> Found:
    """The events of orders placed in each area at an instant of which it has not been told."""
    found: Found = defaultdict(dict)
    baselines = list(Baseline.objects.filter(area__in=areas).values_list("up_to", "missing"))
    if not baselines:
        return found
    values: dict[str, Any] = {
        "areas": list(areas),
        "at": at,
        "least": min(up_to for up_to, _ in baselines),
        "missing": sorted({pk for _, missing in baselines for pk in missing}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOT_CARRIED, values)
        for area_id, order_id, event_id, kind in cursor:
            found[area_id].setdefault(order_id, []).append((event_id, kind))
    return found


def only(found: Found, events: Collection[int]) -> Found:
    """Of what was found these events alone."""
    kept: Found = defaultdict(dict)
    for area_id, orders in found.items():
        for order_id, items in orders.items():
            some = [(event, kind) for event, kind in items if event in events]
            if some:
                kept[area_id][order_id] = some
    return kept


def carry(news: Mapping[int, Collection[int]], runs: Mapping[int, DigestRun]) -> None:
    """Note which email carries which events to which area: by area, the events."""
    Carried.objects.bulk_create(
        (
            Carried(area_id=area_id, event_id=event, run=runs[area_id])
            for area_id, events in news.items()
            for event in events
        ),
        batch_size=5_000,
    )


def give_back(runs: Collection[int]) -> int:
    """What emails that reached nobody were to carry is to be told again. Returns how many events."""
    return Carried.objects.filter(run__in=runs).delete()[0]
