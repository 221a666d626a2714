"""What had been recorded by an instant: places, facts and descriptions as the register held them then.

Everywhere `known_at` is an instant (UTC), and None means what is held now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from orders.models import Order, Person, Place, PlaceAsKnown
from orders.querysets import PlaceQuerySet

Fact = TypeVar("Fact", bound=Model)
Described = TypeVar("Described", Order, Person)


def places(at: datetime, known_at: datetime | None) -> PlaceQuerySet:
    """The places of all orders that hold at an instant."""
    if known_at is None:
        return Place.objects.at(at)
    return PlaceAsKnown.objects.known_at(known_at).at(at)


def held(rows: QuerySet[Fact], known_at: datetime | None) -> QuerySet[Fact]:
    """Of parties, conditions or residences those that were held, and not yet superseded."""
    if known_at is None:
        return rows.filter(superseded__isnull=True)
    return rows.filter(
        Q(superseded__isnull=True) | Q(superseded__recorded_at__gt=known_at), recording__recorded_at__lte=known_at
    )


def described(current: Iterable[Described], known_at: datetime | None) -> dict[int, Described]:
    """Orders or people as their source had described them, by id. One that was not yet recorded is left out."""
    now = {one.pk: one for one in current}
    if known_at is None or not now:
        return now
    model = type(next(iter(now.values())))
    fields = [field.attname for field in model._meta.concrete_fields if not field.generated]
    recorded = dict(
        model._default_manager.filter(pk__in=now, recording__recorded_at__lte=known_at).values_list(
            "pk", "recording__recorded_at"
        )
    )
    found = {pk: now[pk] for pk in recorded}
    versions: Any = model.versions.rel.related_model  # type: ignore[attr-defined] # pghistory's, which has no types
    for version in versions.objects.filter(
        pgh_obj_id__in=now.keys() - found.keys(), recording__recorded_at__lte=known_at
    ).order_by("recording__recorded_at", "pgh_id"):
        found[version.pgh_obj_id] = model(**{name: getattr(version, name) for name in fields})
    return found
