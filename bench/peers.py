"""How a Django application would usually ask: joins over parties and residences, OR of two, DISTINCT."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from orders.models import Order
from orders.search.by_area import Question
from orders.statute import local_day


def either_in(question: Question) -> QuerySet[Order, int]:
    """The ids of orders one of whose parties lives in an area on the day, the newest first, each once."""
    today, area = local_day(question.at), question.area.pk

    def lives(role: str) -> Q:
        there = "parties__person__residences"
        within = (
            Q(**{f"{there}__neighbourhood": area})
            | Q(**{f"{there}__neighbourhood__parent": area})
            | Q(**{f"{there}__neighbourhood__force": area})
        )
        still = Q(**{f"{there}__to_on__isnull": True}) | Q(**{f"{there}__to_on__gt": today})
        return within & still & Q(**{"parties__role": role, f"{there}__from_on__lte": today})

    return (
        Order.objects.filter(lives("perpetrator") | lives("victim"))
        .distinct()
        .order_by("-pk")
        .values_list("pk", flat=True)
    )
