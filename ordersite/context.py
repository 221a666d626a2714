"""What every page knows about the installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notifications.views.emails import alarm_lines


def site(request: HttpRequest) -> dict[str, Any]:
    """The force's name, the protective marking, and whether what is shown is demonstration data."""
    return {
        "brand_name": settings.BRAND_NAME,
        "protective_marking": settings.PROTECTIVE_MARKING,
        "civil_orders_contact": settings.CIVIL_ORDERS_CONTACT,
        "demonstration": settings.DEMONSTRATION,
        "mailbox_url": settings.MAILBOX_URL,
        "alarms": SimpleLazyObject(lambda: alarm_lines(request)),
    }
