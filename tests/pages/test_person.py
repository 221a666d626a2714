"""Person pages: every order of somebody that the reader may see, and nothing of anybody else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import grants
from orders.access.grants import Why
from orders.actions.by_hand import settle_residence
from orders.models import AuditEntry, GrantKind, Order, Person, Postcode, Role
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

NOBODY = "/people/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def areas() -> Map:
    return make_map()


def settled(areas: Map, name: str, **described: Any) -> Person:
    person = make_person(name, (areas.palfrey, "2020-01-01", None), secret=False)
    Person.objects.filter(pk=person.pk).update(**described)
    person.refresh_from_db()
    return person


def at(person: Person) -> str:
    return f"/people/{person.public_id}"


def party(order: Order, role: str) -> Person:
    return order.parties.get(role=role).person


def ends_in(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_every_order_in_either_role_live_on_top(areas: Map) -> None:
    both = settled(
        areas, "BOTH", given_names="Alex", date_of_birth="1990-05-17", pnc_id="2003/0062845E",
        warnings=["VI", "WE"], aliases=[["BOTHAM", "Lex"]],
    )  # fmt: skip
    ended = make_nmo(areas.force, both, make_person("ONE"), until=ends_in(-1))
    later, sooner = (make_nmo(areas.force, both, make_person("TWO"), until=ends_in(days)) for days in (90, 9))
    protected = make_nmo(areas.force, settled(areas, "OTHER"), both, until=ends_in(90))
    stranger = make_nmo(areas.force, settled(areas, "STRANGER"), make_person("THREE"), until=ends_in(90))
    client, _ = signed_in(areas)
    page = client.get(at(both)).content.decode()
    shown = text(client.get(at(both)))
    respondent, as_protected = page.index("As respondent"), page.index("As protected person")
    assert respondent < page.index(sooner.reference) < page.index(later.reference) < page.index(ended.reference)
    assert page.index(ended.reference) < as_protected < page.index(protected.reference) < page.index("OTHER")
    for words in (
        "BOTH, Alex",
        "17 May 1990",
        "BOTHAM, Lex",
        "2003/0062845E",
        "VI violent",
        "WE weapons",
        "Demo WMP-WAL-01",
    ):
        assert words in shown
    assert stranger.reference not in shown
    entry = AuditEntry.objects.filter(action="view person").latest("pk")
    assert entry.orders == sorted(order.pk for order in (ended, later, sooner, protected))
    assert entry.detail["person"] == str(both.public_id)


def test_the_order_leads_to_its_people(areas: Map) -> None:
    order = order_of(areas)
    client, _ = signed_in(areas)
    page = client.get(f"/orders/{order.public_id}").content.decode()
    for role in ("perpetrator", "victim"):
        assert f'href="{at(party(order, role))}"' in page
        assert order.reference in text(client.get(at(party(order, role))))


def test_somebody_without_a_visible_order_does_not_exist(areas: Map) -> None:
    home = (areas.next_neighbourhood, "2020-01-01", None)
    hidden, without = make_person("HIDDEN", home), settled(areas, "WITHOUT")
    make_nmo(areas.next_force, hidden, make_person("P", home))
    client, _ = signed_in(areas)
    nothing = client.get(NOBODY)
    for person in (hidden, without):
        response = client.get(at(person))
        assert response.status_code == nothing.status_code == 404
        assert text(response) == text(nothing)
    assert not AuditEntry.objects.filter(action="view person").exists()


def test_of_a_person_only_the_orders_that_the_reader_may_see(areas: Map) -> None:
    person = make_person("MOVER", (areas.next_neighbourhood, "2020-01-01", None))
    home = (areas.next_neighbourhood, "2020-01-01", None)
    theirs = make_nmo(areas.next_force, person, make_person("P", home))
    ours = make_nmo(areas.force, person, make_person("Q", home))
    client, _ = signed_in(areas)
    shown = text(client.get(at(person)))
    assert ours.reference in shown
    assert theirs.reference not in shown


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_roles_that_do_not_search_get_no_people(areas: Map, role: Role) -> None:
    client, _ = signed_in(areas, role)
    assert client.get(at(party(order_of(areas), "victim"))).status_code == 403


class TestHomes:
    """What is secret on the order page is secret here."""

    @pytest.mark.parametrize(
        ("secret", "may", "shown"),
        [(False, False, True), (True, False, False), (None, False, False), (True, True, False), (None, True, False)],
    )
    def test_an_address_that_may_be_secret_is_withheld(
        self, areas: Map, secret: bool | None, may: bool, shown: bool
    ) -> None:
        client, _ = signed_in(areas, secret_places=may)
        content = client.get(at(party(order_of(areas, secret), "victim"))).content.decode()
        assert ("77 Hidden Street" in content) is shown
        assert ("CV9 9ZZ" in content) is shown
        assert ("Secret address" in content) is not shown
        assert ("Demo WMP-COV-01" in content) is (may or shown or secret is None)

    def test_whoever_is_protected_by_any_order_is_treated_as_a_victim(self, areas: Map) -> None:
        person = make_person("BOTH")
        settle_residence(person, from_on=date(2020, 1, 1), address="5 Quiet Lane", neighbourhood=areas.pleck, by=None)
        client, _ = signed_in(areas)
        make_nmo(areas.force, person, make_person("P"))
        assert "5 Quiet Lane" in text(client.get(at(person)))
        make_nmo(areas.force, make_person("R"), person)
        assert "5 Quiet Lane" not in text(client.get(at(person)))

    def test_every_home_is_there_and_a_postcode_says_where(self, areas: Map) -> None:
        person = make_person("MOVER", (areas.palfrey, "2020-01-01", "2024-05-01"))
        Postcode.objects.create(postcode="WS99ZZ", neighbourhood=areas.pleck)
        settle_residence(person, from_on=date(2024, 5, 1), postcode="ws9 9zz", secret=False, by=None)
        make_nmo(areas.force, person, make_person("P"))
        client, _ = signed_in(areas)
        shown = text(client.get(at(person)))
        homes = shown[shown.index("Homes, the latest first") :]
        assert homes.index("WS9 9ZZ Demo WMP-WAL-02, Demo WMP-WAL") < homes.index("1 January 2020 1 May 2024")

    def test_what_has_become_secret_is_secret_in_what_was_known_before(self, areas: Map) -> None:
        person = make_person("FLED")
        before = settle_residence(
            person, from_on=date(2020, 1, 1), address="5 Quiet Lane", neighbourhood=areas.pleck, secret=False, by=None
        )
        order = make_nmo(areas.force, person, make_person("P"))
        known = order.recording.recorded_at
        assert known is not None
        asked = {"known_at": known.isoformat()}
        client, _ = signed_in(areas)
        assert "5 Quiet Lane" in text(client.get(at(person), asked))
        settle_residence(
            person, from_on=date(2020, 1, 1), address="5 Quiet Lane", neighbourhood=areas.pleck, secret=True,
            replacing=before, by=None,
        )  # fmt: skip
        for path in (at(person), f"/orders/{order.public_id}"):
            shown = text(client.get(path, asked))
            assert "5 Quiet Lane" not in shown
            assert "WMP-WAL-02" not in shown
            assert "Secret address" in shown


class TestRestricted:
    """A restricted order is told of nobody until a reason is given: its link alone would say whom it is about."""

    def restricted(self, areas: Map) -> Order:
        order = order_of(areas)
        Order.objects.filter(pk=order.pk).update(restricted=True, restricted_reason="Sensitive")
        return order

    def test_a_person_of_restricted_orders_alone_does_not_exist_until_a_reason_is_given(self, areas: Map) -> None:
        order = self.restricted(areas)
        person = party(order, "perpetrator")
        client, _ = signed_in(areas)
        hidden, nobody = client.get(at(person)), client.get(NOBODY)
        assert (hidden.status_code, text(hidden)) == (404, text(nobody))
        client.post(f"/orders/{order.public_id}", {"why": "incident", "reason": "A call to this address tonight"})
        opened = text(client.get(at(person)))
        assert "RESPONDENT" in opened
        assert order.reference in opened

    def test_beside_an_open_order_nothing_says_that_there_is_one(self, areas: Map) -> None:
        order = self.restricted(areas)
        person = party(order, "victim")
        open_order = make_nmo(areas.force, person, make_person("P"), until=ends_in(5))
        client, user = signed_in(areas)
        page = client.get(at(person))
        shown = text(page)
        assert open_order.reference in shown
        assert "As protected person None that is open to you." in shown
        for words in ("RESPONDENT", order.reference, "Restricted NMO", str(order.public_id)):
            assert words not in page.content.decode()
        assert order.pk not in AuditEntry.objects.get(user=user, action="view person").orders
        line = "Restricted orders are not listed with anybody before they have been opened"
        assert line in shown
        assert line in text(client.get(at(party(open_order, "victim")))), "it tells nothing: everybody has it"

    def test_an_order_names_no_restricted_one_that_it_follows_or_that_follows_it(self, areas: Map) -> None:
        order, other = self.restricted(areas), order_of(areas)
        following = make_nmo(areas.force, party(other, "perpetrator"), party(other, "victim"), until=ends_in(50))
        Order.objects.filter(pk=other.pk).update(replaces=order)
        Order.objects.filter(pk=following.pk).update(replaces=other, restricted=True)
        client, user = signed_in(areas)
        page = client.get(f"/orders/{other.public_id}").content.decode()
        for hidden in (order, following):
            assert hidden.reference not in page
            assert str(hidden.public_id) not in page
        for hidden in (order, following):
            grants.give(GrantKind.RESTRICTED, hidden, by=user, why=Why.INCIDENT)
        page = client.get(f"/orders/{other.public_id}").content.decode()
        assert order.reference in page
        assert following.reference in page


class TestDuplicates:
    """The same folded family name and date of birth, or the same PNC ID."""

    def people(self, areas: Map, *described: dict[str, Any]) -> list[Person]:
        people = [settled(areas, **{"name": "X"} | one) for one in described]
        for person in people:
            make_nmo(areas.force, person, make_person("P"), until=ends_in(5))
        return people

    def test_who_is_and_who_is_not(self, areas: Map) -> None:
        born = {"date_of_birth": date(1990, 5, 17)}
        person, *_ = self.people(
            areas,
            {"name": "O'NEILL", "pnc_id": "2003/0062845E", **born},
            {"name": "Oneíll", "given_names": "SameName", **born},
            {"name": "BAKER", "given_names": "SamePnc", "pnc_id": "2003/0062845E"},
            {"name": "O'NEILL", "given_names": "OtherDay", "date_of_birth": date(1990, 5, 18)},
            {"name": "COOK", "given_names": "OtherName", **born},
            {"name": "O'NEILL", "given_names": "NoDay"},
        )
        client, _ = signed_in(areas)
        shown = text(client.get(at(person)))
        assert "SameName , born 17 May 1990: same family name and date of birth" in shown
        assert "SamePnc : same PNC ID" in shown
        for words in ("OtherDay", "OtherName", "NoDay"):
            assert words not in shown

    def test_nobody_that_the_reader_may_not_see(self, areas: Map) -> None:
        same = {"name": "SAME", "date_of_birth": date(1990, 5, 17)}
        person, restricted = self.people(areas, same, same | {"given_names": "Restricted"})
        Order.objects.filter(parties__person=restricted).update(restricted=True)
        home = (areas.next_neighbourhood, "2020-01-01", None)
        theirs = make_person("SAME", home)
        Person.objects.filter(pk=theirs.pk).update(date_of_birth="1990-05-17", given_names="Theirs")
        make_nmo(areas.next_force, theirs, make_person("P", home))
        client, _ = signed_in(areas)
        assert "May be the same" not in text(client.get(at(person)))


def test_queries_do_not_grow_with_orders_homes_or_duplicates(areas: Map) -> None:
    client, _ = signed_in(areas)
    person = settled(areas, "MANY", date_of_birth=date(1990, 5, 17))
    taken = []
    for count in (3, 30):
        while person.parties.count() < count:
            make_nmo(areas.force, person, make_person("P"), until=ends_in(20))
            double = settled(areas, "MANY", date_of_birth=date(1990, 5, 17))
            make_nmo(areas.force, double, make_person("P"), until=ends_in(20))
            settle_residence(person, from_on=date(2021, 1, 1), postcode=f"WS1 {person.parties.count()}AA", by=None)
        with CaptureQueriesContext(connection) as queries:
            shown = text(client.get(at(person)))
        assert shown.count("same family name") == count
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 32
