"""The administration pages as a whole: who may open them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from orders.access.permissions import Action, may


class RegisterAdminSite(admin.AdminSite):
    """Open to those who may do what `needs` says; each page of it says besides what it needs."""

    site_header = site_title = "Civil orders: administration"
    needs = Action.ADMINISTRATION

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register a page that says what it needs; what a library brings of its own, such as groups, has no page."""
        if hasattr(admin_class, "needs"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the user may open the administration pages."""
        return may(request.user, self.needs)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one sign-in page, with its second step and its limits; this leads to it."""
        if request.user.is_authenticated:
            raise PermissionDenied("Your roles do not let you open the administration pages.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
