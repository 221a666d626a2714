"""Whether the identity provider still vouches for a session it opened: asked at most every five minutes of use."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from signin import provider, provider_accounts, sessions
from signin.models import How, SignedIn
from signin.sealing import seal

log = structlog.get_logger(__name__)

_TRY_AGAIN = timedelta(minutes=1)


def why_not(request: HttpRequest, now: datetime) -> str:
    """Why the session must end, blank if it may go on.

    If the provider does not answer, the session goes on for OIDC_GRACE_SECONDS after the last good answer, asking
    again every minute: an officer is not signed out by a fault of the network, a closed account is out when it is over.
    """
    marks = sessions.marks_of(request)
    if marks is None or marks["how"] != How.PROVIDER:
        return ""
    every = timedelta(seconds=settings.OIDC_CHECK_SECONDS)
    if now.timestamp() - marks["checked"] < (_TRY_AGAIN if marks.get("doubt") else every).total_seconds():
        return ""
    with transaction.atomic():
        row = SignedIn.objects.select_for_update(skip_locked=True).filter(pk=marks["row"]).first()
        if row is None:
            # Another request of the session is asking at this moment.
            return "" if SignedIn.objects.filter(pk=marks["row"], ended_at=None).exists() else "ended elsewhere"
        doubt = False
        if row.checked_at is None or now - row.checked_at >= every:
            try:
                _ask(row, now)
            except provider.Refused as refusal:
                log.info("provider_refused", user=row.user_id, why=str(refusal))
                return "closed at the identity provider"
            except provider_accounts.NoAccess:
                return "no role in the register any more"
            except provider.NotReachable:
                log.error("provider_not_reachable", user=row.user_id)
                doubt = True
        grace = timedelta(seconds=settings.OIDC_GRACE_SECONDS) + every
        if doubt and (row.checked_at is None or now - row.checked_at > grace):
            return "not confirmed by the identity provider"
    request.session[sessions.MARKS] = marks | {"checked": now.timestamp(), "doubt": doubt}
    return ""


def _ask(row: SignedIn, now: datetime) -> None:
    claims, token = provider.ask_again(bytes(row.tokens), row.subject)
    if settings.OIDC_GROUPS_CLAIM in claims:
        provider_accounts.account_of({"iss": row.issuer} | dict(claims))
    row.checked_at = now
    row.tokens = provider.sealed_tokens(token, bytes(row.tokens))
    if token.get("id_token"):
        row.id_token = seal(token["id_token"])
    row.save(update_fields=["checked_at", "tokens", "id_token"])
