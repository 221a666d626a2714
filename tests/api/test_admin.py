"""The administration pages: for administrators, and nothing editable that an action should do."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from orders import models
from orders.models import BankHoliday, Postcode, Role
from tests.orders.build import Map, make_map, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def administrator(areas: Map) -> Client:
    client = Client()
    client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
    return client


def test_no_order_person_event_log_or_user_is_registered() -> None:
    for model in (
        "Order",
        "Event",
        "Party",
        "Person",
        "Residence",
        "Condition",
        "Place",
        "AuditEntry",
        "Recording",
        "User",
    ):
        assert not admin.site.is_registered(getattr(models, model))


@pytest.mark.parametrize(
    "page",
    ["", "orders/area/", "orders/postcode/", "orders/bankholiday/", "orders/apitoken/", "orders/importrun/", "orders/quarantinedorder/"],
)  # fmt: skip
def test_pages_open_for_administrators_only(administrator: Client, areas: Map, page: str) -> None:
    assert administrator.get(f"/admin/{page}").status_code == 200
    viewer = Client()
    viewer.force_login(make_user(areas.force))
    assert viewer.get(f"/admin/{page}").status_code in (302, 403)


def test_a_new_bank_holiday_queues_the_places(
    administrator: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    queued: list[bool] = []
    monkeypatch.setattr("orders.admin.rebuild_standing.delay", lambda: queued.append(True))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        administrator.post("/admin/orders/bankholiday/add/", {"day": "2027-05-17", "name": "By proclamation"})
    assert BankHoliday.objects.filter(name="By proclamation").exists()
    assert queued == [True]


def test_a_postcode_is_stored_as_it_is_looked_up(administrator: Client, areas: Map) -> None:
    form = {"postcode": "ws1 1aa", "neighbourhood": areas.palfrey.pk}
    assert administrator.post("/admin/orders/postcode/add/", form).status_code == 302
    assert Postcode.objects.get().postcode == "WS11AA"
    assert b"WS11AA" in administrator.get("/admin/orders/postcode/?q=ws1+1").content
    assert administrator.post("/admin/orders/postcode/add/", form | {"postcode": "Walsall"}).status_code == 200
    assert Postcode.objects.count() == 1


def test_a_changed_day_never_becomes_a_second_holiday(administrator: Client) -> None:
    BankHoliday.objects.create(day="2027-05-17", name="By proclamation")
    address = "/admin/orders/bankholiday/2027-05-17/change/"
    before = BankHoliday.objects.count()
    assert administrator.post(address, {"day": "2027-05-18", "name": "Renamed"}).status_code == 302
    assert BankHoliday.objects.count() == before
    assert BankHoliday.objects.get(day="2027-05-17").name == "Renamed"
