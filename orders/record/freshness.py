"""How old the data of a force are, and what of the unattended imports went wrong: worked out when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from orders.models import Party, PartyName, Upload, UploadState


@dataclass(frozen=True, slots=True)
class Stale:
    """A source whose latest extract is older than it should be."""

    source: str
    extracted_at: datetime
    hours: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """What of a force's data is not as it should be: sources that are silent, and orders being worked out again."""

    stale: Sequence[Stale] = ()
    recomputing: bool = False


_READ = """
    SELECT EXISTS (SELECT FROM orders_staleorder), array_agg(source ORDER BY source), array_agg(taken ORDER BY source)
      FROM (SELECT source, max(extracted_at) AS taken FROM orders_importrun
             WHERE undone_by_id IS NULL AND forces @> ARRAY[%s::bigint] GROUP BY source) latest"""


def freshness(force_id: int | None, now: datetime) -> Freshness:
    """The sources of a force's orders whose latest extract was taken longer than STALE_HOURS before an instant, and
    whether places of some order, of whichever force, rest on reference data that have changed since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [force_id])
        ((recomputing, sources, latest),) = cursor.fetchall()
    stale = [
        Stale(source, taken, int((now - taken) / timedelta(hours=1)))
        for source, taken in zip(sources or (), latest or (), strict=True)
        if now - taken > timedelta(hours=settings.STALE_HOURS)
    ]
    return Freshness(stale, recomputing)


def names_are_missing() -> bool:
    """Whether there are orders and none can be found by a name: the search rows have not been worked out yet."""
    return Party.objects.exists() and not PartyName.objects.exists()


def failed_imports() -> list[Upload]:
    """Bundles of the watched folder that were refused or failed, and of which nobody has said yet that they know."""
    return list(
        Upload.objects.filter(
            by__isnull=True, seen_at__isnull=True, state__in=[UploadState.REFUSED, UploadState.FAILED]
        ).order_by("pk")[:20]
    )
