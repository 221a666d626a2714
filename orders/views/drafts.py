"""Entering an order: question pages with a draft behind them, a check of all answers, and what comes next."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action
from orders.actions.by_hand import register
from orders.drafting import Drafting, Page
from orders.forms.entering import KindForm
from orders.models import Category, Draft, Order, Person, SentForm
from orders.record.doubles import possible_doubles
from orders.record.foresight import foresee, foresee_followed
from orders.record.writing import Form, Refused, Repeated
from orders.search.filters import InstantForm
from orders.statute import KINDS, LEADS_TO, OrderFacts, earliest_renewal, following_error, local_day
from orders.statute.why import when
from orders.views.access import address_of, permitted, user_of
from orders.views.alike import beside
from orders.views.doing import refuse_unless_ours, shown
from orders.views.next_steps import next_steps
from orders.views.order_record import open_record


@permitted(Action.RECORD)
def begin_page(request: HttpRequest) -> HttpResponse:
    """What kind of order; a draft is begun by the answer. `?follows=` names the notice or interim that it follows."""
    user = user_of(request)
    if user.force is None:
        return render(request, "orders/no_area.html")
    followed, initial = None, {}
    if request.GET.get("follows"):
        record = open_record(request, _uuid(request.GET["follows"]), "record", _FollowsForm(request.GET))
        if isinstance(record, HttpResponse):
            return record
        refuse_unless_ours(user, Action.RECORD, record.current)
        followed = record.current
        initial = {"kind": LEADS_TO.get(followed.kind, "")}
    form = KindForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and followed is not None:
        wrong = following_error(form.cleaned_data["kind"], followed.kind)
        if wrong:
            form.add_error("kind", wrong)
    if form.is_valid():
        draft = Draft.objects.create(owner=user)
        draft.refresh_from_db()
        drafting = Drafting(draft, user)
        if followed is not None:
            drafting.answers["follows"] = {"order": [str(followed.public_id)]}
        drafting.keep("kind", request.POST)
        return redirect("orders:draft-page", draft.public_id, drafting.pages()[1].key)
    context = {
        "form": form,
        "title": "What kind of order is it?",
        "caption": f"Follows {followed.reference}" if followed else "Enter an order",
        "back": reverse("orders:drafts"),
        "followed": followed,
    }
    return render(request, "orders/draft_page.html", context, status=400 if form.errors else 200)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


class _FollowsForm(InstantForm):
    """What the page can be asked."""

    follows = forms.UUIDField()


@permitted(Action.RECORD)
def drafts_page(request: HttpRequest) -> HttpResponse:
    """My drafts: what I have begun and not submitted."""
    user = user_of(request)
    drafts = [Drafting(draft, user) for draft in Draft.objects.filter(owner=user, order=None)]
    listed = [
        {
            "draft": one.draft,
            "kind": KINDS[one.kind].name if one.kind else "Kind not chosen",
            "reference": (one.answers.get("numbers") or {}).get("reference", [""])[0],
        }
        for one in drafts
    ]
    return render(request, "orders/drafts.html", {"drafts": listed})


@permitted(Action.RECORD)
@require_POST
def delete_draft(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    _drafting(request, public_id).draft.delete()
    messages.success(request, "The draft has been thrown away.")
    return redirect("orders:drafts")


def _drafting(request: HttpRequest, public_id: UUID) -> Drafting:
    user = user_of(request)
    return Drafting(get_object_or_404(Draft, public_id=public_id, owner=user, order=None), user)


@permitted(Action.RECORD)
def draft_page(request: HttpRequest, public_id: UUID, page: str) -> HttpResponse:
    """One question page. What is sent is kept, right or wrong; a right answer leads on."""
    drafting = _drafting(request, public_id)
    pages = drafting.pages()
    place = next((number for number, one in enumerate(pages) if one.key == page), None)
    if place is None:
        raise Http404
    if request.method == "POST":
        drafting.keep(page, request.POST)
        form = drafting.form(page, request.POST)
        if "add" not in request.POST and form.is_valid():
            return redirect(_after(drafting, page))
    else:
        form = drafting.form(page)
    _record_look(request, form)
    back = reverse("orders:draft-page", args=[public_id, pages[place - 1].key]) if place else reverse("orders:drafts")
    context = {
        "form": form,
        "title": pages[place].title,
        "caption": f"Enter an order: {KINDS[drafting.kind].name if drafting.kind else 'new'}",
        "back": back,
        "draft": drafting.draft,
        "alike": beside(getattr(form, "held", ()), drafting.user),
        "adds": page == "conditions",
        "step": f"Page {place + 1} of about {len(pages) + 1}",
    }
    wrong = request.method == "POST" and form.errors
    return render(request, "orders/draft_page.html", context, status=400 if wrong else 200)


def _record_look(request: HttpRequest, form: Any) -> None:
    """Whoever is shown people of the register has looked at them."""
    people: list[Person] = list(getattr(form, "alike", {}).values())
    if people:
        orders = Order.objects.filter(parties__person__in=people, parties__superseded=None)
        audit.record(
            by=user_of(request),
            category=Category.CONSULTATION,
            action="compare people",
            orders=orders.values_list("pk", flat=True),
            detail={"people": sorted(str(person.public_id) for person in people)},
            address=address_of(request),
        )


def _after(drafting: Drafting, page: str) -> str:
    """The first page after this one that is not yet rightly answered; else the check."""
    pages = drafting.pages()
    unanswered = {one.key for one in drafting.problems()}
    place = next(number for number, one in enumerate(pages) if one.key == page)
    for one in pages[place + 1 :]:
        if one.key in unanswered:
            return reverse("orders:draft-page", args=[drafting.draft.public_id, one.key])
    return reverse("orders:draft-check", args=[drafting.draft.public_id])


class SubmitForm(GovukForm):
    """That the answers are right; and, where an order like it is held, that it is another."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, doubles: list[tuple[Order, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if doubles:
            self.fields["other"] = forms.ChoiceField(
                label="Is it one of these?",
                choices=[
                    *((str(order.public_id), f"Yes: {order.reference} ({why})") for order, why in doubles),
                    ("other", "No: it is another order"),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": "The register holds an order like it. Select whether it is the same"},
            )


@permitted(Action.RECORD)
def check_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All answers with what the law makes of them; submitted from here."""
    drafting = _drafting_or_done(request, public_id)
    if isinstance(drafting, HttpResponse):
        return drafting
    wrong = drafting.problems()
    if wrong:
        return redirect("orders:draft-page", public_id, wrong[0].key)
    new, reason = drafting.order()
    user, now = drafting.user, timezone.now()
    perpetrator = new.perpetrator
    who = (
        perpetrator
        if isinstance(perpetrator, Person)
        else Person(family_name=perpetrator.family_name, date_of_birth=perpetrator.date_of_birth)
    )
    days = {local_day(event.at) for event in new.events if event.kind in ("MADE", "SERVED")}
    doubles = possible_doubles(user=user, at=now, kind=new.kind, reference=new.reference, perpetrators=[who], days=days)
    form = SubmitForm(doubles, request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_valid():
        chosen = form.cleaned_data.get("other", "other")
        if chosen != "other":
            messages.info(request, "That order is held already. Your draft is kept; throw it away if it is not needed.")
            return redirect("orders:order", chosen)
        leads_to = reverse("orders:draft-done", args=[form.cleaned_data["key"]])
        try:
            order = register(new, by=user, reason=reason, form=Form(form.cleaned_data["key"], leads_to=leads_to))
        except Repeated as done:
            return redirect(done.leads_to)
        except Refused as refused:
            for message in refused.messages:
                words = message.partition(": ")[2] or message
                form.add_error(None, f"{words[0].upper()}{words[1:]}")
        else:
            Draft.objects.filter(pk=drafting.draft.pk).update(order=order, text="")
            return redirect(leads_to)
    known = OrderFacts(new.kind, new.reference, follows=new.replaces.kind if new.replaces else None,
                       without_notice=new.without_notice, power_of_arrest=new.power_of_arrest)  # fmt: skip
    made = next((event for event in new.events if event.kind == "MADE"), None)
    renewal = earliest_renewal(KINDS[new.kind], made) if made else None
    context = {
        "form": form,
        "title": "Check your answers",
        "back": reverse("orders:draft-page", args=[public_id, drafting.pages()[-1].key]),
        "blocks": [_block(drafting, page) for page in drafting.pages() if not page.key.endswith("-more")],
        "foresight": foresee(known, new.events, now),
        "ends_before": foresee_followed(new.replaces, known, new.events, now) if new.replaces else [],
        "renewal": renewal,
        "doubles": [{"order": order, "why": why, "events": _dated(order)} for order, why in doubles],
        "draft": drafting.draft,
        "follows": new.replaces,
        "then": None,
    }
    return render(request, "orders/draft_check.html", context, status=400 if form.errors else 200)


def _drafting_or_done(request: HttpRequest, public_id: UUID) -> Drafting | HttpResponse:
    """The draft; of one that has been submitted, the order: a form sent twice leads there."""
    draft = get_object_or_404(Draft.objects.select_related("order"), public_id=public_id, owner=user_of(request))
    if draft.order is not None:
        return redirect("orders:order", draft.order.public_id)
    return Drafting(draft, user_of(request))


def _dated(order: Order) -> list[str]:
    return [f"{event.kind.lower()} {when(event.at)}" for event in order.events.filter(kind__in=("MADE", "SERVED"))]


def _block(drafting: Drafting, page: Page) -> dict[str, Any]:
    form = drafting.form(page.key, kept=True)
    form.is_valid()
    change = reverse("orders:draft-page", args=[drafting.draft.public_id, page.key])
    rows = [
        {
            "key": field.label,
            "value": shown(field.field, form.cleaned_data.get(field.name)),
            "change": change,
            "what": f"{page.title}: {field.label}",
        }
        for field in form.visible_fields()
        if form.cleaned_data.get(field.name) not in (None, "", [])
    ]
    found = form.cleaned_data.get("found")
    if found is not None:
        rows.append({"key": "Neighbourhood", "value": f"{found.name}, {found.parent.name}"})
    return {"title": page.title, "rows": rows}


@permitted(Action.RECORD)
def done_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """That the order is entered, how it stands, and what comes next."""
    sent = get_object_or_404(SentForm, key=key, user=user_of(request))
    order = get_object_or_404(Order, first_recording=sent.recording)
    record = open_record(request, order.public_id, "recorded")
    if isinstance(record, HttpResponse):
        return record
    context = {
        "order": record.order, "rules": record.rules, "assessment": record.assessment, "then": record.then,
        "next": next_steps(record, []),
    }  # fmt: skip
    return render(request, "orders/draft_done.html", context)
