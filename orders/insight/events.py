"""What has happened to a force's orders in a period, with what was recorded in error left out: one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from orders.insight.period import Period, month_of
from orders.models import Area
from orders.statute import Event, retracted

KINDS = ("MADE", "REFUSED", "WITHDRAWN", "SERVED", "HEARING", "ON_PNC", "BREACHED")
"""The events that figures are made of."""

# Orders that the force owns or that are placed in it (a row of the force) with an event of the period, and what follows
# a notice served in it: all events of these sorts, because a first service or a hearing may lie outside it.
_EVENTS = """
    WITH seen AS (
        SELECT DISTINCT e.order_id FROM orders_place p JOIN orders_event e ON e.order_id = p.order_id
         WHERE p.area_id = %(force)s AND e.kind = ANY(%(kinds)s) AND e.at >= %(starts)s AND e.at < %(over)s
        UNION
        SELECT f.id FROM orders_place p JOIN orders_event e ON e.order_id = p.order_id
                         JOIN orders_order f ON f.replaces_id = e.order_id
         WHERE p.area_id = %(force)s AND p.kind = 'DVPN' AND e.kind = 'SERVED' AND e.at >= %(starts)s
           AND e.at < %(over)s)
    SELECT o.id, o.kind, o.replaces_id, e.id, e.source_ref, e.kind, e.at, e.at_is_date, e.retracts_id, e.retracts_ref
      FROM seen s JOIN orders_order o ON o.id = s.order_id JOIN orders_event e ON e.order_id = o.id
     WHERE e.kind = ANY(%(kinds)s) AND e.at <= %(now)s OR e.kind = 'RETRACTED'
     ORDER BY o.id, e.at, e.id"""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened, at the instant or on the local day that was told."""

    kind: str
    at: datetime
    is_date: bool

    @property
    def month(self) -> date:
        """The month in which it was: of a date, the date's own."""
        return month_of(self.at)


@dataclass(frozen=True, slots=True)
class History:
    """What of KINDS has happened to an order, the earliest first. `replaces`: the id of the order it follows."""

    order: int
    kind: str
    replaces: int | None
    told: tuple[Told, ...]

    def first(self, *kinds: str, since: datetime | None = None) -> Told | None:
        """The earliest of some kinds, at or after an instant."""
        return next((one for one in self.told if one.kind in kinds and (since is None or one.at >= since)), None)


def histories(force: Area, period: Period, now: datetime) -> dict[int, History]:
    """The histories until now of the orders of a force to which something happened in a period, by order id."""
    values: dict[str, Any] = {
        "force": force.pk, "kinds": list(KINDS), "now": now,
        "starts": period.starts, "over": min(period.over, now),
    }  # fmt: skip
    rows_of: dict[tuple[int, str, int | None], list[tuple[int, str, str, datetime, bool, int | None, str]]]
    rows_of = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, values)
        for order, kind, replaces, *rest in cursor.fetchall():
            rows_of[order, kind, replaces].append(tuple(rest))
    return {order: History(order, kind, replaces, _counting(rows)) for (order, kind, replaces), rows in rows_of.items()}


def _counting(rows: list[tuple[int, str, str, datetime, bool, int | None, str]]) -> tuple[Told, ...]:
    """Those of an order's events that count; the law says which have been taken back."""
    gone: Iterable[str] = ()
    if any(kind == "RETRACTED" for _, _, kind, *_ in rows):
        latest = {ref: pk for pk, ref, *_ in sorted(rows) if ref}
        gone = retracted(
            Event(kind, at, ref=str(pk), retracts=str(retracts or latest.get(retracts_ref) or ""))
            for pk, _, kind, at, _, retracts, retracts_ref in rows
        )
    return tuple(
        Told(kind, at, is_date) for pk, _, kind, at, is_date, *_ in rows if kind != "RETRACTED" and str(pk) not in gone
    )
