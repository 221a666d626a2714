"""The other pages of an order: its history, its breaches and its reviews."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from orders.access.permissions import Action
from orders.access.sealing import unsealed
from orders.models import Adoption
from orders.views.access import permitted
from orders.views.order_record import Record, happened, head, open_record

BREACH_EVENTS = ("BREACHED", "ARRESTED", "PRODUCED", "RELEASED", "BREACH_RESULT")


@permitted(Action.OPEN_ORDER)
def history_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything that has happened to an order, the latest first."""
    record = open_record(request, public_id, "history")
    if isinstance(record, HttpResponse):
        return record
    context = {**head(record, "history"), "timeline": happened(record), "adoptions": _adoptions(record)}
    return render(request, "orders/order_history.html", context)


def _adoptions(record: Record) -> list[Adoption]:
    """When it and an order entered by hand were found to be one, and two after all, as it was known then."""
    both = Q(entered=record.current) | Q(imported=record.current)
    found = list(
        Adoption.objects.filter(both)
        .select_related("entered", "imported", "recording__by", "undone__by")
        .order_by("-pk")
    )
    if (known_at := record.then.known_at) is not None:
        found = [one for one in found if one.recording.recorded_at and one.recording.recorded_at <= known_at]
        for one in found:
            if one.undone is not None and (one.undone.recorded_at is None or one.undone.recorded_at > known_at):
                one.undone = None
    told = [said for one in found for said in (one.recording, one.undone) if said is not None]
    unsealed(told, "reason")
    return found


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
