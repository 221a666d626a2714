"""Mending the rows that quarantined an order: their values in boxes, read and checked like any other row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action
from orders.imports import said, store, work
from orders.imports.corrections import read_corrections
from orders.imports.fields import TEXT_LIMIT, Fields
from orders.imports.preview import FaultyRow, read_preview
from orders.imports.reader import LAYOUTS
from orders.models import Category, Upload, UploadState
from orders.views.access import address_of, permitted, user_of
from orders.views.imports import by_order, readable, uploads

_LONG = frozenset({"text"})
_BUSY = (
    "The bundle is being read with what was put right before. What you typed stands here and is not yet sent: "
    "press the button again in a minute."
)


class RowForm(GovukForm):
    """The values of one row. A box for each column; or the row is left out altogether."""

    def __init__(self, row: FaultyRow, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        layout = LAYOUTS[row.file]
        columns = [*row.cells, *(column for column in layout.required if column not in row.cells)]
        for column in columns:
            faults = [reason for name, _, reason in row.faults if name == column]
            self.fields[column] = forms.CharField(
                label=column,
                required=False,
                strip=False,
                max_length=TEXT_LIMIT,
                initial=row.cells.get(column, ""),
                help_text=" ".join(f"Fault: {reason}." for reason in faults),
                widget=forms.Textarea(attrs={"rows": 3}) if column in _LONG else forms.TextInput(),
            )
        self.fields["leave_out"] = forms.BooleanField(
            label="Leave this row out",
            required=False,
            help_text="As if the extract had not carried it.",
        )

    def clean(self) -> dict[str, Any]:
        """The row must be readable by itself; what only the whole bundle shows is found when it is read again."""
        values = super().clean() or {}
        if not values.get("leave_out"):
            fields = Fields(
                {column: place for place, column in enumerate(self.row.cells)}, list(self.values.values()), 0
            )
            LAYOUTS[self.row.file].read(fields)
            for column, _, reason in fields.problems:
                self.add_error(column if column in self.fields else None, f"{column} {reason}")
        return values

    @property
    def values(self) -> dict[str, str]:
        """The row as it should have been."""
        return {column: str(self.cleaned_data.get(column) or "") for column in self.row.cells}

    @property
    def is_other(self) -> bool:
        """Whether anything was changed."""
        return bool(self.cleaned_data.get("leave_out")) or self.values != self.row.cells


class WhyForm(GovukForm):
    """Why the rows are put right, and on whose word."""

    reason = forms.CharField(
        label="Why, and on whose word",
        help_text="For example: the court clerk confirmed the date by telephone.",
        max_length=500,
        error_messages={"required": "Say why the values are put right, and on whose word"},
    )


@permitted(Action.IMPORT)
def mend_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right the rows of one quarantined order, named in `order`, and have the bundle read again."""
    user = user_of(request)
    upload = get_object_or_404(uploads(user), pk=pk)
    busy = upload.is_owed and request.method == "POST"
    if upload.state not in (UploadState.CHECKED, UploadState.APPLIED) and not busy:
        messages.info(request, "The bundle is being worked on, or is done with. This is how it stands now.")
        return redirect("orders:import", pk=pk)
    ref = request.GET.get("order", "")
    _, rows = read_preview(store.folder(upload) / store.PREVIEW)
    faulty = by_order(readable(upload, rows, user)).get(ref)
    if not faulty:
        raise Http404
    data = request.POST if request.method == "POST" else None
    row_forms = [RowForm(row, data, prefix=f"r{number}") for number, row in enumerate(faulty)]
    why = WhyForm(data)
    if data is not None:
        valid = [form.is_valid() for form in (*row_forms, why)]
        if all(valid):
            changed = [form for form in row_forms if form.is_other]
            if not changed:
                why.add_error(None, "Nothing was changed. Put right a value, or leave a row out.")
            elif not busy and _mend(request, upload, ref, changed, why.cleaned_data["reason"]):
                return redirect("orders:import", pk=pk)
            else:
                busy = True
                why.add_error(None, _BUSY)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="open quarantined order",
        detail={"upload": upload.pk, "order_ref": ref},
        address=address_of(request),
    )
    forms_with_errors = [form for form in (*row_forms, why) if form.errors]
    return render(
        request,
        "orders/import_rows.html",
        {"upload": upload, "ref": ref, "rows": row_forms, "why": why, "wrong": forms_with_errors},
        status=409 if busy else 400 if forms_with_errors else 200,
    )


def _mend(request: HttpRequest, upload: Upload, ref: str, changed: list[RowForm], reason: str) -> bool:
    """Keep the rows beside the bundle and have it read again, or applied again if it was applied already.

    False, and nothing is kept, if somebody was there before and the bundle is being worked on.
    """
    path = store.folder(upload) / store.CORRECTIONS
    with transaction.atomic():
        after = UploadState.TO_CHECK if upload.state == UploadState.CHECKED else UploadState.TO_APPLY
        reason, about = said.sealed(upload, reason), {ref, *(one for form in changed for one in form.row.orders)} - {""}
        moved = Upload.objects.filter(pk=upload.pk, state=upload.state).update(
            state=after, asked_by=user_of(request), reason=reason, about=sorted({*upload.about, *about}), attempts=0,
            problem="", progress={},
        )  # fmt: skip
        if not moved:
            return False
        said.is_about(reason, about)
        corrections = read_corrections(path)
        for form in changed:
            left_out = form.cleaned_data["leave_out"]
            corrections = corrections.with_row(form.row.file, form.row.line, None if left_out else form.values)
        audit.record(
            by=user_of(request),
            category=Category.ALTERATION,
            action="mend import",
            reason=reason,
            detail={
                "upload": upload.pk,
                "order_ref": ref,
                "rows": [
                    {
                        "file": form.row.file,
                        "line": form.row.line,
                        "columns": ["(left out)"]
                        if form.cleaned_data["leave_out"]
                        else [column for column, value in form.values.items() if value != form.row.cells[column]],
                    }
                    for form in changed
                ],
            },
            address=address_of(request),
        )
        corrections.write(path)
        transaction.on_commit(work.ask_for_a_round)
    return True
