"""A bundle on its way into the register: received, read without keeping anything, applied, mended, undone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from orders.models.area import Area
from orders.models.imports import ImportRun


class UploadState(models.TextChoices):
    """Where a bundle stands. What is waiting is owed by the worker; what is being done is held by one."""

    TO_CHECK = "to check", "Waiting to be read"
    CHECKING = "checking", "Being read"
    CHECKED = "checked", "Read, not applied"
    TO_APPLY = "to apply", "Waiting to be applied"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    TO_UNDO = "to undo", "Waiting to be undone"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    DISCARDED = "discarded", "Discarded"


class Upload(models.Model):
    """A bundle that somebody uploaded, or that was found in the watched folder (`by` and `force` are empty then).

    `name` is the file's own; `digest` its SHA-256 and `size` its bytes. `path` is set for a bundle that is read where
    it lies, in the watched folder; others lie in the import directory under the upload's number, until all is done.
    `progress` is {"step", "done", "total"} while it is worked on; `outcome` the last answer; `run` the import that it
    became, the last one if it was mended since, and `runs` the ids of all of them. `problem` says why it failed,
    `attempts` how often it was begun. `reason`, why it was mended or is undone, is sealed (orders/imports/said.py);
    `about` are the source's keys of the orders that were mended.
    """

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    path = models.TextField(blank=True)
    modified_ns = models.BigIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    force = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=12, choices=UploadState, default=UploadState.TO_CHECK)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    about = ArrayField(models.TextField(), default=list, db_default=[])
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="uploads")
    runs = ArrayField(models.BigIntegerField(), default=list)
    finished_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="When somebody said that they know of its failure.")
    kept = models.BooleanField(default=True, help_text="Whether its file is still there.")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"],
                name="upload_owed",
                condition=models.Q(state__in=["to check", "checking", "to apply", "applying", "to undo", "undoing"]),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_owed(self) -> bool:
        """Whether the worker still has something to do with it."""
        return self.state in OWED


OWED = (
    UploadState.TO_CHECK, UploadState.CHECKING, UploadState.TO_APPLY, UploadState.APPLYING, UploadState.TO_UNDO,
    UploadState.UNDOING,
)  # fmt: skip
