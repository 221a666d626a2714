"""Counting requests by minutes of the clock, in the database, so that all web processes count together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from orders.models import Pace

_COUNT = """
    INSERT INTO orders_pace AS held (key, minute, requests)
    SELECT key, date_trunc('minute', clock_timestamp()), 1 FROM unnest(%s::text[]) AS key ORDER BY key
    ON CONFLICT (key) DO UPDATE
       SET requests = CASE WHEN held.minute = excluded.minute THEN least(held.requests, 1000000) + 1 ELSE 1 END,
           minute = excluded.minute
    RETURNING key, requests, ceil(extract(epoch FROM minute + interval '1 minute' - clock_timestamp()))::int"""


def count(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Count a request under each key: how many there were in this minute, and how many seconds are left of it."""
    wanted = [key[:80] for key in keys]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [wanted])
        return {key: (requests, max(1, left)) for key, requests, left in cursor.fetchall()}


def forget_old() -> int:
    """Delete what was counted more than an hour ago; returns how many rows."""
    return Pace.objects.filter(minute__lt=timezone.now() - timedelta(hours=1)).delete()[0]
