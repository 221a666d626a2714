"""A list of orders that somebody was pointed to: what an email told of, so that its link opens exactly those."""

from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from orders.models.area import Area


def new_key() -> str:
    """Sixteen characters that nobody can guess and that fit in a line of an email."""
    return secrets.token_urlsafe(12)


class OrderList(models.Model):
    """Orders under a title, of a force. Who opens it sees those of them that they may see, as they stand then."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    title = models.CharField(max_length=120)
    force = models.ForeignKey(Area, models.PROTECT, related_name="+")
    orders = ArrayField(models.BigIntegerField(), default=list)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.title
