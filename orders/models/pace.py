"""How often somebody has asked lately: what the limits of pages and of entries about refusals count."""

from __future__ import annotations

from django.db import models


class Pace(models.Model):
    """The requests of one account or one address, or its refusals of one sort, in the minute in which it last asked.

    One row each, in a table without a write-ahead log: after a crash the counting begins anew.
    """

    key = models.CharField(primary_key=True, max_length=80, db_collation="C")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.requests} by {self.key}"
