"""Which records stand for one person, after two were made one."""

from __future__ import annotations

from collections.abc import Iterable

from orders.models import Merge


def all_records(ids: Iterable[int]) -> set[int]:
    """These people and every record that stands for one of them."""
    found = set(ids)
    while True:
        others = set(Merge.objects.filter(kept__in=found, undone__isnull=True).values_list("other_id", flat=True))
        others |= set(Merge.objects.filter(other__in=found, undone__isnull=True).values_list("kept_id", flat=True))
        if others <= found:
            return found
        found |= others


def kept_for(ids: Iterable[int]) -> dict[int, int]:
    """By the id of each record that of the one that was kept for it; its own, if it was never made one with another."""
    found = {pk: pk for pk in ids}
    while True:
        further = dict(
            Merge.objects.filter(other__in=set(found.values()), undone__isnull=True).values_list("other_id", "kept_id")
        )
        if not further:
            return found
        found = {pk: further.get(kept, kept) for pk, kept in found.items()}
