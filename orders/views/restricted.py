"""Why do you need to see this? Asked before something restricted, historic or secret is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from govuk_forms.forms import GovukForm
from orders.access import audit, grants, permissions
from orders.access.grants import Why
from orders.access.permissions import Action
from orders.access.sealing import erased_orders
from orders.models import Category, GrantKind, Order
from orders.record import facts
from orders.statute import assess
from orders.views.access import address_of, permitted, user_of
from orders.views.history import Then, asked_then, not_understood

LEAST_WORDS = 10


class ReasonForm(GovukForm):
    """Why something is opened: a choice, and words for any other reason."""

    why = forms.ChoiceField(
        label="What do you need it for?",
        choices=Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what you need it for", "invalid_choice": "Choose one of the reasons"},
    )
    reason = forms.CharField(
        label="Say more",
        help_text="Needed if it is another reason. Name nobody: this is kept in the log.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> None:
        """Another reason is said in words."""
        words = self.cleaned_data.get("reason", "").strip()
        if self.cleaned_data.get("why") == Why.OTHER and len(words) < LEAST_WORDS:
            self.add_error("reason", f"Say in at least {LEAST_WORDS} characters what you need it for")


def opened(request: HttpRequest, orders: Iterable[Order]) -> frozenset[int]:
    """The ids of those of some orders that are not restricted, or that the user has opened."""
    found = list(orders)
    restricted = [order.pk for order in found if order.restricted]
    held = grants.held(user_of(request), GrantKind.RESTRICTED, restricted) if restricted else {}
    return frozenset(order.pk for order in found if not order.restricted or order.pk in held)


def is_open(request: HttpRequest, order: Order) -> bool:
    """Whether an order is not restricted, or the user has opened it."""
    return order.pk in opened(request, [order])


def asked_for(request: HttpRequest, order: Order, standing: str) -> tuple[GrantKind | None, datetime | None]:
    """What must be opened before an order is shown, if anything; else until when a reason that was given holds."""
    user = user_of(request)
    if order.restricted:
        until = grants.held(user, GrantKind.RESTRICTED, [order.pk]).get(order.pk)
        return (GrantKind.RESTRICTED, None) if until is None else (None, until)
    if standing == "ended" and grants.is_far(user, order):
        until = grants.historic_until(user, order)
        return (GrantKind.HISTORIC, None) if until is None else (None, until)
    return None, None


def ask_reason(request: HttpRequest, order: Order, then: Then, kind: GrantKind) -> HttpResponse:
    """Ask for the reason, or take it, record it and go on to the page that was asked for."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _give(request, kind, order, form)
        return redirect(f"{request.path}{then.link}")
    known = facts.load([order.pk], known_at=then.known_at)
    if order.pk not in known:
        raise Http404
    audit.record(
        by=user_of(request),
        category=Category.CONSULTATION,
        action="asked for reason",
        orders=[order.pk],
        address=address_of(request),
    )
    restricted = kind == GrantKind.RESTRICTED
    home = user_of(request).home_area
    return render(
        request,
        "orders/reason.html",
        {
            "order": order,
            "form": form,
            "then": then,
            "standing": assess(known[order.pk], then.at, facts.holidays()).standing,
            "title": "This order is restricted" if restricted else f"This order has ended and is outside {home}",
            "lead": "Give a reason to see the rest. The reason and your name are recorded, and you can open "
            + ("it for 8 hours." if restricted else "this person's ended orders for 8 hours."),
            "words": "Record and continue",
        },
        status=400 if form.errors else 200,
    )


@permitted(Action.SEE_SECRET_PLACES)
def secret_addresses(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open the secret addresses of an order for some minutes: recorded first, and told to data protection."""
    user, then = user_of(request), asked_then(request)
    if then is None:
        return not_understood(request)
    order = get_object_or_404(permissions.visible_orders(user, then.at, then.known_at), public_id=public_id)
    page = reverse("orders:order", args=[public_id])
    if order.restricted and not grants.held(user, GrantKind.RESTRICTED, [order.pk]):
        return redirect(f"{page}{then.link}")
    if erased_orders([order.pk]):
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _give(request, GrantKind.SECRET_ADDRESS, order, form)
        return redirect(f"{page}{then.link}")
    minutes = int(grants.SHOWN.total_seconds() // 60)
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": "Open the secret addresses of this order",
            "caption": order.reference,
            "lead": "Somebody's safety may depend on these staying secret. Your name, your reason and the time are "
            f"recorded and sent to data protection. The addresses are shown for {minutes} minutes.",
            "words": "Record and open",
            "back": f"{page}{then.link}",
            "cancel": f"{page}{then.link}",
        },
        status=400 if form.errors else 200,
    )


def _give(request: HttpRequest, kind: GrantKind, order: Order, form: ReasonForm) -> None:
    grants.give(
        kind,
        order,
        by=user_of(request),
        why=Why(form.cleaned_data["why"]),
        words=form.cleaned_data["reason"].strip(),
        address=address_of(request),
    )
