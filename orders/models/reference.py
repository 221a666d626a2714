"""Changes of reference data: proposed, looked at, applied, undone; and the orders that must be worked out again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.area import Area
from orders.models.recording import Recording


class ReferenceKind(models.TextChoices):
    """What a change is of."""

    AREAS = "areas", "Areas"
    POSTCODES = "postcodes", "Postcodes"
    HOLIDAYS = "holidays", "Bank holidays"
    CARD = "card", "Legal card"


class ReferenceState(models.TextChoices):
    """Where a change stands. What is waiting is owed by the worker."""

    TO_READ = "to read", "Waiting to be read"
    PROPOSED = "proposed", "Proposed, not applied"
    TO_APPLY = "to apply", "Waiting to be applied"
    APPLIED = "applied", "Applied"
    TO_UNDO = "to undo", "Waiting to be undone"
    UNDONE = "undone", "Undone"
    REFUSED = "refused", "Refused"
    DISCARDED = "discarded", "Discarded"


class ReferenceChange(models.Model):
    """One change of one sort of reference data. What it changes stands in its lines, so its file is not kept.

    `vintage` is the list of boundaries or the release that the data are from; `effective_on` the local day from which
    areas begin or end. `summary` holds the counts and samples that were shown before it was applied. `whole` says that
    the file was the whole list, so that what it lacks goes.
    """

    kind = models.CharField(max_length=12, choices=ReferenceKind)
    state = models.CharField(max_length=12, choices=ReferenceState, default=ReferenceState.PROPOSED)
    name = models.CharField(max_length=200, blank=True)
    vintage = models.CharField(max_length=40, blank=True)
    effective_on = models.DateField(null=True)
    whole = models.BooleanField(default=True)
    reason = models.TextField()
    undo_reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    summary = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    progress = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    recording = models.ForeignKey(Recording, models.PROTECT, null=True, db_index=False, related_name="+")
    undone_by = models.ForeignKey(Recording, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @property
    def is_owed(self) -> bool:
        """Whether the worker still has something to do with it."""
        return self.state in (ReferenceState.TO_READ, ReferenceState.TO_APPLY, ReferenceState.TO_UNDO)


class ReferenceLine(models.Model):
    """One row that a change changes: how it was before, null where there was none, and how it is after."""

    change = models.ForeignKey(ReferenceChange, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=16, db_collation="C")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "key"], name="reference_line")]

    def __str__(self) -> str:
        return self.key


class StaleOrder(models.Model):
    """An order whose places were worked out from reference data that have changed since; gone when done again."""

    order_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"order {self.order_id}"


class LegalCard(models.Model):
    """What breach of a kind of order comes to and what an officer may do, in the words of the force's lawyers."""

    kind = models.CharField(max_length=8, primary_key=True)  # a key of statute.KINDS
    words = models.TextField()
    owner = models.CharField(max_length=100)
    reviewed_on = models.DateField()
    review_due_on = models.DateField()

    def __str__(self) -> str:
        return self.kind


class AreaBoundary(models.Model):
    """The outline of a neighbourhood as rings of [latitude, longitude], and its id at data.police.uk."""

    area = models.OneToOneField(Area, models.CASCADE, primary_key=True, related_name="boundary")
    police_id = models.CharField(max_length=40, blank=True)
    rings = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"boundary of {self.area_id}"
