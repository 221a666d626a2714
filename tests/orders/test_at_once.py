"""Many people at few orders at once: nothing is lost, doubled or left waiting."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from django.db import close_old_connections, connection, connections

from orders.actions.by_hand import record_event, retract_event, settle_residence
from orders.models import Event, Order, Recording, Role, SentForm, User
from orders.places import projection
from orders.record.writing import Form, Repeated
from orders.statute import Event as StatuteEvent
from tests.orders.build import local, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db(transaction=True)
RECORDERS = int(os.environ.get("RECORDERS", "12"))
"""50 at 10 orders is the full size: `RECORDERS=50 bin/test tests/orders/test_at_once.py`."""
ORDERS, EACH = 10, 4


@pytest.fixture
def keepers() -> Iterator[list[User]]:
    areas = make_map()
    people = [make_person(f"P{number}", (areas.palfrey, "2020-01-01", None)) for number in range(ORDERS)]
    before = None
    for number, person in enumerate(people):
        kind = "ISPO" if number % 2 == 0 else "SPO"
        order = make_nmo(
            areas.force, person, make_person("V"), until="2026-12-31" if kind == "ISPO" else None, kind=kind
        )
        if kind == "SPO" and before is not None:
            # Each full order follows an interim: what is recorded of the one is projected on the other too.
            Order.objects.filter(pk=order.pk).update(replaces=before)
        before = order
    yield [make_user(areas.force, Role.CIVIL_ORDERS_TEAM) for _ in range(RECORDERS)]
    connections.close_all()


def test_every_event_is_recorded_once_and_nobody_waits_for_ever(keepers: list[User]) -> None:
    orders = list(Order.objects.order_by("pk"))
    held = Event.objects.count()

    def work(number: int) -> int:
        close_old_connections()
        random, user, done = Random(number), keepers[number], 0
        for turn in range(EACH):
            order = random.choice(orders)
            if turn == EACH - 1:
                party = order.parties.get(role="perpetrator")
                settle_residence(party.person, from_on=local("2026-05-01T00:00").date(), by=user)
                continue
            at = local("2026-04-01T00:00") + timedelta(minutes=number * 100 + turn)
            form = Form(uuid.uuid4(), leads_to=f"/{number}/{turn}")
            stored = record_event(order, StatuteEvent("BREACHED", at, by=f"{number}/{turn}"), by=user, form=form)
            done += 1
            try:
                record_event(order, StatuteEvent("BREACHED", at, by=f"{number}/{turn}"), by=user, form=form)
            except Repeated:
                pass
            else:
                raise AssertionError("a form was carried out twice")
            if turn == 1:
                retract_event(stored, by=user, reason="of another order")
        connection.close()
        return done

    with ThreadPoolExecutor(RECORDERS) as pool:
        done = sum(pool.map(work, range(RECORDERS)))
    assert done == RECORDERS * (EACH - 1)
    told = Event.objects.filter(kind="BREACHED").values_list("by_whom", flat=True)
    assert sorted(told) == sorted({*told}), "once each"
    assert Event.objects.count() == held + done + RECORDERS, "and each taken back once"
    assert SentForm.objects.count() == done
    assert not Recording.objects.filter(recorded_at=None).exists()
    assert list(projection.differences(order.pk for order in orders)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        row = cursor.fetchone()
    assert row == (0,)


def test_one_form_sent_by_many_at_once_is_carried_out_once(keepers: list[User]) -> None:
    order, form = Order.objects.order_by("pk")[0], Form(uuid.uuid4(), leads_to="/there")

    def send(number: int) -> str:
        close_old_connections()
        try:
            record_event(
                order, StatuteEvent("ATTEMPTED", local("2026-04-01T10:00"), text="Nobody in"), by=keepers[0], form=form
            )
        except Repeated as done:
            return done.leads_to
        finally:
            connection.close()
        return "first"

    with ThreadPoolExecutor(RECORDERS) as pool:
        answers = list(pool.map(send, range(RECORDERS)))
    assert answers.count("first") == 1
    assert answers.count("/there") == RECORDERS - 1
    assert Event.objects.filter(kind="ATTEMPTED").count() == 1
