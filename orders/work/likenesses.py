"""People of live orders who may be one and the same, and orders received and not applied: lists without rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from orders.access.permissions import Action, may
from orders.models import Area, Level, Party, Person, QuarantinedOrder, ToldApart, User
from orders.people.names import fold
from orders.querysets import standing_is
from orders.work.lists import NOT_ENDED, of_area


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who look alike, and in what."""

    one: Person
    other: Person
    why: str

    @property
    def key(self) -> str:
        """What the pair is called in its list."""
        return f"p{self.one.pk}-{self.other.pk}"


def pairs(force: Area, user: User, at: datetime) -> list[Pair]:
    """Of the people in orders not ended that the user may see: the same PNC ID, or family name and date of birth.

    Restricted orders are left out, since their people are not named; so are those whom somebody has told apart.
    """
    if force.level != Level.FORCE:
        return []
    standing = Q()
    for name in NOT_ENDED:
        standing |= standing_is(name, at)
    orders = of_area(force, user, at).filter(standing).filter(order__restricted=False).order_by().values("order_id")
    ids = Party.objects.filter(order_id__in=orders, superseded__isnull=True).values("person_id")
    alike: dict[tuple[str, object], list[Person]] = defaultdict(list)
    for person in Person.objects.filter(pk__in=ids).order_by("pk"):
        if person.pnc_id:
            alike["same PNC ID", person.pnc_id].append(person)
        if person.date_of_birth is not None:
            same = (fold(person.family_name), fold(person.given_names)[:1], person.date_of_birth)
            alike["same family name, initial and date of birth", same].append(person)
    apart = set(ToldApart.objects.filter(person__isnull=False).values_list("person_id", "other_person_id"))
    found: dict[tuple[int, int], Pair] = {}
    for (why, _), people in alike.items():
        for number, one in enumerate(people):
            for other in people[number + 1 :]:
                if (one.pk, other.pk) not in apart:
                    found.setdefault((one.pk, other.pk), Pair(one, other, why))
    return sorted(found.values(), key=lambda pair: (pair.one.family_name, pair.one.pk, pair.other.pk))


def quarantined(force: Area, user: User) -> list[QuarantinedOrder]:
    """Orders of the user's force that were received and not applied, the longest waiting first."""
    if force.level != Level.FORCE or not may(user, Action.WORKLISTS) or force.pk != user.force_id:
        return []
    waiting = QuarantinedOrder.objects.filter(resolved_by__isnull=True, owner_force=force)
    return list(waiting.select_related("run").order_by("run__started_at", "pk"))
