"""Telling the owner of an account that an administrator took its second factor away: rows first, so that none is lost.

The row was written with the reset itself. It goes to the owner's address if that may be told, else to data protection.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.html import escape

from notifications import delivery, hold, letters
from notifications.openings import CLAIM, RETRY_MINUTES
from notifications.smtp import Connection, NoServer, Outcome
from orders.models import FactorReset
from orders.statute import LONDON

log = structlog.get_logger(__name__)

_CLAIM = """
    UPDATE orders_factorreset SET attempts = attempts + 1, next_attempt_at = %(until)s
     WHERE id = (SELECT id FROM orders_factorreset WHERE told_at IS NULL AND next_attempt_at <= %(now)s
                  ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""

TEXT = """{marking}

The second factor of an account of the civil orders register was taken away by an administrator.

Account:  {whose}
When:     {when}
By:       {who}

All sessions of the account have ended. Whoever signs in next with its password adds a new second factor.

If the owner did not ask for this, tell your information security team at once: somebody may be about to sign in in
their name.

{url}

{marking}
"""


def tell(now: datetime) -> int:
    """Tell of what nobody has been told of yet. Returns how many messages a server took."""
    if hold.state(now).held_since is not None:
        return 0
    told, server = 0, None
    try:
        while (reset := _claimed(now)) is not None:
            address = reset.user.email if delivery.allowed(reset.user.email) else settings.DATA_PROTECTION_EMAIL
            if not delivery.allowed(address):
                _later(reset, "Neither the owner's address nor DATA_PROTECTION_EMAIL is in a domain of DIGEST_DOMAINS.")
                continue
            if server is None:
                try:
                    server = Connection()
                except NoServer as problem:
                    _later(reset, str(problem))
                    break
            sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
            answer = server.send(_message(reset, address), sender=sender, address=address, before_data=lambda: None)
            if answer.outcome == Outcome.SENT:
                FactorReset.objects.filter(pk=reset.pk).update(told_at=timezone.now(), answer=answer.text)
                told += 1
            else:
                _later(reset, answer.text)
            if not answer.reusable:
                server = None
    finally:
        if server is not None:
            server.close()
    return told


def _claimed(now: datetime) -> FactorReset | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + CLAIM})
        row = cursor.fetchone()
    return FactorReset.objects.select_related("user", "entry").get(pk=row[0]) if row else None


def _later(reset: FactorReset, answer: str) -> None:
    minutes = RETRY_MINUTES[min(reset.attempts, len(RETRY_MINUTES)) - 1]
    FactorReset.objects.filter(pk=reset.pk).update(
        answer=answer, next_attempt_at=timezone.now() + timedelta(minutes=minutes)
    )
    log.error("reset_not_told", reset=reset.pk, attempts=reset.attempts, answer=answer)


def _message(reset: FactorReset, address: str) -> bytes:
    text = TEXT.format(
        marking=settings.PROTECTIVE_MARKING,
        whose=f"{reset.user} ({reset.user.username})",
        when=f"{reset.at.astimezone(LONDON):%d %B %Y, %H:%M}",
        who=reset.entry.user_name,
        url=settings.BASE_URL,
    )
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return letters.made(
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: a second factor was taken away",
        text=text,
        html=f'<html lang="en-GB"><body><pre>{escape(text)}</pre></body></html>',
        address=address,
        identity=f"<reset.{reset.pk}@{domain}>",
    )
