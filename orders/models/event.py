"""What has happened to an order: the list from which everything else follows."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.recording import Recording


class EventQuerySet(QuerySet["Event"]):
    """Events of orders."""

    def not_taken_back(self) -> Self:
        """Without those that somebody or an import took back; a retraction that was taken back takes nothing back.

        What a source took back by its own key is for the law to tell (`statute.retracted`).
        """
        return self.filter(~Exists(Event.objects.filter(retracts=OuterRef("pk"), retractions=None)))


class Event(models.Model):
    """One thing that happened, as it was told. The database refuses to change, delete or truncate events.

    `at` is UTC; where only a date was given it is the local midnight that begins the date and `at_is_date` is true.
    When that takes effect is for the law to say, so it is stored nowhere. A mistake is taken back by another event,
    RETRACTED: one entered in the register, or made by an import, points at its event with `retracts`; one that came
    from a source names the source's own key in `retracts_ref`. Rows that an import made have `source_ref`, others not.
    `by_whom` and `text` are sealed under the order's key (orders/access/sealing.py).
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="events", db_index=False)
    source_ref = models.CharField(max_length=64, blank=True, db_collation="C")
    kind = models.CharField(max_length=16)  # a key of statute.EVENT_KINDS
    at = models.DateTimeField()
    at_is_date = models.BooleanField(default=False)
    until = models.DateTimeField(null=True)
    until_is_date = models.BooleanField(default=False)
    until_open = models.BooleanField(default=False)
    by_whom = models.TextField(blank=True)
    text = models.TextField(blank=True)
    retracts = models.ForeignKey("self", models.PROTECT, null=True, related_name="retractions")
    retracts_ref = models.CharField(max_length=64, blank=True, db_collation="C")
    source_updated_at = models.DateTimeField(null=True)
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="events")
    stored_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            # As at another time it is asked of many orders when something first happened to them: read here alone.
            models.Index(fields=["order", "at"], name="event_order_at"),
            # What may have set a clock running lately.
            models.Index(fields=["at"], name="event_clock", condition=models.Q(kind__in=["ARRESTED", "SERVED"])),
        ]
        triggers = [pgtrigger.Protect(name="event_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}"
