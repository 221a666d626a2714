"""Every email of a register of 2,000 orders says what `explain` and search say, order by order and figure by figure."""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import datetime

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from notifications import emails, planning
from notifications.digest import NOTICES
from notifications.news import Figure, News, Section
from orders.models import Area, OrderList, User
from orders.record import facts
from orders.search import by_area
from orders.search.filters import PageFilter
from orders.search.results import interval
from orders.statute import assess
from tests.orders.build import make_user


def found(query: dict[str, str], user: User, at: datetime) -> set[int]:
    """What a search with these filters finds at an instant."""
    data = QueryDict(mutable=True)
    data.update(query)
    asked = PageFilter(data, user=user, now=at)
    question = asked.question()
    assert question is not None, asked.form.errors
    standings = question.standings or ("live", "unconfirmed", "pending", "ended")
    rows = by_area.rows(question, user)
    return {row.order_id for standing in standings for row in rows.standing(standing, at)}


@pytest.fixture
def told(db: None) -> tuple[list[News], datetime, User]:
    """The demonstration register, its 7 emails at one instant, and a reader without the secret-place permission."""
    call_command("load_demo", orders=2_000, stdout=io.StringIO(), stderr=io.StringIO())
    at = timezone.now()
    areas = list(Area.objects.filter(level="lpa", force__code="WMP").select_related("force"))
    news = [planning.preview(area, timezone.localdate(), at) for area in areas]
    force = Area.objects.get(code="WMP")
    made = [one for one in news if one is not None]
    for one in made:
        OrderList.objects.bulk_create(
            OrderList(key=key, title="t", force=force, orders=list(orders)) for key, orders in one.list_orders.items()
        )
    return made, at, make_user(force)


def test_no_difference(told: tuple[list[News], datetime, User]) -> None:
    made, at, reader = told
    assert len(made) == 7
    orders = compared = 0
    for news in made:
        figures: list[Section | Figure] = [
            *news.sections,
            news.live,
            *news.neighbourhoods,
            *news.ending,
            news.not_placed,
        ]
        for figure in figures:
            if figure.count or "list" not in figure.query:
                if isinstance(figure, Section) and not figure.count and set(figure.query) == {"area"}:
                    continue  # a list of nothing
                assert len(found(figure.query, reader, at)) == figure.count, (news.area, figure)
                compared += 1
        for section in (*news.sections, news.live):
            searched = found(section.query, reader, at) if section.count else set()
            assert {line.order_id for line in section.lines} <= searched
            if section.whole:
                assert {line.order_id for line in section.lines} == searched
        _stand_as_explained(news, reader, at)
        orders += _as_explained(news, at)
        words = emails.write(news)
        assert words.subject.endswith(f"{news.live.count} live")
    assert orders > 400
    assert compared > 100


def _stand_as_explained(news: News, reader: User, at: datetime) -> None:
    """Every order that the email counts, shown in a line or not, stands as the law says; no other is left out."""
    known, days = facts.load(news.listed), facts.holidays()
    said: dict[str, set[int]] = defaultdict(set)
    for pk in news.listed:
        said[assess(known[pk], at, days).standing].add(pk)
    for standing in ("live", "unconfirmed", "pending"):
        assert found({"area": news.area.code, "standing": standing}, reader, at) == said[standing], (
            news.area,
            standing,
        )
    assert len(said["live"]) == news.live.count == news.counts["live"]
    assert len(said["unconfirmed"]) == news.counts["unconfirmed"]
    assert said.keys() <= {"live", "unconfirmed", "pending"}


def _as_explained(news: News, at: datetime) -> int:
    """Each line against what the law says of the order; returns how many lines."""
    lines = [line for section in (*news.sections, news.live) for line in section.lines]
    known, days = facts.load({line.order_id for line in lines}), facts.holidays()
    for line in lines:
        said = assess(known[line.order_id], at, days)
        assert line.standing == said.standing, line
        assert ("NOT SERVED" in line.flags) == (line.standing == "live" and said.service != "served"), line
        if line.standing == "live" and line.kind not in NOTICES:
            assert line.until == interval(said)[1], line
    for section in news.sections:
        for line in section.lines:
            said = assess(known[line.order_id], at, days)
            if section.title.startswith("Live and not known"):
                assert said.service != "served", "to have been told of the terms is not service"
            elif section.title.startswith("Live and not on PNC"):
                assert said.pnc == "awaiting"
            elif section.title.startswith("Do first"):
                assert said.deadlines
    return len(lines)
