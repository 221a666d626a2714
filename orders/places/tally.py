"""Counts of places kept beside them: what there is in all, from which a search takes what has not ended.

Each change of places adds rows here in its own transaction; no two writers ever wait for one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Sum

from orders.models import PlaceTally
from orders.record.copying import copy_rows
from orders.statute import FAR

if TYPE_CHECKING:
    from orders.places.stints import Row

_FIELDS = ("area_id", "kind", "roles", "roles_shown", "stints")

Key = tuple[int, str, int, int]
"""Area, kind, roles and roles shown."""


class Changes:
    """What a change of places does to the counts."""

    def __init__(self) -> None:
        self._by_key: Counter[Key] = Counter()

    def add(self, rows: Iterable[Row], number: int) -> None:
        """Count rows that come (1) or go (-1); those of stints that end count nowhere."""
        for row in rows:
            if row.valid_until == FAR:
                self._by_key[row.area_id, row.kind, row.roles, row.roles_shown] += number

    def store(self) -> None:
        """Write down what did not cancel out."""
        rows = [(*key, number) for key, number in sorted(self._by_key.items()) if number]
        if rows:
            copy_rows(PlaceTally, _FIELDS, rows)


_COUNT = """
    SELECT area_id, kind, roles, roles_shown, count(*) FROM orders_place WHERE valid_until = %s
     GROUP BY area_id, kind, roles, roles_shown"""


def differences() -> list[tuple[Key, int, int]]:
    """Where the kept count is not that of the places: the key, what is kept, what there is."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [FAR])
        there = {(area, kind, roles, shown): number for area, kind, roles, shown, number in cursor.fetchall()}
    kept = {
        (area, kind, roles, shown): number
        for area, kind, roles, shown, number in PlaceTally.objects.values_list(
            "area_id", "kind", "roles", "roles_shown"
        ).annotate(number=Sum("stints"))
    }
    return sorted(
        (key, kept.get(key, 0), there.get(key, 0))
        for key in kept.keys() | there.keys()
        if kept.get(key, 0) != there.get(key, 0)
    )


def fold() -> int:
    """Add up the changes into one row each. Returns how many rows that makes. What commits meanwhile stays as it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (DELETE FROM orders_placetally RETURNING *)
               INSERT INTO orders_placetally (area_id, kind, roles, roles_shown, stints)
               SELECT area_id, kind, roles, roles_shown, sum(stints) FROM gone
                GROUP BY area_id, kind, roles, roles_shown HAVING sum(stints) <> 0"""
        )
        after = cursor.rowcount
    return int(after)


def mend() -> None:
    """Count all places anew, in the transaction of the caller; others who write places wait for its end."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_place IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM orders_placetally")
        cursor.execute(f"INSERT INTO orders_placetally (area_id, kind, roles, roles_shown, stints) {_COUNT}", [FAR])
