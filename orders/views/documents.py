"""The documents of an order: the list, adding one, one with its marking, opening it, removing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from govuk_forms.forms import GovukForm
from orders.access import audit, sealing
from orders.access.permissions import Action, may
from orders.documents import record, store
from orders.models import Category, Document, DocumentSort, DocumentType
from orders.record.writing import Form, Refused, Repeated
from orders.views.access import address_of, permitted, user_of
from orders.views.doing import sentence
from orders.views.history import Then
from orders.views.order_record import Record, head, open_record

_FORM_BYTES = 1 << 20
"""What a form may weigh beside its file."""

_ENDINGS = {
    DocumentType.PDF: "pdf", DocumentType.PNG: "png", DocumentType.JPEG: "jpg", DocumentType.TIFF: "tif",
}  # fmt: skip


class _InMemory(MemoryFileUploadHandler):
    """Keeps a file in memory whatever its size, which is limited: nothing lies unsealed in a temporary directory."""

    def handle_raw_input(self, *args: Any, **options: Any) -> None:
        """Take every file."""
        self.activated = True


class DocumentForm(GovukForm):
    """A file, and what it is."""

    file = forms.FileField(
        label="File",
        help_text="A PDF, or a picture as PNG, JPEG or TIFF.",
        error_messages={"required": "Choose a file", "empty": "The file is empty. Choose another"},
    )
    sort = forms.ChoiceField(
        label="What is it?",
        choices=DocumentSort.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what the document is", "invalid_choice": "Choose one of the list"},
    )
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=200, help_text="For example: page 2 missing."
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class RemoveForm(GovukForm):
    """Why a document is removed."""

    reason = forms.CharField(
        label="Why is it removed?",
        help_text="For example: belongs to another order. Name nobody: this is kept in the log.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the document is removed"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


@permitted(Action.DOCUMENTS_READ)
def documents_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The documents that were held at the instant asked about."""
    found = open_record(request, public_id, "documents")
    if isinstance(found, HttpResponse):
        return found
    return render(
        request,
        "orders/order_documents.html",
        {
            **head(found, "documents"),
            "documents": record.documents_of(found.current, known_at=_as_known(found.then)),
            "may_add": not found.then.past and may(found.user, Action.DOCUMENTS_ADD, found.current),
        },
    )


@csrf_exempt
@permitted(Action.DOCUMENTS_ADD)
def add_document_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add a document. A body beyond the limit is refused before any of it is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DOCUMENT_BYTES + _FORM_BYTES:
        form = DocumentForm(initial={"key": uuid4()})
        form.is_bound, form.cleaned_data = True, {}
        form.full_clean()
        form.errors.clear()
        form.add_error("file", record.too_large())
        return _ask(request, public_id, form, status=413)
    request.upload_handlers = [_InMemory(request)]
    response: HttpResponse = _add(request, public_id)
    return response


@csrf_protect
def _add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    form = DocumentForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial={"key": uuid4()},
    )
    if not form.is_valid():
        return _ask(request, public_id, form)
    found = open_record(request, public_id, "add document")
    if isinstance(found, HttpResponse):
        return redirect("orders:order-documents", public_id=public_id)
    said, here = form.cleaned_data, reverse("orders:order-documents", args=[public_id])
    try:
        record.add_document(
            found.current,
            said["file"].read(),
            sort=said["sort"],
            note=said["note"],
            by=found.user,
            form=Form(said["key"], leads_to=here),
        )
    except Repeated:
        messages.info(request, "The document was added already, and has been added once.")
        return redirect(here)
    except Refused as refused:
        for problem in refused.messages:
            field, _, words = problem.partition(": ")
            form.add_error(field if field in form.fields else None, words[:1].upper() + words[1:])
        return _ask(request, public_id, form)
    messages.success(request, "The document was added.")
    return redirect(here)


def _ask(request: HttpRequest, public_id: UUID, form: DocumentForm, status: int = 400) -> HttpResponse:
    found = open_record(request, public_id, "add document") if request.method == "GET" else None
    if isinstance(found, HttpResponse):
        return found
    if found is not None and not may(found.user, Action.DOCUMENTS_ADD, found.current):
        raise PermissionDenied("Documents are added by the force that owns the order.")
    here = reverse("orders:order-documents", args=[public_id])
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": "Add a document",
            "lead": f"At most {settings.DOCUMENT_BYTES >> 20} MB. It is told by its content, scanned and sealed; what "
            "the file is called is not kept.",
            "words": "Add document",
            "back": here,
            "cancel": here,
        },
        status=status if form.errors else 200,
    )


@permitted(Action.DOCUMENTS_READ)
def document_page(request: HttpRequest, public_id: UUID, document_id: UUID) -> HttpResponse:
    """One document with its marking, before it is opened."""
    one = _one(request, public_id, document_id)
    if isinstance(one, HttpResponse):
        return one
    found, document = one
    sealing.unsealed(filter(None, [document.superseded]), "reason")
    return render(
        request,
        "orders/order_document.html",
        {
            **head(found, "documents"),
            "document": document,
            "may_open": _may_open(found, document),
            "may_remove": not found.then.past
            and document.superseded_id is None
            and may(found.user, Action.DOCUMENTS_ADD, found.current),
        },
    )


@permitted(Action.DOCUMENTS_READ)
def document_file(request: HttpRequest, public_id: UUID, document_id: UUID) -> HttpResponse:
    """The file itself. That it is opened is recorded before its first byte leaves; it is always downloaded."""
    one = _one(request, public_id, document_id)
    if isinstance(one, HttpResponse):
        return one
    found, document = one
    if not _may_open(found, document):
        raise PermissionDenied("The document was removed. Those who add documents to this order can still open it.")
    audit.record(
        by=found.user,
        category=Category.CONSULTATION,
        action="open document",
        orders=[document.order_id],
        detail={"document": str(document.public_id), "sha256": document.digest},
        address=address_of(request),
    )
    try:
        content = store.content_of(document)
    except store.NotThere as problem:
        return render(
            request,
            "orders/order_document.html",
            {**head(found, "documents"), "document": document, "problem": str(problem)},
            status=410,
        )
    answer = HttpResponse(content, content_type=document.type)
    name = f"{found.order.kind}-{document.public_id.hex[:8]}.{_ENDINGS[DocumentType(document.type)]}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@permitted(Action.DOCUMENTS_ADD)
def remove_document_page(request: HttpRequest, public_id: UUID, document_id: UUID) -> HttpResponse:
    """Take a document off the order, with a reason."""
    one = _one(request, public_id, document_id)
    if isinstance(one, HttpResponse):
        return one
    found, document = one
    if not may(found.user, Action.DOCUMENTS_ADD, found.current):
        raise PermissionDenied("Documents are removed by the force that owns the order.")
    if found.then.past or document.superseded_id is not None:
        raise Http404
    here = reverse("orders:order-documents", args=[public_id])
    form = RemoveForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_valid():
        said = form.cleaned_data
        try:
            record.remove_document(
                document, reason=said["reason"], by=user_of(request), form=Form(said["key"], leads_to=here)
            )
        except Repeated:
            return redirect(here)
        except Refused as refused:
            form.add_error("reason", sentence(refused.messages[0].partition(": ")[2]))
        else:
            messages.success(request, "The document was removed. As at an earlier time it is still listed.")
            return redirect(here)
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": "Remove this document",
            "caption": f"{document.get_sort_display()}, {found.order.reference}",
            "lead": "It stays in the history of the order, with your reason.",
            "words": "Remove document",
            "back": here,
            "cancel": here,
        },
        status=400 if form.errors else 200,
    )


def _one(request: HttpRequest, public_id: UUID, document_id: UUID) -> tuple[Record, Document] | HttpResponse:
    """The order, its look recorded, and its document as held at the instant asked about; or the answer instead."""
    found = open_record(request, public_id, "document")
    if isinstance(found, HttpResponse):
        return found
    held = record.documents_of(found.current, known_at=_as_known(found.then))
    document = next((one for one in held if one.public_id == document_id), None)
    if document is None:
        raise Http404
    return found, document


def _as_known(then: Then) -> datetime | None:
    """Until when what was added counts: a document is there from when it was added, at another time too."""
    if not then.past:
        return None
    return min(then.at, then.known_at) if then.known_at is not None else then.at


def _may_open(found: Record, document: Document) -> bool:
    """What was removed since may have been somebody else's: only who adds documents here still opens it."""
    return document.superseded_id is None or may(found.user, Action.DOCUMENTS_ADD, found.current)
