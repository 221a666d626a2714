"""Areas: from the force down to a neighbourhood, how many orders of what kind of urgency, as tiles and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from orders.access import audit, permissions
from orders.access.permissions import Action
from orders.models import Area, Category
from orders.search import area_figures, by_area
from orders.search.by_area import Question
from orders.search.filters import ROLES, AreaForm
from orders.search.results import results
from orders.statute import local_day
from orders.views.access import address_of, permitted, user_of
from orders.views.history import Then, asked_then, not_understood

LISTED = 25

FIGURES = {
    "live": ("Live", {"standing": "live"}),
    "new": ("New since yesterday", {"only": "new"}),
    "unserved": ("Not served", {"only": "unserved"}),
    "ending": ("Ends within 7 days", {"only": "ending"}),
    "breached": ("Breached in 7 days", {"only": "breached"}),
    "unconfirmed": ("Unconfirmed", {"standing": "unconfirmed"}),
}
"""The figures of a row: in what words, and what to ask a search for to find as many orders."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and the query of the search that finds as many."""

    words: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """An area with its figures, in the order of FIGURES."""

    area: Area
    live: int
    breached: int
    figures: tuple[Figure, ...]


@permitted(Action.SEARCH)
def area_page(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """An area of the user's force, without a code the force itself. Another force's is as if it did not exist."""
    user = user_of(request)
    form = AreaForm(request.GET)
    then = asked_then(request, form)
    if user.force is None:
        return render(request, "orders/no_area.html")
    area = user.force if code is None else get_object_or_404(permissions.searchable_areas(user), code=code)
    if then is None:
        return not_understood(request, form)
    role = form.cleaned_data["role"] or None
    question = Question(area, then.at, then.known_at, role, standings=("live",))
    within = list(area.children.order_by("code"))
    figures = area_figures.of_areas(question, user, [area, *within])
    shown = [child for child in within if any(figures[child.pk].values()) or _exists(child, then)]
    listed = [] if within else _live(question, user)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="look at area",
        orders=listed,
        detail={"area": area.code, "query": {name: value for name, value in request.GET.items() if value}},
        address=address_of(request),
    )
    return render(
        request,
        "orders/area.html",
        {
            "area": area,
            "above": _above(area),
            "then": then,
            "role": role or "",
            "roles": [(value, words, _switch(value, then)) for value, words in [("", "Anyone"), *ROLES]],
            "kept": _switch(role or "", then),
            "whole": _line(area, figures[area.pk], role, then),
            "lines": [_line(child, figures[child.pk], role, then) for child in shown],
            "headings": [words for words, _ in FIGURES.values()],
            "not_placed": figures[area.pk]["not_placed"],
            "not_placed_query": _search(area, {"role": "not placed", "standing": "live"}, then),
            "live": results(listed, user=user, at=then.at, known_at=then.known_at),
        },
    )


def _live(question: Question, user: Any) -> list[int]:
    counted = by_area.counts(question, user)
    return by_area.page(question, user, offset=0, limit=LISTED, counted=counted)


def _exists(area: Area, then: Then) -> bool:
    today = local_day(then.at)
    begun = area.valid_from is None or area.valid_from <= today
    return begun and (area.valid_until is None or today < area.valid_until)


def _above(area: Area) -> list[Area]:
    above = [] if area.parent is None else [area.parent]
    return [above[0].parent, *above] if above and above[0].parent else above


def _line(area: Area, figures: dict[str, int], role: str | None, then: Then) -> Line:
    return Line(
        area,
        figures["live"],
        figures["breached"],
        tuple(
            Figure(words, figures[name], _search(area, asked | ({"role": role} if role else {}), then))
            for name, (words, asked) in FIGURES.items()
        ),
    )


def _search(area: Area, asked: dict[str, str], then: Then) -> str:
    return urlencode({"area": area.code, **asked}) + then.more


def _switch(role: str, then: Then) -> str:
    query = urlencode({"role": role}) + then.more if role else then.query
    return f"?{query}" if query else ""
