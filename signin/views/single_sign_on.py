"""Signing in and out by the force's identity provider."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from orders.access.permissions import Action
from orders.views.access import address_of, permitted
from signin import provider, provider_accounts, sessions, tries
from signin.models import How, Outcome, SignedIn
from signin.sealing import seal
from signin.views.sign_in import complete, safe_next

_NEXT = "provider_next"


@permitted(Action.PUBLIC)
@require_GET
def to_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the identity provider."""
    if not provider.is_used():
        return redirect("signin:sign-in")
    request.session[_NEXT] = safe_next(request)
    try:
        return provider.to_provider(request)
    except provider.NotReachable:
        messages.error(
            request,
            "The identity provider does not answer. Try again in a minute, or use a local account.",
        )
        return redirect("signin:sign-in")


@permitted(Action.PUBLIC)
@require_GET
def provider_return(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider sends back."""
    next_page = request.session.pop(_NEXT, "/")
    try:
        claims, token = provider.returned(request)
        user = provider_accounts.account_of({"iss": settings.OIDC_ISSUER} | dict(claims))
    except provider_accounts.NoAccess as refusal:
        tries.refused(request, "", How.PROVIDER, Outcome.NO_ROLE)
        messages.error(request, str(refusal))
        return redirect("signin:sign-in")
    except provider.Refused:
        tries.refused(request, "", How.PROVIDER, Outcome.WRONG)
        messages.error(request, "The identity provider did not sign you in. Start again from this page.")
        return redirect("signin:sign-in")
    except provider.NotReachable:
        messages.error(request, "The identity provider does not answer. Try again in a minute.")
        return redirect("signin:sign-in")
    return complete(
        request,
        user,
        How.PROVIDER,
        next_page,
        issuer=settings.OIDC_ISSUER,
        subject=str(claims["sub"]),
        provider_session=str(claims.get("sid") or ""),
        id_token=seal(token["id_token"]),
        tokens=provider.sealed_tokens(token),
    )


@permitted(Action.PUBLIC)
@csrf_exempt
@require_POST
def back_channel(request: HttpRequest) -> HttpResponse:
    """The provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0): out here at once."""
    if not provider.is_used():
        raise Http404
    answer = HttpResponse(status=200)
    try:
        subject, session, issued = provider.logged_out_by(request.POST.get("logout_token", ""), timezone.now())
    except provider.Refused:
        answer = HttpResponse("The logout token is not good.\n", status=400, content_type="text/plain")
    except provider.NotReachable:
        answer = HttpResponse("The provider's keys could not be read.\n", status=503, content_type="text/plain")
    else:
        _end(request, subject, session, issued)
    return answer


@permitted(Action.PUBLIC)
@require_GET
def front_channel(request: HttpRequest) -> HttpResponse:
    """The same in a frame of the provider's page (Front-Channel Logout 1.0), by issuer and session, no cookies."""
    issuer, session = request.GET.get("iss", ""), request.GET.get("sid", "")
    if provider.is_used() and issuer == settings.OIDC_ISSUER and session:
        _end(request, "", session, timezone.now())
    return HttpResponse("Signed out.\n", content_type="text/plain")


def _end(request: HttpRequest, subject: str, session: str, issued: datetime) -> None:
    """End the sessions meant; not those that began after the token was issued, so that an old one is of no use."""
    # A token says when it was issued in whole seconds, so that a session of the same second may be meant.
    began = issued + timedelta(seconds=1)
    rows = SignedIn.objects.filter(issuer=settings.OIDC_ISSUER, ended_at=None, at__lt=began)
    if session:
        rows = rows.filter(provider_session=session)
    if subject:
        rows = rows.filter(Q(subject=subject))
    sessions.end_rows(rows, "signed out at the identity provider", address=address_of(request))
