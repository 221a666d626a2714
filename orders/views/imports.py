"""Importing from the browser: the list of bundles and receiving one, what one would do or did, applying and undoing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from govuk_forms.forms import GovukForm
from orders.access import audit, permissions, sealing
from orders.access.permissions import Action
from orders.imports import said, store, work
from orders.imports.preview import FaultyRow, Listed, read_preview
from orders.imports.undo import Block, blocks
from orders.models import Category, ImportRun, Order, QuarantinedOrder, Upload, UploadState, User
from orders.views.access import address_of, permitted, user_of

LIST = 50
_FORM_BYTES = 1 << 20
"""What a form may weigh beside its file."""

_SORTS = (
    ("new", "New"),
    ("changed", "Changed"),
    ("person", "People changed"),
    ("hand", "Put right by hand: stays as it is here"),
    ("unchanged", "Unchanged"),
    ("missing", "Missing at source"),
)


class BundleForm(GovukForm):
    """A bundle to be read."""

    bundle = forms.FileField(
        label="Extract bundle",
        help_text="The .zip that the records system made. It is read first; nothing is changed until you apply it.",
        error_messages={"required": "Choose the .zip of an extract", "empty": "The file is empty. Choose another"},
    )


class ReasonForm(GovukForm):
    """Why an import is undone."""

    reason = forms.CharField(
        label="Why it is undone",
        help_text="For whoever reads these orders next.",
        max_length=500,
        error_messages={"required": "Say why the import is undone"},
    )


def uploads(user: User) -> QuerySet[Upload]:
    """The bundles of a user's force, and unattended ones that brought orders of it."""
    ours = Q(force=user.force_id) if user.force_id else Q(pk__in=[])
    unattended = Q(by__isnull=True) & (Q(run__isnull=True) | Q(run__forces__contains=[user.force_id]))
    return Upload.objects.filter(ours | unattended).select_related("by", "asked_by", "run")


@csrf_exempt
@permitted(Action.IMPORT)
def imports_page(request: HttpRequest) -> HttpResponse:
    """All bundles, and receiving another. A body beyond the limit is refused before any of it is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMPORT_UPLOAD_BYTES + _FORM_BYTES:
        form = BundleForm()
        form.is_bound, form.cleaned_data = True, {}
        form.full_clean()
        form.errors.clear()
        form.add_error("bundle", store.too_large())
        return _list(request, form, status=413)
    response: HttpResponse = _receive(request)
    return response


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _list(request, BundleForm())
    form = BundleForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload = _keep(user_of(request), form.cleaned_data["bundle"], request)
        except store.NotTaken as problem:
            form.add_error("bundle", str(problem))
        else:
            return redirect("orders:import", pk=upload.pk)
    return _list(request, form, status=400)


def _keep(user: User, file: UploadedFile[Any], request: HttpRequest) -> Upload:
    with transaction.atomic():
        upload = Upload.objects.create(
            name=(file.name or "bundle.zip")[:200], digest="", size=0, by=user, asked_by=user, force=user.force
        )
        store.keep(upload, file.chunks())
        upload.save(update_fields=["digest", "size"])
        audit.record(
            by=user,
            category=Category.COLLECTION,
            action="upload extract",
            detail={"upload": upload.pk, "sha256": upload.digest},
            address=address_of(request),
        )
        transaction.on_commit(work.ask_for_a_round)
    return upload


def _list(request: HttpRequest, form: BundleForm, status: int = 200) -> HttpResponse:
    user = user_of(request)
    return render(
        request,
        "orders/imports.html",
        {
            "form": form,
            "uploads": uploads(user)[:LIST],
            "sources": _sources(user),
            "watched": settings.IMPORT_FOLDER,
            "limit": settings.IMPORT_UPLOAD_BYTES >> 20,
        },
        status=status,
    )


def _sources(user: User) -> list[ImportRun]:
    """The latest import of each source of the force's orders."""
    runs = ImportRun.objects.filter(undone_by__isnull=True, forces__contains=[user.force_id])
    return list(runs.order_by("source", "-extracted_at").distinct("source"))


@permitted(Action.IMPORT)
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One bundle: how far it is, what it would do or did, and what can be done with it."""
    user = user_of(request)
    upload = get_object_or_404(uploads(user), pk=pk)
    form = ReasonForm(request.POST if "undo" in request.POST else None)
    if request.method == "POST":
        answer = _act(request, upload, form)
        if answer is not None:
            return answer
    shown = _shown(upload, user)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="open import",
        orders=Order.objects.filter(
            source=upload.run.source, source_ref__in=[one.ref for one in shown["changed"] or ()]
        ).values_list("pk", flat=True)
        if upload.run
        else (),
        detail={"upload": upload.pk},
        address=address_of(request),
    )
    return render(
        request,
        "orders/import.html",
        {
            "upload": upload,
            "reason": sealing.unseal([upload.reason])[0],
            "form": form,
            "sorts": [(words, shown[sort]) for sort, words in _SORTS],
            "quarantined": shown["quarantined"],
            "undoable": upload.state == UploadState.APPLIED and bool(upload.runs),
            "blocks": _blocks(upload, user),
        },
        status=400 if form.errors else 200,
    )


def _act(request: HttpRequest, upload: Upload, form: ReasonForm) -> HttpResponse | None:
    """Do what a button asks, if the bundle still stands as it was shown. None where the form must be shown again."""
    user = user_of(request)
    steps = {
        "apply": ([UploadState.CHECKED], UploadState.TO_APPLY),
        "discard": ([UploadState.CHECKED, UploadState.FAILED], UploadState.DISCARDED),
        "undo": ([UploadState.APPLIED], UploadState.TO_UNDO),
        "again": ([UploadState.FAILED], UploadState(upload.progress.get("again", UploadState.TO_CHECK))),
    }
    asked = next((name for name in (*steps, "seen") if name in request.POST), None)
    if asked is None or (asked == "undo" and not form.is_valid()):
        return None
    reason = upload.reason
    with transaction.atomic():
        if asked == "seen":
            Upload.objects.filter(pk=upload.pk, seen_at__isnull=True).update(seen_at=timezone.now())
        else:
            before, after = steps[asked]
            if asked == "undo":
                reason = said.sealed(upload, form.cleaned_data["reason"])
            moved = Upload.objects.filter(pk=upload.pk, state__in=before).update(
                state=after, asked_by=user, reason=reason, attempts=0, problem="", progress={}
            )
            if not moved:
                messages.info(request, "Somebody was there before you. This is how the bundle stands now.")
                return redirect("orders:import", pk=upload.pk)
            transaction.on_commit(work.ask_for_a_round)
        audit.record(
            by=user,
            category=Category.ALTERATION,
            action=f"{asked} import",
            reason=reason if asked == "undo" else "",
            detail={"upload": upload.pk},
            address=address_of(request),
        )
    if asked == "discard":
        work.settle(Upload.objects.get(pk=upload.pk))
    return redirect("orders:import", pk=upload.pk)


def _shown(upload: Upload, user: User) -> dict[str, Any]:
    """The lists, of the user's own force only; of restricted orders no more than that they are there."""
    listed, rows = read_preview(store.folder(upload) / store.PREVIEW)
    code = user.force.code if user.force else ""
    restricted = set(
        Order.objects.filter(restricted=True, source_ref__in=[one.ref for one in listed if one.changes]).values_list(
            "source_ref", flat=True
        )
    )
    shown: dict[str, Any] = {sort: [] for sort, _ in _SORTS}
    for one in listed:
        if one.force == code:
            hidden = Listed(one.sort, one.ref, one.reference, one.kind, one.force)
            shown[one.sort].append(hidden if one.ref in restricted else one)
    shown["quarantined"] = by_order(readable(upload, rows, user))
    if not rows and upload.run is not None:
        shown["quarantined"] = {
            order.source_ref: [FaultyRow("", 0, [], {}, [(None, None, reason) for reason in order.reasons])]
            for order in QuarantinedOrder.objects.filter(
                run=upload.run, resolved_by__isnull=True, owner_force=user.force
            )[:500]
        }
    return shown


def readable(upload: Upload, rows: list[FaultyRow], user: User) -> list[FaultyRow]:
    """Faulty rows of a bundle of one's own force, and of any other those that concern it or nobody knows whom."""
    if upload.force_id is not None and upload.force_id == user.force_id:
        return rows
    return [row for row in rows if row.force in ("", user.force.code if user.force else "")]


def by_order(rows: list[FaultyRow]) -> dict[str, list[FaultyRow]]:
    """Faulty rows under each order that they quarantine; those of which nobody knows whose they are under none."""
    found: dict[str, list[FaultyRow]] = {}
    for row in rows:
        for ref in row.orders or [""]:
            found.setdefault(ref, []).append(row)
    return found


def _blocks(upload: Upload, user: User) -> list[Block]:
    """What keeps an applied bundle from being undone. Orders that the user may not see are counted, not named."""
    if upload.state != UploadState.APPLIED or not upload.runs:
        return []
    runs = list(ImportRun.objects.filter(pk__in=upload.runs, undone_by__isnull=True).order_by("pk"))
    found = blocks(runs) if runs else []
    seen = set(
        permissions.visible_orders(user, timezone.now())
        .filter(pk__in=[one.order_id for one in found])
        .values_list("pk", flat=True)
    )
    return [one if one.order_id in seen else Block(one.order_id, "", "", one.why) for one in found]
