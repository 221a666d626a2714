"""Where the files lie: DOCUMENT_DIR, outside the web root, sealed, for the register's own account only."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.conf import settings

from orders.access.sealing import erased_orders, unseal_bytes
from orders.models import Document, SealingKey


class NotThere(Exception):
    """A file that cannot be shown, in words."""


def path_of(name: UUID) -> Path:
    """Where a file lies; its name is the register's own."""
    return Path(settings.DOCUMENT_DIR) / name.hex[:2] / name.hex


def put(sealed: bytes) -> UUID:
    """Keep a sealed file, whole or not at all; returns the name it got."""
    name = uuid4()
    path = path_of(name)
    root = Path(settings.DOCUMENT_DIR)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.chmod(0o700)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    partial = path.with_suffix(".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _settle(path.parent)
    return name


def discard(name: UUID) -> None:
    """Take back a file that no row came to name."""
    path_of(name).unlink(missing_ok=True)


def discard_erased() -> int:
    """Delete the files of orders of which somebody was erased: their key is gone, so they are noise. Returns how many.

    Done right after an erasure, and every night for what a crash had left.
    """
    gone = SealingKey.objects.filter(destroyed_at__isnull=False, order__isnull=False).values("order")
    files = [path_of(name) for name in Document.objects.filter(order__in=gone).values_list("stored_as", flat=True)]
    there = [path for path in files if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
        _settle(path.parent)
    return len(there)


def content_of(document: Document) -> bytes:
    """The file as it was added. Raises NotThere if it is missing, damaged or erased."""
    try:
        sealed = path_of(document.stored_as).read_bytes()
    except OSError:
        if erased_orders([document.order_id]):
            raise NotThere("The file was erased with the person whom the order was about.") from None
        raise NotThere("The file is missing from the store. Tell an administrator, who can restore it.") from None
    try:
        content = unseal_bytes(sealed)
    except InvalidTag:
        content = b""
    if content is None:
        raise NotThere("The file was erased with the person whom the order was about.")
    if hashlib.sha256(content).hexdigest() != document.digest:
        raise NotThere("The file in the store is not the one that was added. Tell an administrator.")
    return content


def _settle(folder: Path) -> None:
    """Have the new name outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
