"""Signing out, here and at the identity provider."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from orders.access.permissions import Action
from orders.views.access import permitted
from signin import provider, sessions
from signin.models import How, SignedIn


@permitted(Action.PUBLIC)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; where the provider opened it, go there to end that too."""
    address = None
    if request.user.is_authenticated:
        if sessions.how_of(request) is How.PROVIDER and provider.is_used():
            row = SignedIn.objects.filter(pk=(sessions.marks_of(request) or {}).get("row") or 0).first()
            address = provider.sign_out_address(bytes(row.id_token)) if row else None
        sessions.end(request, "signed out")
    return HttpResponseRedirect(address or f"{reverse('signin:sign-in')}?why=signed-out")
