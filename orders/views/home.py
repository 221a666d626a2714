"""My area: what needs doing in order of harm, what is new, and how many orders are live where."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may
from orders.models import Category, ImportRun, SavedSearch, User
from orders.record import facts
from orders.search import area_figures, by_area
from orders.search.by_area import Question
from orders.search.filters import default_area
from orders.search.narrowing import ONLY
from orders.search.results import results
from orders.search.saved import Found, found_by
from orders.statute import local_day
from orders.views.access import address_of, permitted, user_of

LISTED = 10
ALARMING = frozenset({"hearing", "outcome", "unserved", "breached"})


@permitted(Action.ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the user's own area at this instant."""
    user = user_of(request)
    area = default_area(user)
    if not may(user, Action.SEARCH) and may(user, Action.REFERENCE_DATA):
        return redirect("orders:reference")
    if not may(user, Action.SEARCH) and may(user, Action.AUDIT):
        return redirect("orders:audit")
    if not may(user, Action.SEARCH) or area is None:
        return render(request, "orders/no_area.html")
    now = timezone.now()
    question = Question(area, now)
    needing = area_figures.needing(question, user)
    new = [row.order_id for row in by_area.rows(Question(area, now, only="new"), user).order_by("-order_id")[:LISTED]]
    ending = [row.order_id for row in by_area.rows(Question(area, now, only="hearing"), user).order_by("live_until")]
    ending += [row.order_id for row in by_area.rows(Question(area, now, only="outcome"), user)[:LISTED]]
    ending += [row.order_id for row in by_area.rows(Question(area, now, only="unserved"), user)[:LISTED]]
    first = list(dict.fromkeys(ending))[:LISTED]
    children = list(area.children.order_by("code"))
    counted = area_figures.live_by_area(question, user, children)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="look at my area",
        orders=[*new, *first],
        detail={"area": area.code},
        address=address_of(request),
    )
    return render(
        request,
        "orders/home.html",
        {
            "area": area,
            "now": now,
            "counts": [
                {
                    "words": words,
                    "count": needing[name],
                    "alarming": name in ALARMING and needing[name],
                    "query": urlencode({"area": area.code, "only": name}),
                }
                for name, words in ONLY.items()
            ],
            "live": by_area.counts(question, user)["live"],
            "new": results(new, user=user, at=now),
            "do_first": results(first, user=user, at=now),
            "within": [(child, counted.get(child.pk, 0)) for child in children],
            "last_import": ImportRun.objects.order_by("-extracted_at").first(),
            "not_applied": by_area.quarantined_count(user),
            "saved": _saved(user, now),
            "holidays_run_out": facts.holidays().warns_on(local_day(now)),
        },
    )


SAVED_LISTED = 5


def _saved(user: User, now: datetime) -> list[tuple[SavedSearch, Found]]:
    """The user's own saved searches with what each finds."""
    own = sorted(SavedSearch.objects.visible_to(user).filter(owner=user), key=lambda saved: saved.name.casefold())
    return [(saved, found_by(saved, user, now)) for saved in own[:SAVED_LISTED]]
