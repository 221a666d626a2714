"""Second factors: codes, recovery codes, and what an account without any may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from orders.models import AuditEntry, Role, User
from signin import codes
from signin.models import Authenticator, SignedIn
from tests.access.addresses import addresses
from tests.orders.build import make_map

pytestmark = pytest.mark.django_db
PASSWORD = "for these tests only"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("somebody", PASSWORD, roles=[Role.SUPERVISOR.value], force=make_map().force)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, 15, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def secret(user: User) -> str:
    found = codes.new_secret()
    codes.add(user, found, 0)
    return found


def password(client: Client) -> Any:
    return client.post("/sign-in", {"username": "somebody", "password": PASSWORD, "next": "/search"})


def test_a_right_password_leads_to_the_code_and_opens_nothing(user: User, secret: str, clock: Any) -> None:
    client = Client()
    assert password(client)["Location"] == "/sign-in/code"
    assert client.get("/search").status_code == 302
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 200
    assert client.get("/search").status_code == 302
    now = pyotp.TOTP(secret).now()
    assert client.post("/sign-in/code", {"code": f"{now[:3]} {now[3:]}"})["Location"] == "/search"
    assert SignedIn.objects.get().how == "code"


def test_a_code_works_once_and_a_clock_may_be_half_a_minute_off(user: User, secret: str, clock: Any) -> None:
    code = pyotp.TOTP(secret).now()
    assert codes.use_code(user, code)
    assert not codes.use_code(user, code)
    clock.shift(timedelta(seconds=60))
    assert codes.use_code(user, pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=30)))
    clock.shift(timedelta(seconds=120))
    assert not codes.use_code(user, pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=90)))
    assert not codes.use_code(user, "")


def test_the_secret_is_stored_encrypted(user: User, secret: str) -> None:
    assert secret.encode() not in bytes(Authenticator.objects.get().secret)


def test_a_password_typed_too_long_ago_is_asked_for_again(user: User, secret: str, clock: Any) -> None:
    client = Client()
    password(client)
    clock.shift(timedelta(minutes=11))
    answer = client.post("/sign-in/code", {"code": pyotp.TOTP(secret).now()})
    assert answer["Location"] == "/sign-in"


def test_a_recovery_code_works_once(user: User, secret: str, clock: Any) -> None:
    made = codes.new_recovery_codes(user)
    assert len(set(made)) == 10
    for expected in (302, 200):
        client = Client()
        password(client)
        assert client.post("/sign-in/code", {"code": made[0].upper()}).status_code == expected
    assert codes.codes_left(user) == 9
    codes.new_recovery_codes(user)
    assert not codes.use_recovery_code(user, made[1])


class TestInProduction:
    @pytest.fixture(autouse=True)
    def needed(self, settings: LazySettings) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    def test_without_a_second_factor_only_the_account_can_be_opened(self, user: User) -> None:
        client = Client()
        password(client)
        tried = 0
        for address in addresses():
            if address.converters or address.name.startswith(
                ("signin:", "health", "notifications:health", "admin:login")
            ):
                continue
            if address.route.startswith("api/"):
                continue
            answer = client.get(f"/{address.route.replace('^', '').replace('$', '').replace(chr(92), '')}")
            assert (answer.status_code, answer.headers.get("Location")) in (
                (302, "/account/second-factor"), (404, None),
            ), address  # fmt: skip
            tried += answer.status_code == 302
        assert tried > 10
        assert client.get("/account/second-factor").status_code == 200

    def test_adding_an_app_opens_the_register_under_a_new_session_id(self, user: User, clock: Any) -> None:
        client = Client()
        password(client)
        before = client.cookies["sessionid"].value
        page = client.get("/account/second-factor/app").content.decode()
        assert "<svg" in page
        assert "style=" not in page.split("<main")[1].split("</main")[0]
        shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert shown
        secret = shown[1].replace(" ", "")
        assert client.post("/account/second-factor/app", {"code": "123"}).status_code == 200
        answer = client.post("/account/second-factor/app", {"code": pyotp.TOTP(secret).now()})
        assert answer["Location"] == "/account/second-factor/recovery-codes"
        assert client.cookies["sessionid"].value != before
        assert client.get("/search").status_code == 200
        made = client.post("/account/second-factor/recovery-codes").content.decode()
        assert len(re.findall(r"<code>\w{5}-\w{5}</code>", made)) == 10
        assert AuditEntry.objects.filter(action="add an app that shows codes").exists()

    def test_the_only_second_factor_cannot_be_removed(self, user: User, secret: str, clock: Any) -> None:
        client = Client()
        password(client)
        client.post("/sign-in/code", {"code": pyotp.TOTP(secret).now()})
        client.post("/account/confirm/account", {"password": PASSWORD})
        client.post("/account/second-factor/app/remove")
        assert Authenticator.objects.exists()


def test_changing_factors_asks_for_the_password_again(user: User, secret: str) -> None:
    client = Client()
    client.force_login(user)
    assert client.get("/account/second-factor/app")["Location"] == "/account/confirm/app"
    assert client.get("/account/second-factor/passkey")["Location"] == "/account/confirm/passkey"
    assert client.post("/account/second-factor/passkey/options").status_code == 403
    client.post("/account/second-factor/app/remove")
    assert Authenticator.objects.exists()
    assert client.post("/account/confirm/app", {"password": "wrong"}).status_code == 200
    assert client.post("/account/confirm/app", {"password": PASSWORD})["Location"] == "/account/second-factor/app"
    client.post("/account/second-factor/app/remove")
    assert not Authenticator.objects.exists()


def test_a_passkey_that_is_none_signs_nobody_in(user: User) -> None:
    client = Client()
    for sent in ("", "{}", "[]", '{"id": "x", "rawId": "x", "response": {}, "type": "public-key"}'):
        client.post("/sign-in/passkey/options")
        assert client.post("/sign-in/passkey", {"answer": sent})["Location"] == "/sign-in"
    assert client.get("/search").status_code == 302
