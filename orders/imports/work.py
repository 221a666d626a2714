"""The worker's side of uploads: the rows say what is owed, and whoever holds an upload's lock is doing it.

The lock belongs to a connection of its own, which also writes the progress, so that others read it while the import's
transaction is open. A worker that is killed loses the lock, its transaction never happened, and the next round begins
again; after three beginnings it is left for a person to start once more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from kombu.exceptions import OperationalError

from orders.access import audit
from orders.imports import said, store
from orders.imports.corrections import read_corrections
from orders.imports.loader import Asked, load
from orders.imports.outcome import Outcome
from orders.imports.preview import write_preview
from orders.imports.undo import NotUndone, undo
from orders.models import Category, ImportRun, QuarantinedOrder, Upload, UploadState

log = structlog.get_logger(__name__)

ATTEMPTS = 3
_ROUND, _UPLOAD = 4_217_002, 4_217_003
"""Advisory locks: of the one round at a time, and of the upload that is being worked on."""

_BEGUN = {
    UploadState.TO_CHECK: UploadState.CHECKING,
    UploadState.TO_APPLY: UploadState.APPLYING,
    UploadState.TO_UNDO: UploadState.UNDOING,
}
_EVERY = 0.5
"""Seconds between two notes of progress."""


class Watch:
    """A connection of its own: its lock says that the upload is being worked on, its statements tell how far."""

    def __init__(self, connection: BaseDatabaseWrapper, upload: Upload) -> None:
        self._connection, self._pk = connection, upload.pk
        self._done: dict[str, int] = {}
        self._told = 0.0

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """Note progress, at most twice a second."""
        self._done[step] = self._done.get(step, 0) + done
        if time.monotonic() - self._told < _EVERY:
            return
        self._told = time.monotonic()
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE orders_upload SET progress = %s WHERE id = %s",
                [json.dumps({"step": step, "done": self._done[step], "total": total}), self._pk],
            )


@contextmanager
def _locked(kind: int, number: int) -> Iterator[BaseDatabaseWrapper | None]:
    """A connection of its own that holds an advisory lock, or None if another process does."""
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number])
            (mine,) = cursor.fetchone() or (False,)
        yield connection if mine else None
    finally:
        connection.close()


def ask_for_a_round() -> None:
    """Tell a worker that something is owed. If the broker is down, the next tick finds it by itself."""
    try:
        current_app.send_task("orders.tasks.work_on_imports", retry=False)
    except OperationalError:
        log.warning("broker_down", waiting="imports")


def work_on_all() -> int:
    """Do all that is owed, the oldest first, one process at a time. Returns how many uploads were worked on."""
    done = 0
    with _locked(_ROUND, 0) as mine:
        if mine is None:
            return 0
        _forget_what_is_over()
        while upload := Upload.objects.filter(state__in=[*_BEGUN, *_BEGUN.values()]).order_by("pk").first():
            with _locked(_UPLOAD, upload.pk) as connection:
                if connection is None:
                    break
                _work(upload, Watch(connection, upload))
            done += 1
    return done


def _work(upload: Upload, watch: Watch) -> None:
    """One piece of work on an upload, whose lock is held. One found begun was left behind by a worker that died."""
    waiting = {begun: state for state, begun in _BEGUN.items()}.get(UploadState(upload.state))
    if waiting is not None:
        if upload.attempts >= ATTEMPTS:
            _fail(upload, waiting, f"The worker stopped in the middle {ATTEMPTS} times. Nothing was changed.")
            return
    else:
        waiting = UploadState(upload.state)
    upload.state, upload.attempts, upload.progress = _BEGUN[waiting], upload.attempts + 1, {}
    upload.save(update_fields=["state", "attempts", "progress"])
    try:
        if waiting is UploadState.TO_UNDO:
            _undo(upload, watch)
        else:
            _load(upload, watch, commit=waiting is UploadState.TO_APPLY)
    except Exception as error:
        # The import's transaction is gone: nothing was changed. What the error says may name people: its kind is told.
        log.exception("import_failed", upload=upload.pk)
        _fail(upload, waiting, f"The register could not do it ({type(error).__name__}). Nothing was changed.")


def _fail(upload: Upload, again: UploadState, why: str) -> None:
    """Leave it for a person, who may have it done `again`."""
    Upload.objects.filter(pk=upload.pk).update(
        state=UploadState.FAILED,
        problem=why,
        finished_at=timezone.now(),
        progress={"again": again.value},
        seen_at=None,
    )
    _tell(upload, why)


def _tell(upload: Upload, why: str) -> None:
    """In the log; as an alarm where nobody is waiting for the answer."""
    (log.error if upload.by is None else log.warning)("import_alarm", upload=upload.pk, problem=why)


def _load(upload: Upload, watch: Watch, *, commit: bool) -> None:
    place = store.prepare(upload)
    corrections = read_corrections(place / store.CORRECTIONS)

    def applied(run: ImportRun) -> None:
        # In the import's own transaction: either both are known, or neither.
        said.is_about(upload.reason, upload.about, run.source)
        Upload.objects.filter(pk=upload.pk).update(
            state=UploadState.APPLIED,
            run=run,
            runs=[*upload.runs, run.pk],
            outcome=run.outcome,
            problem="",
            finished_at=timezone.now(),
            progress={},
            attempts=0,
        )

    outcome = load(
        store.bundle(upload),
        commit=commit,
        by=upload.asked_by or upload.by,
        advance=watch,
        asked=Asked(
            name=upload.name,
            force=upload.force,
            corrections=corrections,
            reason=upload.reason,
            planned=lambda bundle: write_preview(place / store.PREVIEW, bundle, corrections),
            applied=applied,
        ),
    )
    if outcome.bundle == "refused":
        _refuse(upload, outcome)
    elif outcome.bundle == "already imported":
        _already(upload, outcome)
    elif not outcome.committed:
        Upload.objects.filter(pk=upload.pk).update(
            state=UploadState.CHECKED, outcome=outcome.as_json(), progress={}, attempts=0
        )
    settle(Upload.objects.get(pk=upload.pk))


def _refuse(upload: Upload, outcome: Outcome) -> None:
    Upload.objects.filter(pk=upload.pk).update(
        state=UploadState.REFUSED,
        outcome=outcome.as_json(),
        problem=outcome.reason or "",
        finished_at=timezone.now(),
        progress={},
        seen_at=None,
    )
    # Why it was refused may quote the bundle; it stands with the upload.
    audit.record(
        by=upload.asked_by or upload.by, category=Category.REFUSAL, action="bundle refused",
        detail={"upload": upload.pk, "sha256": upload.digest},
    )  # fmt: skip
    _tell(upload, outcome.reason or "")


def _already(upload: Upload, outcome: Outcome) -> None:
    """Nothing to do: another upload, or the command line, has brought the same bundle."""
    Upload.objects.filter(pk=upload.pk).update(
        state=UploadState.DISCARDED if upload.run_id is None else UploadState.APPLIED,
        outcome=outcome.as_json(),
        problem="This bundle was already imported; nothing was changed.",
        finished_at=timezone.now(),
        progress={},
    )


def _undo(upload: Upload, watch: Watch) -> None:
    runs = list(ImportRun.objects.filter(pk__in=upload.runs, undone_by__isnull=True).order_by("pk"))
    try:
        with transaction.atomic():
            undo(runs, by=upload.asked_by, reason=upload.reason, advance=watch)
            Upload.objects.filter(pk=upload.pk).update(
                state=UploadState.UNDONE, finished_at=timezone.now(), progress={}, attempts=0, problem=""
            )
    except NotUndone as refusal:
        Upload.objects.filter(pk=upload.pk).update(
            state=UploadState.APPLIED, problem=str(refusal), progress={}, attempts=0
        )
    settle(Upload.objects.get(pk=upload.pk))


def settle(upload: Upload) -> None:
    """Delete the bundle when nothing can be asked of it any more."""
    over = upload.state in (UploadState.UNDONE, UploadState.REFUSED, UploadState.DISCARDED)
    if upload.state == UploadState.APPLIED and upload.run is not None:
        over = not QuarantinedOrder.objects.filter(run=upload.run, resolved_by__isnull=True).exists()
    if over and upload.kept:
        store.forget(upload)
        Upload.objects.filter(pk=upload.pk).update(kept=False)


def _forget_what_is_over() -> None:
    """Bundles that lay for a while: what they hold of people is not kept without a purpose."""
    ended = timezone.now() - timedelta(days=settings.IMPORT_KEEP_DAYS)
    old = Upload.objects.filter(kept=True, received_at__lt=ended)
    for upload in old.exclude(state__in=[*_BEGUN, *_BEGUN.values()]):
        store.forget(upload)
        Upload.objects.filter(pk=upload.pk).update(
            kept=False,
            state=UploadState.DISCARDED if upload.state == UploadState.CHECKED else upload.state,
        )
