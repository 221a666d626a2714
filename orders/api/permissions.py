"""Who may ask the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from orders.access.permissions import Action, may

if TYPE_CHECKING:
    # REST framework reads this module while it loads its own views.
    from rest_framework.views import APIView


class Permitted(BasePermission):
    """Those who may do what the view says in `needs`. A view that says nothing answers nobody."""

    message = "The token's user has no role that lets them do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token's user may."""
        needs = getattr(view, "needs", None)
        return isinstance(needs, Action) and may(request.user, needs)
