"""How many orders each area has of each kind: changes, added up when asked, so that no writer waits for another."""

from __future__ import annotations

from django.db import models

from orders.models.area import Area


class PlaceTally(models.Model):
    """A change in the number of stints without an end, by area, kind and who lives there; the sum is their number.

    Written in the transaction that changes the places, only ever by adding rows; `tally.fold` adds them up at night.
    """

    area = models.ForeignKey(Area, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=8)
    roles = models.SmallIntegerField()
    roles_shown = models.SmallIntegerField()
    stints = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "place tallies"
        indexes = [
            models.Index(
                fields=["area", "kind"], name="place_tally_area", include=["roles", "roles_shown", "stints"]
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.stints:+} {self.kind} in area {self.area_id}"
