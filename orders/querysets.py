"""How places are asked for: by area, instant, standing and role. Every search, count, export and email starts here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

if TYPE_CHECKING:
    from orders.models.area import Area
    from orders.models.place import PlaceRow  # noqa: F401 - in a base class, so as text
    from orders.models.user import User

STANDINGS = ("live", "unconfirmed", "pending", "ended")
"""In the order in which results are shown."""

ROLES = ("perpetrator", "victim", "either", "both", "not placed")

_PERPETRATOR, _VICTIM, _NOT_PLACED = 1, 2, 4 | 8

_SOONEST_END_FIRST: dict[str, tuple[str, ...]] = {
    "live": ("live_until", "order_id"),
    "unconfirmed": ("live_until", "order_id"),
    "pending": ("live_from", "order_id"),
    "ended": ("-ended_from", "order_id"),
}


def standing_is(standing: str, at: datetime) -> Q:
    """The condition that an order has a standing at an instant inside its stint (as `Outlook.standing_at`)."""
    match standing:
        case "pending":
            return Q(live_from__gt=at)
        case "live":
            return Q(live_from__lte=at, live_until__gt=at)
        case "unconfirmed":
            return Q(live_from__lte=at, live_until__lte=at, ended_from__gt=at)
        case "ended":
            return Q(live_from__lte=at, live_until__lte=at, ended_from__lte=at)
    raise ValueError(f"{standing} is no standing")


def lives_there(role: str | None, *, whole_force: bool) -> Q:
    """The condition that somebody of a role lives in the area of a row, asked of rows `with_roles_seen`."""
    match role:
        case None:
            return Q() if whole_force else Q(("_seen__gt", 0))
        case "either":
            return Q(("_seen__gt", 0))
        case "both":
            return Q(("_seen", _PERPETRATOR | _VICTIM))
        case "perpetrator":
            return Q(("_seen__in", (_PERPETRATOR, _PERPETRATOR | _VICTIM)))
        case "victim":
            return Q(("_seen__in", (_VICTIM, _PERPETRATOR | _VICTIM)))
        case "not placed":
            return Q(("_unplaced__gt", 0))
    raise ValueError(f"{role} is no role")


class PlaceQuerySet(models.QuerySet["PlaceRow"]):
    """Rows of places. A search is always of one area, so that it needs no join and meets no order twice."""

    def at(self, at: datetime) -> PlaceQuerySet:
        """The rows whose stint holds an instant."""
        return self.filter(valid_from__lte=at, valid_until__gt=at)

    def known_at(self, known_at: datetime) -> PlaceQuerySet:
        """Of `PlaceAsKnown`: the rows that were what the register knew at an instant."""
        return self.filter(Q(("known_from__lte", known_at), ("known_until__gt", known_at)))

    def in_area(self, area: Area) -> PlaceQuerySet:
        """The rows of one area at any level."""
        return self.filter(area_id=area.pk)

    def visible_to(self, user: User, at: datetime) -> PlaceQuerySet:
        """The rows of orders that the user may see at an instant: those their force owns or that have a place in it.

        Every order that a force owns, or that is placed in one of its areas, has a row of the force itself, so the
        question is only whether there is one (extract contract, rule 17). A user without a force sees nothing.
        """
        if not user.is_active or user.force_id is None:
            return self.none()
        rows = self.model._default_manager.filter(
            order_id=OuterRef("order_id"), area_id=user.force_id, valid_from__lte=at, valid_until__gt=at
        )
        return self.filter(Exists(rows))

    def with_role(self, role: str | None, *, area: Area, secret_places: bool) -> PlaceQuerySet:
        """The rows in which somebody of that role lives in the area.

        Without a role: everybody who lives there; for a force, also the orders it owns whose parties live elsewhere or
        nowhere known. In a neighbourhood, homes marked secret count only for those who may see them.
        """
        rows: PlaceQuerySet = self.with_roles_seen(secret_places=secret_places)
        return rows.filter(lives_there(role, whole_force=area.level == "force"))

    def with_roles_seen(self, *, secret_places: bool) -> PlaceQuerySet:
        """The same rows, with what `lives_there` asks about."""
        return self.alias(
            _seen=F("roles" if secret_places else "roles_shown").bitand(_PERPETRATOR | _VICTIM),
            _unplaced=F("roles").bitand(_NOT_PLACED),
        )

    def of_kinds(self, kinds: Iterable[str]) -> PlaceQuerySet:
        """The rows of orders of these kinds; all, if none is named."""
        kinds = list(kinds)
        return self.filter(kind__in=kinds) if kinds else self.all()

    def standing(self, standing: str, at: datetime) -> PlaceQuerySet:
        """The rows of one standing, in the order in which it is shown."""
        return self.filter(standing_is(standing, at)).order_by(*_SOONEST_END_FIRST[standing])

    def counts(self, at: datetime) -> dict[str, int]:
        """How many rows there are of each standing."""
        wanted: dict[str, Any] = {name: Count("order_id", filter=standing_is(name, at)) for name in STANDINGS}
        return self.order_by().aggregate(**wanted)
