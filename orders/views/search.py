"""Search: which orders are live in an area, by who lives there; live first, history kept; and finding a person.

What is typed in the box comes by POST, is kept by the register under a key, and is searched for at an address that
holds the key alone. Filters stand in the address in words.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may
from orders.actions import saving
from orders.models import Category, User
from orders.record import freshness
from orders.search import by_area, by_person
from orders.search.by_area import Question
from orders.search.by_person import understand
from orders.search.facet_counts import facet_counts
from orders.search.filters import PageFilter
from orders.search.own_areas import own
from orders.search.results import results
from orders.search.whereabouts import place_said
from orders.views import turning
from orders.views.access import address_of, permitted, user_of
from orders.views.history import then_of
from orders.views.search_filters import Chip, chips, groups, without_page
from orders.views.turning import NoSuchPage, turned

WIDENED = 6
"""So many ways to widen a search that finds nothing are counted."""


@permitted(Action.SEARCH)
def search_page(request: HttpRequest) -> HttpResponse:
    """The form and a page of the answer. What cannot be understood is named, and finds nothing."""
    if request.method == "POST":
        return _ask(request)
    user = user_of(request)
    asked = PageFilter(request.GET, user=user)
    question = asked.question()
    if question is None:
        return _not_understood(request, asked)
    try:
        page = turned(question, user, request.GET, at=asked.form.cleaned_data["at"])
    except NoSuchPage as problem:
        return _not_understood(request, asked, page_problem=str(problem))
    answer, total = page.answer, page.total
    typed, saved = asked.form.cleaned_data["s"], asked.form.cleaned_data["saved"]
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="search",
        orders=answer.order_ids,
        detail={"query": _logged(request.GET), "page": page.number, "found": total},
        address=address_of(request),
    )
    query, found = without_page(request.GET), chips(asked, request.GET)
    counted = {name: f"{count:,}" for name, count in answer.counts.items()}
    if page.capped:
        counted["ended"] = f"more than {turning.ENDED_AT_MOST:,}"
    shown = results(answer.order_ids, user=user, at=question.at, known_at=question.known_at)
    facets = facet_counts(question, user, among=answer.not_ended)
    context = _form_context(user, asked, question, {"standing": counted} | facets) | {
        "question": question,
        "results": shown,
        "matched": answer.matched,
        "spellings": [] if question.exact else answer.spellings,
        "exact_query": _changed(query, exact="Y") if _has_name(question) and not question.exact else "",
        "near_query": _changed(query, exact=None) if _has_name(question) and question.exact else "",
        "counted": [(name, words, _changed(query, standing=name)) for name, words in counted.items()],
        "total": total,
        "more": page.more,
        "page": page,
        "query": query.urlencode(),
        "chips": found,
        "wider": _wider(question, asked, found, query) if not total else [],
        "around": _changed(query, area=question.area.force.code)
        if total and question.person is not None and question.area.force is not None
        else "",
        "names_missing": not total and question.person is not None and freshness.names_are_missing(),
        "quarantined": by_area.quarantined(_reference(question), user) if _reference(question) else [],
        "then": then_of(request, at=asked.form.cleaned_data["at"], known_at=question.known_at),
        "text": typed.text if typed else "",
        "s": request.GET.get("s", ""),
        "saved": saved,
        "changed": saved is not None and _differs(saved.query, saved.words, query, typed.text if typed else ""),
        "may_save": may(user, Action.SAVED_SEARCHES),
        "may_export": may(user, Action.EXPORT),
    }
    return render(request, "orders/search.html", context)


def _ask(request: HttpRequest) -> HttpResponse:
    """Keep what was typed, and go to an address that holds the filters in words and the rest under a key."""
    user = user_of(request)
    query = without_page(request.POST, csrfmiddlewaretoken=None, q=None, s=None, exact=None)
    text = request.POST.get("q", "").strip()
    said = place_said(text, lambda: own(user).areas.names)
    if said is not None:
        text, query["area"] = said
        messages.info(request, "The place you typed was read as the area: the search is of this area alone.")
    if text:
        read = understand(text, timezone.localdate())
        problems = [problem.message for problem in read.problems]
        if problems:
            return _not_understood(request, PageFilter(query, user=user), text, problems)
        query["s"] = saving.ask(text, by=user).key
    return redirect(f"{reverse('orders:search')}?{query.urlencode()}")


def _not_understood(
    request: HttpRequest,
    asked: PageFilter,
    text: str = "",
    text_errors: list[str] | None = None,
    page_problem: str = "",
) -> HttpResponse:
    """The form again with what was typed, each problem named and linked to the field where it is mended."""
    user = user_of(request)
    problems: list[tuple[str, str]] = [("id_q", f"Person, reference or postcode: {one}") for one in text_errors or ()]
    for name, found in asked.form.errors.items():
        target = {"__all__": "", "s": "id_q", "saved": "", "list": "", "homes": "", "exact": ""}.get(name, f"id_{name}")
        if name in ("kind", "standing", "condition"):
            target += "_0"
        problems += [
            (target, f"{problem}" if name == "__all__" else f"{_called(asked, name)}: {problem}") for problem in found
        ]
    if page_problem:
        problems.append(("", page_problem))
    context = _form_context(user, asked, None, {}) | {"errors": problems, "text": text, "text_errors": text_errors}
    return render(request, "orders/search.html", context, status=400)


def _called(asked: PageFilter, name: str) -> str:
    """A parameter as the page calls it."""
    field = asked.form.fields.get(name)
    return str(field.label or name) if field else name


def _form_context(
    user: User, asked: PageFilter, question: Question | None, counts: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "form": asked.form,
        "here": reverse("orders:search"),
        "areas": asked.own.areas.choices,
        "groups": groups(asked, counts),
        "not_applied": asked.own.not_applied,
    }


def _wider(question: Question, asked: PageFilter, found: list[Chip], query: QueryDict) -> list[dict[str, Any]]:
    """What would find something: the search without each filter, without what was typed, and of the area around."""
    ways = [(f"Without “{chip.words}”", chip.without) for chip in found[:WIDENED]]
    if question.person is not None and found:
        ways.append(
            (
                "What you typed, without filters",
                without_page(QueryDict(mutable=True), area=question.area.code, s=query.get("s")),
            )
        )
    if question.exact:
        ways.append(("Similar spellings too", without_page(query, exact=None)))
    if question.area.parent is not None:
        ways.append((f"In {question.area.parent.name}", without_page(query, area=question.area.parent.code)))
    wider, user = [], asked.user
    for words, way in ways:
        wide = PageFilter(way, user=user, reads=asked.own).question()
        if wide is None:
            continue
        counted = (
            by_person.find(wide, user, offset=0, limit=0).counts
            if wide.person is not None
            else by_area.counts(wide, user, ended_at_most=turning.ENDED_AT_MOST)
        )
        count = by_area.asked_count(wide, counted)
        if count:
            wider.append({"words": words, "query": way.urlencode(), "count": f"{count:,}"})
    return wider


def _has_name(question: Question) -> bool:
    return question.person is not None and bool(question.person.name)


def _reference(question: Question) -> str:
    return question.reference or (question.person.number if question.person else "")


def _changed(query: QueryDict, **changes: str | None) -> str:
    return without_page(query, **changes).urlencode()


def _differs(saved_query: str, saved_text: str | None, query: QueryDict, text: str) -> bool:
    """Whether a search asks for something else than the saved one it began from."""
    now = without_page(query, s=None, saved=None)
    return (sorted(QueryDict(saved_query).lists()), saved_text) != (sorted(now.lists()), text)


def _logged(data: QueryDict) -> dict[str, list[str]]:
    return {name: values for name, values in data.lists() if any(values)}
