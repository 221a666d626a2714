"""Whether anything may be sent: not from a restored copy, until a person has said which day is the first owed.

A restored database does not know what was sent after its backup was made. It is known by its identity: another server,
another line of history, another database of the same name, or other tables in it. Files put back cold look the same in
all of that: whoever does so holds sending first (docs/email.md).
"""

from __future__ import annotations

from datetime import date, datetime

import structlog
from django.db import connection, transaction

from notifications.models import DEFAULT_TIME, Delivery, Sending, Status
from notifications.service_day import latest
from orders.access import audit
from orders.models import Category, User

log = structlog.get_logger(__name__)

RESTORED = "The database was restored from a backup, which does not know what was sent since."

_IDENTITY = """
    SELECT system_identifier || '/' || timeline_id || '/' || d.oid || '/' || 'notifications_sending'::regclass::oid
      FROM pg_control_system(), pg_control_checkpoint(), pg_database d WHERE d.datname = current_database()"""


def identity() -> str:
    """The identity of the database: its server, its line of history and itself."""
    with connection.cursor() as cursor:
        cursor.execute(_IDENTITY)
        return str(cursor.fetchone()[0])


def state(now: datetime) -> Sending:
    """Whether sending is held. A new installation owes from its first day; a database that is not itself is held."""
    sending, _ = Sending.objects.get_or_create(
        pk=1, defaults={"first_day": latest(now, DEFAULT_TIME), "database": identity()}
    )
    if sending.held_since is None and sending.database != (here := identity()):
        if sending.database == here.rpartition("/")[0]:
            # Of a version that did not look at the tables.
            Sending.objects.filter(pk=sending.pk).update(database=here)
        else:
            hold(sending, now, RESTORED)
    return sending


def hold(sending: Sending, now: datetime, why: str) -> None:
    """Send nothing until a person lets it."""
    sending.held_since, sending.held_why = now, why
    sending.save(update_fields=["held_since", "held_why"])
    log.error("sending_held", why=why)


def release(now: datetime, *, first_day: date, by: User | None, reason: str) -> Sending:
    """Send again, from a local day on: days before it are taken as sent, and so is what was queued for them."""
    with transaction.atomic():
        sending = Sending.objects.select_for_update().get(pk=state(now).pk)
        sending.first_day, sending.began_at, sending.database = first_day, now, identity()
        sending.held_since, sending.held_why = None, ""
        sending.save()
        open_ones = Delivery.objects.filter(
            run__day__lt=first_day, status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN]
        )
        open_ones.update(
            status=Status.UNKNOWN,
            next_attempt_at=None,
            answer=f"Taken as sent: {first_day} was named as the first day owed.",
        )
        audit.record(
            by=by,
            category=Category.ALTERATION,
            action="let emails be sent again",
            reason=reason,
            detail={"first_day": first_day.isoformat()},
        )
    return sending
