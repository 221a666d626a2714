"""Telling data protection of each secret address that was opened.

Neither the address nor anybody of the order stands in it.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from notifications import notices
from orders.access import audit
from orders.models import SecretOpening
from orders.statute import LONDON

TEXT = """{marking}

A secret address was opened in the civil orders register.

Who:      {who}
When:     {when}
From:     {where}
Order:    {reference}
Reason:   {reason}

{url}

If this was not expected, ask them, and see the log of the order under "Who looked".

{marking}
"""


def tell(now: datetime) -> int:
    """Tell of what nobody has been told of yet. Returns how many messages a server took."""
    return notices.tell(now, _NOTICE)


def _message(opening: SecretOpening, address: str) -> bytes:
    grant, entry = opening.grant, opening.grant.entry
    order = grant.order
    text = TEXT.format(
        marking=settings.PROTECTIVE_MARKING,
        who=f"{grant.user} ({entry.user_name})",
        when=f"{grant.given_at.astimezone(LONDON):%d %B %Y, %H:%M}",
        where=entry.address or "not known",
        reference=order.reference if order else "",
        reason=audit.readable([entry])[0].reason,
        url=settings.BASE_URL + reverse("orders:order", args=[order.public_id]) if order else settings.BASE_URL,
    )
    return notices.written("a secret address was opened", text, address=address, identity=f"opening.{opening.pk}")


_NOTICE = notices.Notice(
    rows=SecretOpening,
    name="opening",
    with_it=("grant__user", "grant__order", "grant__entry"),
    addresses=lambda opening: (settings.DATA_PROTECTION_EMAIL,),
    message=_message,
    nobody="DATA_PROTECTION_EMAIL is not in a domain that DIGEST_DOMAINS allows.",
)
