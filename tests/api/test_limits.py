"""How often a token may ask, and how one is taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from orders.models import ApiToken, ApiUse, AuditEntry, Role
from tests.api.test_api import Caller
from tests.orders.build import Map, make_map, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def this_minute(token: ApiToken, requests: int) -> None:
    ApiUse.objects.update_or_create(
        token=token, defaults={"minute": timezone.now().replace(second=0, microsecond=0), "requests": requests}
    )


def test_too_many_requests_of_a_token_wait_for_the_next_minute(areas: Map, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 5
    caller, other = Caller(make_user(areas.force)), Caller(make_user(areas.force))
    assert caller.get()[0] == 200
    this_minute(caller.token, 5)
    for ask in (
        lambda: caller.client.get("/api/orders"),
        lambda: caller.client.post("/api/orders/search", {}, content_type="application/json"),
    ):
        response = ask()
        assert response.status_code == 429
        assert 1 <= int(response["Retry-After"]) <= 60
    assert not AuditEntry.objects.filter(action="search by API", user=caller.user).count() > 1
    assert other.get()[0] == 200
    ApiUse.objects.filter(token=caller.token).update(minute=timezone.now() - timedelta(minutes=1))
    assert caller.get()[0] == 200


def test_every_request_counts_once(areas: Map) -> None:
    caller = Caller(make_user(areas.force))
    for _ in range(3):
        caller.get()
    use = ApiUse.objects.get(token=caller.token)
    assert 1 <= use.requests <= 3  # a minute may have begun between them
    this_minute(caller.token, 7)
    caller.get("area=nowhere")
    assert ApiUse.objects.get(token=caller.token).requests in (1, 8)


def test_without_a_good_token_nothing_is_counted(areas: Map) -> None:
    assert Client(headers={"Authorization": "Bearer nonsense"}).get("/api/orders").status_code == 401
    assert not ApiUse.objects.exists()


def test_an_administrator_sees_and_revokes_tokens(areas: Map) -> None:
    caller = Caller(make_user(areas.force))
    ApiToken.objects.filter(pk=caller.token.pk).update(area=areas.walsall, name="Briefing board")
    administrator = Client()
    admin = make_user(areas.force, Role.ADMINISTRATOR)
    administrator.force_login(admin)
    page = administrator.get("/admin/orders/apitoken/").content.decode()
    assert "Briefing board" in page
    assert "Demo WMP-WAL" in page
    form = {"action": "revoke", "_selected_action": [caller.token.pk]}
    said = administrator.post("/admin/orders/apitoken/", form, follow=True).content.decode()
    assert "1 revoked" in said
    assert caller.client.get("/api/orders").status_code == 401
    entry = AuditEntry.objects.get(action="revoke API token")
    assert (entry.user, entry.detail["name"]) == (admin, "Briefing board")
    assert "0 revoked" in administrator.post("/admin/orders/apitoken/", form, follow=True).content.decode()
    assert administrator.get(f"/admin/orders/apitoken/{caller.token.pk}/change/").status_code == 200
    assert administrator.post(f"/admin/orders/apitoken/{caller.token.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CIVIL_ORDERS_TEAM, Role.AUDITOR])
def test_nobody_else_revokes(areas: Map, role: Role) -> None:
    caller = Caller(make_user(areas.force))
    client = Client()
    client.force_login(make_user(areas.force, role))
    response = client.post("/admin/orders/apitoken/", {"action": "revoke", "_selected_action": [caller.token.pk]})
    assert response.status_code in (302, 403)
    assert ApiToken.objects.get().revoked_at is None
