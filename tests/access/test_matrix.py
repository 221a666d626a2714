"""Every role on every address: what the table allows answers, what it does not is refused, and what cannot be seen and
what does not exist answer alike. Made from the URL conf and the schema of the API, so that a new address is in it."""

from __future__ import annotations

import re
import sys
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access.permissions import may
from orders.models import ApiToken, Order, Role, User
from orders.views.access import needs_of
from tests.access.addresses import Address, addresses
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NOWHERE = str(uuid.UUID(int=0))
WITHOUT_A_RULE = {"admin:login", "admin:logout"}  # both for anybody


@pytest.fixture
def areas() -> Map:
    return make_map()


def filled(address: Address, values: dict[str, str]) -> str:
    """The path of an address with its parameters filled in: those of `values`, else something of the right form."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", address.route).replace("^", "").replace("$", "")
    for name in re.findall(r"<(?:\w+:)?(\w+)>", route):
        form = type(address.converters.get(name)).__name__
        value = values.get(name, {"IntConverter": "999999", "UUIDConverter": NOWHERE}.get(form, "nothing"))
        route = re.sub(rf"<(?:\w+:)?{name}>", value, route)
    return f"/{route}"


def values(order: Order) -> dict[str, str]:
    person = order.parties.get(role="perpetrator").person
    return {
        "public_id": str(order.public_id), "person": str(person.public_id), "code": "WMP-WAL", "object_id": "1",
        "content_type_id": "1", "app_label": "orders",
    }  # fmt: skip


def actors(areas: Map) -> dict[str, User | None]:
    """Who tries: each role, nobody's role, everybody's, an account that is closed, another force, signed out."""
    found: dict[str, User | None] = {role.label: make_user(areas.force, role) for role in Role}
    nobody, closed = make_user(areas.force), make_user(areas.force, *Role)
    User.objects.filter(pk=nobody.pk).update(roles=[])
    User.objects.filter(pk=closed.pk).update(is_active=False)
    return found | {
        "no role": User.objects.get(pk=nobody.pk),
        "closed": User.objects.get(pk=closed.pk),
        "every role": make_user(areas.force, *Role, secret_places=True),
        "another force": make_user(areas.next_force, *Role),
        "signed out": None,
    }


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def asked(client: Client, method: str, path: str) -> Any:
    """The answer, of which nothing stays: whoever signs out by asking is signed in again."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, path)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def refused(response: Any) -> bool:
    """Refused, by the rule or because the address takes no such request, or sent to sign in."""
    sent_away = response.status_code in (301, 302) and "sign-in" in response.get("Location", "")
    return response.status_code in (401, 403, 405) or sent_away or "/admin/login" in response.get("Location", "")


def test_every_role_on_every_address(areas: Map, capsys: pytest.CaptureFixture[str]) -> None:
    given, wrong, tried = values(order_of(areas)), [], 0
    everyone = [(who, user, signed_in(user)) for who, user in actors(areas).items()]
    for address in addresses():
        path, needs = filled(address, given), needs_of(address.view)
        if needs is None or address.name in WITHOUT_A_RULE or address.name.startswith("api:"):
            continue
        for who, user, client in everyone:
            for method in ("GET", "POST"):
                response = asked(client, method, path)
                tried += 1
                allowed = may(user, needs.get(method, needs[""]))
                # Whether emails go out is for whoever asks to know, and here none do.
                failed = response.status_code >= 500 and address.name != "notifications:health"
                if failed or (not allowed and not refused(response)):
                    wrong.append((method, path, who, response.status_code))
    with capsys.disabled():
        sys.stdout.write(f"\n{tried:,} requests: {len(everyone)} sorts of user on {len(addresses())} addresses\n")
    assert not wrong, "\n".join(sorted({f"{method} {path} {code}: {who}" for method, path, who, code in wrong}))
    assert tried > 1_000


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM])
def test_what_cannot_be_seen_and_what_does_not_exist_answer_alike(areas: Map, role: Role) -> None:
    home = (areas.next_neighbourhood, "2020-01-01", None)
    hidden = make_nmo(areas.next_force, make_person("HIDDEN", home), make_person("HIDDENTOO", home))
    client = signed_in(make_user(areas.force, role, secret_places=True))
    tried = 0
    for address in addresses():
        if "public_id" not in address.converters or "kept-form" in address.route:
            continue
        person = address.route.startswith("people")
        real = str(hidden.parties.get(role="perpetrator").person.public_id) if person else str(hidden.public_id)
        answers = []
        for public_id in (real, NOWHERE):
            path = filled(address, values(hidden) | {"public_id": public_id})
            with CaptureQueriesContext(connection) as asked:
                response = client.get(path)
            body = response.content.decode().replace(public_id, "")
            # Tokens of forms, and times.
            body = re.sub(r"\d+", "#", re.sub(r'(value|content|nonce)="[\w-]{20,}"', "", body))
            answers.append((response.status_code, body, len(asked)))
        assert answers[0][:2] == answers[1][:2], address.route
        assert "HIDDEN" not in answers[0][1]
        # One look-up more may tell that a person exists from that nobody does, in microseconds; not more.
        assert abs(answers[0][2] - answers[1][2]) <= (3 if person else 0), address.route
        tried += 1
    assert tried >= 7


def test_the_api_answers_as_the_pages_do_to_every_token(areas: Map) -> None:
    order_of(areas)
    everyone = actors(areas)
    paths = ("/api/orders", "/api/schema")
    for who, user in everyone.items():
        if user is None:
            headers = {}
        else:
            _, text = ApiToken.issue(user=user, name=who, expires_at=timezone.now() + timedelta(days=1))
            headers = {"Authorization": f"Bearer {text}"}
        for path in paths:
            response = Client().get(path, headers=headers)
            reads = user is not None and user.is_active and any(
                user.has_role(role) for role in (Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM)
            )  # fmt: skip
            assert response.status_code == (200 if reads else 401 if user is None or not user.is_active else 403), who
            if who == "another force" and path == "/api/orders":
                assert response.json()["count"] == 0
