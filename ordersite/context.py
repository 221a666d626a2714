"""What every page knows about the installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from notifications.views.emails import alarm_lines
from orders.access.permissions import Action, may
from orders.models import StaleOrder, Upload, User
from orders.record import freshness
from ordersite.menu import menu


def site(request: HttpRequest) -> dict[str, Any]:
    """The force's name, the protective marking, and whether what is shown is demonstration data."""
    return {
        "brand_name": settings.BRAND_NAME,
        "protective_marking": settings.PROTECTIVE_MARKING,
        "civil_orders_contact": settings.CIVIL_ORDERS_CONTACT,
        "demonstration": settings.DEMONSTRATION,
        "mailbox_url": settings.MAILBOX_URL,
        "alarms": SimpleLazyObject(lambda: alarm_lines(request)),
        "menu": SimpleLazyObject(lambda: menu(request)),
        "is_recomputing": SimpleLazyObject(lambda: _is_recomputing(request)),
        "stale_sources": SimpleLazyObject(lambda: _stale(request)),
        "failed_imports": SimpleLazyObject(lambda: _failed(request)),
    }


def _is_recomputing(request: HttpRequest) -> bool:
    """Whether places of some order rest on reference data that have changed since."""
    return may(request.user, Action.SEARCH) and StaleOrder.objects.exists()


def _stale(request: HttpRequest) -> list[freshness.Stale]:
    """The sources whose data are too old, for whoever may see orders of the force."""
    user = request.user
    if not isinstance(user, User) or not (may(user, Action.SEARCH) or may(user, Action.IMPORT)):
        return []
    return freshness.stale_sources(user.force_id, timezone.now())


def _failed(request: HttpRequest) -> list[Upload]:
    """Unattended imports that went wrong, for who can see to them."""
    return freshness.failed_imports() if may(request.user, Action.IMPORT) else []
