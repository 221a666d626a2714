"""What a list says of its orders beyond where they stand: their heading, whom they bind, where, and what they forbid.

Of what is held now one statement reads all of it; of what was known before, which is asked for seldom, several do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from orders.access import permissions
from orders.models import Area, Condition, Order, Party, User
from orders.querysets import HOMES
from orders.record.as_known import described, held, places
from orders.statute import local_day, local_midnight


@dataclass(frozen=True, slots=True)
class Perpetrator:
    """Who the order binds, as shown in lists."""

    family_name: str
    given_names: str
    date_of_birth: date | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InArea:
    """An area under which the order is found, and who lives there."""

    code: str
    name: str
    level: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """An order as described at an instant, with what its present heading says of `restricted`."""

    order: Order
    restricted: bool
    perpetrator: Perpetrator | None
    areas: tuple[InArea, ...]
    conditions: tuple[str, ...]


def cards(ids: Sequence[int], *, user: User, at: datetime, known_at: datetime | None) -> dict[int, Card]:
    """The orders of these ids at an instant (UTC), as far as the user may know, from what was known at another.

    One that was not yet recorded is left out. The caller has made sure that the user may see the others.
    """
    if not ids:
        return {}
    if known_at is None:
        return _cards_now(ids, user, at)
    current = Order.objects.in_bulk(list(ids))
    perpetrators = _perpetrators(ids, known_at)
    areas = areas_of(ids, user=user, at=at, known_at=known_at)
    forbidden = _conditions(ids, at, known_at)
    return {
        pk: Card(order, current[pk].restricted, perpetrators.get(pk), areas.get(pk, ()), forbidden.get(pk, ()))
        for pk, order in described(current.values(), known_at).items()
    }


_HEADING = list(Order._meta.concrete_fields)
_NAMES = [field.attname for field in _HEADING]

# Areas are named one by one: joined, all of them would be looked for at each order.
_AREAS = """(SELECT array_agg((SELECT ARRAY[a.code::text, a.name::text, a.level::text] FROM orders_area a
                               WHERE a.id = p.area_id) || (p.{roles} & {homes})::text)
              FROM orders_place p
             WHERE p.order_id = {order} AND p.valid_from <= %(at)s AND p.valid_until > %(at)s
               AND p.{roles} & {homes} > 0)"""

# A condition with a date for its end runs through that day, so that it runs if the day is today or later.
_NOW = """
    SELECT {heading}, bound.family_name, bound.given_names, bound.date_of_birth, bound.warnings,
           {areas},
           (SELECT array_agg(DISTINCT c.code::text) FROM orders_condition c
             WHERE c.order_id = o.id AND c.superseded_id IS NULL AND (c.begins IS NULL OR c.begins <= %(at)s)
               AND (c.until IS NULL OR c.until > %(at)s OR (c.until_is_date AND c.until >= %(today)s)))
      FROM orders_order o
      LEFT JOIN LATERAL (
           SELECT n.family_name, n.given_names, n.date_of_birth, n.warnings
             FROM orders_party y JOIN orders_person n ON n.id = y.person_id
            WHERE y.order_id = o.id AND y.role = 'perpetrator' AND y.superseded_id IS NULL
            ORDER BY y.id DESC LIMIT 1) bound ON true
     WHERE o.id = ANY(%(ids)s)"""


def _cards_now(ids: Sequence[int], user: User, at: datetime) -> dict[int, Card]:
    statement = _NOW.format(
        heading=", ".join(f'o."{field.column}"' for field in _HEADING),
        areas=_areas(user, "o.id"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids), "at": at, "today": local_midnight(local_day(at))})
        rows = cursor.fetchall()
    found = {}
    for row in rows:
        order = Order.from_db(connection.alias, _NAMES, row[: len(_NAMES)])
        family_name, given_names, born, warnings, areas, codes = row[len(_NAMES) :]
        found[order.pk] = Card(
            order,
            order.restricted,
            None if family_name is None else Perpetrator(family_name, given_names, born, tuple(warnings)),
            _in_areas(areas),
            _words(sorted(codes or ())),
        )
    return found


def _areas(user: User, order: str) -> str:
    return _AREAS.format(
        roles="roles" if permissions.sees_secret_places(user) else "roles_shown", homes=HOMES, order=order
    )


def _in_areas(found: Iterable[list[str]] | None) -> tuple[InArea, ...]:
    return tuple(InArea(code, name, level, _ROLES[int(bits)]) for code, name, level, bits in sorted(found or ()))


def _perpetrators(ids: Sequence[int], known_at: datetime) -> dict[int, Perpetrator]:
    rows = Party.objects.filter(order_id__in=ids, role="perpetrator").select_related("person").order_by("pk")
    parties = list(held(rows, known_at))
    people = described((party.person for party in parties), known_at)
    return {
        party.order_id: Perpetrator(
            person.family_name, person.given_names, person.date_of_birth, tuple(person.warnings)
        )
        for party in parties
        if (person := people.get(party.person_id)) is not None
    }


CONDITION_WORDS = {
    "A": "violence or threats",
    "B": "contact",
    "C": "enter premises",
    "D": "enter a zone",
    "E": "leave or stay as told",
    "F": "surrender or notify",
    "G": "must do something",
    "H": "electronic means",
    "I": "weapons",
    "Z": "other",
}
"""In a list a condition is its code in a word or two: the text, which may name a place, stands on the order's page."""


def _words(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(CONDITION_WORDS.get(code, "other") for code in codes))


def _conditions(ids: Sequence[int], at: datetime, known_at: datetime) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    # Without its words, which lie sealed.
    rows = held(Condition.objects.filter(order_id__in=ids), known_at).defer("text")
    for condition in rows.order_by("order_id", "code"):
        if condition_runs(condition, at):
            found.setdefault(condition.order_id, []).append(condition.code)
    return {pk: _words(codes) for pk, codes in found.items()}


def condition_runs(condition: Condition, at: datetime) -> bool:
    """Whether a condition runs at an instant, as far as its own dates go; a date-only end runs through its day."""
    over = condition.over
    return (condition.begins is None or condition.begins <= at) and (over is None or at < over)


_ROLES: tuple[tuple[str, ...], ...] = ((), ("perpetrator",), ("victim",), ("perpetrator", "victim"))
"""By the bits of HOMES."""


def areas_of(
    ids: Sequence[int], *, user: User, at: datetime, known_at: datetime | None
) -> dict[int, tuple[InArea, ...]]:
    """Under which areas each order is found at an instant, and who of it lives there, as far as the user may know."""
    if known_at is None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT wanted.id, {_areas(user, 'wanted.id')} FROM unnest(%(ids)s::bigint[]) AS wanted (id)",  # noqa: S608 - pieces of ours
                {"ids": list(ids), "at": at},
            )
            return {pk: _in_areas(areas) for pk, areas in cursor.fetchall() if areas}
    rows = places(at, known_at).filter(order_id__in=ids)
    bits = "roles" if permissions.sees_secret_places(user) else "roles_shown"
    # Both read an index or few rows; sorted and named by the database they would take several times as long.
    held = list(rows.values_list("order_id", "area_id", bits))
    named = Area.objects.filter(pk__in={area for _, area, _ in held}).values_list("pk", "code", "name", "level")
    areas = {pk: (code, name, level) for pk, code, name, level in named}
    found: dict[int, list[InArea]] = {}
    for order_id, area_id, roles in sorted(held, key=lambda row: areas[row[1]]):
        words = _ROLES[roles & HOMES]
        if words:
            found.setdefault(order_id, []).append(InArea(*areas[area_id], words))
    return {pk: tuple(listed) for pk, listed in found.items()}
