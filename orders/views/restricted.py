"""Restricted orders: kind and standing until a reason has been recorded, then open to that session for some hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from orders import audit, facts
from orders.models import Category, Order
from orders.statute import assess
from orders.views.access import address_of, user_of
from orders.views.history import Then

REASON_HOURS = 8


class ReasonForm(forms.Form):
    """Why a restricted order is opened."""

    reason = forms.CharField(
        label="Why do you need to see this order?",
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Say why you need to see this order",
            "min_length": "Say why in at least 10 characters",
        },
    )


def is_open(request: HttpRequest, order: Order) -> bool:
    """Whether the session may see the order now: it is not restricted, or a reason has been given and still holds."""
    until = str(request.session.get(_key(order)) or "")
    return not order.restricted or (until != "" and timezone.now() < datetime.fromisoformat(until))


def opened(request: HttpRequest, orders: Iterable[Order]) -> frozenset[int]:
    """The ids of those of some orders that the session may see now."""
    return frozenset(order.pk for order in orders if is_open(request, order))


def ask_reason(request: HttpRequest, order: Order, then: Then) -> HttpResponse:
    """Ask for the reason, or take it, record it and go on to the page that was asked for."""
    user = user_of(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        audit.record(
            by=user,
            category=Category.CONSULTATION,
            action="open restricted order",
            orders=[order.pk],
            reason=form.cleaned_data["reason"],
            address=address_of(request),
        )
        request.session[_key(order)] = (timezone.now() + timedelta(hours=REASON_HOURS)).isoformat()
        return redirect(f"{request.path}{then.link}")
    known = facts.load([order.pk], known_at=then.known_at)
    if order.pk not in known:
        raise Http404
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="asked for reason",
        orders=[order.pk],
        address=address_of(request),
    )
    return render(
        request,
        "orders/reason.html",
        {
            "order": order,
            "form": form,
            "then": then,
            "standing": assess(known[order.pk], then.at, facts.holidays()).standing,
            "hours": REASON_HOURS,
        },
        status=400 if form.errors else 200,
    )


def _key(order: Order) -> str:
    return f"reason {order.public_id}"
