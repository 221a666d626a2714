"""An order page takes as many statements whatever the order has been through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.actions.by_hand import record_event
from orders.models import Order
from orders.statute import Event
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def statements(client: Client, order: Order) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/orders/{order.public_id}").status_code == 200
    return len(asked)


def test_it_takes_no_more_after_much_has_happened(areas: Map) -> None:
    client, _ = signed_in(areas)
    order = order_of(areas)
    before = statements(client, order)
    for hours in range(1, 8):
        at = timezone.now() - timedelta(days=2, hours=hours)
        record_event(order, Event("BREACHED" if hours % 2 else "TOLD", at), by=None)
    assert statements(client, order) == before <= 25


def test_it_takes_no_more_for_somebody_whom_many_orders_bind(areas: Map) -> None:
    client, _ = signed_in(areas)
    bound = make_person("BOUND", (areas.palfrey, "2020-01-01", None))
    order = make_nmo(areas.force, bound, make_person("P"), until="2099-01-01")
    before = statements(client, order)
    for day in range(1, 6):
        made = f"2026-04-{day:02}T10:00"
        make_nmo(areas.force, bound, make_person("P"), made=made, until="2099-01-01")
    assert statements(client, order) == before
