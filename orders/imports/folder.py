"""The watched folder: bundles that the records system puts there are imported unattended, each once.

A bundle is taken when it has lain unchanged for a minute. One that was imported is moved to `done`; one that was
refused or failed stays where it is, for a person to see, and is an alarm until somebody says that they know.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.conf import settings

from orders.imports import store
from orders.models import Upload, UploadState

log = structlog.get_logger(__name__)

SETTLED_SECONDS = 60
"""How long a file must have been left alone: one that is still being copied is not whole."""

DONE = "done"


def look(now: float | None = None) -> int:
    """Take what is new and tidy what is done. `now` is a Unix time. Returns how many bundles were taken."""
    if not settings.IMPORT_FOLDER:
        return 0
    folder = Path(settings.IMPORT_FOLDER)
    if not folder.is_dir():
        log.error("import_folder_missing", folder=str(folder))
        return 0
    _move_done(folder)
    taken = 0
    for path in _bundles(folder):
        found = path.stat()
        if (time.time() if now is None else now) - found.st_mtime < SETTLED_SECONDS:
            continue
        same = Upload.objects.filter(path=str(path), size=found.st_size, modified_ns=found.st_mtime_ns)
        if same.exists():
            continue
        digest = _digest(path)
        had = Upload.objects.filter(by__isnull=True, digest=digest).first()
        if had is not None:
            # Touched or put there again, and not changed: it has had its turn.
            Upload.objects.filter(pk=had.pk).update(path=str(path), modified_ns=found.st_mtime_ns)
            continue
        Upload.objects.create(
            name=path.name[:200],
            digest=digest,
            size=found.st_size,
            path=str(path),
            modified_ns=found.st_mtime_ns,
            state=UploadState.TO_APPLY,
        )
        taken += 1
    return taken


def _bundles(folder: Path) -> Iterator[Path]:
    """The zips that lie in the folder itself, the oldest first; links could lead anywhere."""
    found = [path for path in folder.glob("*.zip") if path.is_file() and not path.is_symlink()]
    yield from sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move_done(folder: Path) -> None:
    """Put away what has nothing left to mend. If that fails the bundle stays, and is not taken twice."""
    for upload in Upload.objects.exclude(path="").filter(
        kept=False, state__in=[UploadState.APPLIED, UploadState.UNDONE, UploadState.DISCARDED]
    ):
        path = store.bundle(upload)
        if path.parent != folder or not path.is_file() or path.stat().st_mtime_ns != upload.modified_ns:
            continue
        try:
            folder.joinpath(DONE).mkdir(exist_ok=True)
            path.rename(folder / DONE / f"{upload.pk}-{path.name}")
            Upload.objects.filter(pk=upload.pk).update(path="")
        except OSError as error:
            log.error("import_not_put_away", upload=upload.pk, error=str(error))
