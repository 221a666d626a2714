"""Who may ask the API."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from orders import permissions
from orders.models import User


class MaySearch(BasePermission):
    """Those who may look at orders in the pages."""

    message = "The token's user has no role that lets them look at orders."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token's user may search."""
        return isinstance(request.user, User) and permissions.may_search(request.user)
