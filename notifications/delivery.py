"""Send once, lose nothing: claim by a conditional update, commit, then speak SMTP; the row says what became of it.

A worker killed anywhere leaves a row that `sweep` resolves. Whether the server had taken a message when its worker
died cannot be known, so it is sent again, word for word and with the same Message-ID: twice in a mailbox is a
nuisance, never is a danger.
"""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications import carried, emails
from notifications.digest import build
from notifications.models import Carried, Delivery, Digest, DigestRun, Mailbox, Status
from notifications.service_day import begins, latest
from orders import audit
from orders.models import Category

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=90)
"""How long a worker may take over one message before it is taken for dead; longer than SMTP's own time-out."""

RETRY_MINUTES = (1, 2, 5, 15, 30, 60)
MOST_ATTEMPTS = 30
FIRST_WINDOW = timedelta(hours=24)
"""What an area's very first email calls new: the rest was there before anybody asked to be told."""


def plan(now: datetime) -> DigestRun:
    """Make the rows that are owed: the latest service day's run, and a delivery to each mailbox. Safe to repeat."""
    run, _ = DigestRun.objects.get_or_create(day=latest(now, settings.DIGEST_HOUR), defaults={"started_at": now})
    Delivery.objects.bulk_create(
        [
            Delivery(run=run, area_id=area_id, address=address, next_attempt_at=now)
            for area_id, address in Mailbox.objects.filter(is_active=True).values_list("area_id", "address")
        ],
        ignore_conflicts=True,
    )
    return run


def sweep(now: datetime) -> int:
    """Give back what dead workers held. Returns how many."""
    return Delivery.objects.filter(status=Status.SENDING, claimed_at__lt=now - CLAIM).update(
        status=Status.QUEUED, next_attempt_at=now, answer="The worker stopped while sending; sent again."
    )


def owed(now: datetime) -> list[int]:
    """The deliveries whose time has come."""
    return list(
        Delivery.objects.filter(status=Status.QUEUED, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)
    )


def deliver(pk: int) -> Status | None:
    """Send one delivery if nobody else is sending it. Returns what became of it; None if it was not ours to send."""
    now = timezone.now()
    claimed = Delivery.objects.filter(pk=pk, status=Status.QUEUED, next_attempt_at__lte=now)
    if not claimed.update(status=Status.SENDING, claimed_at=now):
        return None
    delivery = Delivery.objects.select_related("run", "area").get(pk=pk)
    delivery.attempts += 1
    Delivery.objects.filter(pk=pk).update(attempts=delivery.attempts)
    try:
        written = written_for(delivery.run, delivery)
        if not allowed(delivery.address):
            return _failed(delivery, f"{delivery.address} is not in a domain that DIGEST_DOMAINS allows.")
        _disclose(delivery, written)
        emails.message(
            emails.Written(written.subject, written.text, written.html),
            address=delivery.address,
            message_id=_message_id(delivery),
        ).send()
    except smtplib.SMTPException as error:
        return _answered(delivery, error)
    except OSError as error:
        return _again(delivery, f"The mail server could not be reached: {error}")
    except Exception as error:
        log.exception("digest_failed", delivery=pk)
        return _again(delivery, f"The digest could not be written: {type(error).__name__}")
    return _sent(delivery, written)


def written_for(run: DigestRun, delivery: Delivery) -> Digest:
    """The digest of an area on a day: written once, under a lock, and kept word for word."""
    with transaction.atomic():
        DigestRun.objects.select_for_update().get(pk=run.pk)
        found = Digest.objects.filter(run=run, area_id=delivery.area_id).first()
        if found is not None:
            return found
        now = timezone.now()
        if not Carried.objects.filter(area_id=delivery.area_id).exists():
            before = begins(run.day, settings.DIGEST_HOUR) - FIRST_WINDOW
            carried.mark_all(at=now, before=before, area_id=delivery.area_id)
        news = build(delivery.area, run.day, now)
        written = emails.write(news)
        return Digest.objects.create(
            run=run,
            area_id=delivery.area_id,
            built_at=now,
            subject=written.subject[:250],
            text=written.text,
            html=written.html,
            orders=list(news.orders),
            live=list(news.live),
            events=list(news.events),
        )


def allowed(address: str) -> bool:
    """Whether an address lies in a domain that may be told, or below one."""
    domain = parseaddr(address)[1].rpartition("@")[2].lower()
    return any(domain == one or domain.endswith(f".{one}") for one in settings.DIGEST_DOMAINS)


def _message_id(delivery: Delivery) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<digest.{delivery.run.day:%Y%m%d}.{delivery.pk}@{domain}>"


def _disclose(delivery: Delivery, digest: Digest) -> None:
    """The log of Data Protection Act 2018 s.62, before the bytes leave."""
    audit.record(
        by=None,
        category=Category.DISCLOSURE,
        action="daily email",
        orders=digest.orders,
        recipients=[delivery.address],
        reason="Daily digest to the local policing area",
        detail={"area": delivery.area.code, "day": delivery.run.day.isoformat(), "attempt": delivery.attempts},
    )


def _sent(delivery: Delivery, digest: Digest) -> Status:
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(
            status=Status.SENT,
            sent_at=timezone.now(),
            digest=digest,
            message_id=_message_id(delivery),
            answer="",
        )
        carried.mark(digest)
    return Status.SENT


def _answered(delivery: Delivery, error: smtplib.SMTPException) -> Status:
    """A 5xx answer about the message or the mailbox is for good; everything else may pass (RFC 5321 s.4.2.1)."""
    codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    of_the_message = not isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError)
    if codes and of_the_message and all(500 <= code < 600 for code in codes):
        return _failed(delivery, f"The mail server refused it for good: {error}")
    return _again(delivery, f"The mail server did not take it: {error}")


def _again(delivery: Delivery, answer: str) -> Status:
    if delivery.attempts >= MOST_ATTEMPTS:
        return _failed(delivery, f"Given up after {delivery.attempts} tries. {answer}")
    minutes = RETRY_MINUTES[min(delivery.attempts, len(RETRY_MINUTES)) - 1]
    Delivery.objects.filter(pk=delivery.pk).update(
        status=Status.QUEUED, next_attempt_at=timezone.now() + timedelta(minutes=minutes), answer=answer[:1000]
    )
    log.warning("digest_delayed", delivery=delivery.pk, area=delivery.area.code, answer=answer)
    return Status.QUEUED


def _failed(delivery: Delivery, answer: str) -> Status:
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.FAILED, answer=answer[:1000])
    log.error("digest_not_sent", delivery=delivery.pk, area=delivery.area.code, answer=answer)
    return Status.FAILED
