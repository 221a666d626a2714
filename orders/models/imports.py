"""What came from a source: each import, and what could not be applied."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from orders.models.area import Area
from orders.models.order import Order


class ImportRun(models.Model):
    """One import of an extract bundle. `outcome` is the answer that was given, with its errors and warnings.

    `forces` are the ids of the forces whose orders it carried; `arrests_before` the counts of arrests it replaced, as
    [month, area, count, source, run]. `undone_by` is the recording that took all of it back.
    """

    source = models.CharField(max_length=64)
    bundle = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    mode = models.CharField(max_length=8)
    extracted_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.JSONField(default=dict)
    forces = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    arrests_before = models.JSONField(default=list, db_default=[])
    undone_by = models.ForeignKey(
        "orders.Recording", models.PROTECT, null=True, editable=False, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "content_hash"], name="import_once", condition=models.Q(undone_by__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["source", "-extracted_at"], name="import_latest")]

    def __str__(self) -> str:
        return f"{self.source} of {self.extracted_at:%Y-%m-%d %H:%M}"


class QuarantinedOrder(models.Model):
    """An order of a bundle of which nothing was applied, findable by its reference until a good row comes.

    `order` is the order as last known, if the register holds it; `resolved_by` the import that brought a good row.
    """

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="quarantined")
    source = models.CharField(max_length=64)
    source_ref = models.CharField(max_length=64, db_collation="C")
    reference = models.CharField(max_length=100, blank=True)
    reference_folded = models.CharField(max_length=100, blank=True)
    owner_force = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="quarantines")
    reasons = ArrayField(models.TextField(), default=list)
    resolved_by = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_ref"], name="quarantine_open", condition=models.Q(resolved_by__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["reference_folded"], name="quarantine_reference")]

    def __str__(self) -> str:
        return self.reference or self.source_ref


class PutRight(models.Model):
    """A field of an order or person from a source that somebody put right here: what the source says all the same.

    While it stands (`superseded` empty) an import compares the source's word with this one, and leaves the field as it
    is here. It ends when the source says what stands here, or somebody puts the source's word back.
    """

    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("orders.Person", models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=32)
    source_says = models.JSONField(null=True)
    recording = models.ForeignKey("orders.Recording", models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        "orders.Recording", models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = "put right"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "field"], name="put_right_of_order", condition=models.Q(superseded__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["person", "field"], name="put_right_of_person", condition=models.Q(superseded__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} put right"


class LastRead(models.Model):
    """What an import last read of an order or person of its source, as a keyed digest (orders/imports/same.py).

    Empty where it must be read again. `touched_id` is the last recording by hand that wrote to it. No foreign keys: it
    holds nothing that is not in the next bundle again.
    """

    pk = models.CompositePrimaryKey("is_person", "owner_id")
    is_person = models.BooleanField()
    owner_id = models.BigIntegerField()
    digest = models.BinaryField(null=True)
    touched_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{'person' if self.is_person else 'order'} {self.owner_id}"


class ArrestCount(models.Model):
    """Arrests for violent domestic abuse offences in an area in a month (its first day), as custody counted them."""

    month = models.DateField()
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    source = models.CharField(max_length=100, blank=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "month"], name="arrests_of_month")]

    def __str__(self) -> str:
        return f"{self.count} in {self.month:%Y-%m}"
