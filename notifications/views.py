"""What became of the daily emails, and what they said."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from notifications.models import Delivery, Digest
from orders import audit, permissions
from orders.models import Category, User
from orders.views.access import address_of, user_of

DELIVERIES_SHOWN = 100


def _visible(user: User) -> QuerySet[Delivery]:
    if not (permissions.may_search(user) or permissions.may_audit(user)) or user.force_id is None:
        raise PermissionDenied
    return Delivery.objects.filter(area__force_id=user.force_id).select_related("run", "area", "digest")


def emails(request: HttpRequest) -> HttpResponse:
    """The latest deliveries to the user's force: when, to whom, whether sent and if not why."""
    deliveries = _visible(user_of(request))
    return render(
        request,
        "notifications/emails.html",
        {
            "deliveries": deliveries[:DELIVERIES_SHOWN],
            "failed": deliveries.filter(status="failed").count(),
            "may_read": permissions.may_search(user_of(request)),
        },
    )


def email(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of one email as they were sent, for those who may look at orders."""
    user = user_of(request)
    if not permissions.may_search(user):
        raise PermissionDenied
    delivery = get_object_or_404(_visible(user), pk=pk)
    digest = get_object_or_404(Digest, deliveries=delivery)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="read a sent email",
        orders=digest.orders,
        detail={"area": delivery.area.code, "day": delivery.run.day.isoformat()},
        address=address_of(request),
    )
    return render(request, "notifications/email.html", {"delivery": delivery, "digest": digest})
