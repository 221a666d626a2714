"""Telling data protection of each secret address that was opened: rows first, so that none is lost.

The row was written with the opening itself. It is tried until a mail server has taken the message; twice is better than
never. Neither the address nor anybody of the order stands in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from notifications import delivery, hold, letters
from notifications.smtp import Connection, NoServer, Outcome
from orders.access import audit
from orders.models import SecretOpening
from orders.statute import LONDON

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=5)
RETRY_MINUTES = (1, 5, 15, 60)

_CLAIM = """
    UPDATE orders_secretopening SET attempts = attempts + 1, next_attempt_at = %(until)s
     WHERE id = (SELECT id FROM orders_secretopening WHERE told_at IS NULL AND next_attempt_at <= %(now)s
                  ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""

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
    if hold.state(now).held_since is not None:
        return 0
    told, server = 0, None
    try:
        while (opening := _claimed(now)) is not None:
            if not delivery.allowed(settings.DATA_PROTECTION_EMAIL):
                _later(opening, "DATA_PROTECTION_EMAIL is not in a domain that DIGEST_DOMAINS allows.")
                continue
            if server is None:
                try:
                    server = Connection()
                except NoServer as problem:
                    _later(opening, str(problem))
                    break
            answer = server.send(
                _message(opening),
                sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
                address=settings.DATA_PROTECTION_EMAIL,
                before_data=lambda: None,
            )
            if answer.outcome == Outcome.SENT:
                SecretOpening.objects.filter(pk=opening.pk).update(told_at=timezone.now(), answer=answer.text)
                told += 1
            else:
                _later(opening, answer.text)
            if not answer.reusable:
                server = None
    finally:
        if server is not None:
            server.close()
    return told


def _claimed(now: datetime) -> SecretOpening | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + CLAIM})
        row = cursor.fetchone()
    if row is None:
        return None
    return SecretOpening.objects.select_related("grant__user", "grant__order", "grant__entry").get(pk=row[0])


def _later(opening: SecretOpening, answer: str) -> None:
    minutes = RETRY_MINUTES[min(opening.attempts, len(RETRY_MINUTES)) - 1]
    SecretOpening.objects.filter(pk=opening.pk).update(
        answer=answer, next_attempt_at=timezone.now() + timedelta(minutes=minutes)
    )
    log.error("opening_not_told", opening=opening.pk, attempts=opening.attempts, answer=answer)


def _message(opening: SecretOpening) -> bytes:
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
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return letters.made(
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: a secret address was opened",
        text=text,
        html=f'<html lang="en-GB"><body><pre>{escape(text)}</pre></body></html>',
        address=settings.DATA_PROTECTION_EMAIL,
        identity=f"<opening.{opening.pk}@{domain}>",
    )
