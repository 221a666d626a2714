"""What the police do about somebody without an order: a disclosure, an undertaking, a warning; it has no standing."""

from __future__ import annotations

import uuid

from django.db import models

from orders.models.area import Area
from orders.models.person import Person
from orders.models.recording import Recording, kept_as_recorded


class InterventionKind(models.TextChoices):
    """What was done; a disclosure is under the Domestic Violence Disclosure Scheme (Domestic Abuse Act 2021 s.77)."""

    RIGHT_TO_ASK = "right to ask", "Disclosure: right to ask"
    RIGHT_TO_KNOW = "right to know", "Disclosure: right to know"
    UNDERTAKING = "undertaking", "Undertaking"
    WARNING = "warning", "Warning"


class Intervention(models.Model):
    """A civil intervention against a person, on a local day; never changed, superseded instead.

    `ref` is the same through every correction. `by_whom` and `words` are sealed under the key of the person. `force` is
    whose it is: nobody of another force sees it, and in its own only those who may.
    """

    ref = models.UUIDField(default=uuid.uuid4, editable=False)
    force = models.ForeignKey(Area, models.PROTECT, db_index=False, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="interventions")
    kind = models.CharField(max_length=16, choices=InterventionKind)
    on = models.DateField()
    by_whom = models.TextField()
    words = models.TextField()
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"], name="intervention_current", condition=models.Q(superseded__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                fields=["force", "-on"], name="intervention_latest", condition=models.Q(superseded__isnull=True)
            )
        ]
        triggers = kept_as_recorded()

    def __str__(self) -> str:
        return f"intervention {self.pk}"
