"""People of the register who may be one and the same: entered twice, or under two keys of the source."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from orders.access import permissions
from orders.models import Party, Person, ToldApart, User
from orders.people.names import fold


def possible_duplicates(
    person: Person, user: User, *, at: datetime, opened: Collection[int]
) -> list[tuple[Person, str]]:
    """Others with the same PNC ID, or the same folded family name and date of birth, and which of the two it is.

    Only people of an order that the user may see at `at` and that is not restricted, unless its id is in `opened`.
    """
    same = Q(pnc_id=person.pnc_id) if person.pnc_id else Q()
    if person.date_of_birth is not None:
        same |= Q(date_of_birth=person.date_of_birth)
    if not same:
        return []
    name = fold(person.family_name)
    found: dict[int | None, tuple[Person, str]] = {}
    for other in Person.objects.filter(same).exclude(pk=person.pk).order_by("family_name", "given_names", "pk"):
        if person.pnc_id and other.pnc_id == person.pnc_id:
            found[other.pk] = (other, "same PNC ID")
        elif other.date_of_birth == person.date_of_birth is not None and fold(other.family_name) == name:
            found[other.pk] = (other, "same family name and date of birth")
    pairs = ToldApart.objects.filter(Q(person=person) | Q(other_person=person)) if person.pk else ()
    for pair in pairs:
        found.pop(pair.other_person_id if pair.person_id == person.pk else pair.person_id, None)
    parties = Party.objects.filter(person__in=found, superseded__isnull=True)
    seen = permissions.visible_orders(user, at).filter(
        Q(restricted=False) | Q(pk__in=list(opened)), pk__in=parties.values("order")
    )
    shown = set(parties.filter(order__in=seen).values_list("person_id", flat=True))
    return [found[pk] for pk in found if pk in shown]
