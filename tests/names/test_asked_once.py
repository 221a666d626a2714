"""What is found of a person is found once for a page: its list, its counts and the numbers beside its filters."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order
from orders.search import by_area
from orders.search.by_person import PersonAsked, find
from orders.search.facet_counts import facet_counts
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def khans(areas: Map) -> list[Order]:
    """Three that are live, one of them of somebody who lives elsewhere, and one that is over."""
    victim = make_person("V", (areas.foleshill, "2020-01-01", None))
    homes = (areas.palfrey, areas.palfrey, areas.radford, areas.palfrey)
    return [
        make_nmo(areas.force, make_person("Khan", (home, "2020-01-01", None)), victim, until=until)
        for home, until in zip(homes, (None, None, None, "2026-04-01"), strict=True)
    ]


@pytest.mark.parametrize(
    "filters",
    [{}, {"role": "perpetrator"}, {"kinds": ("DVPO",)}, {"served": True}, {"standings": ("ended",)}, {"team": "None"},
     {"only": "unserved", "role": "both"}],
)  # fmt: skip
@pytest.mark.parametrize("asked", [PersonAsked(name="Kahn"), PersonAsked(name="Nobody")])
def test_the_numbers_beside_filters_are_those_of_whom_the_search_found(
    areas: Map, filters: dict[str, Any], asked: PersonAsked
) -> None:
    orders, user = khans(areas), make_user(areas.force)
    for area in (areas.force, areas.walsall, areas.palfrey):
        question = by_area.Question(area, timezone.now(), person=asked, **filters)
        answer = find(question, user, offset=0, limit=25)
        assert answer.not_ended is not None
        assert set(answer.not_ended) <= {order.pk for order in orders[:3]}
        assert facet_counts(question, user, among=answer.not_ended) == facet_counts(question, user)


def test_a_page_looks_up_the_words_and_the_person_once(areas: Map) -> None:
    orders = khans(areas)
    client, _ = signed_in(areas)
    with CaptureQueriesContext(connection) as sent:
        address = client.post("/search", {"q": "kahn", "area": "WMP-WAL"})["Location"]
    assert not naming("orders_area", sent), "no place was said"
    with CaptureQueriesContext(connection) as shown:
        page = client.get(address)
    assert page.status_code == 200
    assert orders[0].reference in page.content.decode()
    assert (naming("orders_nametoken", shown), naming("orders_partyname", shown)) == (1, 1)


def naming(table: str, asked: CaptureQueriesContext) -> int:
    """How many of the statements read a table."""
    return sum(table in str(query["sql"]) for query in asked.captured_queries)
