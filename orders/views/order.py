"""The order page: is it in force and until when, what they must not do, what breach is, who, where, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from orders import audit, facts, permissions
from orders.models import Category, Condition, Event, Order, Party, Place, Residence, User
from orders.results import condition_runs, interval
from orders.statute import KINDS, assess, local_day
from orders.views.access import address_of, searchers_only, user_of

REASON_HOURS = 8


@dataclass(frozen=True, slots=True)
class Home:
    """Where a party lives, as far as the reader may know: without address where it is or may be secret."""

    address: str
    postcode: str
    area: str
    status: str
    from_on: Any
    to_on: Any
    withheld: bool


@dataclass(frozen=True, slots=True)
class Someone:
    """A party with their homes."""

    party: Party
    homes: list[Home]


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


@searchers_only
def order_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One order now. What the user may not see is as if it did not exist."""
    user, now = user_of(request), timezone.now()
    order = get_object_or_404(
        permissions.visible_orders(user, now).select_related("owner_force", "replaces", "recording"),
        public_id=public_id,
    )
    granted = f"reason {order.public_id}"
    if order.restricted and not _still_granted(request, granted, now):
        return _ask_reason(request, order, granted, now, user)
    known = facts.load([order.pk])
    if order.pk not in known:
        raise Http404
    assessment = assess(known[order.pk], now, facts.holidays())
    starts, ends = interval(assessment)
    people = _people(order, user, now)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="view order",
        orders=[order.pk],
        detail={"secret_addresses_shown": permissions.sees_secret_places(user)},
        address=address_of(request),
    )
    conditions = Condition.objects.filter(order=order, superseded__isnull=True).order_by("code", "source_ref")
    home_area = user.home_area or user.force
    return render(
        request,
        "orders/order.html",
        {
            "order": order,
            "rules": KINDS[order.kind],
            "assessment": assessment,
            "starts": starts,
            "ends": ends,
            "now": now,
            "respondents": [someone for someone in people if someone.party.role == "perpetrator"],
            "protected": [someone for someone in people if someone.party.role == "victim"],
            "conditions": [condition for condition in conditions if condition_runs(condition, now)],
            "past_conditions": [condition for condition in conditions if not condition_runs(condition, now)],
            "timeline": _timeline(order),
            "outside": home_area is not None
            and not Place.objects.at(now).filter(order=order, area=home_area, roles__gt=0).exists(),
            "home_area": home_area,
            "followers": permissions.visible_orders(user, now).filter(replaces=order),
            "before": permissions.visible_orders(user, now).filter(followers=order).first(),
            "breaches": [event for event in known[order.pk].events if event.kind == "BREACHED"],
        },
    )


def _still_granted(request: HttpRequest, key: str, now: datetime) -> bool:
    until = str(request.session.get(key) or "")
    return until != "" and now < datetime.fromisoformat(until)


def _ask_reason(request: HttpRequest, order: Order, key: str, now: datetime, user: User) -> HttpResponse:
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
        request.session[key] = (now + timedelta(hours=REASON_HOURS)).isoformat()
        return redirect("orders:order", public_id=order.public_id)
    known = facts.load([order.pk])
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
            "standing": assess(known[order.pk], now, facts.holidays()).standing,
            "hours": REASON_HOURS,
        },
        status=400 if form.errors else 200,
    )


def _people(order: Order, user: User, now: datetime) -> list[Someone]:
    parties = list(
        Party.objects.filter(order=order, superseded__isnull=True).select_related("person").order_by("role", "pk")
    )
    homes: dict[int, list[Residence]] = {}
    for residence in Residence.objects.filter(
        person__in=[party.person_id for party in parties], superseded__isnull=True
    ).select_related("neighbourhood__parent"):
        homes.setdefault(residence.person_id, []).append(residence)
    sees_secret, today = permissions.sees_secret_places(user), local_day(now)
    return [
        Someone(
            party,
            [
                _home(residence, party.role, sees_secret)
                for residence in homes.get(party.person_id, [])
                if residence.to_on is None or residence.to_on > today
            ],
        )
        for party in parties
    ]


def _home(residence: Residence, role: str, sees_secret: bool) -> Home:
    """Nobody's address is shown that is secret, nor a victim's of which nobody said that it is not (contract, 8a)."""
    secret = residence.secret if residence.secret is not None else role == "victim"
    withheld = secret and not sees_secret
    area = residence.neighbourhood
    if area is not None and residence.secret and not sees_secret:
        area = area.parent
    where = "" if area is None else (f"{area.name}, {area.parent.name}" if area.parent else area.name)
    return Home(
        address="" if withheld else residence.address,
        postcode="" if withheld else residence.postcode,
        area=where,
        status=residence.get_status_display(),
        from_on=residence.from_on,
        to_on=residence.to_on,
        withheld=withheld,
    )


def _timeline(order: Order) -> list[dict[str, Any]]:
    events = list(Event.objects.filter(order=order).select_related("recording", "recording__by").order_by("-at", "-pk"))
    by_ref = {event.source_ref: event.pk for event in sorted(events, key=lambda event: event.pk) if event.source_ref}
    gone: dict[int, Event] = {}
    for event in events:
        if event.kind == "RETRACTED":
            target = event.retracts_id or by_ref.get(event.retracts_ref)
            if target is not None:
                gone[target] = event
    return [{"event": event, "retraction": gone.get(event.pk)} for event in events if event.kind != "RETRACTED"]
