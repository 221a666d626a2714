"""The pages over a small register: what they show, to whom, and that they fail closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from orders.access import audit
from orders.actions.by_hand import record_event
from orders.models import AuditEntry, BankHoliday, Order, Role, User
from orders.statute import Event
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    return order_of(areas)


@pytest.mark.parametrize("path", ["/", "/search", "/emails", "/orders/00000000-0000-0000-0000-000000000000"])
def test_nobody_sees_a_page_without_signing_in(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in?next=")


def test_a_wrong_password_keeps_the_name_and_says_nothing_more(areas: Map) -> None:
    response = Client().post("/sign-in", {"username": "somebody", "password": "wrong"})
    assert response.status_code == 200
    assert 'value="somebody"' in response.content.decode()
    assert "do not belong together" in text(response)


class TestFailClosed:
    """What cannot be understood finds nothing and is named."""

    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ({"bogus": "1"}, "bogus"),
            ({"area": "XXX"}, "area"),
            ({"area": "STF"}, "area"),
            ({"role": "friend"}, "Who lives there"),
            ({"kind": "XYZ"}, "Kind"),
            ({"standing": "alive"}, "Standing"),
            ({"at": "yesterday"}, "at"),
            ({"at": "2026-03-29T01:30"}, "never happened"),
            ({"at": "9999-12-31T23:59-12:00"}, "outside the years"),
            ({"reference": "a\0b"}, "reference"),
            ({"known_at": "31/12/2025"}, "As known at"),
            ({"served": "maybe"}, "served"),
            ({"only": "everything"}, "Needing"),
            ({"page": "0"}, "page"),
            ({"page": "x"}, "page"),
        ],
    )
    def test_a_bad_parameter(self, areas: Map, order: Order, query: dict[str, str], named: str) -> None:
        client, _ = signed_in(areas)
        response = client.get(f"/search?{urlencode(query)}")
        assert response.status_code == 400
        assert named in text(response)
        assert order.reference not in text(response)
        assert "Nothing was searched" in text(response)

    def test_a_parameter_given_twice(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        assert client.get("/search?area=WMP&area=WMP-WAL").status_code == 400

    def test_what_was_typed_is_kept(self, areas: Map) -> None:
        client, _ = signed_in(areas)
        response = client.get("/search?at=nonsense&reference=NMO%2F1&role=victim")
        content = response.content.decode()
        assert 'value="nonsense"' in content
        assert 'value="NMO/1"' in content
        assert '<option value="victim" selected>' in content


def test_search_counts_what_it_lists(areas: Map) -> None:
    for until in (3, 50, 100):
        order_of(areas, until=until)
    client, _ = signed_in(areas)
    response = client.get("/search?area=WMP-WAL&role=perpetrator&standing=live")
    assert "3 orders" in text(response)
    assert "3 live , 0 unconfirmed , 0 pending , 0 ended" in text(response)
    assert response.content.decode().count('scope="row"') == 3
    assert "0 orders" in text(client.get("/search?area=WMP-WAL&role=victim"))
    assert "No orders in Demo WMP-WAL match" in text(client.get("/search?area=WMP-WAL&role=victim"))


def test_pages_turn(areas: Map) -> None:
    for _ in range(26):
        order_of(areas)
    client, _ = signed_in(areas)
    first, second = client.get("/search?area=WMP"), client.get("/search?area=WMP&page=2")
    assert "Showing 1 to 25" in text(first)
    assert "Showing 26 to 26" in text(second)
    references = [set(re.findall(r"NMO/2026/\d+", page.content.decode())) for page in (first, second)]
    assert len(references[0]) == 25
    assert not references[0] & references[1]


def test_every_count_of_my_area_leads_to_as_many(areas: Map) -> None:
    order = order_of(areas, until=3)
    record_event(order, Event("BREACHED", timezone.now() - timedelta(hours=1)), by=None)
    client, _ = signed_in(areas)
    page = client.get("/").content.decode()
    links = re.findall(r'href="(/search\?[^"]+)"[^>]*><strong>(\d+|None)</strong>', page)
    assert len(links) == 8
    assert sorted(count for _, count in links) == ["1", "1", "1", "1", "None", "None", "None", "None"]
    for address, count in links:
        wanted = 0 if count == "None" else int(count)
        found = client.get(address.replace("&amp;", "&"))
        assert (f"{wanted} order" in text(found)) is True, address


class TestOrderPage:
    """What one order shows."""

    def test_it_says_whether_it_is_in_force_and_until_when_and_why(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        shown = text(client.get(f"/orders/{order.public_id}"))
        assert "In force until end of" in shown
        assert "not provably an offence until the respondent knows" in shown
        assert "RESPONDENT" in shown
        assert "PROTECTED" in shown
        assert "Family Law Act 1996 s.42" in shown

    @pytest.mark.parametrize(
        ("secret", "may", "shown"),
        [(False, False, True), (True, False, False), (None, False, False), (True, True, False), (None, True, False)],
    )
    def test_an_address_that_may_be_secret_is_withheld(
        self, areas: Map, secret: bool | None, may: bool, shown: bool
    ) -> None:
        client, _ = signed_in(areas, secret_places=may)
        content = client.get(f"/orders/{order_of(areas, secret).public_id}").content.decode()
        assert ("77 Hidden Street" in content) is shown
        assert ("CV9 9ZZ" in content) is shown
        assert ("Secret address" in content) is not shown
        assert ("Demo WMP-COV-01" in content) is (may or shown or secret is None)

    def test_another_forces_order_is_as_if_it_did_not_exist(self, areas: Map) -> None:
        home = (areas.next_neighbourhood, "2020-01-01", None)
        hidden = make_nmo(areas.next_force, make_person("R", home), make_person("P", home))
        client, _ = signed_in(areas)
        nothing = client.get("/orders/00000000-0000-0000-0000-000000000000")
        response = client.get(f"/orders/{hidden.public_id}")
        assert response.status_code == nothing.status_code == 404
        assert text(response) == text(nothing)

    def test_a_restricted_order_asks_for_a_reason_and_records_it(self, areas: Map, order: Order) -> None:
        Order.objects.filter(pk=order.pk).update(restricted=True, restricted_reason="Sensitive")
        client, user = signed_in(areas)
        address = f"/orders/{order.public_id}"
        shown = text(client.get(address))
        assert "restricted" in shown
        assert "RESPONDENT" not in shown
        assert "RESPONDENT" not in text(client.get("/search?area=WMP"))
        assert client.post(address, {"why": "other", "reason": "short"}).status_code == 400
        assert client.post(address, {"why": "incident", "reason": "A call to this address tonight"}).status_code == 302
        assert "RESPONDENT" in text(client.get(address))
        entry = AuditEntry.objects.get(action="open restricted order")
        assert (entry.user, audit.readable([entry])[0].reason, entry.orders) == (
            user,
            "Live incident: A call to this address tonight",
            [order.pk],
        )

    def test_doubt_is_said(self, areas: Map, order: Order) -> None:
        Order.objects.filter(pk=order.pk).update(doubt_since=timezone.now())
        client, _ = signed_in(areas)
        shown = text(client.get(f"/orders/{order.public_id}"))
        assert "Unconfirmed: do not rely on it" in shown
        assert "not applied" in shown


def test_every_look_is_recorded_before_it_is_shown(areas: Map, order: Order) -> None:
    client, user = signed_in(areas)
    client.get("/")
    client.get("/search?area=WMP")
    client.get(f"/orders/{order.public_id}")
    entries = list(AuditEntry.objects.filter(user=user).order_by("pk"))
    assert [entry.action for entry in entries] == ["look at my area", "search", "view order"]
    assert all(entry.category == "consultation" for entry in entries)
    assert entries[1].orders == entries[2].orders == [order.pk]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_roles_that_do_not_search_get_no_orders(areas: Map, order: Order, role: Role) -> None:
    client, _ = signed_in(areas, role)
    assert client.get("/search?area=WMP").status_code == 403
    assert client.get(f"/orders/{order.public_id}").status_code == 403
    assert order.reference not in text(client.get("/", follow=True))


@pytest.mark.parametrize("path", ["/", "/search?area=WMP"])
def test_queries_do_not_grow_with_rows(
    areas: Map, path: str, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client, _ = signed_in(areas)
    for count in (3, 12):
        while Order.objects.count() < count:
            order_of(areas)
        with django_assert_max_num_queries(36):  # type: ignore[attr-defined]
            assert client.get(path).status_code == 200


def test_answers_are_kept_out_of_caches_and_frames_and_load_nothing_from_elsewhere(areas: Map, order: Order) -> None:
    client, _ = signed_in(areas)
    response = client.get(f"/orders/{order.public_id}")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?! src=)|<style|style=", response.content.decode())
    assert "https://" not in response.content.decode()


def test_bank_holidays_that_run_out_are_said_long_before(areas: Map) -> None:
    client, _ = signed_in(areas)
    assert "runs out" not in text(client.get("/"))
    BankHoliday.objects.filter(day__year__gt=timezone.localdate().year).delete()
    assert "The list of bank holidays runs out" in text(client.get("/"))


def test_a_user_without_a_role_is_told_whom_to_ask(areas: Map) -> None:
    user = User.objects.create_user("nobody", roles=[], force=areas.force)
    client = Client()
    client.force_login(user)
    assert "ask an administrator" in text(client.get("/"))
