"""The administration pages: for administrators, and nothing editable that has a page or an action of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client

from orders import models
from orders.models import Area, AuditEntry, BankHoliday, Postcode, Role
from tests.orders.build import Map, make_map, make_user
from tests.pages.asking import text

pytestmark = pytest.mark.django_db

LOOKED_UP = ("area", "postcode", "bankholiday")


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def administrator(areas: Map) -> Client:
    client = Client()
    client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
    return client


def test_only_reference_data_and_tokens_are_registered() -> None:
    """No order, event, person, log or user; nor what an import said of an order, which names people."""
    assert {model for model in admin.site._registry if model.__module__.startswith("orders.")} == {
        models.Area, models.Postcode, models.BankHoliday, models.ApiToken,
    }  # fmt: skip
    assert len(admin.site._registry) == 4


def test_no_page_offers_to_add_change_or_delete(rf: Any, areas: Map) -> None:
    request: HttpRequest = rf.get("/admin/")
    request.user = make_user(areas.force, *Role, secret_places=True)
    for page in admin.site._registry.values():
        assert page.has_view_permission(request)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)


@pytest.mark.parametrize("page", ["", "orders/area/", "orders/postcode/", "orders/bankholiday/", "orders/apitoken/"])
def test_pages_open_for_administrators_only(administrator: Client, areas: Map, page: str) -> None:
    assert administrator.get(f"/admin/{page}").status_code == 200
    viewer = Client()
    viewer.force_login(make_user(areas.force))
    assert viewer.get(f"/admin/{page}").status_code in (302, 403)


@pytest.mark.parametrize("page", LOOKED_UP)
def test_what_is_looked_up_leads_to_where_it_is_changed(administrator: Client, areas: Map, page: str) -> None:
    key = {
        "area": areas.palfrey.pk,
        "postcode": Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey).pk,
        "bankholiday": BankHoliday.objects.create(day="2027-05-17", name="By proclamation").pk,
    }[page]
    for path in (f"/admin/orders/{page}/", f"/admin/orders/{page}/{key}/change/"):
        shown = administrator.get(path)
        assert "Nothing is changed here" in text(shown)
        assert 'href="/reference"' in shown.content.decode()
    assert "Nothing is changed here" not in text(administrator.get("/admin/orders/apitoken/"))


def test_a_postcode_is_found_however_it_is_typed(administrator: Client, areas: Map) -> None:
    Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey)
    assert b"WS11AA" in administrator.get("/admin/orders/postcode/?q=ws1+1").content


def test_whatever_is_sent_changes_nothing(administrator: Client, areas: Map) -> None:
    Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey)
    BankHoliday.objects.create(day="2027-05-17", name="By proclamation")
    rows = {
        "area": (areas.palfrey.pk, {"code": "NEW", "name": "New", "level": "neighbourhood", "parent": areas.walsall.pk}),
        "postcode": ("WS11AA", {"postcode": "WS1 1AB", "neighbourhood": areas.pleck.pk}),
        "bankholiday": ("2027-05-17", {"day": "2027-05-18", "name": "Another"}),
    }  # fmt: skip

    def held() -> list[list[tuple[Any, ...]]]:
        return [sorted(model.objects.order_by().values_list()) for model in (Area, Postcode, BankHoliday)]

    before = held()
    for page, (key, values) in rows.items():
        for path, sent in (
            ("add/", values), (f"{key}/change/", values), (f"{key}/delete/", {"post": "yes"}),
            ("", {"action": "delete_selected", "_selected_action": [key], "post": "yes"}),
        ):  # fmt: skip
            answer = administrator.post(f"/admin/orders/{page}/{path}", sent)
            assert answer.status_code == (403 if path else 200), (page, path)  # without an action the list is shown
    assert held() == before
    assert not AuditEntry.objects.filter(category=models.Category.ALTERATION).exists()
