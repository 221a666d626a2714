"""How old the data of a force are, and what of the unattended imports went wrong: worked out when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from orders.models import ImportRun, Party, PartyName, Upload, UploadState


@dataclass(frozen=True, slots=True)
class Stale:
    """A source whose latest extract is older than it should be."""

    source: str
    extracted_at: datetime
    hours: int


def stale_sources(force_id: int | None, now: datetime) -> list[Stale]:
    """The sources of a force's orders whose latest extract was taken longer than STALE_HOURS before an instant."""
    if force_id is None:
        return []
    latest = (
        ImportRun.objects.filter(undone_by__isnull=True, forces__contains=[force_id])
        .order_by("source")
        .values_list("source")
        .annotate(Max("extracted_at"))
    )
    return [
        Stale(source, taken, int((now - taken) / timedelta(hours=1)))
        for source, taken in latest
        if now - taken > timedelta(hours=settings.STALE_HOURS)
    ]


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
