"""Where bundles lie while they are wanted: outside what the web server serves, for the register's own account only.

Every process of the register, web and worker, must see the same directory (`IMPORT_DIR`).
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from orders.models import Upload

BUNDLE, PREVIEW, CORRECTIONS = "bundle.zip", "preview.jsonl", "corrections.json"


class NotTaken(ValueError):
    """A file that cannot be a bundle; the message says why and what to do."""


def folder(upload: Upload) -> Path:
    """The upload's own directory."""
    return Path(settings.IMPORT_DIR) / str(upload.pk)


def bundle(upload: Upload) -> Path:
    """The bundle itself: where it was put, or where it was found."""
    return Path(upload.path) if upload.path else folder(upload) / BUNDLE


def keep(upload: Upload, chunks: Iterable[bytes]) -> None:
    """Store what is received under the upload, which is given its digest and size. Raises NotTaken."""
    place = folder(upload)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    target = place / BUNDLE
    try:
        with target.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.IMPORT_UPLOAD_BYTES:
                    raise NotTaken(too_large())
                digest.update(chunk)
                file.write(chunk)
        if not zipfile.is_zipfile(target):
            raise NotTaken("The file is not a zip. Choose the .zip that the records system made of the extract.")
    except BaseException:
        forget(upload)
        raise
    upload.digest, upload.size = digest.hexdigest(), size


def too_large() -> str:
    """What to say of a file beyond the limit."""
    return (
        f"The file is larger than {settings.IMPORT_UPLOAD_BYTES >> 20:,} MB. "
        "Put larger bundles in the watched folder, or import them at the command line."
    )


def prepare(upload: Upload) -> Path:
    """The upload's directory, made if it is not there: a bundle that is read where it lies has none yet."""
    place = folder(upload)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def forget(upload: Upload) -> None:
    """Delete the bundle, its lists and corrections. What lies in the watched folder is not ours to delete."""
    shutil.rmtree(folder(upload), ignore_errors=True)
