"""A form whose token against forgery is not good: mostly one from before its sender signed in again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.csrf import csrf_failure

from orders.models import User
from signin import kept_forms, sessions


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Keep the form and offer it, if the browser vouches that our own page sent it; else refuse.

    Where somebody else was signed in by this browser before, the form may be theirs, and is offered to nobody.
    """
    user = request.user
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin" and (
        request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    )
    if isinstance(user, User) and ours and not sessions.may_be_anothers(request):
        kept = kept_forms.keep(request, user.pk)
        if kept is not None:
            return redirect("signin:kept-form", kept.public_id)
    request.META.setdefault("register.refused", "form without a good token")
    return csrf_failure(request, reason, template_name="403_csrf.html")
