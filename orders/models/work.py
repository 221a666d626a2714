"""What the team says of an item of a worklist: who does it, what was noted, that it is done. Only ever added to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.area import Area
from orders.models.order import Order


class WorkStep(models.TextChoices):
    """What can be said of an item."""

    ASSIGNED = "assigned", "Assigned"
    NOTED = "noted", "Noted"
    DONE = "done", "Done"
    REOPENED = "reopened", "Opened again"


class WorkEntry(models.Model):
    """One thing said of an item. `worklist` and `item` name it: the list's name, and what the list calls the item.

    `order` is the order that the item is about, if it is about one: an event recorded since brings back what is done.
    `note` is sealed, under the key of the orders that it was said of, else of the register.
    """

    worklist = models.CharField(max_length=20)
    item = models.CharField(max_length=60)
    force = models.ForeignKey(Area, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=10, choices=WorkStep)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "work entries"
        indexes = [models.Index(fields=["worklist", "item"], name="work_item")]
        triggers = [pgtrigger.Protect(name="work_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.step} {self.worklist} {self.item}"
