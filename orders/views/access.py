"""Who gets a page at all: every address says what one must be allowed to do, and is refused to who may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View

from orders.access.allowed import RULES
from orders.access.permissions import Action, may
from orders.models import User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
Page = Callable[Concatenate[HttpRequest, P], R]
V = TypeVar("V", bound=type[View])


def user_of(request: HttpRequest) -> User:
    """The signed-in user; every page needs one."""
    return cast(User, request.user)


def address_of(request: HttpRequest) -> str | None:
    """The address from which the page was asked for, for the log."""
    return request.META.get("REMOTE_ADDR") or None


class Permit:
    """What `permitted` gives: puts the rule on a view function or class, where it can be read, and keeps to it."""

    def __init__(self, needs: Mapping[str, Action]) -> None:
        self.needs = needs

    def __call__(self, view: Page[P, R]) -> Page[P, R]:
        """The view, asked only by those who may."""

        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            refuse_unless_permitted(request, self.needs)
            return view(request, *args, **kwargs)

        return cast(Page[P, R], _marked(checked, self.needs))

    def on_class(self, view: V) -> V:
        """A class of views, asked only by those who may."""
        return cast(V, _marked(method_decorator(cast(Any, self), name="dispatch")(view), self.needs))


def permitted(action: Action, **by_method: Action) -> Permit:
    """Let those have a view who may do an action: `@permitted(Action.SEARCH)`; a class: `@permitted(…).on_class`.

    By method another action may be named: `@permitted(Action.EMAILS_WATCH, post=Action.EMAILS_RESEND)`. A view that is
    open to the public needs no signing in.
    """
    return Permit({"": action} | {method.upper(): one for method, one in by_method.items()})


def needed(request: HttpRequest, needs: Mapping[str, Action]) -> Action:
    """What a request must be allowed to do, of the actions by method."""
    return needs.get(request.method or "", needs[""])


def refuse_unless_permitted(request: HttpRequest, needs: Mapping[str, Action]) -> None:
    """Raises PermissionDenied, with whom to ask, if the user may not do what the request does."""
    action = needed(request, needs)
    if not may(request.user, action):
        raise PermissionDenied(
            f"Your roles do not let you {RULES[action].words}. If you need it for your work, ask an administrator of "
            "the register."
        )


def needs_of(view: Any) -> Mapping[str, Action] | None:
    """The rule of a view as the URL conf holds it: a function, what `as_view` made, or an administration page."""
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None),
                   getattr(view, "model_admin", None), getattr(view, "admin_site", None)):  # fmt: skip
        found = getattr(holder, "needs", None)
        if found is not None:
            return cast(Mapping[str, Action], found if isinstance(found, Mapping) else {"": found})
    return None


def _marked(view: Any, needs: Mapping[str, Action]) -> Any:
    view.needs = needs
    if needs[""] is Action.PUBLIC:
        view.login_required = False
    return view
