"""What is told in an impossible order is refused where it can be mended, on every page that takes a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.actions.by_hand import NewOrder, record_event, register
from orders.models import Event, Order, Role
from orders.record.storing import NewPerson
from orders.statute import Event as StatuteEvent
from tests.orders.build import Map, make_map
from tests.pages.asking import order_of, signed_in, text
from tests.pages.test_managing import boxes, unseen

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def keeper(areas: Map) -> Client:
    return signed_in(areas, Role.CIVIL_ORDERS_TEAM)[0]


def ago(hours: float) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) - timedelta(hours=hours)


def made_right(keeper: Client, order: Order, kind: str, hours: float) -> str:
    """What a page answers to putting the time of an event right."""
    event = order.events.filter(kind=kind).latest("pk")
    url = f"/orders/{order.public_id}/events/{event.pk}"
    sent = unseen(keeper.get(url)) | boxes("at", ago(hours)) | {"what": "right", "reason": "misread", "open": "on"}
    return text(keeper.post(url, sent))


def test_an_arrest_before_the_breach_it_is_recorded_with_is_refused_beside_its_time(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/record/breached"
    sent = {
        **unseen(keeper.get(url)), **boxes("at", ago(2)), **boxes("arrested_at", ago(3)), "by": "20/1/26",
        "text": "Rang her.", "arrest": "yes",
    }  # fmt: skip
    page = keeper.post(url, sent | {"step": "confirm"})
    assert page.status_code == 400
    assert page.context["form"].errors.keys() == {"arrested_at"}
    assert "Time of arrest is before the breach; one of the two is wrong" in text(page)
    assert not Event.objects.filter(kind__in=("BREACHED", "ARRESTED")).exists()
    assert keeper.post(url, sent | {"arrest": "no", "not_arrested": "Not found.", "step": "confirm"}).status_code == 302
    assert [event.kind for event in order.events.order_by("pk")] == ["MADE", "BREACHED"]


def test_what_was_recorded_is_not_put_right_behind_what_rests_on_it(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    record_event(order, StatuteEvent("BREACHED", timezone.now() - timedelta(hours=5), by="20/1/26"), by=None)
    words = made_right(keeper, order, "MADE", 2)
    assert "Breached at" in words
    assert "before it was made at" in words
    assert "one of the two is wrong" in words
    assert "What follows" in made_right(keeper, order, "MADE", 6)


def test_a_correction_sent_twice_leads_to_what_came_of_it(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/events/{order.events.get().pk}"
    sent = unseen(keeper.get(url)) | boxes("at", ago(80)) | {
        "what": "right", "reason": "misread", "open": "on", "step": "confirm",
    }  # fmt: skip
    done = keeper.post(url, sent)
    assert done.status_code == 302
    again = keeper.post(url, sent)
    assert (again.status_code, again.headers.get("Location")) == (302, done.headers["Location"])
    assert order.events.filter(kind="RETRACTED").count() == 1


def test_an_order_is_not_entered_as_made_before_the_notice_that_it_follows(areas: Map, keeper: Client) -> None:
    events = [StatuteEvent("AUTHORISED", ago(5)), StatuteEvent("SERVED", ago(4))]
    new = NewOrder("DVPN", "DVPN/1", areas.force, NewPerson("P"), [NewPerson("V")], events=events)
    notice = register(new, by=None)
    begun = keeper.post(f"/orders/new?follows={notice.public_id}", {"kind": "DVPO"}).headers["Location"]
    url = begun.replace("numbers", "when")
    sent = {"ends": "days", "days": "28", "served": "no"}
    page = keeper.post(url, sent | boxes("at", ago(6)))
    assert page.status_code == 400
    assert page.context["form"].errors.keys() == {"at"}
    assert "Made at" in text(page)
    assert "before the DVPN that it follows was authorised at" in text(page)
    assert "was served at" in text(keeper.post(url, sent | boxes("at", ago(4.5))))
    assert keeper.post(url, sent | boxes("at", ago(3))).status_code == 302


def test_what_belongs_to_another_answer_does_not_count(areas: Map, keeper: Client) -> None:
    begun = keeper.post("/orders/new", {"kind": "DVPO"}).headers["Location"]
    url = begun.replace("numbers", "when")
    sent = {**boxes("at", ago(5)), **boxes("served_at", ago(6)), "ends": "days", "days": "28", "until_day": "99"}
    assert "Time of service is before the order was made" in text(keeper.post(url, sent | {"served": "yes"}))
    answered = keeper.post(url, sent | {"served": "no"})
    assert answered.status_code == 302, text(answered)
