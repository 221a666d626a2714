"""What a list says of its orders is the same by the one statement about now and by the several about then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.actions.by_hand import settle_residence
from orders.models import Condition, Order, User
from orders.record.recording import recording
from orders.search.cards import Card, InArea, Perpetrator, cards
from tests.orders.build import Map, describe, local, make_map, make_nmo, make_person, make_user, on

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def orders(areas: Map) -> list[Order]:
    """Somebody who moved and is described anew, somebody with a secret home, somebody without a home."""
    moving = make_person("MOVING", (areas.palfrey, "2020-01-01", "2026-05-01"), (areas.pleck, "2026-05-01", None))
    describe(moving, given_names="Ann <b>", warnings=["VI", "WE"])
    hidden = make_person("HIDDEN", (areas.foleshill, "2020-01-01", None), secret=True)
    nowhere = make_person("NOWHERE")
    made = [
        make_nmo(areas.force, moving, hidden),
        make_nmo(areas.force, hidden, moving, until="2026-06-01"),
        make_nmo(areas.force, nowhere, hidden),
    ]
    with recording(by=None, action="conditions") as opened:
        for ref, code, begins, until, is_date in (
            ("1", "D", None, "2026-05-01T00:00", True),
            ("2", "B", "2026-04-01T10:00", None, False),
            ("3", "B", None, None, False),
            ("4", "?", None, "2026-05-01T12:00", False),
            ("5", "A", None, "2026-03-29T00:00", True),
        ):
            Condition.objects.create(
                order=made[0], source_ref=ref, code=code, text="…", begins=begins and local(begins),
                until=until and local(until), until_is_date=is_date, recording=opened,
            )  # fmt: skip
    return made


def shown(card: Card) -> tuple[object, ...]:
    return (card.order.pk, card.order.reference, card.restricted, card.perpetrator, card.areas, card.conditions)


@pytest.mark.parametrize("secret_places", [False, True])
def test_both_ways_say_the_same(areas: Map, orders: list[Order], secret_places: bool) -> None:
    user, ids = make_user(areas.force, secret_places=secret_places), [order.pk for order in orders]
    for at in (
        "2026-03-02T11:00", "2026-03-29T23:59", "2026-03-30T00:00", "2026-04-01T09:59", "2026-04-01T10:00",
        "2026-05-01T00:00", "2026-05-01T11:59", "2026-05-01T12:00", "2026-05-01T23:59", "2026-05-02T00:00",
        "2026-06-01T12:00", "2026-07-01T12:00",
    ):  # fmt: skip
        now = cards(ids, user=user, at=local(at), known_at=None)
        then = cards(ids, user=user, at=local(at), known_at=timezone.now())
        assert {pk: shown(card) for pk, card in now.items()} == {pk: shown(card) for pk, card in then.items()}, at
        assert now.keys() == set(ids)


def said(orders: list[Order], user: User, at: datetime) -> Card:
    return cards([orders[0].pk], user=user, at=at, known_at=None)[orders[0].pk]


def test_a_card_has_whom_it_binds_where_and_what_it_forbids(areas: Map, orders: list[Order]) -> None:
    user = make_user(areas.force)
    assert said(orders, user, on("2026-06-15")).perpetrator == Perpetrator("MOVING", "Ann <b>", None, ("VI", "WE"))
    last_day, day_after = (said(orders, user, at) for at in (local("2026-05-01T23:59"), on("2026-05-02")))
    assert (last_day.conditions, day_after.conditions) == (("contact", "enter a zone"), ("contact",))
    before, after = (said(orders, user, on(day)).areas for day in ("2026-04-15", "2026-06-15"))
    assert InArea("WMP-WAL-01", "Demo WMP-WAL-01", "neighbourhood", ("perpetrator",)) in before
    assert InArea("WMP-WAL-02", "Demo WMP-WAL-02", "neighbourhood", ("perpetrator",)) in after
    assert not any(area.code.startswith("WMP-COV-") for area in after), "a secret home is in no neighbourhood"
    told = said(orders, make_user(areas.force, secret_places=True), on("2026-06-15")).areas
    assert InArea("WMP-COV-01", "Demo WMP-COV-01", "neighbourhood", ("victim",)) in told
    assert [area.code for area in told] == sorted(area.code for area in told)


def test_one_statement_reads_them_all(areas: Map, orders: list[Order]) -> None:
    settle_residence(
        orders[2].parties.get(role="perpetrator").person, from_on=timezone.localdate() - timedelta(days=1),
        neighbourhood=areas.radford, by=None,
    )  # fmt: skip
    user = make_user(areas.force)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = cards([order.pk for order in orders], user=user, at=timezone.now(), known_at=None)
    assert len(asked) == 1
    assert len(found) == 3
    assert cards([], user=user, at=timezone.now(), known_at=None) == {}
