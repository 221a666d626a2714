"""The administration pages as a whole: who may open them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.permissions import Action, may


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
