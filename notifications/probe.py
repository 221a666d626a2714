"""Messages to a mailbox about itself, a test or its end: nothing of any order in them, the server's answer at once."""

from __future__ import annotations

import secrets
from email.utils import parseaddr

from django.conf import settings
from django.utils.html import escape

from notifications import delivery, letters
from notifications.models import Mailbox
from notifications.smtp import Answer, Connection, NoServer, Outcome
from orders.access import audit
from orders.models import Category, User

TEST = """This is a test of the civil orders register's daily email to {area}, asked for by {by}.
It says nothing about any order. If it reached you, the daily email will too."""

END = """From now on the civil orders register's daily email to {area} no longer goes to this mailbox.
{by} changed this. If nobody at {area} expected it, tell {contact} at once: {area} may not be told of its orders."""


def send_test(mailbox: Mailbox, *, by: User) -> Answer:
    """Send a test now. Returns what the mail server answered, or why nothing was sent to an address like this one."""
    return _send(mailbox, "a test of this mailbox", TEST, by=by, action="test a mailbox")


def tell_of_end(mailbox: Mailbox, *, by: User) -> Answer:
    """Tell an address that got an area's email that it gets it no longer, so that no area is cut off unnoticed."""
    return _send(mailbox, "this mailbox is told no longer", END, by=by, action="tell a mailbox of its end")


def _send(mailbox: Mailbox, about: str, words: str, *, by: User, action: str) -> Answer:
    if not delivery.allowed(mailbox.address):
        return Answer(
            Outcome.NEVER, f"{mailbox.address} is not in a domain that DIGEST_DOMAINS allows: nothing was sent"
        )
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    said = words.format(area=mailbox.area.name, by=by, contact=settings.CIVIL_ORDERS_CONTACT)
    text = f"{settings.PROTECTIVE_MARKING}\n\n{said}\n\n{settings.PROTECTIVE_MARKING}\n"
    message = letters.made(
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: {about}",
        text=text,
        html=f'<html lang="en-GB"><body><pre>{escape(text)}</pre></body></html>',
        address=mailbox.address,
        identity=f"<mailbox.{secrets.token_hex(8)}@{domain}>",
    )
    audit.record(
        by=by, category=Category.DISCLOSURE, action=action, recipients=[mailbox.address],
        chosen="About the mailbox, without any order",
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
