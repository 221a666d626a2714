"""Retention: whose review is due, what is held of somebody, and the decision about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from govuk_forms.dates import DateField
from govuk_forms.forms import GovukForm
from govuk_forms.turning import straight
from orders.access import audit, sealing
from orders.access.permissions import Action, may
from orders.models import Category, Order, Party, Person, RetentionDecision, RetentionGroup
from orders.people.known_people import known_people
from orders.record import facts
from orders.record.writing import Refused
from orders.retention import decide
from orders.retention.due import Review, review_of, reviews_due
from orders.retention.held import Held, held_of
from orders.statute import assess
from orders.views.access import address_of, permitted, user_of

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A person of the list; `person` without a name where only restricted orders tell it."""

    review: Review
    person: Person
    named: bool
    held: Held


class _Reason(GovukForm):
    reason = forms.CharField(
        label="Why?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why"},
    )


class GroupForm(_Reason):
    """To which group somebody belongs."""

    group = forms.ChoiceField(
        label="Which group?",
        choices=RetentionGroup.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select a group", "invalid_choice": "Select a group"},
    )
    field_order = ("group", "reason")


class KeepForm(_Reason):
    """Until when somebody is kept."""

    until = DateField(called="The date of the next review", label="Keep until the next review on")
    field_order = ("until", "reason")


class EraseForm(_Reason):
    """That somebody is erased."""

    typed = forms.CharField(
        label="To confirm, type their family name",
        max_length=200,
        error_messages={"required": "Type their family name to confirm"},
    )
    field_order = ("reason", "typed")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "Who decided and by which rule. Name nobody: this stays when they are gone."


@permitted(Action.RETENTION)
def retention_page(request: HttpRequest) -> HttpResponse:
    """The people whose review is due, the longest due first. The look is recorded first."""
    user = user_of(request)
    reviews, count = reviews_due(user.force, timezone.now(), limit=SHOWN) if user.force else ([], 0)
    ids = [review.person_id for review in reviews]
    people, held = Person.objects.in_bulk(ids), held_of(ids, user)
    _, named = known_people(ids, user)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="list retention reviews",
        orders=Party.objects.filter(
            person__in=named, superseded__isnull=True, order__owner_force=user.force
        ).values_list("order_id", flat=True),
        address=address_of(request),
    )
    lines = [Line(one, people[one.person_id], one.person_id in named, held[one.person_id]) for one in reviews]
    return render(request, "orders/retention.html", {"lines": lines, "count": count, "shown": SHOWN})


@permitted(Action.RETENTION)
def person_retention(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is held of one person, until when, what was decided, and what can be."""
    user, person = user_of(request), _person(request, public_id)
    orders = _orders(person)
    ours = [order for order in orders if order.owner_force_id == user.force_id]
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="view retention",
        orders=[order.pk for order in ours],
        detail={"person": str(public_id)},
        address=address_of(request),
    )
    decisions = RetentionDecision.objects.filter(person=person, force=user.force_id).select_related("by")
    return render(
        request,
        "orders/person_retention.html",
        {
            "person": person,
            "review": review_of(person, user.force, timezone.now()) if user.force else None,
            "groups": dict(RetentionGroup.choices),
            "held": held_of([person.pk], user)[person.pk],
            "decisions": sealing.unsealed(decisions, "reason"),
            "against": _against_erasing(request, orders),
            "today": timezone.localdate(),
        },
    )


@permitted(Action.RETENTION)
def group_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say to which group somebody belongs."""
    person = _person(request, public_id)
    form = GroupForm(request.POST if request.method == "POST" else None)
    return _decide(
        request, form, person, "Set the retention group", "Set group",
        lambda said: decide.set_group(person, said["group"], reason=said["reason"], by=user_of(request)),
    )  # fmt: skip


@permitted(Action.RETENTION)
def keep_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep somebody until another review."""
    person = _person(request, public_id)
    form = KeepForm(request.POST if request.method == "POST" else None)
    return _decide(
        request, form, person, "Keep this person", "Keep",
        lambda said: decide.keep(person, said["until"], reason=said["reason"], by=user_of(request)),
        lead=f"At most {decide.LONGEST_YEARS} years; then it is looked at again.",
    )  # fmt: skip


@permitted(Action.RETENTION)
def erase_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Erase somebody for good."""
    person = _person(request, public_id)
    form = EraseForm(request.POST if request.method == "POST" else None)
    return _decide(
        request, form, person, straight(f"Erase {person.family_name.upper()}, {person.given_names}").rstrip(", "),
        "Erase for good",
        lambda said: decide.erase(person, typed=said["typed"], reason=said["reason"], by=user_of(request)),
        lead="This cannot be undone. Their description, homes and civil interventions, and the words, documents and "
        "emails of every order that they are in, can then be read by nobody. What stays carries no person: that there "
        "was an order of a kind, where and when.",
        leads_to=reverse("orders:retention"),
    )  # fmt: skip


def _decide(
    request: HttpRequest,
    form: GovukForm,
    person: Person,
    title: str,
    words: str,
    action: Any,
    *,
    lead: str = "",
    leads_to: str = "",
) -> HttpResponse:
    """Ask, or carry out; what is refused becomes an error of the form, and what was typed is kept."""
    here = reverse("orders:person-retention", args=[person.public_id])
    if form.is_valid():
        try:
            action(form.cleaned_data)
        except Refused as refused:
            for problem in refused.messages:
                field, _, said = problem.partition(": ")
                form.add_error(field if field in form.fields else None, said[:1].upper() + said[1:])
        else:
            messages.success(request, "The person was erased." if leads_to else "Recorded.")
            return redirect(leads_to or here)
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form, "title": title, "caption": str(person), "lead": lead, "words": words, "back": here,
            "cancel": here,
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _person(request: HttpRequest, public_id: UUID) -> Person:
    """Somebody in an order that the user's force owns, known by name; else as if there were none."""
    user, person = user_of(request), get_object_or_404(Person, public_id=public_id)
    _, named = known_people([person.pk], user)
    if person.pk not in named or not any(order.owner_force_id == user.force_id for order in _orders(person)):
        raise Http404
    return person


def _orders(person: Person) -> list[Order]:
    parties = Party.objects.filter(person=person, superseded__isnull=True)
    return list(Order.objects.filter(pk__in=parties.values("order")).order_by("pk"))


def _against_erasing(request: HttpRequest, orders: list[Order]) -> list[str]:
    """Why the person cannot be erased now, order by order; another force's order is told of, not named."""
    now, days, user, found = timezone.now(), facts.holidays(), user_of(request), []
    known = facts.load([order.pk for order in orders])
    for order in orders:
        if not may(user, Action.RETENTION, order):
            found.append("An order of another force names them; that force decides.")
        elif (standing := assess(known[order.pk], now, days).standing) != "ended":
            found.append(f"{order.reference} is {standing}.")
    return list(dict.fromkeys(found))
