"""Reference data, kept by administrators: what is held, proposing a change, looking at it, applying and undoing it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from govuk_forms.dates import DateField
from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action
from orders.models import (
    Area,
    BankHoliday,
    Category,
    LegalCard,
    Level,
    Postcode,
    ReferenceChange,
    ReferenceKind,
    ReferenceState,
    StaleOrder,
)
from orders.reference import changes, work
from orders.reference.headers import NotRead
from orders.statute import KINDS
from orders.views.access import address_of, permitted, user_of

_SMALL_BYTES = 20 << 20


class FileForm(GovukForm):
    """A file of reference data, and why it is loaded."""

    file = forms.FileField(label="File", error_messages={"required": "Choose a file", "empty": "The file is empty"})
    reason = forms.CharField(
        label="Why",
        help_text="For example: the boundary review of May 2026.",
        max_length=500,
        error_messages={"required": "Say why the data change"},
    )


class AreasForm(FileForm):
    """Areas: a list of one's own, an ONS look-up, or data.police.uk."""

    vintage = forms.CharField(
        label="List or release the areas are from", required=False, max_length=40, help_text="Such as WD24CD. Optional."
    )
    lpa = forms.ChoiceField(
        label="Local policing area", required=False, help_text="Of a data.police.uk list that does not say."
    )
    effective_on = DateField(
        label="Day from which new areas begin and areas that are gone end", called="The day", required=False
    )
    whole = forms.BooleanField(
        label="The file is the whole list",
        required=False,
        help_text="Neighbourhoods that it lacks, of the local policing areas that it names, end on that day.",
    )
    field_order = ["file", "vintage", "lpa", "effective_on", "whole", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lpas = Area.objects.filter(level=Level.LPA).order_by("code")
        self.fields["lpa"].choices = [("", "The file says")] + [(lpa.code, lpa.name) for lpa in lpas]  # type: ignore[attr-defined]  # a choice field


class PostcodesForm(FileForm):
    """Postcodes: NSPL, ONSPD, or postcode and neighbourhood."""

    whole = forms.BooleanField(
        label="The file is the whole list",
        required=False,
        initial=True,
        help_text="Postcodes that it lacks are taken out.",
    )
    field_order = ["file", "whole", "reason"]


class CardForm(GovukForm):
    """The legal card of a kind of order."""

    words = forms.CharField(
        label="What breach comes to, and what an officer may do",
        help_text="In plain words; shown on every order of this kind.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2_000,
        error_messages={"required": "Enter the words of the card"},
    )
    owner = forms.CharField(
        label="Who answers for it", max_length=100, error_messages={"required": "Enter who answers for the words"}
    )
    reviewed_on = DateField(label="Reviewed on", called="The day of the review", not_future=True)
    review_due_on = DateField(label="To be reviewed by", called="The day of the next review")
    reason = forms.CharField(
        label="Why it changes", max_length=500, error_messages={"required": "Say why the words change"}
    )

    def clean(self) -> dict[str, Any]:
        """The next review comes after the last."""
        values = super().clean() or {}
        last, due = values.get("reviewed_on"), values.get("review_due_on")
        if last and due and due <= last:
            self.add_error("review_due_on", ValidationError("The next review must come after the last"))
        return values


class UndoForm(GovukForm):
    """Why a change is undone."""

    undo_reason = forms.CharField(
        label="Why it is undone", max_length=500, error_messages={"required": "Say why the change is undone"}
    )


_FORMS: dict[str, type[FileForm]] = {
    ReferenceKind.AREAS: AreasForm,
    ReferenceKind.POSTCODES: PostcodesForm,
    ReferenceKind.HOLIDAYS: FileForm,
}
_LEADS = {
    ReferenceKind.AREAS: "A CSV with code, name, level and parent; an ONS look-up of wards to districts; or JSON of "
    "data.police.uk: neighbourhoods, with or without boundaries, or boundaries by id.",
    ReferenceKind.POSTCODES: "NSPL or ONSPD as a CSV or as the zip that ONS gives, or a CSV with postcode and "
    "neighbourhood.",
    ReferenceKind.HOLIDAYS: "The JSON of gov.uk/bank-holidays, or a CSV with day and name. Whole years only.",
}


@permitted(Action.REFERENCE_DATA)
def reference_page(request: HttpRequest) -> HttpResponse:
    """What is held of each sort, what is overdue, and the changes so far."""
    today = timezone.localdate()
    cards = {card.kind: card for card in LegalCard.objects.all()}
    last_day = BankHoliday.objects.order_by("-day").values_list("day", flat=True).first()
    return render(
        request,
        "orders/reference.html",
        {
            "areas": Area.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=today))
            .order_by()
            .values("level")
            .annotate(found=Count("pk")),
            "vintages": Area.objects.exclude(vintage="")
            .order_by("vintage")
            .values_list("vintage", flat=True)
            .distinct(),
            "postcodes": Postcode.objects.count(),
            "last_day": last_day,
            "holidays_end_soon": last_day is None or last_day < today + timedelta(days=180),
            "cards": [(rules, cards.get(code), _is_overdue(cards.get(code), today)) for code, rules in KINDS.items()],
            "changes": ReferenceChange.objects.select_related("by")[:50],
            "waiting": StaleOrder.objects.count(),
            "kinds": [
                (kind.value, kind.label)
                for kind in (ReferenceKind.AREAS, ReferenceKind.POSTCODES, ReferenceKind.HOLIDAYS)
            ],
        },
    )


def _is_overdue(card: LegalCard | None, today: date) -> bool:
    return card is not None and card.review_due_on < today


@permitted(Action.REFERENCE_DATA)
def areas_held_page(request: HttpRequest) -> HttpResponse:
    """Every area with its codes, vintage and dates."""
    held = Area.objects.select_related("parent").order_by("code")
    return render(request, "orders/reference_areas.html", {"held": held})


@permitted(Action.REFERENCE_DATA)
def propose_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Propose a change from a file. Nothing is changed by it."""
    if kind not in _FORMS:
        raise Http404
    form = _FORMS[kind](request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = _propose(request, kind, form)
        except NotRead as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("orders:reference-change", pk=change.pk)
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": f"Change {ReferenceKind(kind).label.lower()}",
            "lead": _LEADS[ReferenceKind(kind)],
            "words": "Read the file",
            "back": "/reference",
        },
        status=400 if form.errors else 200,
    )


def _propose(request: HttpRequest, kind: str, form: FileForm) -> ReferenceChange:
    told, file = form.cleaned_data, form.cleaned_data["file"]
    change = ReferenceChange(
        kind=kind,
        name=file.name[:200],
        vintage=told.get("vintage", ""),
        effective_on=told.get("effective_on"),
        whole=told.get("whole", True),
        reason=told["reason"],
        by=user_of(request),
    )
    if kind == ReferenceKind.POSTCODES:
        with transaction.atomic():
            change.state = ReferenceState.TO_READ
            change.save()
            work.keep(change, file.chunks())
            transaction.on_commit(work.ask_for_a_round)
    else:
        if file.size > _SMALL_BYTES:
            raise NotRead(f"The file is larger than {_SMALL_BYTES >> 20} MB: it is not a list of {kind}.")
        content = file.read()
        if kind == ReferenceKind.AREAS:
            changes.proposed_areas(change, content, lpa=told.get("lpa", ""))
        else:
            changes.proposed_holidays(change, content)
    _log(request, "propose", change)
    return change


@permitted(Action.REFERENCE_DATA)
def card_page(request: HttpRequest, code: str) -> HttpResponse:
    """Propose other words for the legal card of a kind of order."""
    if code not in KINDS:
        raise Http404
    held = LegalCard.objects.filter(kind=code).first()
    initial = (
        {"words": held.words, "owner": held.owner, "reviewed_on": held.reviewed_on, "review_due_on": held.review_due_on}
        if held
        else {"words": KINDS[code].breach_words}
    )
    form = CardForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        change = ReferenceChange(kind=ReferenceKind.CARD, name=code, reason=told["reason"], by=user_of(request))
        card = {
            "words": told["words"],
            "owner": told["owner"],
            "reviewed_on": told["reviewed_on"].isoformat(),
            "review_due_on": told["review_due_on"].isoformat(),
        }
        try:
            changes.proposed_card(change, code, card)
        except NotRead:
            form.add_error(None, "Nothing is different from the card that is held.")
        else:
            _log(request, "propose", change)
            return redirect("orders:reference-change", pk=change.pk)
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": f"Legal card: {KINDS[code].name}",
            "caption": KINDS[code].breach_source,
            "words": "Look at the change",
            "back": "/reference",
        },
        status=400 if form.errors else 200,
    )


@permitted(Action.REFERENCE_DATA)
def change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what it does, and applying, discarding or undoing it."""
    change = get_object_or_404(ReferenceChange.objects.select_related("by"), pk=pk)
    form = UndoForm(request.POST if "undo" in request.POST else None)
    if request.method == "POST" and ("undo" not in request.POST or form.is_valid()):
        _act(request, change, form)
        return redirect("orders:reference-change", pk=pk)
    names = dict(Area.objects.values_list("pk", "name")) if change.kind == ReferenceKind.POSTCODES else {}
    lines = [
        (line.key, _told(line.before, names), _told(line.after, names))
        for line in change.lines.order_by("key")[: changes.SAMPLE]
    ]
    last = ReferenceChange.objects.filter(kind=change.kind, state=ReferenceState.APPLIED).first()
    return render(
        request,
        "orders/reference_change.html",
        {
            "change": change,
            "lines": lines,
            "rest": change.lines.count() - len(lines),
            "form": form,
            "undoable": last is not None and last.pk == change.pk,
            "waiting": StaleOrder.objects.count(),
        },
        status=400 if form.errors else 200,
    )


def _act(request: HttpRequest, change: ReferenceChange, form: UndoForm) -> None:
    """Do what a button asks, if the change still stands as it was shown; postcodes by the worker, the rest at once."""
    asked = next((name for name in ("apply", "discard", "undo") if name in request.POST), "")
    before, after = {
        "apply": (ReferenceState.PROPOSED, ReferenceState.TO_APPLY),
        "discard": (ReferenceState.PROPOSED, ReferenceState.DISCARDED),
        "undo": (ReferenceState.APPLIED, ReferenceState.TO_UNDO),
    }.get(asked, ("", ""))
    user = user_of(request)
    with transaction.atomic():
        moved = ReferenceChange.objects.filter(pk=change.pk, state=before).update(
            state=after,
            problem="",
            by=user,
            attempts=0,
            **({"undo_reason": form.cleaned_data["undo_reason"]} if asked == "undo" else {}),
        )
        if moved:
            _log(request, asked, change)
            transaction.on_commit(work.ask_for_a_round)
    if not moved:
        messages.info(request, "Somebody was there before you. This is how the change stands now.")
    elif asked != "discard" and change.kind != ReferenceKind.POSTCODES:
        work.work_on_all()


def _told(row: dict[str, Any] | None, names: dict[int, str]) -> str:
    """A row in words."""
    if row is None:
        return ""
    parts = []
    for name, value in row.items():
        if name == "rings":
            parts += [f"boundary of {sum(len(ring) for ring in value):,} points"] if value else []
        elif name == "neighbourhood":
            parts.append(names.get(value, f"area {value}"))
        elif value:
            parts.append(f"{name.replace('_', ' ')}: {value}")
    return "; ".join(parts)


def _log(request: HttpRequest, what: str, change: ReferenceChange) -> None:
    audit.record(
        by=user_of(request),
        category=Category.ALTERATION,
        action=f"{what} reference data",
        reason=change.reason,
        detail={"change": change.pk, "kind": change.kind},
        address=address_of(request),
    )
