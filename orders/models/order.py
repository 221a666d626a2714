"""An order, who it is about and what it forbids."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Upper

from orders.models.area import Area
from orders.models.person import Person
from orders.models.recording import Recording, kept_as_recorded
from orders.statute import end_of_local_day, local_day


def folded(field: str) -> models.Func:
    """A reference or case number without case, spaces and punctuation, in SQL."""
    return models.Func(
        Upper(field),
        models.Value("[^A-Z0-9]"),
        models.Value(""),
        models.Value("g"),
        function="regexp_replace",
        output_field=models.CharField(max_length=100),
    )


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="OrderVersion",
    obj_field=pghistory.ObjForeignKey(related_name="versions"),
    context_field=None,
    append_only=True,
    exclude=["reference_folded"],
)
class Order(models.Model):
    """The heading of an order. What happened to it is in its events, and whether it is live follows from those alone.

    `public_id` stands in addresses of pages, because references repeat and hold slashes. `doubt_since` is the instant
    from which newer information about it is known to have been received and could not be applied. `same_as` of an
    order entered by hand is the order from a source that it turned out to be: that one stands for both.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    source = models.CharField(max_length=64)
    source_ref = models.CharField(max_length=64, db_collation="C")
    kind = models.CharField(max_length=8)  # a key of statute.KINDS
    reference = models.CharField(max_length=100)
    # As typed by an officer: case, spaces and punctuation do not count.
    reference_folded = models.GeneratedField(
        expression=folded("reference"),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )
    owner_force = models.ForeignKey(Area, models.PROTECT, related_name="+")
    court = models.CharField(max_length=200, blank=True)
    case_ref = models.CharField(max_length=100, blank=True)
    without_notice = models.BooleanField(null=True)
    power_of_arrest = models.BooleanField(null=True)
    replaces_ref = models.CharField(max_length=64, blank=True, db_collation="C")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followers")
    same_as = models.ForeignKey(
        "self", models.PROTECT, db_index=False, null=True, blank=True, editable=False, related_name="entered_as"
    )
    team = models.CharField(max_length=100, blank=True)
    officer = models.CharField(max_length=100, blank=True)
    restricted = models.BooleanField(default=False)
    restricted_reason = models.TextField(blank=True)  # sealed under the order's key
    doubt_since = models.DateTimeField(null=True, editable=False)
    source_updated_at = models.DateTimeField(null=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    first_recording = models.ForeignKey(Recording, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_ref"], name="order_of_source")]
        indexes = [
            models.Index(fields=["reference_folded"], name="order_reference"),
            models.Index(fields=["same_as"], name="order_entered_twice", condition=models.Q(same_as__isnull=False)),
            models.Index(fields=["owner_force", "team"], name="order_team"),
            models.Index(folded("case_ref"), name="order_case_ref"),
            models.Index(fields=["id"], name="order_restricted", condition=models.Q(restricted=True)),
        ]

    def __str__(self) -> str:
        return self.reference


class PartyRole(models.TextChoices):
    """What a person is to an order. Pages say respondent and protected person; search and extract use these words."""

    PERPETRATOR = "perpetrator", "Perpetrator"
    VICTIM = "victim", "Victim"


class Party(models.Model):
    """A person's part in an order; never changed, superseded instead.

    `named` is the record by which the source names the person, where the row was moved when people were merged.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="parties")
    person = models.ForeignKey(Person, models.PROTECT, related_name="parties")
    role = models.CharField(max_length=12, choices=PartyRole)
    relationship = models.TextField(blank=True)  # sealed under the order's key
    named = models.ForeignKey(Person, models.PROTECT, db_index=False, null=True, editable=False, related_name="+")
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "person"], name="party_current", condition=models.Q(superseded__isnull=True)
            )
        ]
        triggers = kept_as_recorded()

    def __str__(self) -> str:
        return f"{self.role} {self.person_id} of order {self.order_id}"


def over(until: datetime | None, *, is_date: bool) -> datetime | None:
    """The instant from which a condition with this end no longer runs."""
    return end_of_local_day(local_day(until)) if until is not None and is_date else until


class Condition(models.Model):
    """Something the order forbids or requires, in words, from and until when; never changed, superseded instead.

    A date-only `begins` is the local midnight that begins it; a date-only `until` likewise, and runs through that day.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="conditions")
    source_ref = models.CharField(max_length=64, db_collation="C")
    code = models.CharField(max_length=1)
    text = models.TextField()  # sealed under the order's key
    begins = models.DateTimeField(null=True)
    begins_is_date = models.BooleanField(default=False)
    until = models.DateTimeField(null=True)
    until_is_date = models.BooleanField(default=False)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["source_ref", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "source_ref"], name="condition_current", condition=models.Q(superseded__isnull=True)
            )
        ]
        triggers = kept_as_recorded()

    def __str__(self) -> str:
        return f"{self.code} of order {self.order_id}"

    @property
    def over(self) -> datetime | None:
        """The instant from which it no longer runs, None for no end; a date-only end runs through its day."""
        return over(self.until, is_date=self.until_is_date)
