"""Random questions as officers ask them, over the areas of a filled register: the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from orders.models import Area, Level, Order, Party, Place, Role, User
from orders.search.asked import PersonAsked
from orders.search.by_area import Question

_LEVELS = {Level.NEIGHBOURHOOD: 50, Level.LPA: 35, Level.FORCE: 15}
"""How often each level is asked for: most officers look at where they work, few at the whole force."""


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Named:
    """A question with what somebody typed as a name."""

    question: Question
    typed: str

    @property
    def person(self) -> PersonAsked:
        """Who is looked for."""
        return PersonAsked(name=self.typed)


class Questions:
    """Makes questions, each with a viewer of the force it is asked in."""

    def __init__(self, at: datetime, *, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self.at = at
        self._areas = {level: list(Area.objects.filter(level=level).order_by("pk")) for level in _LEVELS}
        self._viewers = {force.pk: _viewer(force) for force in self._areas[Level.FORCE]}
        self._last = Order.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def area(self, *levels: Level) -> Area:
        """A random area of some level, or of one of these."""
        wanted = {level: weight for level, weight in _LEVELS.items() if not levels or level in levels}
        return self._chance.choice(self._areas[self._chance.choices(list(wanted), list(wanted.values()))[0]])

    def areas(self, level: Level) -> list[Area]:
        """All areas of a level."""
        return self._areas[level]

    def viewer(self, area: Area) -> User:
        """A viewer of the force that an area belongs to."""
        return self._viewers[area.force_or_self_id]

    def viewer_of(self, force: int) -> User:
        """The viewer of a force, by its id."""
        return self._viewers[force]

    def either(self, number: int, *levels: Level) -> list[Question]:
        """Questions for whom either party lives in an area, live first: the one that is asked most."""
        return [Question(self.area(*levels), self.at, role="either") for _ in range(number)]

    def filtered(self, number: int, *levels: Level) -> list[Question]:
        """Questions with role, kinds and standings as they come."""
        return [self._filtered(*levels) for _ in range(number)]

    def as_at(self, number: int) -> list[Question]:
        """The same at instants of the last eight years."""
        return [
            replace(question, at=self.at - timedelta(minutes=self._chance.randint(60, 4_200_000)))
            for question in self.either(number)
        ]

    def as_known_at(self, number: int) -> list[Question]:
        """The same at instants of the last 300 days, from what had been recorded by then."""
        asked = []
        for question in self.either(number):
            then = self.at - timedelta(minutes=self._chance.randint(60, 432_000))
            asked.append(replace(question, at=then, known_at=then))
        return asked

    def named(self, number: int, *, anywhere: bool = False) -> list[Named]:
        """Family names of people in the register, half of them wrong in one letter, where one of their orders is found.

        `anywhere`: in the whole force. Else in a neighbourhood or a local policing area.
        """
        levels = [Level.FORCE] if anywhere else [Level.NEIGHBOURHOOD, Level.LPA]
        asked: list[Named] = []
        while len(asked) < number:
            order = self._chance.randint(1, self._last)
            places = Place.objects.at(self.at).filter(order_id=order, area__level__in=levels, roles_shown__gt=0)
            party = Party.objects.filter(order_id=order).select_related("person").order_by("role", "pk").first()
            found = list(places.select_related("area").order_by("area_id"))
            if found and party is not None and len(party.person.family_name) > 3:
                typed = party.person.family_name
                if self._chance.random() < 0.5:
                    typed = self._misheard(typed)
                asked.append(Named(Question(self._chance.choice(found).area, self.at), typed))
        return asked

    def _misheard(self, name: str) -> str:
        """A name with one letter after the first another, missing, doubled or swapped with the next."""
        at, letter = self._chance.randrange(1, len(name) - 1), self._chance.choice(_LETTERS)
        return self._chance.choice([
            name[:at] + letter + name[at + 1 :], name[:at] + name[at + 1 :], name[:at] + letter + name[at:],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        ])  # fmt: skip

    def order_ids(self, number: int) -> Iterator[int]:
        """Orders at random."""
        for _ in range(number):
            yield self._chance.randint(1, self._last)

    def _filtered(self, *levels: Level) -> Question:
        chance = self._chance
        kinds = chance.choices([(), ("NMO",), ("DVPN", "DVPO"), ("RO",), ("SPO", "ISPO")], [60, 15, 10, 10, 5])[0]
        standings = chance.choices([(), ("live",), ("live", "unconfirmed"), ("ended",)], [50, 30, 10, 10])[0]
        role = chance.choice([None, "either", "either", "perpetrator", "victim", "both"])
        return Question(self.area(*levels), self.at, role=role, kinds=kinds, standings=standings)


def address(question: Question, *, now: datetime) -> str:
    """The address of the search page of a question."""
    query: list[tuple[str, str]] = [("area", question.area.code)]
    if question.role:
        query.append(("role", question.role))
    query += [("kind", kind) for kind in question.kinds] + [("standing", standing) for standing in question.standings]
    if question.at != now:
        query.append(("at", question.at.isoformat()))
    return f"/search?{urlencode(query)}"


def _viewer(force: Area) -> User:
    user = User.objects.filter(username=f"bench-{force.code}").first()
    return user or User.objects.create_user(f"bench-{force.code}", roles=[Role.VIEWER.value], force=force)
