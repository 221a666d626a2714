"""Where people live and who polices it: areas and postcodes; and the days on which statutory clocks stand still."""

from __future__ import annotations

from django.db import models


class Level(models.TextChoices):
    """The three levels at which orders are searched for."""

    FORCE = "force", "Force"
    LPA = "lpa", "Local policing area"
    NEIGHBOURHOOD = "neighbourhood", "Neighbourhood"


class Area(models.Model):
    """A force, a local policing area of it, or a neighbourhood of that. Codes are the contract's: WMP-WAL-01.

    `valid_from` and `valid_until` are local dates, `valid_until` the first day outside; blank means no limit is known.
    An area that has gone stays, because orders were found under it.
    """

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=16, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    force = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    ons_code = models.CharField("ONS code", max_length=12, blank=True)
    vintage = models.CharField(max_length=40, blank=True, help_text="The list of boundaries this area was taken from.")
    is_demonstration = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="area_has_its_place",
                condition=models.Q(level="force", parent__isnull=True, force__isnull=True)
                | (~models.Q(level="force") & models.Q(parent__isnull=False, force__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def force_or_self_id(self) -> int:
        """The id of the force this area belongs to; a force belongs to itself."""
        return self.force_id or self.pk


class Postcode(models.Model):
    """A postcode and the neighbourhood it lies in, written without space and in capitals: WS11AA."""

    postcode = models.CharField(max_length=8, primary_key=True)
    neighbourhood = models.ForeignKey(Area, models.CASCADE, related_name="postcodes")
    ended_on = models.DateField(null=True, blank=True, help_text="When Royal Mail ended it; it still places old homes.")
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        ordering = ["postcode"]

    def __str__(self) -> str:
        return self.postcode


class BankHoliday(models.Model):
    """A day that statutory clocks leave out in England and Wales (Banking and Financial Dealings Act 1971).

    The days loaded are taken to be complete for each calendar year that has any; the law refuses to compute beyond.
    """

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
