"""How fast pages may be asked for: so many in a minute by one account, and by one address whoever asks.

Whoever reads and types, however fast, stays far below; a program that turns pages does not. Nothing that was typed is
lost: the page says when to try again, and sends the same form again.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orders.access import pace
from orders.models import User
from orders.views.access import address_of
from signin import kept_forms
from signin.middleware import Answer

_OTHERWISE = ("/api/", "/health")
"""The API counts by token; whoever watches the register asks often."""


class PaceLimit:
    """Refuses requests that come too fast. Stands after the check against forged requests and after signing in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing before the address is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Count, and answer 429 beyond the limit."""
        limits: dict[str, int] = {}
        if isinstance(request.user, User):
            limits[f"account {request.user.pk}"] = settings.PAGES_PER_MINUTE
        limits[f"address {address_of(request)}"] = settings.PAGES_PER_MINUTE_OF_ADDRESS
        limits = {key: most for key, most in limits.items() if most}
        if not limits or request.path.startswith(_OTHERWISE):
            return None
        over = [left for key, (number, left) in pace.count(limits).items() if number > limits[key]]
        if not over:
            return None
        request.META.setdefault("register.refused", "too many requests")
        form = kept_forms.sent(request)
        response = render(
            request, "signin/too_fast.html",
            {"wait": max(over), "form": form, "back": request.get_full_path() if request.method == "GET" else "/"},
            status=429,
        )  # fmt: skip
        response["Retry-After"] = str(max(over))
        return response
