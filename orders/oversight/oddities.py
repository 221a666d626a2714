"""Looks that somebody should be asked about: each list has a rule that can be said in a sentence, and no score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from orders.models import Area, AuditEntry, Order, Party, Role, User
from orders.oversight.own_home import looks_at_own_home
from orders.people.names import tokens

LOOKS = ("view order", "view person", "open restricted order", "open secret address", "open document")
"""The actions that are a look at somebody in particular; a search is not."""

MASS = 60
"""So many different orders opened within one clock hour are many for one person."""

NIGHT = (22, 6)
OFFICE_ROLES = (Role.CIVIL_ORDERS_TEAM, Role.ADMINISTRATOR, Role.AUDITOR)
"""Who has no duty at night; supervisors have."""

FEW_OUTSIDE = 10
"""So many looks outside one's own area are nothing odd."""

_LOOKS = """
    SELECT DISTINCT a.user_id, o.id
      FROM orders_auditentry a JOIN orders_user u ON u.id = a.user_id CROSS JOIN LATERAL unnest(a.orders) AS o (id)
     WHERE u.force_id = %(force)s AND a.action = ANY(%(looks)s) AND a.at >= %(since)s AND a.at < %(until)s"""

_MASS = """
    SELECT a.user_id, date_trunc('hour', a.at) AS hour, count(DISTINCT o.id)
      FROM orders_auditentry a JOIN orders_user u ON u.id = a.user_id CROSS JOIN LATERAL unnest(a.orders) AS o (id)
     WHERE u.force_id = %(force)s AND a.action = ANY(%(looks)s) AND a.at >= %(since)s AND a.at < %(until)s
     GROUP BY 1, 2 HAVING count(DISTINCT o.id) >= %(mass)s ORDER BY 3 DESC, 2, 1"""

_NIGHT = """
    SELECT a.user_id, min(a.at), count(*)
      FROM orders_auditentry a JOIN orders_user u ON u.id = a.user_id
     WHERE u.force_id = %(force)s AND a.action = ANY(%(looks)s) AND a.at >= %(since)s AND a.at < %(until)s
       AND u.roles && %(office)s::varchar[]
       AND (extract(hour FROM a.at AT TIME ZONE 'Europe/London') >= %(from)s
            OR extract(hour FROM a.at AT TIME ZONE 'Europe/London') < %(to)s)
     GROUP BY 1 ORDER BY 3 DESC, 1"""

_OUTSIDE = """
    SELECT a.user_id, count(DISTINCT o.id),
           count(DISTINCT o.id) FILTER (WHERE NOT EXISTS (
               SELECT FROM orders_place p
                WHERE p.order_id = o.id AND p.area_id = u.home_area_id AND p.valid_from <= a.at
                  AND p.valid_until > a.at))
      FROM orders_auditentry a JOIN orders_user u ON u.id = a.user_id CROSS JOIN LATERAL unnest(a.orders) AS o (id)
     WHERE u.force_id = %(force)s AND u.home_area_id <> u.force_id AND a.action = ANY(%(looks)s)
       AND a.at >= %(since)s AND a.at < %(until)s
     GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Odd:
    """Something to ask about: who, what in words, and the order if it is about one (its reference only is shown)."""

    user: User
    words: str
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Oddities:
    """All lists of a time, each the most telling first."""

    rights: list[Odd]
    own_name: list[Odd]
    own_home: list[Odd]
    mass: list[Odd]
    at_night: list[Odd]
    outside: list[Odd]


def oddities(force: Area, since: datetime, until: datetime) -> Oddities:
    """The odd looks of the people of a force from an instant until another, in a constant number of statements."""
    values: dict[str, Any] = {
        "force": force.pk, "looks": list(LOOKS), "since": since, "until": until, "mass": MASS,
        "office": [role.value for role in OFFICE_ROLES], "from": NIGHT[0], "to": NIGHT[1],
    }  # fmt: skip
    looks, mass, night, outside = (_rows(query, values) for query in (_LOOKS, _MASS, _NIGHT, _OUTSIDE))
    users = User.objects.in_bulk({row[0] for rows in (looks, mass, night, outside) for row in rows})
    far = sorted(
        ((user, seen, away) for user, seen, away in outside if away >= FEW_OUTSIDE and away * 2 > seen),
        key=lambda row: -row[2],
    )
    return Oddities(
        rights=_rights(force, since, until),
        own_name=_own_name(looks, users),
        own_home=_own_home(looks, users),
        mass=[
            Odd(users[user], f"{count} different orders in the hour from {hour:%Y-%m-%d %H:%M} UTC")
            for user, hour, count in mass
        ],
        at_night=[
            Odd(users[user], f"{count} looks between {NIGHT[0]}:00 and 0{NIGHT[1]}:00, the first on {first:%Y-%m-%d}")
            for user, first, count in night
        ],
        outside=[
            Odd(users[user], f"{away} of {seen} orders had nobody in the person's own area") for user, seen, away in far
        ],
    )


def _rights(force: Area, since: datetime, until: datetime) -> list[Odd]:
    """Accounts of the force that were given other roles, or the permission for secret addresses; the latest first."""
    entries = list(
        AuditEntry.objects.filter(
            action__in=["add user", "change user"], at__gte=since, at__lt=until,
            detail__has_any_keys=["roles", "secret addresses", "may_see_secret_places"],
        ).order_by("-at", "-pk")
    )  # fmt: skip
    accounts = User.objects.filter(force=force, username__in={entry.detail.get("user", "") for entry in entries})
    named = {account.username: account for account in accounts}
    return [
        Odd(
            named[entry.detail["user"]],
            f"{_given(entry.detail)}, by {entry.user_name} on {entry.at:%Y-%m-%d %H:%M} UTC",
        )
        for entry in entries
        if entry.detail.get("user") in named
    ]


def _given(detail: dict[str, Any]) -> str:
    """What changed of an account's rights, in words."""
    names = {"roles": "roles", "secret addresses": "secret addresses", "may_see_secret_places": "secret addresses"}
    return "; ".join(f"{words} {detail[name]}" for name, words in names.items() if name in detail)


def _own_name(looks: Iterable[tuple[Any, ...]], users: dict[int, User]) -> list[Odd]:
    """Looks at an order of somebody who has all the names of whoever looked."""
    of_order: dict[int, set[int]] = defaultdict(set)
    for user, order in looks:
        of_order[order].add(user)
    names = {pk: {word for part in user.full_name.split() for word in tokens(part)} for pk, user in users.items()}
    found: set[tuple[int, int]] = set()
    parties = Party.objects.filter(order_id__in=of_order, superseded__isnull=True).select_related("person")
    for party in parties:
        person = party.person
        called = {
            word
            for family, given in [(person.family_name, person.given_names), *(tuple(pair) for pair in person.aliases)]
            for word in (*tokens(family), *tokens(given))
        }
        found |= {
            (user, party.order_id)
            for user in of_order[party.order_id]
            if len(names[user]) > 1 and names[user] <= called
        }
    orders = Order.objects.in_bulk({order for _, order in found})
    return [
        Odd(users[user], "opened an order of somebody of the same name", orders[order]) for user, order in sorted(found)
    ]


def _own_home(looks: Iterable[tuple[Any, ...]], users: dict[int, User]) -> list[Odd]:
    """Looks at an order of somebody who lives or lived where whoever looked lives."""
    found = looks_at_own_home(looks, users)
    orders = Order.objects.in_bulk({order for _, order, _ in found})
    return [
        Odd(users[user], f"opened an order of somebody at their own {'address' if same else 'postcode'}", orders[order])
        for user, order, same in sorted(found, key=lambda row: (not row[2], row))
    ]


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
