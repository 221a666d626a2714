"""Who looked at what, who changed what and who was told: the log that Data Protection Act 2018 s.62 asks for."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now


class Category(models.TextChoices):
    """The processing operations that section 62(1) names, and what belongs to "who": signing in, refusals."""

    COLLECTION = "collection", "Collection"
    ALTERATION = "alteration", "Alteration"
    CONSULTATION = "consultation", "Consultation"
    DISCLOSURE = "disclosure", "Disclosure"
    COMBINATION = "combination", "Combination"
    ERASURE = "erasure", "Erasure"
    ACCESS = "access", "Signing in and out"
    REFUSAL = "refusal", "Refused"


class TransactionId(models.Func):
    """The id of the present transaction, by which PostgreSQL says whether one is over."""

    function = "pg_current_xact_id"
    template = "%(function)s()::text::bigint"
    output_field = models.BigIntegerField()


class AuditEntry(models.Model):
    """One look, change or disclosure, with who, when, why and of which orders. Only ever added to.

    `user_name` is kept beside `user` so that the log reads the same after an account is renamed. `orders` are the ids
    of the orders concerned; `recipients` the addresses of a disclosure. `detail` holds what was asked, never an answer.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    category = models.CharField(max_length=16, choices=Category)
    action = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    user_name = models.CharField(max_length=150, blank=True)
    orders = ArrayField(models.BigIntegerField(), default=list)
    recipients = ArrayField(models.CharField(max_length=254), default=list)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    # By the transaction that wrote an entry the sealer knows whether others may still come before it.
    xid = models.BigIntegerField(db_default=TransactionId(), editable=False)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["user", "-at"], name="audit_user_at"),
            models.Index(fields=["action", "-at"], name="audit_action_at"),
            GinIndex(fields=["orders"], name="audit_orders"),
        ]
        triggers = [pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action} by {self.user_name or 'the register'}"
