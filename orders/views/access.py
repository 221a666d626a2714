"""Who gets a page at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from orders import permissions
from orders.models import User

P = ParamSpec("P")


def user_of(request: HttpRequest) -> User:
    """The signed-in user; every page needs one."""
    return cast(User, request.user)


def address_of(request: HttpRequest) -> str | None:
    """The address from which the page was asked for, for the log."""
    return request.META.get("REMOTE_ADDR") or None


def searchers_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse those whose roles do not let them look at orders."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not permissions.may_search(user_of(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
