"""Telling the register how many arrests there were: by hand; an extract brings them in arrests.csv."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from orders.access import audit
from orders.models import Area, ArrestCount, Category, User


def tell_arrests(area: Area, month: date, count: int, *, source: str, by: User | None) -> int | None:
    """Store the arrests for violent domestic abuse of an area in the month that a first day begins.

    Returns what was held before, which the log keeps; None if nothing was.
    """
    with transaction.atomic():
        held = ArrestCount.objects.select_for_update().filter(area=area, month=month).first()
        before = None if held is None else held.count
        ArrestCount.objects.update_or_create(
            area=area, month=month, defaults={"count": count, "source": source, "run": None}
        )
        audit.record(
            by=by,
            category=Category.ALTERATION if held else Category.COLLECTION,
            action="tell arrests",
            detail={"area": area.code, "month": month.isoformat(), "count": count, "before": before, "source": source},
        )
    return before
