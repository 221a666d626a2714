"""Adding a document to an order, and removing one: two actions, each recorded, neither changing what was there."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings

from orders.access import sealing
from orders.access.permissions import Action
from orders.documents import store
from orders.documents.content import NotADocument, type_of
from orders.documents.scanning import scan
from orders.models import Document, DocumentSort, Order, User
from orders.record.as_known import held
from orders.record.writing import Form, Refused, writing


def documents_of(order: Order, *, known_at: datetime | None) -> list[Document]:
    """The documents held of an order, the latest first, with their notes unsealed. They must not be saved."""
    rows = held(Document.objects.filter(order=order), known_at)
    return sealing.unsealed(rows.select_related("recording__by", "superseded__by", "order"), "note")


def add_document(
    order: Order, content: bytes, *, sort: str, note: str, by: User | None, form: Form | None = None
) -> Document:
    """Keep a file against an order. Raises Refused, PermissionDenied, Repeated."""
    problems = [] if sort in DocumentSort.values else ["sort: select what the document is"]
    if len(content) > settings.DOCUMENT_BYTES:
        problems.append(f"file: {too_large()}")
    if problems:
        raise Refused(problems)
    try:
        found = type_of(content)
        scan(content)
    except NotADocument as problem:
        raise Refused([f"file: {problem}"]) from None
    digest = hashlib.sha256(content).hexdigest()
    name = None
    try:
        with writing(by=by, action="add document", orders=[order], needs=Action.DOCUMENTS_ADD, form=form) as write:
            if held(Document.objects.filter(order=order, digest=digest), None).exists():
                raise Refused(["file: is held already; nothing was added"])
            try:
                key = sealing.of_order(order.pk)
            except sealing.ErasedKeyError:
                raise Refused(["file: nothing can be added to an order of somebody who has been erased"]) from None
            name = store.put(key.seal_bytes(content))
            return Document.objects.create(
                order=order,
                sort=sort,
                note=key.seal(note.strip()),
                type=found,
                size=len(content),
                digest=digest,
                stored_as=name,
                recording=write.recording,
            )
    except BaseException:
        if name is not None:
            store.discard(name)
        raise


def remove_document(document: Document, *, reason: str, by: User | None, form: Form | None = None) -> None:
    """Take a document off an order; row and file stay. Raises Refused, PermissionDenied, Repeated."""
    if not reason.strip():
        raise Refused(["reason: is missing; say why the document is removed"])
    with writing(
        by=by,
        action="remove document",
        reason=reason.strip(),
        orders=[document.order_id],
        needs=Action.DOCUMENTS_ADD,
        form=form,
    ) as write:
        moved = Document.objects.filter(pk=document.pk, superseded__isnull=True).update(superseded=write.recording)
        if not moved:
            raise Refused(["reason: the document has been removed already"])


def too_large() -> str:
    """What whoever uploads too much is told."""
    return f"The file must be at most {settings.DOCUMENT_BYTES >> 20} MB. Scan it in black and white or at 200 dpi"
