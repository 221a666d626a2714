"""Finding civil interventions: by kind, period, area of the person's home and name; for those who may, nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.access import permissions
from orders.access.permissions import Action, may
from orders.models import Area, Intervention, Party, Person, Residence, User
from orders.people import names
from orders.people.known_people import known_people
from orders.people.same_person import all_records, kept_for
from orders.record.as_known import held
from orders.statute import local_day


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; blank is everything. `since` and `until` are local days, both included."""

    kind: str = ""
    since: date | None = None
    until: date | None = None
    area: Area | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An intervention, whom it is against (None where only restricted orders name them), and where they live."""

    intervention: Intervention
    person: Person | None
    areas: tuple[Area, ...] = ()


def of_force(user: User) -> QuerySet[Intervention]:
    """All that the user may see, superseded ones too: of their own force, if they may see any."""
    if not may(user, Action.INTERVENTIONS) or user.force_id is None:
        return Intervention.objects.none()
    return Intervention.objects.filter(force=user.force_id)


def against(person: Person, user: User, *, known_at: datetime | None, day: date) -> list[Intervention]:
    """Those against a person, by any record that stands for them, up to a local day; the latest first."""
    if not may(user, Action.INTERVENTIONS):
        return []
    rows = held(of_force(user).filter(person__in=all_records([person.pk]), on__lte=day), known_at)
    return list(rows.select_related("recording__by"))


def find(asked: Asked, user: User) -> list[Found]:
    """What is held now, the latest first; only of people whom the user may see. As many queries for many as for few."""
    rows = of_force(user).filter(superseded__isnull=True)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.since:
        rows = rows.filter(on__gte=asked.since)
    if asked.until:
        rows = rows.filter(on__lte=asked.until)
    interventions = list(rows)
    kept = kept_for({row.person_id for row in interventions})
    seen, named = known_people(kept.values(), user)
    people = Person.objects.in_bulk(seen)
    areas = home_areas(seen, user)
    found = []
    for row in interventions:
        pk = kept[row.person_id]
        if pk not in seen or (asked.name.strip() and not (pk in named and _is_called(people[pk], asked.name))):
            continue
        if asked.area is not None and not any(_within(area, asked.area) for area in areas.get(pk, ())):
            continue
        found.append(Found(row, people[pk] if pk in named else None, areas.get(pk, ())))
    return found


def home_areas(ids: Iterable[int], user: User) -> dict[int, tuple[Area, ...]]:
    """Where people now live; without homes that are or may be secret, unless the user sees the areas of these."""
    people, today = set(ids), local_day(timezone.now())
    homes = Residence.objects.filter(person__in=people, superseded__isnull=True, from_on__lte=today).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=today)
    )
    if not permissions.sees_secret_places(user):
        protected = Party.objects.filter(person__in=people, role="victim", superseded__isnull=True)
        homes = homes.exclude(secret=True).exclude(secret__isnull=True, person__in=protected.values("person"))
    found: dict[int, tuple[Area, ...]] = {}
    for home in homes.select_related("neighbourhood__parent", "found_in__parent"):
        area = home.neighbourhood or home.found_in
        if area is not None:
            found[home.person_id] = (*found.get(home.person_id, ()), area)
    return found


def _within(area: Area, wanted: Area) -> bool:
    return wanted.pk in (area.pk, area.parent_id, area.force_id)


def _is_called(person: Person, name: str) -> bool:
    """Whether each word is close to a word of their names or of an alias, as search has it, or its beginning."""
    tokens = [token for token, _ in names.distinct_tokens(person.family_name, person.given_names, person.aliases)]
    words = names.words_asked(name)
    return bool(words) and all(
        any(token.startswith(word) or names.closeness(word, token) is not None for token in tokens) for word in words
    )
