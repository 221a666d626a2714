"""What a reason opened, for whom and until when; and the openings of secret addresses that are to be told of."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.audit import AuditEntry
from orders.models.order import Order
from orders.models.person import Person


class GrantKind(models.TextChoices):
    """What a reason can open."""

    RESTRICTED = "restricted", "A restricted order"
    HISTORIC = "historic", "An ended order outside one's area"
    SECRET_ADDRESS = "secret address", "The secret addresses of an order"
    INTERVENTIONS = "interventions", "The civil interventions against a person"


class AccessGrant(models.Model):
    """A reason that was given and what it opens until when: an order, or the ended orders against a person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=GrantKind)
    order = models.ForeignKey(Order, models.PROTECT, null=True, db_index=False, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="+")
    entry = models.ForeignKey(AuditEntry, models.PROTECT, db_index=False, related_name="+")
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_of_order_or_person", condition=Q(order__isnull=True) ^ Q(person__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["user", "until"], name="grant_held")]
        triggers = [pgtrigger.Protect(name="grant_as_given", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} until {self.until:%H:%M}"


class SecretOpening(models.Model):
    """A secret address that was opened: the data protection mailbox is told of each, if need be again and again.

    The row is written with the grant, so that no opening is without it. `told_at` is empty until a mail server took
    the message; `answer` is what it last said.
    """

    grant = models.OneToOneField(AccessGrant, models.PROTECT, related_name="opening")
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    told_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], name="opening_owed", condition=Q(told_at__isnull=True)),
        ]
        triggers = [pgtrigger.Protect(name="opening_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"opening {self.pk}"
