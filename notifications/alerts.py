"""Telling the owner of a saved search that an order entered it: how many, and their references, nothing of any person.

What the search finds is decided anew for its owner each time it is looked at, and asked once more before the email
leaves. It goes by the same rows as the daily email: a run, its words, a delivery.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import get_template
from django.urls import reverse

from notifications import hold
from notifications.emails import wrapped
from notifications.models import Delivery, DigestRun, Letter, Mode
from orders.access.permissions import Action, may, visible_orders
from orders.access.sealing import for_letters
from orders.models import Area, Level, Order, SavedSearch
from orders.search.saved import orders_of, question_of
from orders.statute import LONDON, local_day

log = structlog.get_logger(__name__)

MOST = 2_000
"""So many orders a search may find to be watched."""

REFERENCES = 50
"""So many are named in an email; the rest is counted."""

AT_ONCE = 200
"""So many searches are looked at in one go."""


def check(now: datetime) -> int:
    """Look at the searches whose turn it is, and write the emails that are owed. Returns how many."""
    if hold.state(now).held_since is not None:
        return 0
    due = Q(looked_at=None) | Q(looked_at__lte=now - timedelta(seconds=settings.ALERT_SECONDS))
    watched = SavedSearch.objects.kept().filter(due, alert=True).order_by("looked_at", "pk")
    written = 0
    for pk in list(watched.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            with transaction.atomic():
                written += _look(pk, now)
        except Exception:
            # One search must not keep the others from being looked at.
            log.exception("saved_search_not_watched", search=pk)
            SavedSearch.objects.filter(pk=pk).update(looked_at=now)
    return written


def _look(pk: int, now: datetime) -> bool:
    """Whether orders entered a search since it was last looked at, so that an email is owed."""
    locked = SavedSearch.objects.kept().select_for_update(skip_locked=True, of=("self",)).select_related("owner")
    saved = locked.filter(pk=pk, alert=True).first()
    if saved is None:
        return False
    first, known = saved.looked_at is None or saved.too_many, set(saved.told)
    saved.looked_at = now
    question = question_of(saved, saved.owner, now)[0] if may(saved.owner, Action.SAVED_SEARCHES) else None
    found = [] if question is None else orders_of(question, saved.owner, most=MOST)
    if question is not None:
        saved.told, saved.too_many = found or [], found is None
    saved.save(update_fields=["looked_at", "told", "too_many"])
    entered = sorted(set(found or ()) - known)
    if question is None or first or not entered or not saved.owner.email:
        return False
    _write(saved, _told_of(question.area), entered, now)
    return True


def _told_of(area: Area) -> Area:
    """The area that an email may name: never a neighbourhood, where a home may be secret."""
    return area.parent if area.level == Level.NEIGHBOURHOOD and area.parent is not None else area


def _write(saved: SavedSearch, area: Area, entered: list[int], now: datetime) -> None:
    run = DigestRun.every.create(
        area=area, day=local_day(now), first_day=local_day(now), planned_at=now, at=now, is_alert=True, alert_of=saved,
        counts={"new": len(entered)}, orders=entered,
    )  # fmt: skip
    references = Order.objects.filter(pk__in=entered).order_by("reference", "pk")[:REFERENCES]
    base = settings.BASE_URL
    orders = "1 order" if len(entered) == 1 else f"{len(entered):,} orders"
    local = now.astimezone(LONDON)
    context = {
        "marking": settings.PROTECTIVE_MARKING,
        "demonstration": settings.DEMONSTRATION,
        "contact": settings.CIVIL_ORDERS_CONTACT,
        "heading": f"{orders} entered a saved search of yours",
        "area": area.name,
        "when": f"{local:%H:%M} on {local.day} {local:%B %Y}",
        "orders": [
            {
                "reference": order.reference,
                "kind": order.kind,
                "url": f"{base}{reverse('orders:order', args=[order.public_id])}",
            }
            for order in references
        ],
        "more": len(entered) - min(len(entered), REFERENCES),
        "url": f"{base}{reverse('orders:open-saved', args=[saved.key])}",
        "saved_url": f"{base}{reverse('notifications:subscriptions')}",
    }
    (key,) = for_letters([entered])
    letter = Letter.objects.create(
        run=run,
        mode=Mode.COUNTS,
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: {orders} entered a saved search",
        text=key.seal(wrapped(get_template("notifications/alert.txt").render(context))),
        html=key.seal(get_template("notifications/alert.html").render(context)),
    )
    Delivery.objects.create(run=run, area=area, letter=letter, address=saved.owner.email, next_attempt_at=now)


def permitted(delivery: Delivery) -> bool:
    """Whether an email about a saved search may still go to its owner; any other may."""
    saved = delivery.run.alert_of
    if not delivery.run.is_alert:
        return True
    if saved is None:
        return False
    owner = saved.owner
    return (
        saved.alert
        and saved.deleted_at is None
        and may(owner, Action.SAVED_SEARCHES)
        and owner.email.lower() == delivery.address.lower()
        and _all_visible(delivery)
    )


def _all_visible(delivery: Delivery) -> bool:
    saved, at = delivery.run.alert_of, delivery.run.at
    if saved is None or at is None:
        return False
    seen = visible_orders(saved.owner, at).filter(pk__in=delivery.run.orders)
    return seen.count() == len(delivery.run.orders)
