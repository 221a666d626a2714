"""What is owed, what was written, and what became of each message: rows first, the broker only carries them."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from orders.models import Area, Event, SavedSearch

DEFAULT_TIME = time(6)


class Mode(models.TextChoices):
    """How much an email to a mailbox says."""

    FULL = "full", "Full: reference, kind, surname and initial"
    COUNTS = "counts", "Counts and links only"


class Mailbox(models.Model):
    """An address to which a local policing area's email goes: a shared mailbox, never a person's.

    `failed_at` and `failed_why` are the last refusal for good or bounce; an email that arrives clears them.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="mailboxes", limit_choices_to={"level": "lpa"})
    address = models.EmailField()
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.FULL, db_default=Mode.FULL)
    is_active = models.BooleanField(default=True)
    failed_at = models.DateTimeField(null=True, editable=False)
    failed_why = models.TextField(blank=True, db_default="", editable=False)

    class Meta:
        verbose_name_plural = "mailboxes"
        ordering = ["area__code", "address"]
        constraints = [models.UniqueConstraint(fields=["area", "address"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address


class SendingTime(models.Model):
    """The local time from which an area's email is owed each day; 06:00 for an area that has none.

    Never in the hour from 01:00, which one day a year has twice and another not at all.
    """

    area = models.OneToOneField(Area, models.CASCADE, related_name="+", limit_choices_to={"level": "lpa"})
    at = models.TimeField(default=DEFAULT_TIME)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="not_when_clocks_change", condition=Q(at__lt=time(1)) | Q(at__gte=time(2))
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.area} at {self.at:%H:%M}"


class DailyRuns(models.Manager["DigestRun"]):
    """The runs of days: those of saved searches are no news of an area."""

    def get_queryset(self) -> models.QuerySet[DigestRun]:
        """Without what told of a saved search."""
        return super().get_queryset().filter(is_alert=False)


class DigestRun(models.Model):
    """A local day on which an area was owed its email. One row an area and day, whoever asks first.

    `at` is the instant of its figures. A day that was missed is caught up: it has no figures, and `caught_up_by` says
    with which email its news went; that one's `first_day` is the earliest day it covers. `counts` are the figures by
    name, `lists` the keys of the lists that its links open, `orders` the ids of all orders told of, and `listed` of
    those that were live, unconfirmed or pending in the area: against them the next one sees who came and went; `named`
    those whose perpetrator it names, and `placed` those of which it says a neighbourhood.
    `replaced_at`: it reached nobody in time, and a later one carried its news. `is_alert`: it is of no day, but tells
    the owner of a saved search, `alert_of`, of the orders that entered it.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    day = models.DateField()
    first_day = models.DateField()
    planned_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    caught_up_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="caught_up")
    replaced_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    lists = models.JSONField(default=dict)
    orders = ArrayField(models.BigIntegerField(), default=list)
    listed = ArrayField(models.BigIntegerField(), default=list)
    named = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    placed = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    is_alert = models.BooleanField(default=False, db_default=False)
    alert_of = models.ForeignKey(SavedSearch, models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[DailyRuns] = DailyRuns()
    every: ClassVar[models.Manager[DigestRun]] = models.Manager()

    class Meta:
        ordering = ["-day", "area__code"]
        base_manager_name = "every"
        constraints = [
            models.UniqueConstraint(fields=["area", "day"], name="run_of_day_once", condition=Q(is_alert=False)),
            models.CheckConstraint(name="run_covers_its_day", condition=Q(first_day__lte=models.F("day"))),
            models.CheckConstraint(
                name="run_has_figures_or_is_caught_up",
                condition=Q(at__isnull=False, caught_up_by__isnull=True)
                | Q(at__isnull=True, caught_up_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} on {self.day}"


class Letter(models.Model):
    """The words of a run in one mode, as written: every address and every try gets the same.

    `text`, `html`, `sheet` and the messages made of them are sealed under a key of the run's own
    (orders/access/sealing.py), which is destroyed when an order that it tells of is erased: who was told of which
    orders, and when, stays.
    """

    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="letters")
    mode = models.CharField(max_length=6, choices=Mode)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    sheet = models.BinaryField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "mode"], name="letter_once")]

    def __str__(self) -> str:
        return self.subject


class Status(models.TextChoices):
    """What became of a delivery."""

    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Not known"


class Delivery(models.Model):
    """One message to one address: unique, so that nothing can make a second. When to try next lies in the row.

    `data_began_at`: the instant before the message itself was handed over; from then on a silence leaves in doubt
    whether the server has it. `doubts` counts such tries: after the first it is sent once more with the same
    Message-ID, after the second it stays unknown. `next_attempt_at` is empty when there is nothing more to try.
    `message` are the bytes as sent, `answer` the server's last reply or what went wrong. A resend is another row,
    asked for by a person with a reason.
    """

    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="deliveries")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="+")
    address = models.EmailField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    data_began_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=120, blank=True, db_index=True)
    message = models.BinaryField(null=True, editable=False)
    answer = models.TextField(blank=True)
    bounced_at = models.DateTimeField(null=True)
    resend_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="resends")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-run__day", "area__code", "address", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "area", "address"], name="delivery_once", condition=Q(resend_of__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="delivery_owed", condition=Q(status__in=["queued", "unknown"])
            ),
            models.Index(fields=["claimed_at"], name="delivery_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.area} to {self.address}"


class Carried(models.Model):
    """An event that an email carries to an area. What is new to an area is what has no row here, however old it is."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="carried")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "event"], name="carried_once")]

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.area_id}"


class Baseline(models.Model):
    """What an area is taken to have been told before its first email: recordings up to `up_to`, but for `missing`.

    `missing` are the recordings below it that were not there yet, because whoever made them had not committed.
    """

    area = models.OneToOneField(Area, models.CASCADE, related_name="+")
    up_to = models.BigIntegerField()
    missing = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"{self.area} up to {self.up_to}"


class Sending(models.Model):
    """Whether anything is sent at all: one row. Held after a restored backup, until a person names the first day owed.

    `database` is the identity of the database that last sent: a restored copy has another.
    """

    first_day = models.DateField()
    began_at = models.DateTimeField(default=timezone.now)
    database = models.CharField(max_length=80)
    held_since = models.DateTimeField(null=True)
    held_why = models.TextField(blank=True)
    last_tick_at = models.DateTimeField(null=True)
    heartbeat_day = models.DateField(null=True)

    def __str__(self) -> str:
        return "held" if self.held_since else "sending"


class AlarmKind(models.TextChoices):
    """What nobody may wait for in silence."""

    LATE = "late", "No email sent"
    NO_MAILBOX = "no mailbox", "No mailbox"
    HELD = "held", "Sending is held"
    CLOCK = "clock", "The clock was set back"


class Alarm(models.Model):
    """Something wrong with the daily email, once an area and day: when it rose, was told of, and was over."""

    kind = models.CharField(max_length=10, choices=AlarmKind)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    text = models.TextField()
    raised_at = models.DateTimeField(default=timezone.now)
    over_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-raised_at", "area__code"]
        constraints = [models.UniqueConstraint(fields=["kind", "area", "day"], name="alarm_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.text
