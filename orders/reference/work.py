"""The worker's side of reference data: files too large for a page are read, applied and undone here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import structlog
from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from kombu.exceptions import OperationalError

from orders.models import ReferenceChange, ReferenceState
from orders.reference import changes, postcodes
from orders.reference.changes import NotChanged
from orders.reference.headers import NotRead

log = structlog.get_logger(__name__)
_ROUND = 4_217_005
"""The advisory lock of the one round at a time."""

ATTEMPTS = 3


def keep(change: ReferenceChange, chunks: Iterable[bytes]) -> None:
    """Put the file where the worker finds it, until it has been read. Raises NotRead."""
    path = _file(change)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    try:
        with path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.REFERENCE_UPLOAD_BYTES:
                    raise NotRead(f"The file is larger than {settings.REFERENCE_UPLOAD_BYTES >> 20:,} MB. Zip it.")
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _file(change: ReferenceChange) -> Path:
    return Path(settings.IMPORT_DIR) / f"reference-{change.pk}"


def ask_for_a_round() -> None:
    """Tell a worker that something is owed. If the broker is down, the next tick finds it by itself."""
    try:
        current_app.send_task("orders.tasks.work_on_reference_data", retry=False)
    except OperationalError:
        log.warning("broker_down", waiting="reference data")


def work_on_all() -> int:
    """Do what is owed, the oldest first, one process at a time. Returns how many changes were worked on."""
    connection = connections.create_connection("default")
    done = 0
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [_ROUND])
            (mine,) = cursor.fetchone() or (False,)
        owed = [ReferenceState.TO_READ, ReferenceState.TO_APPLY, ReferenceState.TO_UNDO]
        while mine and (change := ReferenceChange.objects.filter(state__in=owed).order_by("pk").first()):

            def advance(rows: int, pk: int = change.pk) -> None:
                # Over a connection of its own: the reading is one transaction.
                with connection.cursor() as cursor:
                    progress = json.dumps({"rows": rows})
                    cursor.execute("UPDATE orders_referencechange SET progress = %s WHERE id = %s", [progress, pk])

            _work(change, advance)
            done += 1
    finally:
        connection.close()
    return done


def _work(change: ReferenceChange, advance: changes.Advance) -> None:
    change.attempts += 1
    change.save(update_fields=["attempts"])
    waiting = ReferenceState(change.state)
    try:
        if change.attempts > ATTEMPTS:
            raise NotRead(f"The worker stopped in the middle {ATTEMPTS} times. Nothing was changed. Try it again.")
        if waiting is ReferenceState.TO_READ:
            with transaction.atomic():
                counted = postcodes.stage(_file(change), change, advance)
                postcodes.compare(change)
                if not change.lines.exists():
                    raise NotRead("The file says nothing that is not held already: there is nothing to change.")
                changes.summarise(change, counted)
        elif waiting is ReferenceState.TO_APPLY:
            changes.apply(change, by=change.by)
        else:
            changes.undo(change, by=change.by)
    except (NotRead, NotChanged) as problem:
        _left(change.pk, waiting, str(problem))
    except Exception as error:
        log.exception("reference_change_failed", change=change.pk)
        _left(change.pk, waiting, f"The register could not do it ({type(error).__name__}). Nothing was changed.")
    ReferenceChange.objects.filter(pk=change.pk).exclude(state=waiting).update(attempts=0)
    if waiting is ReferenceState.TO_READ:
        _file(change).unlink(missing_ok=True)


def _left(pk: int, waiting: ReferenceState, problem: str) -> None:
    """As it stood before it was asked for, with why."""
    before = {
        ReferenceState.TO_READ: ReferenceState.REFUSED,
        ReferenceState.TO_APPLY: ReferenceState.PROPOSED,
        ReferenceState.TO_UNDO: ReferenceState.APPLIED,
    }[waiting]
    ReferenceChange.objects.filter(pk=pk).update(state=before, problem=problem, progress={})
