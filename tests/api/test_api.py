"""The API, to the letter of the contract."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.access import audit
from orders.actions.by_hand import settle_residence
from orders.models import ApiToken, AuditEntry, Order, Person, Role, User
from tests.orders.build import Map, describe, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    return make_nmo(
        areas.force,
        make_person("HUSSAIN", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
        made="2026-01-05T11:00",
        until=None,
    )


class Caller:
    """Another system with a token."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.token, text = ApiToken.issue(user=user, name="t", expires_at=timezone.now() + timedelta(days=1))
        self.client = Client(headers={"Authorization": f"Bearer {text}"})

    def get(self, query: str = "") -> tuple[int, dict[str, Any]]:
        response = self.client.get(f"/api/orders?{query}")
        return response.status_code, response.json()

    def post(self, **body: Any) -> tuple[int, dict[str, Any]]:
        response = self.client.post("/api/orders/search", json.dumps(body), content_type="application/json")
        return response.status_code, response.json()


@pytest.fixture
def caller(areas: Map) -> Caller:
    return Caller(make_user(areas.force))


def test_the_answer_has_the_contracts_keys(caller: Caller, order: Order) -> None:
    status, said = caller.get("area=WMP-WAL")
    assert status == 200
    assert set(said) == {"count", "live", "at", "next", "results"}
    assert (said["count"], said["live"], said["next"]) == (1, 1, None)
    (found,) = said["results"]
    assert set(found) == {
        "reference", "kind", "standing", "in_force_from", "in_force_until", "perpetrator", "areas", "matched", "url",
    }  # fmt: skip
    assert found["in_force_from"] == "2026-01-05T11:00:00Z"
    assert found["in_force_until"] is None
    assert found["perpetrator"] == {"family_name": "HUSSAIN", "given_names": "", "date_of_birth": None}
    assert {"code": "WMP-WAL-01", "roles": ["perpetrator"]} in found["areas"]
    assert "VICTIM" not in json.dumps(said)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("bogus=1", "parameters"), ("area=NO", "area"), ("role=x", "role"), ("kind=x", "kind"), ("standing=x", "standing"),
        ("at=x", "at"), ("known_at=x", "known_at"), ("served=x", "served"), ("on_pnc=x", "on_pnc"), ("page=0", "page"),
        ("page_size=101", "page_size"), ("name=Hussain", "name"), ("date_of_birth=1990-01-01", "date_of_birth"),
        ("postcode=WS1", "postcode"), ("pnc_id=1", "pnc_id"), ("role=not+placed", "role"), ("only=new", "parameters"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_a_400_that_names_it(caller: Caller, order: Order, query: str, name: str) -> None:
    status, said = caller.get(query)
    assert status == 400
    assert list(said["errors"]) == [name]


def test_next_pins_the_instant(areas: Map, caller: Caller) -> None:
    for _ in range(3):
        make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"), until=None)
    _, first = caller.get("area=WMP&page_size=2")
    assert len(first["results"]) == 2
    address = first["next"].split("?", 1)[1]
    _, second = caller.get(address)
    assert second["at"] == first["at"]
    assert len(second["results"]) == 1
    assert second["next"] is None
    seen = [found["reference"] for page in (first, second) for found in page["results"]]
    assert len(set(seen)) == 3


def test_next_leads_to_every_order_once_and_to_those_of_its_own_question_alone(areas: Map, caller: Caller) -> None:
    person = make_person("P", (areas.palfrey, "2020-01-01", None))
    for number in range(5):
        until = None if number < 3 else f"2025-02-{number:02}"
        make_nmo(areas.force, person, make_person("V"), made="2025-01-02T10:00", until=until)
    seen, address = [], "area=WMP&page_size=2"
    while address:
        _, said = caller.get(address)
        assert said["count"] == 5
        seen += [found["reference"] for found in said["results"]]
        following, address = address, (said["next"] or "").partition("?")[2]
        assert "page=" not in address
    assert len(seen) == len(set(seen)) == 5
    for spoilt in (
        following.replace("area=WMP", "area=WMP-WAL"), f"{following}&role=victim", f"{following}x", f"{following}&page=2",
        following.replace("after=", "after=x"), "area=WMP&after=", "area=WMP&after=%00",
    ):  # fmt: skip
        status, said = caller.get(spoilt)
        assert (status, list(said["errors"])) == (400, ["after"]), spoilt
        assert "results" not in said
    status, said = caller.post(area="WMP", name="Hussain", after=following.partition("after=")[2].partition("&")[0])
    assert (status, list(said["errors"])) == (400, ["after"]), "of a search that describes nobody"
    _, said = caller.get(following)
    _, others = Caller(make_user(areas.force)).get(following)
    assert said["results"]
    assert list(others["errors"]) == ["after"], "another reader's"
    body = {"area": "WMP", "page_size": 2, "page": 2}
    _, second = caller.post(**body)
    third = caller.client.post(second["next"], body, content_type="application/json").json()
    assert [found["reference"] for page in (second, third) for found in page["results"]] == seen[2:]


@pytest.mark.parametrize("spoil", ["none", "wrong", "expired", "revoked", "closed"])
def test_without_a_good_token_there_is_no_answer(caller: Caller, order: Order, spoil: str) -> None:
    client = caller.client
    if spoil == "none":
        client = Client()
    elif spoil == "wrong":
        client = Client(headers={"Authorization": "Bearer nonsense"})
    elif spoil == "expired":
        ApiToken.objects.update(expires_at=timezone.now())
    elif spoil == "revoked":
        ApiToken.objects.update(revoked_at=timezone.now())
    else:
        User.objects.update(is_active=False)
    response = client.get("/api/orders")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_roles_that_do_not_search_are_refused(areas: Map, order: Order, role: Role) -> None:
    assert Caller(make_user(areas.force, role)).get()[0] == 403


def test_another_force_sees_nothing_in_lists_or_counts(areas: Map, order: Order) -> None:
    _, said = Caller(make_user(areas.next_force)).get("area=WMP")
    assert (said["count"], said["live"], said["results"]) == (0, 0, [])


def test_a_person_is_described_in_the_body_only(areas: Map, caller: Caller, order: Order) -> None:
    status, said = caller.post(area="WMP", name="hussain")
    assert (status, said["count"]) == (200, 1)
    assert said["results"][0]["matched"] == {"on": "family name", "value": "HUSSAIN", "how": "exact"}
    assert caller.post(area="WMP", name="nobody")[1]["count"] == 0
    assert caller.post(area="WMP", name="hus", kind=["NMO"], standing=["live"])[1]["count"] == 1
    assert caller.post(area="WMP", date_of_birth="x")[0] == 400
    assert caller.post(area="WMP", bogus=1)[0] == 400
    entry = AuditEntry.objects.filter(action="search by API").earliest("pk")
    assert audit.readable([entry])[0].detail["described"] == {"name": "hussain"}
    assert entry.orders == [order.pk]


@pytest.mark.parametrize(
    ("secret", "may", "found"), [(True, False, 0), (None, False, 0), (False, False, 1), (True, True, 1)]
)
def test_a_postcode_never_matches_a_secret_address(areas: Map, secret: bool | None, may: bool, found: int) -> None:
    victim = make_person("VICTIM")
    settle_residence(
        victim, from_on=timezone.localdate() - timedelta(days=9), postcode="WS1 1AA", neighbourhood=areas.pleck,
        secret=secret, by=None,
    )  # fmt: skip
    make_nmo(areas.force, make_person("P"), victim, until=None)
    caller = Caller(make_user(areas.force, secret_places=may))
    assert caller.post(area="WMP", postcode="ws11aa")[1]["count"] == found


def test_one_person_must_fit_all_that_is_asked(areas: Map, caller: Caller, order: Order) -> None:
    describe(Person.objects.get(family_name="VICTIM"), date_of_birth="1990-01-01")
    assert caller.post(area="WMP", name="hussain", date_of_birth="1990-01-01")[1]["count"] == 0
    assert caller.post(area="WMP", name="victim", date_of_birth="1990-01-01")[1]["count"] == 1


def test_the_schema_is_served(caller: Caller) -> None:
    response = caller.client.get("/api/schema")
    assert response.status_code == 200
    assert b"/api/orders/search" in response.content
