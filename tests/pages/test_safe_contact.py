"""Safe contact: what every reader of an order must know of a protected person, and what stays with their address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from orders.access import grants, sealing
from orders.access.erasure import erase
from orders.access.grants import Why
from orders.actions.headings import restrict
from orders.actions.merging import merge, undo_merge
from orders.actions.people import move
from orders.actions.safe_contact import Said, say_safe_contact
from orders.models import AuditEntry, GrantKind, Order, Person, Role, SafeContact
from orders.record.storing import NewHome
from orders.record.writing import Refused
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

NEVER, SAFE, CHILDREN, NUMBER = "Do not ring the landline", "Text on weekdays", "two, 4 and 9", "07700 900123"
ALL = Said(SAFE, NEVER, CHILDREN, "Polish", "yes", NUMBER)


@pytest.fixture
def areas() -> Map:
    return make_map()


def protected(order: Order) -> Person:
    return order.parties.get(role="victim").person


def at(order: Order) -> str:
    return f"/orders/{order.public_id}"


def send(client: Client, path: str, **answers: Any) -> Any:
    return client.post(path, {"key": str(uuid4()), **answers})


def test_it_is_recorded_from_the_order_in_two_clicks_and_stands_on_it(areas: Map) -> None:
    order = order_of(areas)
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    page = team.get(at(order)).content.decode()
    assert "How it is safe to make contact is not recorded" in page
    asks = f"/people/{protected(order).public_id}/safe-contact?order={order.public_id}"
    assert f'href="{asks}"' in page
    done = send(team, asks, never=NEVER, safe=SAFE, children=CHILDREN, language="Polish", interpreter="yes",
                kept_back=NUMBER, reason="They said so at the station")  # fmt: skip
    assert (done.status_code, done.url) == (302, at(order))
    for client in (team, signed_in(areas, Role.VIEWER)[0]):
        shown = text(client.get(at(order)))
        for words in (f"Never {NEVER}", SAFE, CHILDREN, "Polish", "interpreter needed", NUMBER):
            assert words in shown
    logged = AuditEntry.objects.get(action="record safe contact")
    assert (logged.user, logged.orders) == (user, [order.pk])
    assert "station" not in logged.reason
    row = SafeContact.objects.get()
    for name in ("safe", "never", "children", "language", "interpreter", "kept_back"):
        assert sealing.is_token(getattr(row, name))


def test_a_new_statement_stands_in_the_place_of_the_last_and_both_are_kept(areas: Map) -> None:
    order = order_of(areas)
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    person = protected(order)
    say_safe_contact(person, ALL, by=user)
    before = timezone.now()
    asks = f"/people/{person.public_id}/safe-contact"
    assert SAFE in team.get(asks).content.decode()
    done = send(team, asks, never="Do not call at the house")
    assert (done.status_code, done.url) == (302, f"/people/{person.public_id}")
    now, person_page = text(team.get(at(order))), text(team.get(f"/people/{person.public_id}"))
    for page in (now, person_page):
        assert "Do not call at the house" in page
        assert NEVER not in page
        assert SAFE not in page
    assert NEVER in text(team.get(asks))
    then = before.astimezone(timezone.get_current_timezone()).replace(tzinfo=None).isoformat()
    for query in (f"at={then}", f"known_at={then}"):
        page = team.get(f"{at(order)}?{query}").content.decode()
        assert NEVER in page
        assert "house" not in page
        assert "safe-contact" not in page
    earlier = (before - timedelta(days=1)).replace(tzinfo=None).isoformat(timespec="seconds")
    assert "was not recorded then" in text(team.get(f"{at(order)}?at={earlier}"))
    with pytest.raises(DatabaseError), transaction.atomic():
        SafeContact.objects.update(safe="")
    with pytest.raises(DatabaseError), transaction.atomic():
        SafeContact.objects.all().delete()


def test_it_is_taken_away_with_a_reason(areas: Map) -> None:
    order = order_of(areas)
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    asks = f"/people/{protected(order).public_id}/safe-contact"
    empty = send(team, asks)
    assert empty.status_code == 400
    assert "Say at least one thing that is known" in text(empty)
    say_safe_contact(protected(order), ALL, by=user)
    assert "say why none of it holds any more" in text(send(team, asks)).lower()
    assert send(team, asks, reason="It was said of somebody else").status_code == 302
    assert "is not recorded" in text(team.get(at(order)))


@pytest.mark.parametrize(
    "words", ["Ring 0121 496 0000 only", "Text +44 7700 900123", "She is at WS1 1AA", "meet in b3 3ax"]
)
@pytest.mark.parametrize("field", ["safe", "never", "children", "language"])
def test_what_every_reader_sees_holds_no_number_and_no_postcode(areas: Map, field: str, words: str) -> None:
    order = order_of(areas)
    team, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    refused = send(team, f"/people/{protected(order).public_id}/safe-contact", **{field: words})
    assert refused.status_code == 400
    assert words in refused.content.decode()
    assert "write it in the last box" in text(refused)
    assert not SafeContact.objects.exists()


@pytest.mark.parametrize(
    "words", ["on 24/11/2026 between 9:30 and 14:30", "DVPN/2026/003976", "children of 4 and 9, 12"]
)
def test_days_times_and_references_are_no_numbers_to_ring(areas: Map, words: str) -> None:
    say_safe_contact(protected(order_of(areas)), Said(safe=words), by=None)


@pytest.mark.parametrize("secret", [True, None])
def test_what_is_kept_with_a_secret_address_is_opened_with_it(areas: Map, secret: bool | None) -> None:
    order = order_of(areas, secret=secret)
    say_safe_contact(protected(order), ALL, by=None)
    may, user = signed_in(areas, Role.SUPERVISOR, secret_places=True)
    for client in (may, signed_in(areas, Role.SUPERVISOR)[0]):
        shown = text(client.get(at(order)))
        assert SAFE in shown
        assert "Number or place: kept with the secret address" in shown
        assert NUMBER not in shown
        assert NUMBER not in text(client.get(f"/people/{protected(order).public_id}"))
    grants.give(GrantKind.SECRET_ADDRESS, order, by=user, why=Why.INCIDENT)
    assert NUMBER in text(may.get(at(order)))
    assert NUMBER not in text(may.get(f"/people/{protected(order).public_id}"))


def test_it_is_withheld_where_no_home_is_known_and_once_one_is_secret_for_the_past_too(areas: Map) -> None:
    homeless = make_nmo(areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("V"))
    say_safe_contact(protected(homeless), ALL, by=None)
    viewer, _ = signed_in(areas)
    assert NUMBER not in text(viewer.get(at(homeless)))
    order = order_of(areas)
    say_safe_contact(protected(order), ALL, by=None)
    assert NUMBER in text(viewer.get(at(order)))
    then = timezone.localtime().replace(tzinfo=None).isoformat()
    move(protected(order), NewHome(timezone.localdate(), neighbourhood=areas.pleck, secret=True), by=None)
    assert NUMBER not in text(viewer.get(at(order)))
    for query in (f"at={then}", f"known_at={then}", f"at={then}&known_at={then}"):
        page = text(viewer.get(f"{at(order)}?{query}"))
        assert SAFE in page
        assert NUMBER not in page


def test_who_does_not_see_what_is_kept_leaves_it_as_it_is(areas: Map) -> None:
    order = order_of(areas, secret=True)
    say_safe_contact(protected(order), ALL, by=None)
    team, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    asks = f"/people/{protected(order).public_id}/safe-contact"
    page = team.get(asks)
    assert NUMBER not in page.content.decode()
    assert "Something is kept here that is not shown to you" in text(page)
    assert send(team, asks, safe="By letter").status_code == 302
    (held,) = sealing.unsealed(SafeContact.objects.filter(superseded__isnull=True), "safe", "kept_back")
    assert (held.safe, held.kept_back) == ("By letter", NUMBER)


def test_only_the_team_of_an_owning_force_records_it_and_only_of_the_protected(areas: Map) -> None:
    order = order_of(areas)
    foreign = make_nmo(areas.next_force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("V"))
    for role in (Role.VIEWER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR):
        client, user = signed_in(areas, role)
        assert send(client, f"/people/{protected(order).public_id}/safe-contact", safe="x").status_code == 403
        with pytest.raises(PermissionDenied):
            say_safe_contact(protected(order), ALL, by=user)
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    with pytest.raises(PermissionDenied):
        say_safe_contact(protected(foreign), ALL, by=user)
    assert send(team, f"/people/{protected(foreign).public_id}/safe-contact", safe="x").status_code in (403, 404)
    bound = order.parties.get(role="perpetrator").person
    assert team.get(f"/people/{bound.public_id}/safe-contact").status_code == 404
    with pytest.raises(Refused, match="no order protects this person"):
        say_safe_contact(bound, ALL, by=user)
    assert not SafeContact.objects.exists()


def test_a_restricted_order_shows_it_after_the_reason_only(areas: Map) -> None:
    order = order_of(areas)
    say_safe_contact(protected(order), ALL, by=None)
    other = make_nmo(areas.force, protected(order), make_person("V"), until=None)
    restrict(order, by=make_user(areas.force, Role.CIVIL_ORDERS_TEAM), reason="Informant")
    viewer, user = signed_in(areas)
    pages = (at(order), at(other), f"/people/{protected(order).public_id}")
    assert not any(SAFE in text(viewer.get(page)) for page in pages)
    grants.give(GrantKind.RESTRICTED, order, by=user, why=Why.INCIDENT)
    assert [SAFE in text(viewer.get(page)) for page in pages] == [True, False, True]


def test_it_joins_in_a_merge_and_goes_back(areas: Map) -> None:
    kept, other = order_of(areas), order_of(areas)
    say_safe_contact(protected(kept), Said(never="No letters"), by=None)
    say_safe_contact(protected(other), ALL, by=None)
    merged = merge(protected(kept), protected(other), by=None, reason="Same")
    viewer, _ = signed_in(areas)
    shown = text(viewer.get(at(kept)))
    assert "No letters" in shown
    assert NEVER in shown
    undo_merge(merged, by=None, reason="Two")
    first, second = text(viewer.get(at(kept))), text(viewer.get(at(other)))
    assert ("No letters" in first, NEVER in first) == (True, False)
    assert ("No letters" in second, NEVER in second) == (False, True)


def test_erasing_the_person_leaves_no_words(areas: Map) -> None:
    order = order_of(areas, until=-1)
    person = protected(order)
    say_safe_contact(person, ALL, by=None)
    assert SAFE in text(signed_in(areas)[0].get(at(order)))
    erase(person, by=None, reason="Retention review")
    row = SafeContact.objects.get()
    assert sealing.unseal([row.safe, row.kept_back]) == [sealing.ERASED, sealing.ERASED]
    assert "is not recorded" in text(signed_in(areas)[0].get(at(order)))
    with pytest.raises((Refused, sealing.ErasedKeyError)):
        say_safe_contact(person, ALL, by=None)


def test_a_form_counts_once(areas: Map) -> None:
    order = order_of(areas)
    team, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    key = str(uuid4())
    for _ in range(2):
        answer = send(team, f"/people/{protected(order).public_id}/safe-contact", key=key, safe=SAFE)
        assert answer.status_code == 302
    assert SafeContact.objects.count() == 1
