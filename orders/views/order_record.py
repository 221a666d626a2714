"""One order as a page needs it: opened to the reader or not, as it stood and was known at the instant asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from orders.access import audit, grants, permissions
from orders.access.sealing import unsealed
from orders.models import Category, Event, GrantKind, Order, User
from orders.record import facts
from orders.record.as_known import described
from orders.search.filters import InstantForm
from orders.search.results import breaches
from orders.statute import KINDS, Assessment, Holidays, KindRules, OrderFacts, assess, retracted, takes_effect
from orders.views.access import address_of, user_of
from orders.views.history import Then, asked_then, not_understood
from orders.views.next_steps import likely
from orders.views.order_beside import beside
from orders.views.restricted import ask_reason, asked_for


@dataclass(frozen=True, slots=True)
class Record:
    """An order that the reader may see, at the instant asked about. `current` is its heading as it is now held.

    `open_until`: until when the reason holds that opened it, if it needed one; `secret_until`: its secret addresses.
    """

    user: User
    then: Then
    current: Order
    order: Order
    known: OrderFacts
    days: Holidays
    assessment: Assessment
    open_until: datetime | None = None
    secret_until: datetime | None = None

    @property
    def rules(self) -> KindRules:
        """What the law says of its kind."""
        return KINDS[self.known.kind]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with what took it back, if anything did."""

    event: Event
    retraction: Event | None


def open_record(
    request: HttpRequest, public_id: UUID, section: str, form: InstantForm | None = None
) -> Record | HttpResponse:
    """The order, its look recorded; or the answer to give instead. What may not be seen is as if it did not exist."""
    user, then = user_of(request), asked_then(request, form)
    if then is None:
        return not_understood(request, form)
    seen = permissions.visible_orders(user, then.at, then.known_at)
    current = seen.filter(public_id=public_id).first()
    if current is None:
        stands_for_it = seen.filter(entered_as__public_id=public_id).first() if request.method == "GET" else None
        if stands_for_it is None:
            raise Http404
        return redirect("orders:order", stands_for_it.public_id)
    order = described([current], then.known_at).get(current.pk)
    known = facts.load([current.pk], known_at=then.known_at).get(current.pk)
    if order is None or known is None:
        raise Http404
    days = facts.holidays()
    assessment = assess(known, then.at, days)
    kind, until = asked_for(request, current, assessment.standing)
    if kind is not None:
        return ask_reason(request, current, then, kind)
    secret_until = _secret_until(user, current) if section == "summary" else None
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="view order",
        orders=[current.pk],
        detail={
            "section": section,
            "secret_addresses_shown": secret_until is not None,
            **{name: value for name, value in request.GET.items() if value},
        },
        address=address_of(request),
    )
    return Record(user, then, current, order, known, days, assessment, until, secret_until)


def _secret_until(user: User, order: Order) -> datetime | None:
    """Until when the user, if they may at all, sees the secret addresses of an order that they have opened."""
    if not permissions.may(user, permissions.Action.SEE_SECRET_PLACES):
        return None
    return grants.held(user, GrantKind.SECRET_ADDRESS, [order.pk]).get(order.pk)


def head(record: Record, section: str) -> dict[str, Any]:
    """What the top of every page of an order shows, and where its other pages are."""
    count = len(breaches(record.known, record.then.at))
    sections = [("summary", "orders:order", "Summary"), ("history", "orders:order-history", "History")]
    sections.append(("breaches", "orders:order-breaches", f"Breaches ({count})"))
    if record.rules.review_months is not None:
        sections.append(("reviews", "orders:order-reviews", "Reviews"))
    if permissions.may(record.user, permissions.Action.DOCUMENTS_READ):
        sections.append(("documents", "orders:order-documents", "Documents"))
    if permissions.may_see_who_looked(record.user, record.current):
        sections.append(("looks", "orders:order-looks", "Who looked"))
    found = beside(record.order, record.known.kind, record.user, record.then)
    return {
        "order": record.order,
        "rules": record.rules,
        "beside": found,
        "card": found.card,
        "today": timezone.localdate(),
        "assessment": record.assessment,
        "then": record.then,
        "section": section,
        "sections": sections,
        "open_until": record.open_until,
        "secret_until": record.secret_until,
        **_actions(record),
    }


def _actions(record: Record) -> dict[str, Any]:
    """What the reader may do to the order: nothing, where the page is about another time."""
    if record.then.past:
        return {}
    return {
        "may_correct": permissions.may(record.user, permissions.Action.CORRECT, record.current),
        "may_record": permissions.may(record.user, permissions.Action.RECORD, record.current),
        "likely": likely(record) if permissions.may(record.user, permissions.Action.RECORD, record.current) else [],
    }


def happened(record: Record, *kinds: str) -> list[Happened]:
    """What had taken effect at the instant asked about, the latest first; of these kinds only, if any are named.

    What was recorded in error is there too, with what took it back.
    """
    told = {int(event.ref): event for event in record.known.events}
    gone = retracted(record.known.events)
    taken_by = {
        event.retracts: event.ref
        for event in record.known.events
        if event.kind == "RETRACTED" and event.ref not in gone
    }
    events = Event.objects.filter(pk__in=told).select_related("recording__by")
    rows = {event.pk: event for event in unsealed(events, "text", "by_whom")}
    shown = [
        Happened(rows[pk], rows[int(taken_by[event.ref])] if event.ref in gone else None)
        for pk, event in told.items()
        if event.kind != "RETRACTED"
        and (not kinds or event.kind in kinds)
        and takes_effect(record.known.kind, event) <= record.then.at
    ]
    return sorted(shown, key=lambda one: (one.event.at, one.event.pk), reverse=True)
