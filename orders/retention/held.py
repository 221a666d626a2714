"""What is held of people: how much of each sort, in as many queries for many people as for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from orders.access.permissions import Action, may
from orders.models import Document, Event, Intervention, Party, Residence, SafeContact, User


@dataclass(slots=True)
class Held:
    """How many of each are held of a person; `interventions` is 0 for who may not know of them."""

    orders: int = 0
    events: int = 0
    documents: int = 0
    homes: int = 0
    contacts: int = 0
    interventions: int = 0


def held_of(ids: Iterable[int], user: User) -> dict[int, Held]:
    """What is held of people by their ids."""
    people = set(ids)
    found = {pk: Held() for pk in people}
    of_order: dict[int, list[int]] = {}
    for person, order in Party.objects.filter(person__in=people, superseded__isnull=True).values_list(
        "person_id", "order_id"
    ):
        found[person].orders += 1
        of_order.setdefault(order, []).append(person)
    for order, number in _counted(Event.objects.filter(order__in=of_order), "order_id"):
        for person in of_order[order]:
            found[person].events += number
    for order, number in _counted(Document.objects.filter(order__in=of_order), "order_id"):
        for person in of_order[order]:
            found[person].documents += number
    for person, number in _counted(Residence.objects.filter(person__in=people), "person_id"):
        found[person].homes = number
    for person, number in _counted(SafeContact.objects.filter(person__in=people), "person_id"):
        found[person].contacts = number
    if may(user, Action.INTERVENTIONS):
        ours = Intervention.objects.filter(Q(force=user.force_id), person__in=people, superseded__isnull=True)
        for person, number in _counted(ours, "person_id"):
            found[person].interventions = number
    return found


def _counted(rows: object, by: str) -> list[tuple[int, int]]:
    return list(rows.order_by().values_list(by).annotate(Count("pk")))  # type: ignore[attr-defined] # any query set
