"""The same answers by hand-written SQL over the register's own rows: what speed is compared with.

Each statement is one round trip, selects nothing that is not needed and is written for its one question.
"""

from __future__ import annotations

from typing import Any

import psycopg

from orders.search import by_area
from orders.search.by_area import Question

_CONDITIONS = {
    "live": "live_from <= %(at)s AND live_until > %(at)s AND ended_from > %(at)s",
    "unconfirmed": "live_from <= %(at)s AND live_until <= %(at)s AND ended_from > %(at)s",
    "pending": "live_from > %(at)s AND live_until > %(at)s AND ended_from > %(at)s",
    "ended": "live_from <= %(at)s AND live_until <= %(at)s AND ended_from <= %(at)s",
}
_ORDERS = {
    "live": "live_until, order_id",
    "unconfirmed": "live_until, order_id",
    "pending": "live_from, order_id",
    "ended": "ended_from DESC, order_id",
}
_ROLES = {
    None: "roles_shown & 3 > 0",
    "either": "roles_shown & 3 > 0",
    "both": "roles_shown & 3 = 3",
    "perpetrator": "roles_shown & 1 > 0",
    "victim": "roles_shown & 2 > 0",
}


def _where(question: Question) -> str:
    where = "area_id = %(area)s AND valid_from <= %(at)s AND valid_until > %(at)s"
    if question.role is not None or question.area.level != "force":
        where += f" AND {_ROLES[question.role]}"
    if question.kinds:
        where += " AND kind = ANY(%(kinds)s::text[])"
    return where


def _is(standing: str, question: Question) -> str:
    """Of the past: nothing was pending before anything had happened to it."""
    if standing != "pending" or by_area.is_now(question):
        return _CONDITIONS[standing]
    began = "SELECT e.at FROM orders_event e WHERE e.order_id = orders_place.order_id ORDER BY e.at LIMIT 1"
    return f"{_CONDITIONS[standing]} AND coalesce(({began}), '-infinity') <= %(at)s"


def _values(question: Question) -> dict[str, Any]:
    return {"area": question.area.pk, "at": question.at, "kinds": list(question.kinds)}


def page(opened: psycopg.Connection[Any], question: Question, *, offset: int, limit: int) -> list[int]:
    """The ids of a page, the standings asked for one after the other; the later ones are not begun if one fills it."""
    wanted = [name for name in _ORDERS if name in (question.standings or _ORDERS)]
    where = _where(question)
    parts = [
        f"(SELECT order_id FROM orders_place WHERE {where} AND {_is(name, question)} ORDER BY {_ORDERS[name]})"
        for name in wanted
    ]
    statement = f"{' UNION ALL '.join(parts)} LIMIT {limit} OFFSET {offset}"
    with psycopg.ClientCursor(opened) as cursor:
        cursor.execute(statement.encode(), _values(question))
        return [row[0] for row in cursor.fetchall()]


def counts(opened: psycopg.Connection[Any], question: Question) -> tuple[int, ...]:
    """How many orders of each standing, in one scan of the area's rows in an index."""
    columns = ", ".join(f"count(*) FILTER (WHERE {_is(name, question)})" for name in _CONDITIONS)
    statement = f"SELECT {columns} FROM orders_place WHERE {_where(question)}"
    with psycopg.ClientCursor(opened) as cursor:
        cursor.execute(statement.encode(), _values(question))
        return tuple(cursor.fetchall()[0])


# Areas are named one by one: joined, the planner may look for all of them at each order.
_CARDS = """
    SELECT o.id, o.public_id, o.kind, o.reference, o.restricted, o.owner_force_id, w.family_name, w.given_names,
           w.date_of_birth, w.warnings,
           (SELECT array_agg(DISTINCT c.code) FROM orders_condition c
             WHERE c.order_id = o.id AND c.superseded_id IS NULL),
           (SELECT array_agg((SELECT code FROM orders_area a WHERE a.id = p.area_id) || ' ' || p.roles_shown)
              FROM orders_place p
             WHERE p.order_id = o.id AND p.valid_from <= %(at)s AND p.valid_until > %(at)s),
           (SELECT array_agg(e.kind || ' ' || e.at || ' ' || coalesce(e.until::text, '') ORDER BY e.at)
              FROM orders_event e WHERE e.order_id = o.id)
      FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
      JOIN orders_order o USING (id)
      LEFT JOIN LATERAL (
           SELECT n.family_name, n.given_names, n.date_of_birth, n.warnings
             FROM orders_party y JOIN orders_person n ON n.id = y.person_id
            WHERE y.order_id = o.id AND y.role = 'perpetrator' AND y.superseded_id IS NULL LIMIT 1) w ON true
     ORDER BY wanted.place"""


def cards(opened: psycopg.Connection[Any], question: Question, ids: list[int]) -> list[tuple[Any, ...]]:
    """All that a page of results shows of each order, its events too, in one statement."""
    with psycopg.ClientCursor(opened) as cursor:
        cursor.execute(_CARDS.encode(), {"ids": ids, "at": question.at})
        return cursor.fetchall()
