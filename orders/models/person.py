"""The people an order is about, and where they have lived."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models

from govuk_forms.turning import straight
from orders.models.area import Area
from orders.models.recording import Recording, kept_as_recorded


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="PersonVersion",
    obj_field=pghistory.ObjForeignKey(related_name="versions"),
    context_field=None,
    append_only=True,
)
class Person(models.Model):
    """A person as the source now describes them. Earlier descriptions are kept as versions, by the database itself."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    source = models.CharField(max_length=64)
    source_ref = models.CharField(max_length=64, db_collation="C")
    family_name = models.CharField(max_length=200)
    given_names = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, blank=True, choices=[("M", "Male"), ("F", "Female"), ("X", "Not specified")])
    ethnicity = models.CharField(max_length=8, blank=True, help_text="Self-defined, 16+1 code.")
    pnc_id = models.CharField("PNC ID", max_length=13, blank=True)
    warnings = ArrayField(models.CharField(max_length=8), default=list, blank=True, help_text="PNC warning signals.")
    aliases = models.JSONField(default=list, blank=True, help_text="Pairs of family name and given names.")
    source_updated_at = models.DateTimeField(null=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_ref"], name="person_of_source")]
        indexes = [
            models.Index(fields=["pnc_id"], name="person_pnc", condition=~models.Q(pnc_id="")),
            models.Index(fields=["date_of_birth"], name="person_born"),
        ]

    def __str__(self) -> str:
        return straight(f"{self.family_name}, {self.given_names}").rstrip(", ")


class ResidenceStatus(models.TextChoices):
    """What the source says of where somebody lives. Only a home with a known neighbourhood places a person."""

    HOME = "home", "Home"
    NO_FIXED_ABODE = "no fixed abode", "No fixed abode"
    CUSTODY = "custody", "In custody"
    OUT_OF_FORCE = "out of force", "Out of force"
    UNKNOWN = "unknown", "Not known"


class Residence(models.Model):
    """Where a person lived from `from_on` until `to_on` (local dates; `to_on` is the first day no longer there).

    Never changed: a correction is another row, and `superseded` says by what recording. `secret` is empty where
    nobody said, which for a victim is treated as secret everywhere that an address is shown. `address` and `postcode`
    are sealed (orders/access/sealing.py); by the two indexes homes of a postcode or its district are found again.
    `found_in` is the neighbourhood in which the postcode lies, as the postcode table now says
    (orders/places/locating.py).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="residences")
    named = models.ForeignKey(Person, models.PROTECT, db_index=False, null=True, editable=False, related_name="+")
    source_ref = models.CharField(max_length=64, db_collation="C")
    address = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    postcode_index = models.CharField(max_length=24, blank=True, db_default="", db_collation="C")
    outward_index = models.CharField(max_length=24, blank=True, db_default="", db_collation="C")
    neighbourhood_code = models.CharField(max_length=16, blank=True, help_text="As the source gave it.")
    neighbourhood = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    found_in = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    status = models.CharField(max_length=16, choices=ResidenceStatus)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    secret = models.BooleanField(null=True)
    source_updated_at = models.DateTimeField(null=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "named", "source_ref"],
                name="residence_current_of",
                condition=models.Q(superseded__isnull=True),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["postcode_index"],
                name="residence_postcode_index",
                condition=models.Q(superseded__isnull=True) & ~models.Q(postcode_index=""),
            ),
            models.Index(
                fields=["outward_index"],
                name="residence_outward_index",
                condition=models.Q(superseded__isnull=True) & ~models.Q(outward_index=""),
            ),
        ]
        triggers = kept_as_recorded("postcode_index", "outward_index", "found_in")

    def __str__(self) -> str:
        return f"residence {self.pk}"
