"""Looks at people at the looker's own address or postcode are found; where users live lies sealed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from orders.access import audit
from orders.actions.by_hand import settle_residence
from orders.models import AuditEntry, Category, Order, Person, Role, User
from orders.oversight.oddities import oddities
from orders.oversight.own_home import index_again, live_at
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.orders.test_erasure import everything
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def living(name: str, address: str, postcode: str, secret: bool | None = False) -> Person:
    person = make_person(name)
    settle_residence(person, from_on=date(2020, 1, 1), address=address, postcode=postcode, secret=secret, by=None)
    return person


def looked(user: User, order: Order) -> None:
    audit.record(by=user, category=Category.CONSULTATION, action="view order", orders=[order.pk])


def found(areas: Map) -> list[tuple[str, str, str]]:
    now = timezone.now()
    odd = oddities(areas.force, now - timedelta(days=1), now + timedelta(minutes=1)).own_home
    return [(one.user.username, one.words, one.order.reference if one.order else "") for one in odd]


def test_a_look_at_ones_own_address_comes_before_one_at_the_postcode(areas: Map) -> None:
    user, other = make_user(areas.force), make_user(areas.force)
    live_at(user, "12 Zinnia Close, Walsall", "WS1 1AA")
    user.save()
    far = make_person("FAR")
    at_home = make_nmo(areas.force, living("HOME", "12  zinnia close", "WS1 1AA"), far)
    at_postcode = make_nmo(areas.force, living("NEAR", "14 Zinnia Close", "WS1 1AA", None), far)
    away = make_nmo(areas.force, living("AWAY", "12 Zinnia Close", "WS2 2BB"), far)
    secret = make_nmo(areas.force, far, living("HIDDEN", "12 Zinnia Close", "WS1 1AA", True))
    unknown = make_nmo(areas.force, far, living("UNSAID", "12 Zinnia Close", "WS1 1AA", None))
    for order in (at_home, at_postcode, away, secret, unknown):
        looked(user, order)
        looked(other, order)
    assert found(areas) == [
        (user.username, "opened an order of somebody at their own address", at_home.reference),
        (user.username, "opened an order of somebody at their own postcode", at_postcode.reference),
    ]


def test_an_administrator_enters_it_it_lies_sealed_and_an_auditor_sees_the_look_not_the_address(areas: Map) -> None:
    client, _ = signed_in(areas, Role.ADMINISTRATOR)
    user = make_user(areas.force)
    address = f"/reference/users/{user.pk}"
    form = client.get(address).context["form"].initial | {"own_address": "7 Zebra Way", "own_postcode": "nonsense"}
    sent = {name: value for name, value in form.items() if value not in (None, False)}
    assert "Enter a full postcode" in text(client.post(address, sent))
    assert client.post(address, sent | {"own_postcode": "ws99zz"}).status_code == 302
    held = everything()
    assert "Zebra" not in held
    assert "WS9 9ZZ" not in held
    assert "own home" in AuditEntry.objects.get(action="change user").detail["fields"]
    assert "7 Zebra Way" in client.get(address).content.decode()
    assert index_again() == 1
    looked(user, make_nmo(areas.force, living("HOME", "7 Zebra Way", "WS9 9ZZ"), make_person("P")))
    auditor, _ = signed_in(areas, Role.AUDITOR)
    page = text(auditor.get("/audit/oddities"))
    assert "opened an order of somebody at their own address" in page
    assert "Zebra" not in page
