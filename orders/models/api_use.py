"""How often a token has asked lately: what the rate limit counts, shared by all web processes."""

from __future__ import annotations

from django.db import models

from orders.models.user import ApiToken


class ApiUse(models.Model):
    """The requests of a token in the minute in which it last asked. One row a token, so nothing is left to tidy."""

    token = models.OneToOneField(ApiToken, models.CASCADE, primary_key=True, related_name="use")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.requests} by {self.token_id}"
