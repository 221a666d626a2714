"""Orders that may be one and the same: entered by hand and sent by a source, or entered twice (contract, 8b)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from orders.access import permissions
from orders.models import Order, Person, ToldApart, User
from orders.people.names import fold
from orders.record.writing import SOURCE
from orders.search.by_area import fold_reference
from orders.statute import local_day, local_midnight

SAME_REFERENCE, SAME_DAY = "the same reference", "the same kind, respondent and day"


def possible_doubles(
    *,
    user: User,
    at: datetime,
    kind: str,
    reference: str,
    perpetrators: Iterable[Person],
    days: Collection[date],
    but: Order | None = None,
) -> list[tuple[Order, str]]:
    """Orders that may be the one described, each with why. Only those that the user may see.

    With the same folded reference; or of the same kind, made or served on one of the local days, that bind one of the
    `perpetrators` or somebody with the same folded family name and date of birth. `but`: an order that is not meant.
    """
    return _doubles(user, at, kind, reference, _who(list(perpetrators)), days, but)


# Ids first: of most orders there is no other like it, and then who may see it need not be asked.
_FOUND = """
    SELECT y.order_id, %(same_day)s FROM orders_party y
     WHERE y.person_id = ANY(%(people)s::bigint[]) AND y.role = 'perpetrator' AND y.superseded_id IS NULL
       AND EXISTS (SELECT FROM orders_order o WHERE o.id = y.order_id AND o.kind = %(kind)s OFFSET 0)
       AND EXISTS (SELECT FROM orders_event e
                    WHERE e.order_id = y.order_id AND e.kind IN ('MADE', 'SERVED')
                      AND NOT EXISTS (SELECT FROM orders_event r WHERE r.retracts_id = e.id
                                       AND NOT EXISTS (SELECT FROM orders_event t WHERE t.retracts_id = r.id))
                      AND EXISTS (SELECT FROM unnest(%(from)s::timestamptz[], %(until)s::timestamptz[]) day (f, u)
                                   WHERE e.at >= f AND e.at < u) OFFSET 0)
    UNION ALL
    SELECT id, %(same_reference)s FROM orders_order WHERE reference_folded = %(folded)s AND %(folded)s <> ''"""
"""Of one kind and day that bind somebody, then by reference; who is bound is asked first, and then what of it fits."""


def _doubles(
    user: User, at: datetime, kind: str, reference: str, people: set[int], days: Collection[date], but: Order | None
) -> list[tuple[Order, str]]:
    values: dict[str, Any] = {
        "people": sorted(people),
        "kind": kind,
        "from": [local_midnight(day) for day in days],
        "until": [local_midnight(day + timedelta(days=1)) for day in days],
        "folded": fold_reference(reference),
        "same_day": SAME_DAY,
        "same_reference": SAME_REFERENCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, values)
        # The reference says more than the day.
        found: dict[int, str] = dict(sorted(cursor.fetchall(), key=lambda row: row[1] == SAME_REFERENCE))
    if but is not None:
        found.pop(but.pk, None)
    if but is not None and found:
        for one, other in ToldApart.objects.filter(Q(order=but) | Q(other_order=but)).values_list(
            "order_id", "other_order_id"
        ):
            found.pop(one if other == but.pk else other, None)
    if not found:
        return []
    seen = permissions.visible_orders(user, at).filter(same_as=None, pk__in=found).select_related("owner_force")
    orders = [(order, found[order.pk]) for order in seen]
    return sorted(orders, key=lambda one: (one[1] != SAME_REFERENCE, one[0].pk))[:MOST]


MOST = 40
"""So many that may be the same are looked at."""


_OF_ORDER = """
    SELECT p.id, p.family_name, alike.id, alike.family_name,
           ARRAY(SELECT e.at FROM orders_event e
                  WHERE e.order_id = y.order_id AND e.kind IN ('MADE', 'SERVED')
                    AND NOT EXISTS (SELECT FROM orders_event r WHERE r.retracts_id = e.id
                                     AND NOT EXISTS (SELECT FROM orders_event t WHERE t.retracts_id = r.id)))
      FROM orders_party y
      JOIN orders_person p ON p.id = y.person_id
      LEFT JOIN orders_person alike ON alike.date_of_birth = p.date_of_birth AND alike.id <> p.id
     WHERE y.order_id = %s AND y.role = 'perpetrator' AND y.superseded_id IS NULL"""
"""Whom an order binds, each with everybody of the same date of birth, and when it was made and served."""


def doubles_of(order: Order, user: User, at: datetime) -> list[tuple[Order, str]]:
    """Orders of which this may be the double: one of the two was entered by hand, the other came from a source."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ORDER, [order.pk])
        rows = cursor.fetchall()
    people = {row[0] for row in rows}
    people |= {alike for _, name, alike, other, _ in rows if alike is not None and fold(name) == fold(other)}
    days = {local_day(when) for row in rows[:1] for when in row[4]}
    found = _doubles(user, at, order.kind, order.reference, people, days, order)
    return [(other, why) for other, why in found if (other.source == SOURCE) != (order.source == SOURCE)]


def _who(people: list[Person]) -> set[int]:
    ids = {person.pk for person in people if person.pk}
    for person in people:
        if person.date_of_birth is not None:
            name = fold(person.family_name)
            alike = Person.objects.filter(date_of_birth=person.date_of_birth).values_list("pk", "family_name")
            ids |= {pk for pk, family_name in alike if fold(family_name) == name}
    return ids
