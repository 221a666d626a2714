"""The keys under which the register's words about people are sealed."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.person import Person

NOBODY = [0]
"""What the register's own key tells of: no order has this id, so it goes with none."""


class SealingKey(models.Model):
    """The key of a person, of an order, or of what tells of several orders (`tells_of`, their ids: a letter, a file).

    The key of the register itself, of what names nobody in particular or must outlive everybody, tells of `NOBODY`.

    `wrapped` is the key, sealed by the key `wrapped_by` that lies outside the database. Destroyed, what it sealed can
    be read by nobody, in no backup made since; the row stays, and says that its person or order has been erased.
    """

    person = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, null=True, db_index=False, related_name="+")
    tells_of = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    wrapped_by = models.CharField(max_length=32)
    wrapped = models.BinaryField(null=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    destroyed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], name="sealing_key_of_person", condition=Q(person__isnull=False)),
            models.UniqueConstraint(fields=["order"], name="sealing_key_of_order", condition=Q(order__isnull=False)),
            models.CheckConstraint(
                name="sealing_key_or_destroyed", condition=Q(wrapped__isnull=True) ^ Q(destroyed_at__isnull=True)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="sealing_key_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="sealing_key_fixed", exclude=["tells_of", "wrapped", "wrapped_by", "destroyed_at"]),
            # It may come to tell of more orders, never of fewer; that of the register goes with none.
            pgtrigger.Protect(
                name="sealing_key_tells_more",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT NEW.tells_of @> OLD.tells_of OR (0 = ANY(OLD.tells_of)) <> (NEW.tells_of = ARRAY[0]::bigint[])"
                ),
            ),
        ]
        indexes = [
            GinIndex(
                fields=["tells_of"], name="sealing_key_tells_of", condition=Q(person__isnull=True, order__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"key {self.pk}"
