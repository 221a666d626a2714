"""Orders that may be one and the same: entered by hand and sent by a source, or entered twice (contract, 8b)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q

from orders.access import permissions
from orders.models import Event, Order, Party, Person, ToldApart, User
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
    # Ids first: of most orders there is no other like it, and then who may see it need not be asked.
    found: dict[int, str] = {}
    ids = _who(list(perpetrators))
    if ids and days:
        on_days = Q()
        for day in days:
            on_days |= Q(at__gte=local_midnight(day), at__lt=local_midnight(day + timedelta(days=1)))
        parties = Party.objects.filter(person_id__in=ids, role="perpetrator", superseded__isnull=True)
        bound = set(parties.values_list("order_id", flat=True)) - _ids(but)
        if bound:
            dated = Event.objects.filter(on_days, order_id__in=bound, kind__in=("MADE", "SERVED"), retractions=None)
            of_kind = dated.filter(order__kind=kind).values_list("order_id", flat=True)
            found |= dict.fromkeys(of_kind, SAME_DAY)
    folded = fold_reference(reference)
    if folded:
        named = Order.objects.filter(reference_folded=folded).values_list("pk", flat=True)
        found |= dict.fromkeys(set(named) - _ids(but), SAME_REFERENCE)
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


def _ids(order: Order | None) -> set[int]:
    return set() if order is None else {order.pk}


def doubles_of(order: Order, user: User, at: datetime) -> list[tuple[Order, str]]:
    """Orders of which this may be the double: one of the two was entered by hand, the other came from a source."""
    people = Person.objects.filter(parties__order=order, parties__role="perpetrator", parties__superseded=None)
    events = Event.objects.filter(order=order, kind__in=("MADE", "SERVED"), retractions=None)
    found = possible_doubles(
        user=user,
        at=at,
        kind=order.kind,
        reference=order.reference,
        perpetrators=people,
        days={local_day(event.at) for event in events},
        but=order,
    )
    return [(other, why) for other, why in found if (other.source == SOURCE) != (order.source == SOURCE)]


def _who(people: list[Person]) -> set[int]:
    ids = {person.pk for person in people if person.pk}
    for person in people:
        if person.date_of_birth is not None:
            name = fold(person.family_name)
            alike = Person.objects.filter(date_of_birth=person.date_of_birth).values_list("pk", "family_name")
            ids |= {pk for pk, family_name in alike if fold(family_name) == name}
    return ids
