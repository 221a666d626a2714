"""People of the register who may be one and the same: entered twice, or under two keys of the source."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from orders.access import permissions
from orders.models import Party, Person, ToldApart, User
from orders.people.names import closeness, family_tokens, fold, tokens

_TOO_FAR = 9
_MOST = 3
"""How far family and given name together may be from another's who was born on the same day."""


def possible_duplicates(
    person: Person, user: User, *, at: datetime, opened: Collection[int]
) -> list[tuple[Person, str]]:
    """Others with the same PNC ID, or the same date of birth and the same or nearly the same name, and which it is.

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
        elif other.date_of_birth == person.date_of_birth is not None and _nearly_named(person, other):
            found[other.pk] = (other, "nearly the same name, same date of birth")
    pairs = ToldApart.objects.filter(Q(person=person) | Q(other_person=person)) if person.pk else ()
    for pair in pairs:
        found.pop(pair.other_person_id if pair.person_id == person.pk else pair.person_id, None)
    parties = Party.objects.filter(person__in=found, superseded__isnull=True)
    seen = permissions.visible_orders(user, at).filter(
        Q(restricted=False) | Q(pk__in=list(opened)), pk__in=parties.values("order")
    )
    shown = set(parties.filter(order__in=seen).values_list("person_id", flat=True))
    return [found[pk] for pk in found if pk in shown]


def _nearly_named(person: Person, other: Person) -> bool:
    """Whether a name of the one is spelt or sounds nearly as a name of the other: Clark, Gavyn is Clarke, Gavin."""
    return any(
        _apart(family_tokens(mine[0]), family_tokens(theirs[0])) + _apart(tokens(mine[1]), tokens(theirs[1])) <= _MOST
        for mine in _names(person)
        for theirs in _names(other)
    )


def _names(person: Person) -> list[tuple[str, str]]:
    aliases = [(alias[0], alias[1] if len(alias) > 1 else "") for alias in person.aliases or []]
    return [(person.family_name, person.given_names), *aliases]


def _apart(words: Collection[str], others: Collection[str]) -> int:
    """What the closest two cost; nothing is known against them where one has no name."""
    if not words or not others:
        return 1
    costs = (near.cost for word in words for other in others if (near := closeness(word, other)) is not None)
    return min(costs, default=_TOO_FAR)
