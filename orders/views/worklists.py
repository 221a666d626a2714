"""Worklists: how much there is to do, each list with who has what, and saying of items what was done about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action, may, searchable_areas
from orders.models import Area, Category, Level, QuarantinedOrder, Role, User, WorkStep
from orders.record.writing import Refused
from orders.search.filters import StrictForm, default_area
from orders.search.results import Result, results
from orders.templatetags.order_words import days_left
from orders.views.access import address_of, permitted, user_of
from orders.views.doing import sentence
from orders.views.restricted import opened
from orders.work import state
from orders.work.likenesses import Pair, pairs, quarantined
from orders.work.lists import LISTS, Worklist, query_of, rows
from orders.work.state import State
from orders.work.summary import summary

PAGE_SIZE = 25
OWNERS = [("", "Anybody"), ("mine", "Mine"), ("nobody", "Nobody")]
SHOWN = [("", "To do"), ("done", "Done")]


class ListForm(StrictForm):
    """What a list can be asked: an area, whose items, whether to do or done, and which page."""

    area = forms.ModelChoiceField(Area.objects.none(), to_field_name="code", required=False)
    owner = forms.ChoiceField(choices=OWNERS, required=False)
    show = forms.ChoiceField(choices=SHOWN, required=False)
    page = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        field: Any = self.fields["area"]
        field.queryset = searchable_areas(user).exclude(level=Level.NEIGHBOURHOOD)
        self.areas = sorted(field.queryset, key=lambda area: (area.level != Level.FORCE, area.code))


class SayForm(GovukForm):
    """What is said of the items that were ticked."""

    step = forms.ChoiceField(
        label="What to do with those ticked",
        choices=[("assigned", "Assign"), ("noted", "Note"), ("done", "Mark as done"), ("reopened", "Open again")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what to do with those ticked"},
    )
    to = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody", label="Assign to", help_text="Only for assigning."
    )
    note = forms.CharField(
        required=False, max_length=500, label="Note", help_text="What was found out, decided or done.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["to"]
        field.queryset = team


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: an order, a pair of people, or an order that was not applied; and what was said of it."""

    key: str
    since: datetime | None
    days: int | None
    state: State | None
    result: Result | None = None
    pair: Pair | None = None
    quarantined: QuarantinedOrder | None = None

    @property
    def order(self) -> int | None:
        """The id of the order that the line is about."""
        if self.result is not None:
            return self.result.order.pk
        return None if self.quarantined is None else self.quarantined.order_id


@permitted(Action.WORKLISTS)
def worklists_page(request: HttpRequest) -> HttpResponse:
    """All lists of an area with how many are on each."""
    user, form = user_of(request), ListForm(request.GET, user=user_of(request))
    area = _area(form, user)
    if area is None:
        return _not_asked(request, form)
    now = timezone.now()
    audit.record(
        by=user, category=Category.CONSULTATION, action="look at worklists", detail={"area": area.code},
        address=address_of(request),
    )  # fmt: skip
    lines = summary(area, user, now)
    return render(
        request,
        "orders/worklists.html",
        {
            "area": area, "areas": form.areas, "now": now, "is_force": area.level == Level.FORCE,
            "lines": [(line, _age(now, line.oldest)) for line in lines],
            "force": area.force or area,
        },
    )  # fmt: skip


@permitted(Action.WORKLISTS, post=Action.RECORD)
def worklist_page(request: HttpRequest, name: str) -> HttpResponse:
    """One list; with POST, say something of those ticked."""
    user, form = user_of(request), ListForm(request.GET, user=user_of(request))
    if name not in LISTS:
        raise Http404
    area = _area(form, user)
    if area is None:
        return _not_asked(request, form)
    worklist, force, now = LISTS[name], area.force or area, timezone.now()
    if worklist.whole_force and area.level != Level.FORCE:
        return redirect(f"{request.path}?{urlencode({'area': force.code})}")
    asked = form.cleaned_data
    team = User.objects.filter(force=force, roles__contains=[Role.CIVIL_ORDERS_TEAM.value], is_active=True)
    say = SayForm(request.POST if request.method == "POST" else None, team=team)
    ticked = request.POST.getlist("item")
    keys = _keys(worklist, area, user, now, owner=asked["owner"], done=asked["show"] == "done")
    if request.method == "POST" and say.is_valid():
        done = _say(request, worklist, say, {key: keys[key].order for key in ticked if key in keys}, len(ticked), force)
        if done:
            return redirect(request.get_full_path())
    page = Paginator(list(keys.values()), PAGE_SIZE).get_page(asked["page"] or 1)
    items = _items(worklist, list(page.object_list), request, now, force)
    audit.record(
        by=user, category=Category.CONSULTATION, action="look at worklist",
        orders=[item.order for item in items if item.order is not None],
        detail={"worklist": name, "area": area.code, "page": page.number}, address=address_of(request),
    )  # fmt: skip
    kept = {"area": area.code, "owner": asked["owner"], "show": asked["show"]}
    query = query_of(worklist, area)
    return render(
        request,
        "orders/worklist.html",
        {
            "worklist": worklist, "area": area, "areas": [] if worklist.whole_force else form.areas, "items": items,
            "now": now, "page": page, "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1)),
            "owners": [(value, words, _kept(kept, owner=value)) for value, words in OWNERS],
            "shown": [(value, words, _kept(kept, show=value)) for value, words in SHOWN],
            "asked": asked, "query": _kept(kept), "ticked": ticked, "force": force,
            "search": urlencode(query) if query else "",
            "say": say if may(user, Action.RECORD) else None,
        },
        status=400 if say.errors else 200,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Key:
    """A line before it is worked out."""

    key: str
    since: datetime | None
    order: int | None
    pair: Pair | None = None
    quarantined: QuarantinedOrder | None = None


def _keys(worklist: Worklist, area: Area, user: User, now: datetime, *, owner: str, done: bool) -> Mapping[str, _Key]:
    """What is on a list, by what it is called, in the list's order."""
    force = area.force or area
    if worklist.name == "duplicates":
        found = [_Key(pair.key, None, None, pair=pair) for pair in pairs(force, user, now)]
    elif worklist.name == "quarantined":
        waiting = quarantined(force, user)
        found = [_Key(f"q{one.pk}", one.run.started_at, one.order_id, quarantined=one) for one in waiting]
    else:
        listed = rows(worklist, area, user, now).values_list("order_id", worklist.since)
        found = [_Key(f"o{order}", since, order) for order, since in listed]
    finished = state.done(force).get(worklist.name, set())
    found = [one for one in found if (one.key in finished) is done]
    if owner:
        having = state.owned(force).get(worklist.name, {})
        wanted = user.pk if owner == "mine" else None
        found = [one for one in found if having.get(one.key) == wanted]
    return {one.key: one for one in found}


def _items(worklist: Worklist, keys: Sequence[_Key], request: HttpRequest, now: datetime, force: Area) -> list[Item]:
    user = user_of(request)
    said = state.states(worklist.name, [one.key for one in keys], force)
    orders = [one.order for one in keys if one.order is not None]
    found: dict[int, Result] = {}
    if worklist.holds is not None:
        shown = results(orders, user=user, at=now)
        restricted = opened(request, [one.order for one in shown if one.hidden])
        found = {
            one.order.pk: one
            for one in (results(orders, user=user, at=now, opened=restricted) if restricted else shown)
        }
    return [
        Item(
            one.key, one.since, state.waiting_since(now, one.since), said.get(one.key),
            result=found.get(one.order) if one.order is not None else None, pair=one.pair, quarantined=one.quarantined,
        )
        for one in keys
        if worklist.holds is None or one.order in found
    ]  # fmt: skip


def _say(
    request: HttpRequest, worklist: Worklist, say: SayForm, items: Mapping[str, int | None], asked: int, force: Area
) -> bool:
    """Carry it out; what is refused becomes an error of the form."""
    if asked != len(items):
        say.add_error(None, "Some of those ticked are no longer on this list. Look at it as it now is, and tick again.")
        return False
    try:
        number = state.say(
            worklist.name, items, WorkStep(say.cleaned_data["step"]), by=user_of(request), force=force,
            to=say.cleaned_data["to"], note=say.cleaned_data["note"],
        )  # fmt: skip
    except Refused as refused:
        for problem in refused.messages:
            field, _, words = problem.partition(": ")
            say.add_error(field if field in say.fields else None, sentence(words))
        return False
    messages.success(request, f"{number} {'item' if number == 1 else 'items'}: {say.cleaned_data['step']}.")
    return True


def _area(form: ListForm, user: User) -> Area | None:
    if not form.is_valid():
        return None
    home = default_area(user)
    if home is not None and home.level == Level.NEIGHBOURHOOD:
        home = home.parent
    area: Area | None = form.cleaned_data["area"] or home
    return area


def _not_asked(request: HttpRequest, form: ListForm) -> HttpResponse:
    if form.is_valid():
        return render(request, "orders/no_area.html")
    return render(request, "orders/not_understood.html", {"errors": form.errors, "path": request.path}, status=400)


def _kept(kept: dict[str, str], **changes: str) -> str:
    return urlencode({name: value for name, value in (kept | changes).items() if value})


def _age(now: datetime, oldest: datetime | None) -> str:
    """How long the longest waiting has waited, or how long there still is."""
    days = state.waiting_since(now, oldest)
    if days is None or days > 20_000:
        return ""
    if oldest is not None and oldest > now:
        return f"in {days_left(oldest, now).removesuffix(' left')}"
    return "today" if days == 0 else f"{days} {'day' if days == 1 else 'days'}"
