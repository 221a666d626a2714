"""When an order ends is said once and the same everywhere, also where nobody stated it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.actions.by_hand import NewOrder, record_event, register
from orders.models import Order
from orders.search import exports
from orders.search.results import results
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_nmo, make_person
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def dvpo(areas: Map, made: str) -> Order:
    """One of which nobody stated the end."""
    return register(
        NewOrder(
            kind="DVPO", reference=f"DVPO/{made}", owner_force=areas.force,
            perpetrator=make_person("R", (areas.palfrey, "2020-01-01", None)), victims=(make_person("V"),),
            events=(Event("MADE", local(made)),),
        ),
        by=None,
    )  # fmt: skip


def test_a_dvpo_without_a_stated_end(areas: Map) -> None:
    order = dvpo(areas, "2024-03-01T09:00")
    client, user = signed_in(areas)
    page = f"/orders/{order.public_id}"
    over = text(client.get(page))
    assert "Ended: expired, end of 28 March 2024 at the latest" in over
    assert "to end of 14 March 2024 at least: its end was not stated" in over
    assert "at least 14 days, until the end of Thursday 14 March 2024, and at most 28 days" in over
    assert "it had run out by the end of Thursday 28 March 2024" in over
    (row,) = results([order.pk], user=user, at=timezone.now())
    copy = exports.Copy([order.pk], user, timezone.now(), None, "", (), ("until",))
    assert "Expired, end of 28 March 2024 at the latest" in text(client.get("/search?standing=ended"))
    assert exports.COLUMNS["until"].text(row, copy) == "2024-03-14, end of the day, at least"
    live = text(client.get(f"{page}?at=2024-03-10T09:00"))
    assert "Was in force then until end of 14 March 2024 at least" in live
    assert "In force until the end of Thursday 14 March 2024 at least: its end was not stated" in live
    doubtful = text(client.get(f"{page}?at=2024-03-20T09:00"))
    assert "the least the Act allows, 14 days, has passed" in doubtful


def test_what_ended_an_order_says_when_the_heading_says_it(areas: Map) -> None:
    """A notice that was not heard in time and refused later ended with the refusal, not at its deadline."""
    notice = register(
        NewOrder(
            kind="DVPN", reference="DVPN/1", owner_force=areas.force,
            perpetrator=make_person("R", (areas.palfrey, "2020-01-01", None)), victims=(make_person("V"),),
            events=(Event("AUTHORISED", local("2024-02-06T09:00")), Event("SERVED", local("2024-02-06T10:00"))),
        ),
        by=None,
    )  # fmt: skip
    record_event(notice, Event("REFUSED", local("2024-02-09T15:00")), by=None)
    page = text(signed_in(areas)[0].get(f"/orders/{notice.public_id}"))
    assert "Ended: refused, 9 February 2024, 15:00" in page
    assert "The application was refused at 15:00 on Friday 9 February 2024" in page


def test_a_stated_end_is_said_without_more(areas: Map) -> None:
    day = timezone.localdate() - timedelta(days=3)
    order = make_nmo(
        areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("V"), until=f"{day}"
    )
    page = text(signed_in(areas)[0].get(f"/orders/{order.public_id}"))
    assert f"Ended: expired, end of {day.day} {day:%B %Y} " in page
    about = page.partition("You stay signed in")[0]
    assert "at the latest" not in about
    assert "at least" not in about
