"""Send once, lose nothing: claim by a conditional update, commit, then speak SMTP; the row says what became of it.

A worker killed anywhere leaves a row that `sweep` resolves. Killed before the message was handed over, nothing can
have arrived, and it is sent again. After that only the server knows: it is sent at most once more, with the same
Message-ID, and flagged. Twice in a mailbox is a nuisance, never is a danger.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from notifications import alerts, hold, letters, rewriting
from notifications.models import Delivery, Mailbox, Status
from notifications.smtp import Answer, Connection, NoServer, Outcome
from orders.access import audit, sealing
from orders.models import Category, User

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=1.5 * settings.EMAIL_MESSAGE_SECONDS)
"""How long a worker may take over one message before it is taken for dead: half as long again as it can take."""

RETRY_MINUTES = (1, 2, 5, 15, 30, 60)
LAST_TRY = timedelta(days=3)
"""How long after it was planned a delivery is tried."""

DRAIN_SECONDS = 45
SLOTS = 7_305_002
"""Of the database's locks: one for each connection that may be open to the mail server."""

_CLAIM = """
    UPDATE notifications_delivery
       SET status = 'sending', claimed_at = %(now)s, data_began_at = NULL, attempts = attempts + 1
     WHERE status IN ('queued', 'unknown') AND next_attempt_at <= %(now)s
       AND id = (SELECT id FROM notifications_delivery
                  WHERE status IN ('queued', 'unknown') AND next_attempt_at <= %(now)s
                    AND NOT EXISTS (SELECT FROM notifications_sending WHERE held_since IS NOT NULL)
                    AND (%(only)s::bigint[] IS NULL OR id = ANY(%(only)s))
                  ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""


class Lost(Exception):
    """The claim ran out and somebody else has the delivery."""


def due(now: datetime) -> int:
    """How many deliveries wait for a try."""
    return Delivery.objects.filter(status__in=[Status.QUEUED, Status.UNKNOWN], next_attempt_at__lte=now).count()


def sweep(now: datetime) -> int:
    """Settle what dead workers held. Returns how many."""
    dead = Delivery.objects.filter(status=Status.SENDING, claimed_at__lt=now - CLAIM)
    doubtful = dead.filter(data_began_at__isnull=False).update(
        status=Status.UNKNOWN,
        doubts=F("doubts") + 1,
        next_attempt_at=Case(When(doubts=0, then=Value(now))),
        answer="The worker stopped after it had handed the message over: whether it arrived is not known.",
    )
    safe = dead.filter(data_began_at__isnull=True).update(
        status=Case(When(doubts=0, then=Value(Status.QUEUED.value)), default=Value(Status.UNKNOWN.value)),
        next_attempt_at=now,
        answer="The worker stopped before it had handed the message over; tried again.",
    )
    return doubtful + safe


class Drained(NamedTuple):
    """What became of each try, and whether there was no time for more."""

    tries: list[Status]
    out_of_time: bool


def drain(*, seconds: float = DRAIN_SECONDS, only: list[int] | None = None) -> Drained:
    """Send what is due over one connection, for so many seconds at most.

    Nothing while sending is held, while as many connections as may be are open, or above the rate. A server that
    cannot be spoken to ends it: the rest is left for the next tick.
    """
    found: list[Status] = []
    if hold.state(timezone.now()).held_since is not None:
        return Drained(found, out_of_time=False)
    with _slot() as slot:
        if not slot:
            return Drained(found, out_of_time=False)
        server: Connection | None = None
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until and not _too_fast():
                delivery = claim(timezone.now(), only)
                if delivery is None:
                    break
                if server is not None and server.used >= settings.EMAIL_MESSAGES_PER_CONNECTION:
                    server.close()
                    server = None
                status, server = _send(delivery, server)
                found.append(status)
                if server is None and status in (Status.QUEUED, Status.UNKNOWN) and _no_server(delivery):
                    break
        finally:
            if server is not None:
                server.close()
        return Drained(found, out_of_time=time.monotonic() >= until)


def claim(now: datetime, only: list[int] | None = None) -> Delivery | None:
    """Take the delivery that has waited longest, if any is due and nothing is held: nobody else can then take it.

    Not waited for until it is on the disk: a claim that a power cut takes back was handed over by nobody, because
    whoever would commits after it, to the disk.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_CLAIM, {"now": now, "only": only})
        row = cursor.fetchone()
    if row is None:
        return None
    return Delivery.objects.select_related("run__area", "letter").get(pk=row[0])


@contextmanager
def _slot() -> Iterator[bool]:
    """One of the EMAIL_CONNECTIONS places; a worker that dies leaves it with its database connection."""
    with connection.cursor() as cursor:
        for number in range(settings.EMAIL_CONNECTIONS):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SLOTS, number])
            if cursor.fetchone()[0]:
                try:
                    yield True
                finally:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SLOTS, number])
                return
    yield False


def _too_fast() -> bool:
    if not settings.EMAIL_PER_MINUTE:
        return False
    minute_ago = timezone.now() - timedelta(minutes=1)
    claimed = Delivery.objects.filter(claimed_at__gt=minute_ago).count()
    return claimed >= int(settings.EMAIL_PER_MINUTE)


def _no_server(delivery: Delivery) -> bool:
    return str(delivery.answer).startswith(_NO_SERVER)


_NO_SERVER = "No mail server: "


def _send(delivery: Delivery, server: Connection | None) -> tuple[Status, Connection | None]:
    """One try. Returns what became of it and the connection if it can be used again."""
    if not allowed(delivery.address):
        return _never(delivery, f"{delivery.address} is not in a domain that DIGEST_DOMAINS allows."), server
    if not alerts.permitted(delivery):
        return _never(delivery, "The owner of the saved search may no longer be told."), server
    if not has_mailbox(delivery):
        return _never(delivery, NO_LONGER, blame=False), server
    fresh = delivery.message is None
    try:
        if rewriting.says_too_much(delivery):
            return _write_again(delivery), server
        message = letters.message_of(delivery)
        server = server or Connection()
    except NoServer as error:
        return _later(delivery, f"{_NO_SERVER}{error}"), None
    except sealing.ErasedKeyError:
        return _write_again(delivery), server
    except Exception as error:
        log.exception("digest_failed", delivery=delivery.pk)
        return _later(delivery, f"The email could not be made: {type(error).__name__}"), server
    try:
        answer = server.send(
            message, sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1], address=delivery.address,
            before_data=lambda: _hand_over(delivery, fresh=fresh),
        )  # fmt: skip
    except Lost:
        server.close()
        log.error("delivery_lost", delivery=delivery.pk)
        return Status.UNKNOWN, None
    return _settle(delivery, answer), server if answer.reusable else None


NO_LONGER = "Not sent: it is no mailbox of the area any longer."
TOO_MUCH = "Not sent again: since then an order in it was restricted, a home became secret, or a person was erased."


def has_mailbox(delivery: Delivery) -> bool:
    """Whether an address still is a mailbox of its area: it may have been changed since the email was written."""
    return delivery.run.is_alert or (
        Mailbox.objects.filter(area_id=delivery.area_id, address=delivery.address, is_active=True).exists()
    )


def _write_again(delivery: Delivery) -> Status:
    """Words that may no longer be sent are written anew and sent next; whoever asked for them again gets none."""
    if delivery.resend_of_id is not None or delivery.run.is_alert:
        return _never(delivery, TOO_MUCH, blame=False)
    rewriting.write_again(delivery.run_id)
    status = Status.UNKNOWN if delivery.doubts else Status.QUEUED
    return _now(delivery, status, "Written again before it was sent.", next_attempt_at=timezone.now())


def _hand_over(delivery: Delivery, *, fresh: bool) -> None:
    """Before the message leaves: it may have arrived from now on, and is a disclosure. In one commit, with its bytes.

    Raises Lost if the delivery is no longer ours.
    """
    made = {"message": delivery.message, "message_id": delivery.message_id} if fresh else {}
    ours = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, claimed_at=delivery.claimed_at)
    with transaction.atomic():
        if not ours.update(data_began_at=timezone.now(), **made):
            raise Lost
        _disclose(delivery)


def _settle(delivery: Delivery, answer: Answer) -> Status:
    match answer.outcome:
        case Outcome.SENT:
            boxes = Mailbox.objects.filter(area_id=delivery.area_id, address=delivery.address)
            boxes.filter(failed_at__isnull=False).update(failed_at=None, failed_why="")
            return _now(delivery, Status.SENT, answer.text, sent_at=timezone.now(), next_attempt_at=None)
        case Outcome.NEVER:
            return _never(delivery, answer.text)
        case Outcome.UNKNOWN:
            again = timezone.now() + timedelta(minutes=RETRY_MINUTES[0]) if delivery.doubts == 0 else None
            text = f"Handed over, and then: {answer.text}. Whether it arrived is not known."
            log.warning("digest_in_doubt", delivery=delivery.pk, area=delivery.run.area.code, answer=answer.text)
            return _now(delivery, Status.UNKNOWN, text, doubts=delivery.doubts + 1, next_attempt_at=again)
    return _later(delivery, answer.text)


def _later(delivery: Delivery, answer: str) -> Status:
    """Try again after a wait that grows; after three days give up."""
    now = timezone.now()
    if now - delivery.run.planned_at > LAST_TRY:
        return _never(delivery, f"Given up after {delivery.attempts} tries. {answer}")
    minutes = RETRY_MINUTES[min(delivery.attempts, len(RETRY_MINUTES)) - 1]
    log.warning("digest_delayed", delivery=delivery.pk, area=delivery.run.area.code, answer=answer)
    status = Status.UNKNOWN if delivery.doubts else Status.QUEUED
    return _now(delivery, status, answer, next_attempt_at=now + timedelta(minutes=minutes))


def _never(delivery: Delivery, answer: str, *, blame: bool = True) -> Status:
    """Give up; `blame` the mailbox for it."""
    log.error("digest_not_sent", delivery=delivery.pk, area=delivery.run.area.code, answer=answer)
    if blame:
        Mailbox.objects.filter(area_id=delivery.area_id, address=delivery.address).update(
            failed_at=timezone.now(), failed_why=answer[:1000]
        )
    # An earlier try may have arrived all the same.
    return _now(delivery, Status.UNKNOWN if delivery.doubts else Status.FAILED, answer, next_attempt_at=None)


def _now(delivery: Delivery, status: Status, answer: str, **changes: object) -> Status:
    """Write down what became of a try, unless the claim was lost meanwhile."""
    delivery.answer = answer[:1000]
    ours = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, claimed_at=delivery.claimed_at)
    if not ours.update(status=status, answer=delivery.answer, **changes):
        log.error("delivery_lost", delivery=delivery.pk, status=status)
    return status


def allowed(address: str) -> bool:
    """Whether an address lies in a domain that may be told, or below one."""
    domain = parseaddr(address)[1].rpartition("@")[2].lower()
    return any(domain == one or domain.endswith(f".{one}") for one in settings.DIGEST_DOMAINS)


_REASONS = {False: "Daily email to the local policing area", True: "An order entered a saved search of the reader"}


def _disclose(delivery: Delivery) -> None:
    """The log of Data Protection Act 2018 s.62, before the bytes leave."""
    audit.record(
        by=delivery.asked_by,
        category=Category.DISCLOSURE,
        action="saved search email" if delivery.run.is_alert else "daily email",
        orders=delivery.run.orders,
        recipients=[delivery.address],
        chosen=_REASONS[delivery.run.is_alert],
        reason=delivery.reason,
        detail={
            "area": delivery.run.area.code,
            "day": delivery.run.day.isoformat(),
            "mode": delivery.letter.mode,
            "attempt": delivery.attempts,
        },
    )


def resend(delivery: Delivery, *, by: User | None, reason: str) -> Delivery:
    """Send an email once more because a person asks for it; the same words. Raises ValueError without a reason."""
    if len(reason.strip()) < MIN_REASON:
        raise ValueError(f"reason: say in at least {MIN_REASON} characters why it is sent again")
    if not has_mailbox(delivery):
        raise ValueError(f"reason: {delivery.address} is no mailbox of the area any longer")
    return Delivery.objects.create(
        run=delivery.run,
        area_id=delivery.area_id,
        letter=delivery.letter,
        address=delivery.address,
        resend_of=delivery.resend_of or delivery,
        asked_by=by,
        reason=_sealed(reason.strip(), delivery),
    )


def _sealed(reason: str, delivery: Delivery) -> str:
    """Why an email is sent again, under the key of the email. Raises ValueError if it has been erased."""
    try:
        return sealing.key_of(delivery.letter.text).seal(reason)
    except sealing.ErasedKeyError:
        raise ValueError("reason: the email was erased with somebody in it; it can be sent to nobody") from None


MIN_REASON = 10
