"""When the register learned something, and from whom."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class Recording(models.Model):
    """One act of writing: everything recorded by it became known at the same instant.

    `recorded_at` (UTC) is set as the last statement before the commit, so that "what was known at K" never counts
    something that was not yet there for anybody to read. Until then it is empty, which means: not known. `reference`
    is the latest change of reference data by then: what places stored under this recording were made from. `reason` is
    sealed (orders/access/reasons.py).
    """

    recorded_at = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    source = models.CharField(
        max_length=64, help_text="`register` for what is entered by hand, else the source system."
    )
    run = models.ForeignKey("orders.ImportRun", models.PROTECT, null=True, editable=False, related_name="recordings")
    reference = models.BigIntegerField(null=True, editable=False)
    action = models.CharField(max_length=60)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["recorded_at"], name="recording_recorded_at")]
        triggers = [
            pgtrigger.Protect(name="recording_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="recording_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__recorded_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.recorded_at}"


def kept_as_recorded(*derived: str) -> list[pgtrigger.Trigger]:
    """The triggers of a fact: it is never deleted, and all that may change is what superseded it.

    `derived`: columns worked out from others, which may change too.
    """
    return [
        pgtrigger.Protect(name="fact_kept", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name="fact_as_recorded", exclude=["superseded", *derived]),
    ]
