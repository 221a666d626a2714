"""In which areas an order was at an instant, and how many were live: from the rows that search reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from orders.models import Area

_STINTS = """
    SELECT order_id, area_id, valid_from, valid_until FROM orders_place
     WHERE order_id = ANY(%(orders)s) AND area_id = ANY(%(areas)s) AND (area_id = %(force)s OR roles & 3 > 0)"""

_STANDING = """
    SELECT m.at, p.area_id, p.kind, count(*)
      FROM unnest(%(instants)s::timestamptz[]) AS m (at)
      JOIN orders_place p ON p.valid_from <= m.at AND p.valid_until > m.at AND p.live_from <= m.at
                         AND p.{until} > m.at
     WHERE p.area_id = ANY(%(areas)s) AND p.kind = ANY(%(kinds)s) AND (p.area_id = %(force)s OR p.roles & 3 > 0)
     GROUP BY m.at, p.area_id, p.kind"""


class Where:
    """The stints of some orders in some areas of a force.

    An order is in an area while a party lives there; in the force also while the force owns it.
    """

    def __init__(self, force: Area, areas: Sequence[Area], orders: Collection[int]) -> None:
        self._stints: dict[int, list[tuple[int, datetime, datetime]]] = defaultdict(list)
        values: dict[str, Any] = {"orders": list(orders), "areas": [area.pk for area in areas], "force": force.pk}
        with connection.cursor() as cursor:
            cursor.execute(_STINTS, values)
            for order, area, starts, ends in cursor.fetchall():
                self._stints[order].append((area, starts, ends))

    def areas(self, order: int, at: datetime) -> set[int]:
        """The ids of the areas in which an order was at an instant."""
        return {area for area, starts, ends in self._stints.get(order, ()) if starts <= at < ends}


def standing_counts(
    force: Area, areas: Sequence[Area], kinds: Iterable[str], instants: Iterable[datetime], *, unconfirmed: bool = False
) -> dict[tuple[datetime, int, str], int]:
    """How many orders were live at some instants, by instant, area id and kind; `unconfirmed`: or unconfirmed."""
    values: dict[str, Any] = {
        "instants": list(instants), "areas": [area.pk for area in areas], "kinds": list(kinds), "force": force.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        # The column is one of two that stand here.
        cursor.execute(_STANDING.format(until="ended_from" if unconfirmed else "live_until"), values)
        return {(at, area, kind): count for at, area, kind, count in cursor.fetchall()}
