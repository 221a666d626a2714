"""What the register does by itself, each a few lines: beat only keeps time."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from orders.actions import saving
from orders.documents import store
from orders.imports import folder, work
from orders.oversight import seals
from orders.places import tally
from orders.record import standing_check
from orders.reference import depending
from orders.reference import work as reference_work

log = structlog.get_logger(__name__)


@shared_task(name="orders.tasks.check_standing")
def check_standing() -> int:
    """Compare stored standing and counts with recomputed ones. Returns how many differ; each is an error in the log."""
    found = 0
    for difference in standing_check.differences():
        found += 1
        log.error("standing_differs", order=difference.order_id, reference=difference.reference)
    for (area, kind, _, _), kept, there in tally.differences():
        found += 1
        log.error("count_differs", area=area, kind=kind, kept=kept, there=there)
    tally.fold()
    saving.forget_asked(timezone.now())
    store.discard_erased()
    return found


@shared_task(name="orders.tasks.seal_audit")
def seal_audit() -> int:
    """Seal what was written to the log. Returns how many entries."""
    return seals.seal()


@shared_task(name="orders.tasks.verify_audit")
def verify_audit() -> int:
    """Verify the seals over the log. Returns how many do not hold; each is an error in the log of the server."""
    found = 0
    for fault in seals.verify():
        found += 1
        log.error("audit_broken", seal=fault.seal, words=fault.words)
    return found


@shared_task(name="orders.tasks.work_on_imports")
def work_on_imports() -> int:
    """Look into the watched folder and do what uploads are owed. Returns how many were worked on."""
    folder.look()
    return work.work_on_all()


@shared_task(name="orders.tasks.work_on_reference_data")
def work_on_reference_data() -> int:
    """Read, apply and undo changes of reference data, and work out what rests on them. Returns how many orders were."""
    reference_work.work_on_all()
    return depending.work_out_again()
