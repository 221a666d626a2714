"""Search: which orders are live in an area, by who lives there; live first, history kept."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from orders import audit, search
from orders.filters import PageFilter, area_choices
from orders.models import Category
from orders.permissions import Action
from orders.results import results
from orders.search import Question
from orders.views.access import address_of, permitted, user_of
from orders.views.history import then_of

PAGE_SIZE = 25
ENDED_AT_MOST = 1_000
"""So many ended orders are counted and turned through where the register does not keep their number."""

LAST_PAGE = 400
"""So far pages turn; who needs an order beyond narrows the search."""


@permitted(Action.SEARCH)
def search_page(request: HttpRequest) -> HttpResponse:
    """The form and a page of the answer. What cannot be understood is named, and finds nothing."""
    user = user_of(request)
    asked = PageFilter(request.GET, user=user)
    question = asked.question()
    number = _page_number(request.GET)
    context: dict[str, Any] = {
        "form": asked.form,
        "areas": area_choices(user),
        "question": question,
        "errors": asked.form.errors,
        "not_applied": search.quarantined_count(user),
    }
    if question is None or number is None:
        context["bad_page"] = number is None
        return render(request, "orders/search.html", context, status=400)
    counted = search.counts(question, user, ended_at_most=ENDED_AT_MOST)
    more = not search.all_are_counted(question, user) and counted["ended"] > ENDED_AT_MOST
    counted["ended"] -= more
    total = search.asked_count(question, counted)
    pages = min(LAST_PAGE, max(1, -(-total // PAGE_SIZE)))
    number = min(number, pages)
    ids = search.page(question, user, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE, counted=counted)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="search",
        orders=ids,
        detail={"query": _logged(request.GET), "page": number, "found": total},
        address=address_of(request),
    )
    page = Paginator(range(min(total, LAST_PAGE * PAGE_SIZE)), PAGE_SIZE).page(number)
    context |= {
        "results": results(ids, user=user, at=question.at, known_at=question.known_at),
        "counted": [(standing, counted[standing], _query(request.GET, standing=standing)) for standing in counted],
        "total": total,
        "more": more and (not question.standings or "ended" in question.standings),
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)),
        "query": _query(request.GET),
        "chips": _chips(request.GET, question),
        "quarantined": search.quarantined(question.reference, user) if question.reference else [],
        "then": then_of(request, at=asked.form.cleaned_data["at"], known_at=question.known_at),
    }
    return render(request, "orders/search.html", context)


def _page_number(data: QueryDict) -> int | None:
    text = data.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000 else None


def _query(data: QueryDict, **changes: str) -> str:
    """The query of this search without its page, with some parameters set instead."""
    query = data.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()


def _logged(data: QueryDict) -> dict[str, list[str]]:
    return {name: values for name, values in data.lists() if any(values)}


def _chips(data: QueryDict, question: Question) -> list[tuple[str, str]]:
    """What narrows the answer, each with the query of the search without it."""
    found = []
    for name, values in data.lists():
        if name in ("page", "area"):
            continue
        for value in values:
            if value:
                query = data.copy()
                query.pop("page", None)
                query.setlist(name, [other for other in values if other != value])
                found.append((f"{name.replace('_', ' ')}: {value}", query.urlencode()))
    return found
