"""What is owed, what was written, and what became of each message: rows first, the broker only carries them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from orders.models import Area, Event


class Mailbox(models.Model):
    """An address to which a local policing area's digest goes: a shared mailbox, never a person's."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="mailboxes", limit_choices_to={"level": "lpa"})
    address = models.EmailField()
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "mailboxes"
        ordering = ["area__code", "address"]
        constraints = [models.UniqueConstraint(fields=["area", "address"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address


class DigestRun(models.Model):
    """The digests of one service day. One row a day, whoever asks first."""

    day = models.DateField(unique=True)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class Digest(models.Model):
    """What one area is told on one day, as it was written, word for word: every address and every try gets the same.

    `live` are the ids of the orders that it listed as live, against which the next one sees who came and went.
    """

    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="digests")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    built_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    orders = ArrayField(models.BigIntegerField(), default=list)
    live = ArrayField(models.BigIntegerField(), default=list)
    events = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "area"], name="digest_once")]

    def __str__(self) -> str:
        return self.subject


class Status(models.TextChoices):
    """What became of a delivery."""

    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class Delivery(models.Model):
    """One message to one address: unique, so that nothing can make a second. When to try next lies in the row."""

    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="deliveries")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    address = models.EmailField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=120, blank=True)
    answer = models.TextField(blank=True)
    digest = models.ForeignKey(Digest, models.PROTECT, null=True, related_name="deliveries")

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-run__day", "area__code", "address"]
        constraints = [models.UniqueConstraint(fields=["run", "area", "address"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="delivery_owed", condition=models.Q(status__in=["queued", "sending"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.area} to {self.address}"


class Carried(models.Model):
    """An event of which an area has been told. What is new to an area is what has no row here, however old it is."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    digest = models.ForeignKey(Digest, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "event"], name="carried_once")]

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.area_id}"
