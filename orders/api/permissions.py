"""Who may ask the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from orders import permissions
from orders.models import User

if TYPE_CHECKING:
    # REST framework reads this module while it loads its own views.
    from rest_framework.views import APIView


class MaySearch(BasePermission):
    """Those who may look at orders in the pages."""

    message = "The token's user has no role that lets them look at orders."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token's user may search."""
        return isinstance(request.user, User) and permissions.may_search(request.user)
