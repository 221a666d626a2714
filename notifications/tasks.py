"""What Celery carries, each a few lines: the database says what is owed."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import alarms, alerts, bounces, delivery, openings, planning, resets

log = structlog.get_logger(__name__)


@shared_task(name="notifications.tasks.tick")
def tick() -> int:
    """Make the rows that are owed, settle what dead workers held, raise alarms, queue what is due. Returns how many."""
    now = timezone.now()
    for step in (
        planning.plan,
        alerts.check,
        delivery.sweep,
        bounces.read_maildir,
        openings.tell,
        resets.tell,
        alarms.check,
    ):
        try:
            step(now)
        except Exception:
            # No step may keep the others from being done; alarms see what was not sent.
            log.exception("tick_step_failed", step=step.__name__)
    waiting = delivery.due(timezone.now())
    for _ in range(min(waiting, settings.EMAIL_CONNECTIONS)):
        drain.delay()
    return waiting


@shared_task(name="notifications.tasks.drain")
def drain() -> int:
    """Send what is due; if there was more than time, carry on in another task. Returns how many were tried."""
    done = delivery.drain()
    if done.out_of_time:
        drain.delay()
    return len(done.tries)
