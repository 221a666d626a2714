"""A test message to a mailbox: nothing of any order in it, and the server's own answer at once."""

from __future__ import annotations

import secrets
from email.utils import parseaddr

from django.conf import settings

from notifications import delivery, letters
from notifications.models import Mailbox
from notifications.smtp import Answer, Connection, NoServer, Outcome
from orders.access import audit
from orders.models import Category, User

TEXT = """{marking}

This is a test of the civil orders register's daily email to {area}, asked for by {by}.
It says nothing about any order. If it reached you, the daily email will too.

{marking}
"""


def send_test(mailbox: Mailbox, *, by: User) -> Answer:
    """Send a test now. Returns what the mail server answered, or why nothing was sent to an address like this one."""
    if not delivery.allowed(mailbox.address):
        return Answer(
            Outcome.NEVER, f"{mailbox.address} is not in a domain that DIGEST_DOMAINS allows: nothing was sent"
        )
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    text = TEXT.format(marking=settings.PROTECTIVE_MARKING, area=mailbox.area.name, by=by)
    message = letters.made(
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: a test of this mailbox",
        text=text,
        html=f'<html lang="en-GB"><body><pre>{text}</pre></body></html>',
        address=mailbox.address,
        identity=f"<test.{secrets.token_hex(8)}@{domain}>",
    )
    audit.record(
        by=by, category=Category.DISCLOSURE, action="test a mailbox", recipients=[mailbox.address],
        chosen="Test, without any order",
    )  # fmt: skip
    try:
        server = Connection()
    except NoServer as error:
        return Answer(Outcome.LATER, str(error))
    answer = server.send(
        message, sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1], address=mailbox.address, before_data=lambda: None
    )
    if answer.reusable:
        server.close()
    return answer
