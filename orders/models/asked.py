"""What was typed in the box of a search: kept here, so that what describes a person stands in no address and no log."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from orders.models.listing import new_key
from orders.models.typed import open_words

LASTS = timedelta(hours=12)
"""How long a search with words can be opened again: a shift, and a little."""


def when_over() -> object:
    """The instant at which a search asked now is forgotten."""
    return timezone.now() + LASTS


class AskedSearch(models.Model):
    """Words that a user searched for, under a key that says nothing; it opens for its owner alone, and not for long.

    `text` is sealed (`orders.models.typed`).
    """

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField()
    expires_at = models.DateTimeField(default=when_over, db_index=True)

    class Meta:
        verbose_name_plural = "asked searches"

    def __str__(self) -> str:
        return self.key

    @property
    def words(self) -> str | None:
        """What was typed, blank if nothing; None where it can no longer be opened."""
        return open_words(self.text, self.owner_id)
