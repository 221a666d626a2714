"""How long the present session lasts, and making it last longer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from orders.access.permissions import Action
from orders.views.access import permitted
from signin import sessions
from signin.views.sign_in import safe_next


@permitted(Action.ACCOUNT)
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Begin the idle time again; the 12 hours go on. Answers with the seconds left, without scripts with a page."""
    sessions.note_use(request, timezone.now(), exactly=True)
    limits = sessions.limits_of(request)
    if "application/json" in request.headers.get("Accept", "") and limits is not None:
        now = timezone.now()
        return JsonResponse(
            {"idle": int((limits.idle - now).total_seconds()), "latest": int((limits.latest - now).total_seconds())}
        )
    return redirect(safe_next(request))
