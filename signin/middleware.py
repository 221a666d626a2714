"""Every request: has the session ended, does the identity provider still vouch for the account, is a factor missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from orders.access.permissions import Action
from orders.models import User
from orders.views.access import needs_of
from signin import kept_forms, sessions, tries, vouching
from signin.models import How

Answer = Callable[[HttpRequest], HttpResponse]


class SessionLimits:
    """Ends a session that was idle too long, lasts too long or is not vouched for; keeps what was typed.

    Stands after the check against forged requests, because a form is only kept if it passed that.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the limits before anything is answered."""
        ended = self._why_ended(request)
        if ended:
            # For process_view, which knows that the form was not forged.
            request.META["signin.ended"] = (ended, request.user.pk)
            sessions.end(request, ended)
            request.user = AnonymousUser()
        elif request.user.is_authenticated:
            sessions.note_use(request, timezone.now())
        elif sessions.is_foreign(request):
            request.META.setdefault("register.refused", "session id refused")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Send whoever was signed out, or lacks a second factor, where they can mend it."""
        ended = request.META.pop("signin.ended", None)
        public = (needs_of(view) or {}).get("") is Action.PUBLIC
        if ended and not public:
            why, user_id = ended
            kept = kept_forms.keep(request, user_id)
            return _to_sign_in(request, "kept" if kept else why.replace(" ", "-"))
        user = request.user
        if not isinstance(user, User) and not public and not getattr(view, "csrf_exempt", False):
            return _of_ended_session(request)
        if not isinstance(user, User) or public:
            return None
        match = request.resolver_match
        if user.password_until is not None and (match is None or match.app_name != "signin"):
            return redirect("signin:password")
        if (
            settings.SECOND_FACTOR_REQUIRED
            and sessions.how_of(request) is How.PASSWORD
            and (match is None or match.app_name != "signin")
        ):
            return redirect("signin:second-factor")
        return None

    def _why_ended(self, request: HttpRequest) -> str:
        if not request.user.is_authenticated:
            return ""
        limits, now = sessions.limits_of(request), timezone.now()
        if limits is None:
            return "not a session"
        if now >= limits.latest:
            return "too long"
        if now >= limits.idle:
            return "idle"
        return vouching.why_not(request, now)


def _of_ended_session(request: HttpRequest) -> HttpResponse | None:
    """Keep a form whose session was ended from elsewhere, or in another tab.

    The token against forgery was good, and signing in changes it: so the page that sent the form was shown since the
    last sign-in by this browser, to whoever that was.
    """
    if request.method != "POST":
        return None
    user_id = tries.last_here(request)
    kept = kept_forms.keep(request, user_id) if user_id is not None else None
    return _to_sign_in(request, "kept" if kept else "not-kept")


def _to_sign_in(request: HttpRequest, why: str) -> HttpResponseRedirect:
    next_page = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("orders:home")
    return HttpResponseRedirect(f"{reverse('signin:sign-in')}?{urlencode({'why': why, 'next': next_page})}")
