"""Who looked at an order, who changed it and who was told of it: for those who answer for that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from orders.access import audit, permissions
from orders.access.permissions import Action, may
from orders.models import AuditEntry, Category, Order
from orders.search.filters import InstantPageForm
from orders.views.access import address_of, permitted, user_of
from orders.views.history import asked_then, not_understood
from orders.views.order_record import head, open_record

PAGE_SIZE = 50


@permitted(Action.WHO_LOOKED)
def looks_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The log of one order, for the civil orders team and the auditors of the force that owns it.

    Auditors who do not search see its kind, its reference and the log, and nothing else of it.
    """
    user = user_of(request)
    searches = may(user, Action.SEARCH)
    form = InstantPageForm(request.GET)
    then = asked_then(request, form)
    if then is None:
        return not_understood(request, form)
    reachable = (
        permissions.visible_orders(user, then.at, then.known_at)
        if searches
        else Order.objects.filter(owner_force_id=user.force_id)
    )
    order = get_object_or_404(reachable.select_related("owner_force"), public_id=public_id)
    if not may(user, Action.WHO_LOOKED, order):
        raise PermissionDenied(
            f"Who looked at this order is shown to the civil orders team and the auditors of {order.owner_force.name}."
            f" If you need it for your work, ask {settings.CIVIL_ORDERS_CONTACT}."
        )
    context: dict[str, Any] = {"order": order, "then": then}
    if searches:
        record = open_record(request, public_id, "looks", form)
        if isinstance(record, HttpResponse):
            return record
        context = head(record, "looks")
    else:
        audit.record(
            by=user,
            category=Category.CONSULTATION,
            action="read who looked",
            orders=[order.pk],
            address=address_of(request),
        )
    entries = AuditEntry.objects.filter(orders__contains=[order.pk])
    if then.past:
        entries = entries.filter(at__lte=then.at)
    pages = Paginator(entries.select_related("user").order_by("-at", "-pk"), PAGE_SIZE)
    context["page"] = pages.get_page(form.cleaned_data["page"] or 1)
    context["page"].object_list = audit.readable(context["page"].object_list)
    return render(request, "orders/order_looks.html", context)
