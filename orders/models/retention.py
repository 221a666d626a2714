"""What people decided about how long a person is kept: their group, keeping them, erasing them. Only ever added to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.area import Area
from orders.models.person import Person


class RetentionGroup(models.TextChoices):
    """The groups of the Police Information and Records Management Code of Practice 2023 and its guidance."""

    ONE = "1", "Group 1: public protection matters"
    TWO = "2", "Group 2: other sexual, violent or serious matters"
    THREE = "3", "Group 3: all other matters"


class RetentionStep(models.TextChoices):
    """What was decided."""

    GROUP = "group", "Group set"
    KEEP = "keep", "Kept"
    ERASE = "erase", "Erased"


class RetentionDecision(models.Model):
    """One decision of a force about a person. `keep_until` is the local day of the next review.

    `reason` is sealed under the key of the person; that of erasing under the register's own, which it must outlive.
    """

    person = models.ForeignKey(Person, models.PROTECT, db_index=False, related_name="+")
    force = models.ForeignKey(Area, models.PROTECT, db_index=False, related_name="+")
    step = models.CharField(max_length=8, choices=RetentionStep)
    group = models.CharField(max_length=1, choices=RetentionGroup, blank=True)
    keep_until = models.DateField(null=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["person", "force"], name="retention_person"),
            models.Index(fields=["force", "group"], name="retention_group", condition=models.Q(step="group")),
        ]
        triggers = [pgtrigger.Protect(name="retention_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.step} person {self.person_id}"
