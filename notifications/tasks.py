"""What Celery carries, each a few lines: the database says what is owed."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notifications import delivery


@shared_task(name="notifications.tasks.tick")
def tick() -> int:
    """Make the rows that are owed, give back what dead workers held, and queue what is due. Returns how many."""
    now = timezone.now()
    delivery.plan(now)
    delivery.sweep(now)
    due = delivery.owed(now)
    for pk in due:
        send.delay(pk)
    return len(due)


@shared_task(name="notifications.tasks.send")
def send(pk: int) -> str | None:
    """Send one delivery, if it is still to be sent."""
    return delivery.deliver(pk)
