"""Who may do what: one rule of what is visible, and one answer, from one table, for each thing that can be done."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from orders.access.allowed import EXPORT_ROWS, RULES, Action, Scope
from orders.models import Area, Order, User
from orders.record.as_known import places

__all__ = [
    "Action",
    "export_rows",
    "may",
    "may_search",
    "may_see_who_looked",
    "searchable_areas",
    "sees_secret_places",
    "visible_orders",
]


def may(user: object, action: Action, order: Order | None = None) -> bool:
    """Whether a user may do an action; with `order`, whether to that one, which the user is known to see.

    Somebody signed out or whose account is closed may do what anybody may. An action on what one's force owns is not
    for an order of another force, even one that can be seen.
    """
    rule = RULES[action]
    if rule.scope is Scope.ANYONE:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    if rule.roles is not None and not any(user.has_role(role) for role in rule.roles):
        return False
    if rule.personal and not getattr(user, rule.personal):
        return False
    return order is None or rule.scope is not Scope.FORCE or order.owner_force_id == user.force_id


def export_rows(user: User) -> int:
    """How many rows an export of the user may have; 0 where they may not export."""
    if not may(user, Action.EXPORT):
        return 0
    return max(rows for role, rows in EXPORT_ROWS.items() if user.has_role(role))


def may_search(user: User) -> bool:
    """Whether the user may search; the same as `may(user, Action.SEARCH)`."""
    return may(user, Action.SEARCH)


def may_see_who_looked(user: User, order: Order) -> bool:
    """Who looked at an order: the civil orders team and the auditors of the force that owns it."""
    return may(user, Action.WHO_LOOKED, order)


def sees_secret_places(user: User) -> bool:
    """Whether an order is found for the user in the neighbourhood of a home marked secret. Shows no address."""
    return may(user, Action.SEE_SECRET_PLACES)


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
