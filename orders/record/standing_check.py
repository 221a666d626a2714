"""Stored places against recomputed ones: the alarm that a "live" shown is the "live" that the law gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from orders.access import audit
from orders.models import Category, Order
from orders.people import party_names
from orders.places import locating, projection, tally
from orders.record.recording import recording


@dataclass(frozen=True, slots=True)
class Difference:
    """An order whose stored places, or the names by which its parties are found, are wrong, and how."""

    order_id: int
    reference: str
    missing: Sequence[tuple[Any, ...]]
    surplus: Sequence[tuple[Any, ...]]


def every_order() -> Iterator[int]:
    """The ids of all orders, streamed."""
    return Order.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=projection.BATCH)


def differences() -> Iterator[Difference]:
    """Every order whose search rows differ from what its facts and the postcode table say now, in one snapshot."""
    with transaction.atomic():
        locating.locate_again()
        for pk, missing, surplus in projection.differences(every_order()):
            yield Difference(pk, _reference(pk), missing, surplus)
        for batch in projection.batches(every_order()):
            for pk, (lacking, spare) in party_names.differences(batch).items():
                yield Difference(pk, _reference(pk), lacking, spare)
        # Homes were located anew only to compare: nothing of it stays.
        transaction.set_rollback(True)


def _reference(pk: int) -> str:
    return Order.objects.values_list("reference", flat=True).get(pk=pk)


def rebuild(advance: Callable[[int], None]) -> int:
    """Work all places out anew and store what differs, in one transaction. Returns how many orders changed.

    `advance` is told how many orders have been done since it was last told.
    """
    with recording(by=None, action="rebuild places") as opened:
        locating.locate_again()
        party_names.refresh_dictionary()
        changed = projection.project(every_order(), opened, done=advance)
        tally.mend()
        audit.record(by=None, category=Category.ALTERATION, action="rebuild places", detail={"changed": changed})
    return changed
