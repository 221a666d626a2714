"""What is stored and found after an action."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.models import (
    Adoption,
    Area,
    AuditEntry,
    Condition,
    Event,
    Order,
    Party,
    Person,
    Place,
    PlacePast,
    Recording,
    Residence,
    SentForm,
)
from orders.places import projection
from orders.record import facts
from orders.statute import assess
from tests.orders.build import local

NOON = local("2026-06-01T12:00")


def everything() -> list[Any]:
    """All rows that an action could write."""
    models = (
        Recording,
        Event,
        Party,
        Condition,
        Residence,
        Person,
        Order,
        Place,
        PlacePast,
        SentForm,
        AuditEntry,
        Adoption,
    )
    return [sorted(model._default_manager.values_list("pk", flat=True), key=str) for model in models]


def searched() -> dict[Area, set[str]]:
    """The references of the orders found now in each area by where one of their people lives."""
    found: dict[Area, set[str]] = {}
    for place in Place.objects.at(timezone.now()).select_related("area", "order"):
        if place.roles & 3:
            found.setdefault(place.area, set()).add(place.order.reference)
    return found


def as_recomputed() -> bool:
    """Whether what search reads is what all facts come to."""
    return list(projection.differences(Order.objects.order_by("pk").values_list("pk", flat=True))) == []


def standing(order: Order, at: Any = NOON) -> str:
    """The standing of an order at an instant, worked out from its facts."""
    return assess(facts.load([order.pk])[order.pk], at, facts.holidays()).standing
