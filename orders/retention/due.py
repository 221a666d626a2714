"""When it is to be reviewed whether a person is still kept.

By the group of the person (Police Information and Records Management Code of Practice 2023: review by person, not by
event): group 1 until the 100th birthday, looked at every 10 years; group 2 after 10 years, group 3 after 6, without a
group after 10, counted from the day on which the last of their orders ended. A decision to keep them names the next day
itself, until another order ends. While an order has not ended there is nothing to review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from orders.models import Area, Person
from orders.statute import FAR, local_day
from orders.statute.periods import months_after

YEARS = {"1": 10, "2": 10, "3": 6, "": 10}
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Review:
    """When a person's review is due. Local days; `ended_on` and `due_on` are None while an order has not ended."""

    person_id: int
    ended_on: date | None
    group: str
    keep_until: date | None
    due_on: date | None


def first_review(group: str, ended_on: date, born: date | None) -> date:
    """The day of the first review after the last order ended."""
    due = months_after(ended_on, 12 * YEARS[group])
    if group == "1" and born is not None:
        due = min(due, max(months_after(born, 12 * HUNDRED), ended_on))
    return due


_REVIEWS = """
WITH candidate AS (
    SELECT pa.person_id
      FROM orders_place pl
      JOIN orders_order o ON o.id = pl.order_id AND o.owner_force_id = pl.area_id
      JOIN orders_party pa ON pa.order_id = pl.order_id AND pa.superseded_id IS NULL
     WHERE %(person)s::bigint IS NULL AND pl.area_id = %(force)s AND pl.valid_until = %(far)s
       AND pl.ended_from <= %(now)s::timestamptz - make_interval(years => %(least)s)
                           + interval '2 days'  -- of a leap day the review comes a day sooner than its years
     UNION
    SELECT d.person_id FROM orders_retentiondecision d
     WHERE %(person)s::bigint IS NULL AND d.force_id = %(force)s AND d.step = 'group' AND d."group" = '1'
     UNION
    SELECT %(person)s::bigint WHERE %(person)s::bigint IS NOT NULL
), over AS (
    SELECT c.person_id, max(coalesce(pl.ended_from, %(far)s)) AS ended_from
      FROM candidate c
      JOIN orders_party pa ON pa.person_id = c.person_id AND pa.superseded_id IS NULL
      JOIN orders_order o ON o.id = pa.order_id
      LEFT JOIN orders_place pl
             ON pl.order_id = o.id AND pl.area_id = o.owner_force_id AND pl.valid_until = %(far)s
     WHERE NOT EXISTS (SELECT FROM orders_sealingkey k
                        WHERE k.person_id = c.person_id AND k.destroyed_at IS NOT NULL)
     GROUP BY c.person_id
), known AS (
    SELECT v.person_id, p.date_of_birth AS born, coalesce(g."group", '') AS "group", k.keep_until,
           CASE WHEN v.ended_from <= %(now)s THEN (v.ended_from AT TIME ZONE 'Europe/London')::date END AS ended_on
      FROM over v
      JOIN orders_person p ON p.id = v.person_id
      LEFT JOIN LATERAL (SELECT d."group" FROM orders_retentiondecision d
                          WHERE d.person_id = v.person_id AND d.force_id = %(force)s AND d.step = 'group'
                          ORDER BY d.id DESC LIMIT 1) g ON true
      LEFT JOIN LATERAL (SELECT d.keep_until FROM orders_retentiondecision d
                          WHERE d.person_id = v.person_id AND d.force_id = %(force)s AND d.step = 'keep'
                            AND d.at >= v.ended_from
                          ORDER BY d.id DESC LIMIT 1) k ON true
), due AS (
    SELECT person_id, ended_on, "group", keep_until, (CASE
             WHEN ended_on IS NULL THEN NULL
             WHEN keep_until IS NOT NULL THEN keep_until
             WHEN "group" = '3' THEN ended_on + interval '6 years'
             WHEN "group" = '1' AND born IS NOT NULL THEN
               least(ended_on + interval '10 years', greatest(born + interval '100 years', ended_on + interval '0'))
             ELSE ended_on + interval '10 years' END)::date AS due_on
      FROM known
)
SELECT person_id, ended_on, "group", keep_until, due_on, count(*) OVER () FROM due
 WHERE %(person)s::bigint IS NOT NULL OR due_on <= %(today)s
 ORDER BY due_on, person_id LIMIT %(limit)s
"""


def reviews_due(force: Area, now: datetime, *, limit: int) -> tuple[list[Review], int]:
    """The people of a force's orders whose review is due, the longest due first, and how many there are in all."""
    rows = _ask(force, now, person=None, limit=limit)
    return [Review(*row[:5]) for row in rows], rows[0][5] if rows else 0


def review_of(person: Person, force: Area, now: datetime) -> Review | None:
    """When a person's review is due; None if they have no order or have been erased."""
    rows = _ask(force, now, person=person.pk, limit=1)
    return Review(*rows[0][:5]) if rows else None


def _ask(force: Area, now: datetime, *, person: int | None, limit: int) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _REVIEWS,
            {
                "force": force.pk, "now": now, "today": local_day(now), "far": FAR, "person": person,
                "least": min(YEARS.values()), "limit": limit,
            },
        )  # fmt: skip
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return found
