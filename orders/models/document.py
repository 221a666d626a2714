"""Files held against an order: the sealed order itself, and what goes with it."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models

from orders.models.order import Order
from orders.models.recording import Recording


class DocumentSort(models.TextChoices):
    """What a document is."""

    SEALED_ORDER = "sealed order", "The sealed order"
    APPLICATION = "application", "Application"
    STATEMENT_OF_SERVICE = "statement of service", "Statement of service"
    CORRESPONDENCE = "correspondence", "Letter or email"
    OTHER = "other", "Something else"


class DocumentType(models.TextChoices):
    """What a file was found to be by its content."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "PNG image"
    JPEG = "image/jpeg", "JPEG image"
    TIFF = "image/tiff", "TIFF image"


class Document(models.Model):
    """A file of an order; never changed and never deleted: `superseded` says by what recording it was removed.

    `note` is sealed under the order's key, and so is the file, which lies under the name `stored_as` in DOCUMENT_DIR.
    `size` (bytes) and `digest` (SHA-256) are of the content before sealing. What the file was called is not kept.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="documents")
    sort = models.CharField(max_length=20, choices=DocumentSort)
    note = models.TextField(blank=True)
    type = models.CharField(max_length=16, choices=DocumentType)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    stored_as = models.UUIDField(unique=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="document_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="document_as_recorded", exclude=["superseded"]),
            pgtrigger.Protect(
                name="document_removed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__superseded__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.pk}"
