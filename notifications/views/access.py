"""What of the daily email a user can reach: that of their own force."""

from __future__ import annotations

from django.db.models import QuerySet

from notifications.models import Delivery, Mailbox
from orders.models import Area, Level, User


def deliveries(user: User) -> QuerySet[Delivery]:
    """Those to the areas of the user's force."""
    if user.force_id is None:
        return Delivery.objects.none()
    found = Delivery.objects.filter(area__force_id=user.force_id, run__is_alert=False)
    return found.select_related("run", "area", "letter", "asked_by")


def mailboxes(user: User) -> QuerySet[Mailbox]:
    """Those of the user's force."""
    if user.force_id is None:
        return Mailbox.objects.none()
    return Mailbox.objects.filter(area__force_id=user.force_id).select_related("area")


def areas(user: User) -> QuerySet[Area]:
    """The local policing areas of the user's force."""
    if user.force_id is None:
        return Area.objects.none()
    return Area.objects.filter(level=Level.LPA, force_id=user.force_id).select_related("force").order_by("code")
