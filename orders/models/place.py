"""Under which areas an order is found, from when until when, and as what: the rows that search reads.

A projection: worked out from events, parties and residences by `orders.places.projection`, never written by anything
else, and compared with them every night. So its references are not checked a second time by the database, row by row.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from orders.models.area import Area
from orders.models.order import Order
from orders.models.recording import Recording
from orders.querysets import PlaceQuerySet
from orders.statute import FAR

PERPETRATOR, VICTIM, PERPETRATOR_NOT_PLACED, VICTIM_NOT_PLACED = 1, 2, 4, 8
"""Bits of `roles`: who lives in the area; on the owning force's row also whose home is in no known area."""

CONDITION_BITS = {code: 1 << number for number, code in enumerate("ABCDEFGHI")} | {"Z": 1 << 9}
"""Bits of `conditions`, by the code of the extract; a code without a meaning of its own counts as Z, other."""


class PlaceRow(models.Model):
    """An order in an area during a stint: a time in which neither who lives there nor the law's outlook changes.

    All instants UTC, ranges half-open. `valid_from`..`valid_until` is the stint. At an instant T inside it the order
    is pending before `live_from`, live before `live_until`, unconfirmed before `ended_from`, ended after that.
    `roles` counts every home; in a neighbourhood `roles_shown` leaves out homes marked secret, and `roles_emailed`
    is 0 while any victim's home is secret or nobody said that it is not. `served_from` and
    `on_pnc_from`..`on_pnc_until` serve the filters of the same names; `breached_at` is the last breach, `breaches` are
    all of them, the earliest first, and `review_due_on` is the local day on which the next review falls due.
    `conditions` are the bits (CONDITION_BITS) of the codes of those that run during the stint.
    """

    order = models.ForeignKey(Order, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    kind = models.CharField(max_length=8)
    live_from = models.DateTimeField()
    live_until = models.DateTimeField()
    ended_from = models.DateTimeField()
    roles = models.SmallIntegerField()
    roles_shown = models.SmallIntegerField()
    roles_emailed = models.SmallIntegerField()
    served_from = models.DateTimeField()
    on_pnc_from = models.DateTimeField()
    on_pnc_until = models.DateTimeField()
    breached_at = models.DateTimeField(null=True)
    review_due_on = models.DateField(null=True)
    breaches = ArrayField(models.DateTimeField(), null=True)
    conditions = models.SmallIntegerField(db_default=0)

    objects: ClassVar[PlaceQuerySet] = PlaceQuerySet.as_manager()  # type: ignore[assignment] # its methods too

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"order {self.order_id} in area {self.area_id}"


class Place(PlaceRow):
    """The places of an order as now known."""

    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, db_constraint=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "area", "valid_from"],
                name="place_stint",
                include=["valid_until", "roles", "roles_shown", "roles_emailed"],
            ),
            # Search reads an area by the later of them and takes the earlier for granted.
            models.CheckConstraint(
                name="place_in_order",
                condition=models.Q(live_from__lte=models.F("live_until"), live_until__lte=models.F("ended_from")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["area", "live_until", "order"],
                name="place_soonest_end",
                include=["live_from", "valid_from", "valid_until", "kind", "roles", "roles_shown", "ended_from"],
            ),
            # The stints without an end are what holds now: an order once, the latest end first. What was known at
            # another time is read here too, so it has the recording.
            models.Index(
                fields=["area", "valid_until", "-ended_from", "order"],
                name="place_now",
                include=["live_from", "live_until", "valid_from", "kind", "roles", "roles_shown", "recording"],
            ),
            # People who came when the order had ended: few, and of these it is asked who has not come yet.
            models.Index(
                fields=["area", "valid_from"],
                name="place_came_after",
                condition=models.Q(valid_until=FAR, valid_from__gt=models.F("ended_from")),
            ),
        ]


class PlacePast(PlaceRow):
    """What was shown before something better was known: rows replaced in `Place`, and by which recording."""

    id = models.BigAutoField(primary_key=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    superseded = models.ForeignKey(Recording, models.PROTECT, db_index=False, db_constraint=False, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["area", "order"], name="place_past_area"),
            models.Index(fields=["order"], name="place_past_order"),
        ]


class PlaceAsKnown(PlaceRow):
    """Present and past rows with the instants between which they were what the register knew: a view, to read."""

    row = models.CharField(primary_key=True, max_length=24)
    known_from = models.DateTimeField()
    known_until = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "orders_placeasknown"
