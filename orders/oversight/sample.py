"""One look in twenty, drawn by lot, for a person to say whether it was for a proper purpose."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BigIntegerField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Mod

from orders.access import audit, reasons
from orders.access.keyring import keyring
from orders.access.permissions import Action, may
from orders.models import AuditEntry, Category, LookReview, Role, User, Verdict
from orders.oversight.oddities import LOOKS
from orders.record.writing import Refused

ONE_IN = 20
DAYS = 30
"""For so long a look that was drawn waits to be reviewed."""


def drawn(reviewer: User, now: datetime) -> QuerySet[AuditEntry]:
    """The looks that were drawn and wait, the oldest first: of others than the reviewer, of their own force.

    Supervisors review those of people of their own area and below it, auditors those of the force.
    """
    if not may(reviewer, Action.AUDIT_SAMPLE) or reviewer.force_id is None:
        return AuditEntry.objects.none()
    lot = Func(F("pk"), Value(seed()), function="hashint8extended", output_field=BigIntegerField())
    found = (
        AuditEntry.objects.alias(lot=Mod(lot, Value(ONE_IN)))
        .filter(lot=0, action__in=LOOKS, at__gte=now - timedelta(days=DAYS), at__lt=now, review__isnull=True)
        .filter(user__force_id=reviewer.force_id)
        .exclude(user=reviewer)
    )
    if not reviewer.has_role(Role.AUDITOR):
        area = reviewer.home_area_id
        found = found.filter(Q(user__home_area_id=area) | Q(user__home_area__parent_id=area))
    return found.select_related("user").order_by("at", "pk")


def seed() -> int:
    """What the lot depends on, so that nobody without the keys can tell which looks it falls on."""
    return int.from_bytes(hashlib.sha256(keyring().index("audit sample", "").encode()).digest()[:7])


def review(entry: AuditEntry, verdict: Verdict, *, by: User, note: str, now: datetime) -> LookReview:
    """Say what a look came to. Raises Refused."""
    if not drawn(by, now).filter(pk=entry.pk).exists():
        raise Refused(["entry: is not yours to review, or has been reviewed"])
    if verdict is not Verdict.FINE and not note.strip():
        raise Refused(["note: is missing; say what was asked or to whom it was referred"])
    with transaction.atomic():
        made = LookReview.objects.create(
            entry=entry, verdict=verdict, note=reasons.sealed(note, orders=entry.orders), by=by
        )
        audit.record(
            by=by, category=Category.CONSULTATION, action="review look", orders=entry.orders,
            detail={"entry": entry.pk, "verdict": verdict.value},
        )  # fmt: skip
    return made
