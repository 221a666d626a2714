"""Who may do what. One visibility rule, and one answer for each thing that a role allows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from orders.as_known import places
from orders.models import Area, Order, Role, User


def may_search(user: User) -> bool:
    """Viewers and the civil orders team look at orders; auditors and administrators do not, unless also one."""
    return user.has_role(Role.VIEWER) or user.has_role(Role.CIVIL_ORDERS_TEAM)


def may_manage(user: User) -> bool:
    """The civil orders team records, corrects and restricts."""
    return user.has_role(Role.CIVIL_ORDERS_TEAM)


def may_audit(user: User) -> bool:
    """Auditors read who looked at what."""
    return user.has_role(Role.AUDITOR)


def may_see_who_looked(user: User, order: Order) -> bool:
    """Who looked at an order: the civil orders team and the auditors of the force that owns it."""
    return (may_manage(user) or may_audit(user)) and user.force_id == order.owner_force_id


def may_administer(user: User) -> bool:
    """Administrators keep users, areas, holidays and mailboxes."""
    return user.has_role(Role.ADMINISTRATOR)


def sees_secret_places(user: User) -> bool:
    """Whether homes marked secret may be shown to the user in a neighbourhood. Each time is recorded."""
    return may_search(user) and user.may_see_secret_places


def visible_orders(user: User, at: datetime, known_at: datetime | None = None) -> QuerySet[Order]:
    """The orders a user may see at an instant: those their force owns or that are placed in it (contract, rule 17).

    `known_at`: by what had been recorded by then.
    """
    if not may_search(user) or user.force_id is None:
        return Order.objects.none()
    return Order.objects.filter(Exists(places(at, known_at).filter(order_id=OuterRef("pk"), area_id=user.force_id)))


def searchable_areas(user: User) -> QuerySet[Area]:
    """The areas a user can choose: those of their own force. A user without a force has none."""
    if not may_search(user) or user.force_id is None:
        return Area.objects.none()
    return Area.objects.filter(pk=user.force_id) | Area.objects.filter(force_id=user.force_id)
