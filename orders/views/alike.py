"""People of the register beside somebody who is being entered: who they are, where they live, their orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from orders.access import permissions
from orders.models import Order, Party, Person, User
from orders.people.homes import Home, homes


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody with why they may be meant; their homes, the latest first; their orders with their role in each."""

    person: Person
    why: str
    homes: Sequence[Home]
    orders: Sequence[tuple[Order, str]]


def beside(alike: Sequence[tuple[Person, str]], user: User) -> list[Beside]:
    """These people as the user may see them. Restricted orders are left out: they would say whose they are."""
    people = [person for person, _ in alike]
    seen = permissions.visible_orders(user, timezone.now()).filter(restricted=False)
    parties = Party.objects.filter(person__in=people, superseded__isnull=True)
    victims = set(parties.filter(role="victim").values_list("person_id", flat=True))
    found: dict[int, list[tuple[Order, str]]] = defaultdict(list)
    for party in parties.filter(order__in=seen).select_related("order").order_by("-order_id"):
        found[party.person_id].append((party.order, "respondent" if party.role == "perpetrator" else "protected"))
    live_at = homes(
        {person.pk: person.pk in victims for person in people}, sees_secret=permissions.sees_secret_places(user)
    )
    return [Beside(person, why, live_at.get(person.pk, [])[::-1], found.get(person.pk, [])) for person, why in alike]
