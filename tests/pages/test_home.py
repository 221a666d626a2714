"""The first page: what to do first, another area, and where those begin who search no orders."""

from __future__ import annotations

import pytest

from orders.models import Role
from tests.orders.build import Map, make_map
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def test_an_order_that_is_not_served_stands_under_do_first(areas: Map) -> None:
    client, user = signed_in(areas)
    user.home_area = areas.walsall
    user.save()
    page = client.get("/").content.decode()
    assert "every order is served" in page
    assert 'href="/areas">Change area' in page
    order = order_of(areas)
    first = client.get("/").content.decode().partition("Do first")[2].partition("New since yesterday</h2>")[0]
    assert order.reference in first


def test_an_auditor_begins_at_the_log(areas: Map) -> None:
    client = signed_in(areas, Role.AUDITOR)[0]
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/audit"
    assert "Sample" in text(answer)


def test_an_administrator_begins_at_the_reference_data(areas: Map) -> None:
    client = signed_in(areas, Role.ADMINISTRATOR)[0]
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/reference"
