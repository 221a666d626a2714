"""Marks and scripts that turn text round: a name that holds them, stored before they were refused, turns nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications import emails, planning
from orders.actions.merging import merge
from orders.models import Order, Person, Role
from orders.search import exports
from orders.search.results import results
from orders.statute import local_day
from tests.orders.build import Map, describe, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in

pytestmark = pytest.mark.django_db

MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FAMILY, GIVEN, ALIAS = "\u202eDEMOS", "Vic\u2066tim", "\u202eALSO"


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    order = order_of(areas)
    for party in order.parties.all():
        describe(
            party.person, family_name=FAMILY, given_names=GIVEN, aliases=[[ALIAS, "X"]], date_of_birth="1990-05-17"
        )
    return order


def outside(page: str) -> list[str]:
    """The lines of a page in which such a mark stands and is not held apart."""
    held = re.sub(r"<bdi>[^<]*</bdi>", "", page)
    return [line for line in held.splitlines() if re.search(f"[{MARKS}]", line)]


def paths(client: Client, order: Order) -> list[str]:
    people = [party.person for party in order.parties.order_by("role")]
    made = make_nmo(order.owner_force, make_person("X"), make_person("DEMOS"), until=None)
    other = made.parties.get(role="victim").person
    return [
        "/", "/search?area=WMP", "/worklists/not-served?area=WMP", "/interventions", "/reviews", "/retention",
        f"/orders/{order.public_id}", f"/orders/{order.public_id}/history", f"/orders/{order.public_id}/record",
        *(f"/people/{person.public_id}" for person in people),
        *(f"/people/{person.public_id}/{page}" for person in people for page in ("move", "retention")),
        f"/people/{people[1].public_id}/same-as/{other.public_id}",
    ]  # fmt: skip


def test_no_page_shows_one_outside_what_holds_it_apart(areas: Map, order: Order) -> None:
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM, Role.SUPERVISOR)
    joins = make_person("JOINS")
    describe(joins, family_name=FAMILY)
    merge(order.parties.get(role="perpetrator").person, Person.objects.get(pk=joins.pk), by=None, reason="The same")
    shown = 0
    for path in paths(client, order):
        page = client.get(path)
        assert page.status_code == 200, path
        content = page.content.decode()
        shown += FAMILY in content
        assert outside(content) == [], path
    assert shown > 3


def test_sheets_and_emails_hold_none(areas: Map, order: Order) -> None:
    _, user = signed_in(areas)
    (row,) = results([order.pk], user=user, at=timezone.now())
    copy = exports.Copy([order.pk], user, timezone.now(), None, "", (), ("family_name", "given_names", "reference"))
    assert exports.COLUMNS["family_name"].text(row, copy) == FAMILY
    (cells,) = exports.rows(copy)
    assert cells[0] == "DEMOS"
    now = timezone.now()
    news = planning.preview(areas.walsall, local_day(now) + timedelta(days=1), now)
    assert news is not None
    letter = emails.write(news)
    assert "DEMOS, V" in letter.text
    assert not re.search(f"[{MARKS}]", letter.subject + letter.text + letter.html)
