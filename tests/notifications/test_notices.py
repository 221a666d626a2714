"""What must not go untold: tried over a real SMTP server until it is taken, told once, to who may be told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications import openings
from orders.access import grants
from orders.models import GrantKind, Order, SecretOpening, User
from tests.faults.server import Caught
from tests.orders.build import Map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db

OFFICER = "dpo@lpa.demo.invalid"


@pytest.fixture
def order(areas: Map, settings: Settings) -> Order:
    settings.DATA_PROTECTION_EMAIL = OFFICER
    return make_nmo(
        areas.force, make_person("QXBOUND", (areas.palfrey, "2020-01-01", None)), make_person("QXPROTECTED")
    )


@pytest.fixture
def reader(areas: Map) -> User:
    return make_user(areas.force, secret_places=True)


def opened(order: Order, by: User) -> SecretOpening:
    grants.give(
        GrantKind.SECRET_ADDRESS, order, by=by, why=grants.Why.INCIDENT, words="Sent to the house", address="::1"
    )
    return SecretOpening.objects.get()


def test_an_opening_is_told_once_with_who_when_and_why_and_nobody_of_the_order(
    order: Order, reader: User, smtp: Caught
) -> None:
    opened(order, reader)
    now = timezone.now() + timedelta(seconds=1)
    assert openings.tell(now) == 1
    assert openings.tell(now + timedelta(hours=2)) == 0
    (message,) = smtp.by_address()[OFFICER]
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for words in (reader.username, order.reference, "Live incident: Sent to the house", "::1"):
        assert words in text
    assert "QX" not in message.as_string()
    assert SecretOpening.objects.get().told_at is not None


def test_nobody_is_told_outside_the_domains_that_are_allowed(
    order: Order, reader: User, smtp: Caught, settings: Settings
) -> None:
    settings.DATA_PROTECTION_EMAIL = "dpo@elsewhere.example"
    opened(order, reader)
    now = timezone.now() + timedelta(seconds=1)
    assert openings.tell(now) == 0
    row = SecretOpening.objects.get()
    assert (row.told_at, row.attempts) == (None, 1)
    assert "DATA_PROTECTION_EMAIL" in row.answer
    settings.DATA_PROTECTION_EMAIL = OFFICER
    assert openings.tell(now) == 0, "not before its time"
    assert openings.tell(now + timedelta(minutes=2)) == 1
