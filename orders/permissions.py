"""Who may do what. One visibility rule, and one answer for each thing that a role allows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from orders.models import Area, Order, Place, Role, User


def may_search(user: User) -> bool:
    """Viewers and the civil orders team look at orders; auditors and administrators do not, unless also one."""
    return user.has_role(Role.VIEWER) or user.has_role(Role.CIVIL_ORDERS_TEAM)


def may_manage(user: User) -> bool:
    """The civil orders team records, corrects and restricts."""
    return user.has_role(Role.CIVIL_ORDERS_TEAM)


def may_audit(user: User) -> bool:
    """Auditors read who looked at what."""
    return user.has_role(Role.AUDITOR)


def may_administer(user: User) -> bool:
    """Administrators keep users, areas, holidays and mailboxes."""
    return user.has_role(Role.ADMINISTRATOR)


def sees_secret_places(user: User) -> bool:
    """Whether homes marked secret may be shown to the user in a neighbourhood. Each time is recorded."""
    return may_search(user) and user.may_see_secret_places


def visible_orders(user: User, at: datetime) -> QuerySet[Order]:
    """The orders a user may see at an instant: those their force owns or that are placed in it (contract, rule 17)."""
    if not may_search(user) or user.force_id is None:
        return Order.objects.none()
    return Order.objects.filter(
        Exists(
            Place.objects.filter(order_id=OuterRef("pk"), area_id=user.force_id, valid_from__lte=at, valid_until__gt=at)
        )
    )


def searchable_areas(user: User) -> QuerySet[Area]:
    """The areas a user can choose: those of their own force. A user without a force has none."""
    if not may_search(user) or user.force_id is None:
        return Area.objects.none()
    return Area.objects.filter(pk=user.force_id) | Area.objects.filter(force_id=user.force_id)
