"""What every page knows about the installation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from notifications.views.emails import alarm_lines
from orders.access.permissions import Action, may
from orders.models import Upload, User
from orders.record import freshness
from orders.record.freshness import Freshness
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
        "data": SimpleLazyObject(lambda: _freshness(request)),
        "failed_imports": SimpleLazyObject(lambda: _failed(request)),
    }


def _freshness(request: HttpRequest) -> Freshness:
    """What is not as it should be of the data of the user's force, as far as it is for them to know."""
    user = request.user
    searches, imports = may(user, Action.SEARCH), may(user, Action.IMPORT)
    if not isinstance(user, User) or not (searches or imports):
        return Freshness()
    found = freshness.freshness(user.force_id, timezone.now())
    return found if searches else replace(found, recomputing=False)


def _failed(request: HttpRequest) -> list[Upload]:
    """Unattended imports that went wrong, for who can see to them."""
    return freshness.failed_imports() if may(request.user, Action.IMPORT) else []
