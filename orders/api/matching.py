"""Finding orders by what describes a person: only ever in a request body, never in an address.

Each finds perpetrators and victims alike, and says what it matched. A secret address is never matched without the
permission for secret places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from orders import permissions
from orders.folding import fold
from orders.models import Party, Residence, User


@dataclass(frozen=True, slots=True)
class Described:
    """What describes a person; blank is not asked."""

    name: str = ""
    date_of_birth: date | None = None
    postcode: str = ""
    pnc_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.date_of_birth or self.postcode or self.pnc_id)


@dataclass(frozen=True, slots=True)
class Match:
    """What of an order matched, in which words and how."""

    on: str
    value: str
    how: str


def matching(described: Described, user: User, order_ids: Iterable[int]) -> dict[int, Match]:
    """Of some orders those in which one and the same person fits everything asked, with what matched."""
    parties = Party.objects.filter(order_id__in=order_ids, superseded__isnull=True).select_related("person")
    if described.date_of_birth:
        parties = parties.filter(person__date_of_birth=described.date_of_birth)
    if described.pnc_id:
        parties = parties.filter(person__pnc_id=described.pnc_id.upper())
    if described.postcode:
        parties = parties.filter(_lives_in(described.postcode, user))
    words = fold(described.name).split()
    found: dict[int, Match] = {}
    for party in parties.order_by("order_id", "role"):
        match = _named(party, words) if words else _described(described)
        if match is not None:
            found.setdefault(party.order_id, match)
    return found


def _lives_in(postcode: str, user: User) -> Q:
    bare = postcode.replace(" ", "").upper()
    spaced = f"{bare[:-3]} {bare[-3:]}"
    homes = Residence.objects.filter(postcode__in=[bare, spaced], superseded__isnull=True)
    if permissions.sees_secret_places(user):
        return Q(person__in=homes.values("person"))
    told = homes.filter(secret=False).values("person")
    # Nobody said that a perpetrator's address is secret, so it is not; of a victim's the contrary holds.
    return Q(person__in=told) | Q(role="perpetrator", person__in=homes.filter(secret__isnull=True).values("person"))


def _named(party: Party, words: list[str]) -> Match | None:
    person = party.person
    names = [("family name", person.family_name, person.given_names)]
    names += [("alias", alias[0], alias[1] if len(alias) > 1 else "") for alias in person.aliases]
    for on, family, given in names:
        tokens = [*fold(f"{family} {given}").split(), fold(family).replace(" ", "")]
        if all(any(token.startswith(word) for token in tokens) for word in words):
            exact = fold(family) in (" ".join(words), words[0], words[-1])
            return Match(on, family if on == "family name" else f"{family}, {given}", "exact" if exact else "beginning")
    return None


def _described(described: Described) -> Match:
    if described.pnc_id:
        return Match("PNC ID", described.pnc_id.upper(), "exact")
    if described.postcode:
        return Match("postcode", described.postcode.upper(), "exact")
    return Match("date of birth", str(described.date_of_birth), "exact")
