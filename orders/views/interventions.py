"""Civil interventions: the list, those against one person, recording, correcting and withdrawing one."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from govuk_forms.dates import DateField
from govuk_forms.forms import GovukForm
from orders.access import audit, sealing
from orders.access.grants import Why
from orders.access.permissions import Action, searchable_areas
from orders.interventions import find, record
from orders.interventions.record import Said
from orders.models import Area, Category, Intervention, InterventionKind, Person, User
from orders.people.known_people import known_people
from orders.people.same_person import all_records, kept_for
from orders.record.writing import Form, Refused, Repeated
from orders.views.access import address_of, permitted, user_of
from orders.views.restricted import ReasonForm

SHOWN = 100


class FindForm(GovukForm):
    """What is looked for; all of it may be blank."""

    kind = forms.ChoiceField(
        label="What was done", choices=[("", "Anything"), *InterventionKind.choices], required=False
    )
    since = DateField(called="The first day", label="From", required=False)
    until = DateField(called="The last day", label="Until", required=False)
    area = forms.ModelChoiceField(
        Area.objects.none(), label="They live in", to_field_name="code", required=False, empty_label="Anywhere"
    )
    name = forms.CharField(label="Name", required=False, max_length=100, help_text="Or how it begins.")

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        field: Any = self.fields["area"]
        field.queryset = searchable_areas(user).order_by("name")

    def clean(self) -> None:
        """A period runs forward."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "The last day must be the first day or later")


class InterventionForm(GovukForm):
    """What is recorded of an intervention."""

    kind = forms.ChoiceField(
        label="What was done?",
        choices=InterventionKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what was done", "invalid_choice": "Select what was done"},
    )
    on = DateField(called="The date", label="When?", not_future=True)
    by_whom = forms.CharField(
        label="Who did it?",
        max_length=200,
        help_text="Name and collar number, or the force or partner agency.",
        error_messages={"required": "Enter who did it"},
    )
    words = forms.CharField(
        label="What was said",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Enter what was disclosed, undertaken or warned of"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class _Reason(GovukForm):
    reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="Name nobody: this is kept in the log.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what was wrong"},
    )


class CorrectForm(InterventionForm, _Reason):
    """The same anew, and what was wrong."""

    field_order = ("kind", "on", "by_whom", "words", "reason", "key")


class WithdrawForm(_Reason):
    """Why it should not be here."""

    key = forms.UUIDField(widget=forms.HiddenInput)


@permitted(Action.INTERVENTIONS)
def interventions_page(request: HttpRequest) -> HttpResponse:
    """The latest; with POST those looked for: a name stands in no address. The look is recorded first."""
    user = user_of(request)
    form = FindForm(request.POST if request.method == "POST" else None, user=user)
    asked: find.Asked | None = find.Asked()
    if request.method == "POST":
        asked = find.Asked(**form.cleaned_data) if form.is_valid() else None
    found = find.find(asked, user) if asked is not None else []
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="list interventions",
        detail={
            "people": sorted({str(one.person.public_id) for one in found[:SHOWN] if one.person}),
            **({"kind": asked.kind, "area": asked.area.code if asked.area else "", "by_name": bool(asked.name)}
               if asked else {}),
        },
        address=address_of(request),
    )  # fmt: skip
    return render(
        request,
        "orders/interventions.html",
        {"form": form, "found": found[:SHOWN], "count": len(found), "shown": SHOWN, "asked": asked},
        status=400 if form.errors else 200,
    )


@permitted(Action.INTERVENTIONS)
def person_interventions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was recorded against a person, in words; a reason is asked for and recorded first."""
    user, person = user_of(request), _person(request, public_id)
    until = record.words_until(user, person)
    if until is None:
        return _ask_reason(request, person)
    rows = find.of_force(user).filter(person__in=all_records([person.pk]))
    rows = rows.select_related("recording__by", "superseded__by").order_by("-on", "ref", "-pk")
    _log_read(request, person)
    told = sealing.unsealed(rows, "by_whom", "words")
    sealing.unsealed((one.superseded for one in told if one.superseded is not None), "reason")
    return render(
        request,
        "orders/person_interventions.html",
        {"person": person, "until": until, "interventions": told},
    )


def _ask_reason(request: HttpRequest, person: Person) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        record.open_words(
            person,
            by=user_of(request),
            why=Why(form.cleaned_data["why"]),
            words=form.cleaned_data["reason"].strip(),
            address=address_of(request),
        )
        return redirect(request.path)
    back = reverse("orders:person", args=[person.public_id])
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form, "title": "Open civil interventions", "caption": str(person),
            "lead": "Give a reason to read what was recorded. The reason and your name are recorded, and you can "
            "read it for 8 hours.",
            "words": "Record and continue", "back": back, "cancel": back,
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


@permitted(Action.INTERVENTIONS)
def add_intervention(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record an intervention against a person."""
    person = _person(request, public_id)
    here = reverse("orders:person", args=[public_id])
    form = InterventionForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_valid():
        done = _try(request, form, lambda sent: record.add(person, _said(form), by=user_of(request), form=sent), here)
        if done is not None:
            return done
    return _ask(request, form, person, "Record a civil intervention", "Record", here)


@permitted(Action.INTERVENTIONS)
def correct_intervention(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Record one anew; its words are opened first."""
    held, person = _held(request, ref)
    here = reverse("orders:person-interventions", args=[person.public_id])
    if record.words_until(user_of(request), person) is None:
        return redirect(here)
    pk = held.pk
    row = sealing.unsealed([held], "by_whom", "words")[0]
    first = {"kind": row.kind, "on": row.on, "by_whom": row.by_whom, "words": row.words, "key": uuid4()}
    form = CorrectForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        again = Intervention.objects.select_related("person").get(pk=pk)
        done = _try(
            request, form,
            lambda sent: record.correct(
                again, _said(form), reason=form.cleaned_data["reason"], by=user_of(request), form=sent
            ),
            here,
        )  # fmt: skip
        if done is not None:
            return done
    else:
        _log_read(request, person)
    return _ask(request, form, person, "Correct a civil intervention", "Record in its place", here)


@permitted(Action.INTERVENTIONS)
def withdraw_intervention(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Say that one was recorded in error."""
    held, person = _held(request, ref)
    here = reverse("orders:person-interventions", args=[person.public_id])
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_valid():
        done = _try(
            request, form,
            lambda sent: record.withdraw(held, reason=form.cleaned_data["reason"], by=user_of(request), form=sent),
            here,
        )  # fmt: skip
        if done is not None:
            return done
    title = f"Withdraw: {held.get_kind_display()}, {held.on:%-d %B %Y}"
    return _ask(request, form, person, title, "Withdraw", here)


def _log_read(request: HttpRequest, person: Person) -> None:
    audit.record(
        by=user_of(request),
        category=Category.CONSULTATION,
        action="read interventions",
        detail={"person": str(person.public_id)},
        address=address_of(request),
    )


def _said(form: GovukForm) -> Said:
    said = form.cleaned_data
    return Said(said["kind"], said["on"], said["by_whom"], said["words"])


def _try(request: HttpRequest, form: GovukForm, action: Any, here: str) -> HttpResponse | None:
    """Carry an action out; what is refused becomes an error of the form, and what was typed is kept."""
    try:
        action(Form(form.cleaned_data["key"], leads_to=here))
    except Repeated:
        messages.info(request, "This was recorded already, and has been recorded once.")
    except Refused as refused:
        for problem in refused.messages:
            field, _, words = problem.partition(": ")
            form.add_error(field if field in form.fields else None, words[:1].upper() + words[1:])
        return None
    else:
        messages.success(request, "Recorded.")
    return redirect(here)


def _ask(request: HttpRequest, form: GovukForm, person: Person, title: str, words: str, back: str) -> HttpResponse:
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form, "title": title, "caption": str(person), "words": words, "back": back, "cancel": back,
            "lead": "Only supervisors and the civil orders team of your force see that there is one.",
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _person(request: HttpRequest, public_id: UUID) -> Person:
    """A person whom the user may see by name; else as if there were none."""
    person = get_object_or_404(Person, public_id=public_id)
    _, named = known_people([person.pk], user_of(request))
    if person.pk not in named:
        raise Http404
    return person


def _held(request: HttpRequest, ref: UUID) -> tuple[Intervention, Person]:
    held = get_object_or_404(find.of_force(user_of(request)).select_related("person"), ref=ref, superseded__isnull=True)
    person = Person.objects.get(pk=kept_for([held.person_id])[held.person_id])
    return held, _person(request, person.public_id)
