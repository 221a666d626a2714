"""What keeps the log honest: seals over it, and what a person said of the looks drawn by lot. Only ever added to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.audit import AuditEntry


class AuditSeal(models.Model):
    """A seal over the entries of the log whose transactions were over: those with `from_xid` <= xid < `until_xid`.

    Of these only entries after `after_id` and up to `last_id`: a chain begins anew when the database was put onto
    another server, whose transactions count from elsewhere. `digest` is the hash of the entries and of the seal before,
    `mac` the same under a key that lies outside the database.
    """

    chain = models.PositiveIntegerField()
    after_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    from_xid = models.BigIntegerField()
    until_xid = models.BigIntegerField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        triggers = [pgtrigger.Protect(name="seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"seal {self.pk} over {self.count} entries"


class Verdict(models.TextChoices):
    """What a look drawn by lot came to."""

    FINE = "fine", "For a proper purpose"
    ASKED = "asked", "Asked the person, and it was proper"
    REFERRED = "referred", "Referred to professional standards"


class LookReview(models.Model):
    """What a supervisor or auditor said of one look that was drawn for review; `note` is sealed like a reason."""

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="review")
    verdict = models.CharField(max_length=10, choices=Verdict)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = [pgtrigger.Protect(name="look_review_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.verdict} {self.entry_id}"
