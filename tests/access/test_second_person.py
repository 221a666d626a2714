"""No administrator gives themself more: not on their own account, and secret addresses not without a second one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.access import second_person
from orders.models import AuditEntry, Role, User
from orders.oversight.oddities import oddities
from tests.orders.build import Map, make_map, make_user
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "username": user.username, "roles": user.roles, "force": user.force_id or "", "home_area": user.home_area_id or "",
    }  # fmt: skip
    values |= {"may_see_secret_places": "on"} if user.may_see_secret_places else {}
    values |= {"is_active": "on"} | changes
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(
    "change",
    [{"roles": [role.value for role in Role]}, {"may_see_secret_places": "on"}, {"force": ""}, {"is_active": None}],
)
def test_nobody_changes_what_they_themselves_may(areas: Map, change: dict[str, Any]) -> None:
    make_user(areas.force, Role.ADMINISTRATOR)
    client, user = signed_in(areas, Role.ADMINISTRATOR)
    response = client.post(f"/reference/users/{user.pk}", form_of(user, **change))
    assert response.status_code == 400
    assert "of your own account. Ask another administrator" in text(response)
    now = User.objects.get(pk=user.pk)
    assert (now.roles, now.force_id, now.is_active) == (["administrator"], areas.force.pk, True)
    assert not now.may_see_secret_places
    assert not second_person.waits(now)


def test_the_rest_of_ones_own_account_can_be_changed(areas: Map) -> None:
    client, user = signed_in(areas, Role.ADMINISTRATOR)
    assert client.post(f"/reference/users/{user.pk}", form_of(user, full_name="Ann Other")).status_code == 302


class TestSecretAddresses:
    """Asked for by one administrator, given by another."""

    @pytest.fixture
    def asked(self, areas: Map) -> tuple[Client, User]:
        """The client of the one who asked, and for whom."""
        first, account = signed_in(areas, Role.ADMINISTRATOR)[0], make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
        answer = first.post(f"/reference/users/{account.pk}", form_of(account, may_see_secret_places="on"), follow=True)
        assert "only once another administrator has confirmed it" in text(answer)
        account.refresh_from_db()
        assert not account.may_see_secret_places
        assert second_person.waits(account)
        return first, account

    def test_who_asked_cannot_give(self, asked: tuple[Client, User]) -> None:
        first, account = asked
        answer = first.post(f"/reference/users/{account.pk}/secret-addresses", {"answer": "give"})
        assert answer.status_code == 400
        assert "A second administrator must answer this" in text(answer)
        first.post(f"/reference/users/{account.pk}", form_of(account, may_see_secret_places="on"))
        assert not User.objects.get(pk=account.pk).may_see_secret_places

    def test_another_gives_and_the_log_says_so(self, areas: Map, asked: tuple[Client, User]) -> None:
        account = asked[1]
        second, by = signed_in(areas, Role.ADMINISTRATOR)
        assert "Confirm or refuse" in text(second.get("/reference/users"))
        assert "asked for it on" in text(second.get(f"/reference/users/{account.pk}/secret-addresses"))
        answer = second.post(f"/reference/users/{account.pk}/secret-addresses", {"answer": "give"})
        assert answer.status_code == 302
        assert User.objects.get(pk=account.pk).may_see_secret_places
        assert AuditEntry.objects.get(user=by, action="change user").detail["secret addresses"] == "given"
        again = second.post(f"/reference/users/{account.pk}/secret-addresses", {"answer": "give"})
        assert "Nobody asks for this permission any more" in text(again)

    def test_another_refuses(self, areas: Map, asked: tuple[Client, User]) -> None:
        account = asked[1]
        second = signed_in(areas, Role.ADMINISTRATOR)[0]
        second.post(f"/reference/users/{account.pk}/secret-addresses", {"answer": "refuse"})
        account.refresh_from_db()
        assert not account.may_see_secret_places
        assert not second_person.waits(account)

    def test_an_administrator_made_for_it_cannot_be_the_second(self, areas: Map, asked: tuple[Client, User]) -> None:
        first, account = asked
        values = form_of(User(username="made.up", roles=["administrator"], force=areas.force))
        assert first.post("/reference/users/add", values).status_code == 302
        second = Client()
        second.force_login(User.objects.get(username="made.up"))
        answer = second.post(f"/reference/users/{account.pk}/secret-addresses", {"answer": "give"})
        assert answer.status_code == 400
        assert "of longer standing" in text(answer)
        assert not User.objects.get(pk=account.pk).may_see_secret_places

    def test_taking_it_needs_nobody_else(self, areas: Map) -> None:
        account = make_user(areas.force, Role.CIVIL_ORDERS_TEAM, secret_places=True)
        client = signed_in(areas, Role.ADMINISTRATOR)[0]
        values = form_of(account, may_see_secret_places=None)
        assert client.post(f"/reference/users/{account.pk}", values).status_code == 302
        assert not User.objects.get(pk=account.pk).may_see_secret_places
        assert AuditEntry.objects.get(action="change user").detail["secret addresses"] == "taken"


def test_the_log_and_the_odd_looks_say_what_changed(areas: Map) -> None:
    client, account = signed_in(areas, Role.ADMINISTRATOR)[0], make_user(areas.force)
    client.post(f"/reference/users/{account.pk}", form_of(account, roles=["supervisor", "viewer"]))
    detail = AuditEntry.objects.get(action="change user").detail
    assert detail["roles"] == "before: Viewer; now: Supervisor, Viewer"
    found = oddities(areas.force, timezone.now() - timedelta(days=1), timezone.now()).rights
    assert [one.user for one in found] == [account]
    assert "before: Viewer; now: Supervisor, Viewer" in found[0].words
