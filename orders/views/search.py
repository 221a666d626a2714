"""Search: which orders are live in an area, by who lives there; live first, history kept; and finding a person.

What is typed in the box comes by POST, is kept by the register under a key, and is searched for at an address that
holds the key alone. Filters stand in the address in words.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
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
from orders.search.by_person import Answer, understand
from orders.search.facet_counts import facet_counts
from orders.search.filters import PageFilter
from orders.search.own_areas import own
from orders.search.results import results
from orders.search.whereabouts import place_said
from orders.templatetags.order_words import plural
from orders.views.access import address_of, permitted, user_of
from orders.views.history import then_of
from orders.views.search_filters import Chip, chips, groups, without_page

PAGE_SIZE = 25
ENDED_AT_MOST = 1_000
"""So many ended orders are counted and turned through where the register does not keep their number."""

LAST_PAGE = 400
"""So far pages turn; who needs an order beyond narrows the search."""

WIDENED = 6
"""So many ways to widen a search that finds nothing are counted."""


@permitted(Action.SEARCH)
def search_page(request: HttpRequest) -> HttpResponse:
    """The form and a page of the answer. What cannot be understood is named, and finds nothing."""
    if request.method == "POST":
        return _ask(request)
    user = user_of(request)
    asked = PageFilter(request.GET, user=user)
    question, number = asked.question(), _page_number(request.GET)
    if question is None or number is None:
        return _not_understood(request, asked, request.GET)
    answer, more = _answer(question, user, number)
    total = by_area.asked_count(question, answer.counts)
    page = Paginator(range(min(total, LAST_PAGE * PAGE_SIZE)), PAGE_SIZE).get_page(number)
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
    if more:
        counted["ended"] = f"more than {ENDED_AT_MOST:,}"
    of_ended = more and (not question.standings or "ended" in question.standings)
    shown = results(answer.order_ids, user=user, at=question.at, known_at=question.known_at)
    context = _form_context(user, asked, question, {"standing": counted} | facet_counts(question, user)) | {
        "question": question,
        "results": shown,
        "matched": answer.matched,
        "spellings": [] if question.exact else answer.spellings,
        "exact_query": _changed(query, exact="Y") if _has_name(question) and not question.exact else "",
        "near_query": _changed(query, exact=None) if _has_name(question) and question.exact else "",
        "counted": [(name, words, _changed(query, standing=name)) for name, words in counted.items()],
        "total": total - of_ended,
        "more": of_ended,
        "page": page,
        "beyond": _beyond(total, of_ended, page.has_next()),
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
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
    reads = own(user)
    said = place_said(text, reads.areas.names)
    if said is not None:
        text, query["area"] = said
        messages.info(request, "The place you typed was read as the area: the search is of this area alone.")
    if text:
        read = understand(text, timezone.localdate())
        problems = [problem.message for problem in read.problems]
        if problems:
            return _not_understood(request, PageFilter(query, user=user, reads=reads), query, text, problems)
        query["s"] = saving.ask(text, by=user).key
    return redirect(f"{reverse('orders:search')}?{query.urlencode()}")


def _not_understood(
    request: HttpRequest, asked: PageFilter, data: QueryDict, text: str = "", text_errors: list[str] | None = None
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
    if _page_number(data) is None:
        problems.append(("", "Page: is not the number of a page"))
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


def _answer(question: Question, user: User, number: int) -> tuple[Answer, bool]:
    """Counts and one page of orders, and whether more have ended than were counted; the last page for one beyond."""
    if question.person is not None:
        offset = (min(number, LAST_PAGE) - 1) * PAGE_SIZE
        answer = by_person.find(question, user, offset=offset, limit=PAGE_SIZE)
        last = _last(answer.total(question.standings))
        if number > last:
            answer = by_person.find(question, user, offset=(last - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return answer, False
    counted = by_area.counts(question, user, ended_at_most=ENDED_AT_MOST)
    more = not by_area.all_are_counted(question, user) and counted["ended"] > ENDED_AT_MOST
    last = _last(by_area.asked_count(question, counted) - more)
    offset = (min(number, last) - 1) * PAGE_SIZE
    return Answer(counted, by_area.page(question, user, offset=offset, limit=PAGE_SIZE, counted=counted)), more


def _last(total: int) -> int:
    return min(LAST_PAGE, max(1, -(-total // PAGE_SIZE)))


def _beyond(total: int, of_ended: bool, has_next: bool) -> str:
    """How many orders no page shows, on the last one; blank where there are none."""
    if has_next:
        return ""
    if of_ended:
        return f"Of the ended orders the latest {ENDED_AT_MOST:,} are listed, and there are more"
    beyond = total - LAST_PAGE * PAGE_SIZE
    return f"Pages end here, and {plural(beyond, 'order is,orders are')} not shown" if beyond > 0 else ""


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
            else by_area.counts(wide, user, ended_at_most=ENDED_AT_MOST)
        )
        count = by_area.asked_count(wide, counted)
        if count:
            wider.append({"words": words, "query": way.urlencode(), "count": f"{count:,}"})
    return wider


def _has_name(question: Question) -> bool:
    return question.person is not None and bool(question.person.name)


def _reference(question: Question) -> str:
    return question.reference or (question.person.number if question.person else "")


def _page_number(data: QueryDict) -> int | None:
    text = data.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:7]) < 1_000_000 and len(text) < 7 else None


def _changed(query: QueryDict, **changes: str | None) -> str:
    return without_page(query, **changes).urlencode()


def _differs(saved_query: str, saved_text: str | None, query: QueryDict, text: str) -> bool:
    """Whether a search asks for something else than the saved one it began from."""
    now = without_page(query, s=None, saved=None)
    return (sorted(QueryDict(saved_query).lists()), saved_text) != (sorted(now.lists()), text)


def _logged(data: QueryDict) -> dict[str, list[str]]:
    return {name: values for name, values in data.lists() if any(values)}
