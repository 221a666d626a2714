"""Requests that are wrong, repeated or large: the API neither answers with everything nor breaks."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order, Person
from tests.api.test_api import Caller
from tests.orders.build import Map, describe, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def caller(areas: Map) -> Caller:
    return Caller(make_user(areas.force))


def make_orders(areas: Map, number: int) -> list[Order]:
    return [
        make_nmo(areas.force, make_person("COMMON", (areas.palfrey, "2020-01-01", None)), make_person("V"), until=None)
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "-"), ("name", ""), ("name", "  "), ("name", None), ("name", ["x"]), ("name", "a\0b"), ("name", "\ud800"),
        ("postcode", ""), ("postcode", "W"), ("postcode", "\0"), ("pnc_id", "1"), ("pnc_id", "2003/0062845A"),
        ("pnc_id", "\0"), ("date_of_birth", 5), ("date_of_birth", "31/12/1990"), ("date_of_birth", ""),
        ("reference", "\ud800"), ("reference", "\0"), ("area", {}), ("area", True), ("kind", [None]), ("page", 0),
        ("at", "9999-12-31T23:59-12:00"), ("at", "0001-01-01T00:00+14:00"), ("known_at", "2201-01-01T00:00Z"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_finds_nobody_and_is_named(areas: Map, caller: Caller, name: str, value: Any) -> None:
    make_orders(areas, 1)
    status, said = caller.post(**({"area": "WMP"} | {name: value}))
    assert status == 400
    assert list(said["errors"]) == [name]


@pytest.mark.parametrize("at", ["9999-12-31T23:59-12:00", "0001-01-01T00:00%2B14:00"])
def test_an_instant_beyond_the_calendar_is_named(caller: Caller, at: str) -> None:
    status, said = caller.get(f"area=WMP&at={at}")
    assert (status, list(said["errors"])) == (400, ["at"])


def test_the_next_page_of_a_search_in_a_body_is_the_same_body_posted_there(areas: Map, caller: Caller) -> None:
    make_orders(areas, 3)
    body = {"area": "WMP", "name": "common", "page_size": 2}
    _, first = caller.post(**body)
    assert "common" not in first["next"]
    response = caller.client.post(first["next"], body, content_type="application/json")
    second = response.json()
    assert second["at"] == first["at"]
    assert second["next"] is None
    seen = [found["reference"] for page in (first, second) for found in page["results"]]
    assert len(seen) == len(set(seen)) == 3


def test_a_person_in_the_address_of_a_post_is_refused(areas: Map, caller: Caller) -> None:
    response = caller.client.post("/api/orders/search?name=common", {"area": "WMP"}, content_type="application/json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["name"])


def test_a_short_pnc_id_is_the_long_one(areas: Map, caller: Caller) -> None:
    make_orders(areas, 2)
    first = Person.objects.filter(family_name="COMMON").earliest("pk")
    describe(first, pnc_id="2003/0062845E")
    for typed in ("2003/0062845E", "03/62845e"):
        _, said = caller.post(area="WMP", pnc_id=typed)
        assert said["count"] == 1
        assert said["results"][0]["matched"] == {"on": "PNC ID", "value": "2003/0062845E", "how": "exact"}


@pytest.mark.parametrize("named", [False, True])
def test_as_many_queries_for_thirty_orders_as_for_three(areas: Map, caller: Caller, named: bool) -> None:
    def ask() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            _, said = caller.post(area="WMP", name="common") if named else caller.get("area=WMP&page_size=100")
        return len(said["results"] if not named else [None] * said["count"]), len(queries)

    make_orders(areas, 3)
    ask()
    few = ask()
    make_orders(areas, 27)
    many = ask()
    assert (few[0], many[0]) == (3, 30)
    assert few[1] == many[1]


def test_the_schema_is_valid_openapi() -> None:
    said = StringIO()
    call_command("spectacular", validate=True, stdout=said)
    assert "/api/orders/search" in said.getvalue()
