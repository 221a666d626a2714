"""The other pages of an order: its history, its breaches and its reviews."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from orders.access.permissions import Action
from orders.views.access import permitted
from orders.views.order_record import happened, head, open_record

BREACH_EVENTS = ("BREACHED", "ARRESTED", "PRODUCED", "RELEASED", "BREACH_RESULT")


@permitted(Action.OPEN_ORDER)
def history_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything that has happened to an order, the latest first."""
    record = open_record(request, public_id, "history")
    if isinstance(record, HttpResponse):
        return record
    return render(request, "orders/order_history.html", {**head(record, "history"), "timeline": happened(record)})


@permitted(Action.OPEN_ORDER)
def breaches_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The breaches of an order, what followed them, and the clocks that arrests started."""
    record = open_record(request, public_id, "breaches")
    if isinstance(record, HttpResponse):
        return record
    timeline = happened(record, *BREACH_EVENTS)
    return render(
        request,
        "orders/order_breaches.html",
        {
            **head(record, "breaches"),
            "breaches": [one for one in timeline if one.event.kind == "BREACHED"],
            "followed": [one for one in timeline if one.event.kind != "BREACHED"],
            "clocks": [one for one in record.assessment.deadlines if "custody" in one.rule],
        },
    )


@permitted(Action.OPEN_ORDER)
def reviews_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """When an order was reviewed and when that is due again; there is no such page of kinds that are not reviewed."""
    record = open_record(request, public_id, "reviews")
    if isinstance(record, HttpResponse):
        return record
    if record.rules.review_months is None:
        raise Http404
    context = {**head(record, "reviews"), "reviews": happened(record, "REVIEWED")}
    return render(request, "orders/order_reviews.html", context)
