"""Messages that came back (RFC 3464): read, matched to what was sent, and shown on the mailbox."""

from __future__ import annotations

import email
import email.policy
import mailbox
from datetime import datetime
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any, cast

import structlog
from django.conf import settings
from django.utils import timezone

from notifications.models import Delivery, Mailbox

log = structlog.get_logger(__name__)


def read_maildir(now: datetime) -> int:
    """Take in what lies in BOUNCES_MAILDIR, where the mail server delivers what comes back. Returns how many."""
    if not settings.BOUNCES_MAILDIR or not Path(settings.BOUNCES_MAILDIR).is_dir():
        return 0
    folder = mailbox.Maildir(settings.BOUNCES_MAILDIR, create=False)
    found = 0
    for key in list(folder.keys()):
        found += take(folder.get_bytes(key)) is not None
        folder.remove(key)
    return found


def take(raw: bytes) -> Delivery | None:
    """Note a delivery report that says that a message of ours failed. None where it is not one."""
    report = cast(EmailMessage, email.message_from_bytes(raw, policy=cast(Any, email.policy.default)))
    statuses = [part for part in report.walk() if part.get_content_type() == "message/delivery-status"]
    identity = _returned_identity(report)
    for part in statuses:
        for fields in cast("list[Message[str, str]]", part.get_payload()):
            if str(fields.get("Action", "")).strip().lower() != "failed":
                continue
            recipient = str(fields.get("Final-Recipient") or "").partition(";")[2].strip().lower()
            said = str(fields.get("Diagnostic-Code") or fields.get("Status") or "no reason given").strip()
            delivery = _delivery(identity, recipient)
            if delivery is not None:
                _note(delivery, f"Came back: {said}")
                return delivery
    log.warning("bounce_not_understood", reports=len(statuses))
    return None


def _returned_identity(report: EmailMessage) -> str:
    """The Message-ID of what came back, from the part that holds it or its headers."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            held = email.message_from_string(str(part.get_payload()))
            return str(held.get("Message-ID") or "").strip()
        if part.get_content_type() == "message/rfc822":
            inner = cast("list[Message[str, str]]", part.get_payload())
            return str(inner[0].get("Message-ID") or "").strip()
    return ""


def _delivery(identity: str, recipient: str) -> Delivery | None:
    """The delivery of that Message-ID; a report for another recipient is not taken."""
    found = Delivery.objects.filter(message_id=identity).order_by("-pk").first() if identity else None
    return found if found is not None and recipient in ("", found.address.lower()) else None


def _note(delivery: Delivery, why: str) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(bounced_at=now, answer=f"{delivery.answer} {why}"[:1000])
    Mailbox.objects.filter(area_id=delivery.area_id, address=delivery.address).update(
        failed_at=now, failed_why=why[:1000]
    )
    log.error("digest_bounced", delivery=delivery.pk, area=delivery.area.code)
