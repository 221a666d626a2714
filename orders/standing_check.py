"""Stored places against recomputed ones: the alarm that a "live" shown is the "live" that the law gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction

from orders import audit, places, tally
from orders.models import Category, Order
from orders.recording import recording


@dataclass(frozen=True, slots=True)
class Difference:
    """An order whose stored places are wrong, and how."""

    order_id: int
    reference: str
    missing: list[places.Row]
    surplus: list[places.Row]


def every_order() -> Iterator[int]:
    """The ids of all orders, streamed."""
    return Order.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=places.BATCH)


def differences() -> Iterator[Difference]:
    """Every order whose places differ from what its facts say now, in one snapshot of the database."""
    with transaction.atomic():
        for pk, missing, surplus in places.differences(every_order()):
            yield Difference(pk, Order.objects.values_list("reference", flat=True).get(pk=pk), missing, surplus)


def rebuild(advance: Callable[[int], None]) -> int:
    """Work all places out anew and store what differs, in one transaction. Returns how many orders changed.

    `advance` is told how many orders have been done since it was last told.
    """
    with recording(by=None, action="rebuild places") as opened:
        areas = places.Areas()
        changed = 0
        for batch in places.batches(every_order()):
            changed += places.project(batch, opened, areas=areas)
            advance(len(batch))
        tally.mend()
        audit.record(by=None, category=Category.ALTERATION, action="rebuild places", detail={"changed": changed})
    return changed
