"""What every page knows about how long its reader stays signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from signin import sessions

WARN_SECONDS = 5 * 60


def lasting(request: HttpRequest) -> dict[str, Any]:
    """The limits of the session, as instants and as seconds from now; None where nobody is signed in."""
    # A request that was refused early has neither session nor user.
    known = hasattr(request, "session") and hasattr(request, "user")
    limits = sessions.limits_of(request) if known and request.user.is_authenticated else None
    if limits is None:
        return {"session_limits": None}
    now = timezone.now()

    def seconds(until: datetime) -> int:
        return max(0, int((until - now).total_seconds()))

    return {
        "session_limits": {
            "ends": limits.ends,
            "latest": limits.latest,
            "idle_left": seconds(limits.idle),
            "latest_left": seconds(limits.latest),
            "warn": WARN_SECONDS,
        }
    }
