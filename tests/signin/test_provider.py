"""The force's identity provider: a real process over HTTP, and everything that may be wrong with what it sends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from orders.models import AuditEntry, Role, User
from signin import provider
from signin.models import Identity, SignedIn
from tests.orders.build import make_map
from tests.signin.provider_server import CLIENT, SECRET

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[2]
OFFICER = {
    "sub": "abc", "preferred_username": "a.officer@force.example", "name": "Ann Officer", "email": "a.officer@force.example",
    "groups": ["group-supervisors"], "lpa": "WMP-WAL",
}  # fmt: skip
EVENTS = {provider.LOGOUT_EVENT: {}}


class Control:
    """Tells the provider what to do."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def tell(self, **told: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.issuer}/control", json.dumps(told).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def follow(self, address: str) -> str:
        """What the browser does at the provider: the address to which it is sent back."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *args: Any, **more: Any) -> None:
                return None

        try:
            urllib.request.build_opener(Stay).open(address, timeout=10)
        except urllib.error.HTTPError as answer:
            return str(answer.headers["Location"])
        raise AssertionError("the provider did not redirect")


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.signin.provider_server", "0"], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        yield started.stdout.readline().strip()
        started.terminate()


@pytest.fixture
def control(process: str, settings: LazySettings) -> Iterator[Control]:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = process, CLIENT, SECRET
    settings.OIDC_ROLES = {"supervisor": "group-supervisors|group-inspectors", "administrator": "group-administrators"}
    settings.OIDC_SECRET_PLACES_GROUP, settings.OIDC_FORCE, settings.OIDC_AREA_CLAIM = "group-secret", "WMP", "lpa"
    settings.BASE_URL = "http://testserver"
    make_map()
    found = Control(process)
    found.tell(claims=OFFICER, closed=False, broken=False, faults={})
    provider._made.cache_clear()
    yield found
    provider._made.cache_clear()


def sign_in(control: Control, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client()
    there = client.get("/sign-in/provider?next=/search")
    assert there.status_code == 302
    return client, client.get(control.follow(there["Location"]))


def refused(client: Client, answer: Any, words: str) -> None:
    assert answer["Location"] == "/sign-in"
    assert words in client.get("/sign-in").content.decode()
    assert client.get("/search").status_code == 302
    assert not SignedIn.objects.exists()


def test_it_asks_with_code_pkce_state_and_nonce(control: Control) -> None:
    asked = parse_qs(urlsplit(Client().get("/sign-in/provider")["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/provider/return"]
    assert "offline_access" in asked["scope"][0]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_somebody_new_gets_an_account_with_the_roles_of_their_groups(control: Control) -> None:
    client, answer = sign_in(control)
    assert answer["Location"] == "/search"
    user = User.objects.get()
    assert (user.username, user.full_name, user.roles) == ("a.officer@force.example", "Ann Officer", ["supervisor"])
    assert user.force
    assert user.home_area
    assert (user.force.code, user.home_area.code) == ("WMP", "WMP-WAL")
    assert not user.has_usable_password()
    assert not user.may_see_secret_places
    assert client.get("/search").status_code == 200
    row = SignedIn.objects.get()
    assert b"eyJ" not in bytes(row.id_token)
    assert b"refresh" not in bytes(row.tokens)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[:2] == ["add user", "sign in"]


def test_roles_follow_the_groups_at_the_next_sign_in(control: Control) -> None:
    sign_in(control)
    control.tell(claims=OFFICER | {"groups": ["group-administrators", "group-secret"], "lpa": "NOWHERE"})
    sign_in(control)
    user = User.objects.get()
    assert user.roles == [Role.ADMINISTRATOR.value]
    assert user.may_see_secret_places
    assert user.home_area == user.force


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"groups": ["another"]}, "not in a group that may use the register"),
        ({"groups": []}, "not in a group that may use the register"),
        ({"groups": None, "_claim_names": {"groups": "src1"}}, "in so many groups"),
    ],
)
def test_nobody_without_a_role_gets_in(control: Control, claims: dict[str, Any], words: str) -> None:
    changed = {name: value for name, value in (OFFICER | claims).items() if value is not None}
    control.tell(claims=changed)
    refused(*sign_in(control), words)
    assert not User.objects.exists()


def test_a_local_account_of_the_same_name_is_not_taken_over(control: Control) -> None:
    User.objects.create_user("A.Officer@force.example", "x", roles=[Role.ADMINISTRATOR.value])
    refused(*sign_in(control), "An account of your name exists already")
    assert not Identity.objects.exists()


def test_an_account_closed_here_stays_closed(control: Control) -> None:
    client, _ = sign_in(control)
    User.objects.update(is_active=False)
    assert client.get("/search").status_code == 302
    SignedIn.objects.all().delete()
    refused(*sign_in(control), "Your account in the register is closed")


@pytest.mark.parametrize(
    "fault",
    [
        {"nonce": "another"}, {"iss": "https://else.example"}, {"aud": "somebody-else"}, {"exp": 1_000_000_000},
        {"other_key": True}, {"nonce": None},
    ],
)  # fmt: skip
def test_a_token_that_is_wrong_signs_nobody_in(control: Control, fault: dict[str, Any]) -> None:
    control.tell(faults=fault)
    refused(*sign_in(control), "did not sign you in")


def test_an_answer_to_a_question_of_another_browser_signs_nobody_in(control: Control) -> None:
    """Login forgery: the victim's browser is sent back with the attacker's code and state."""
    attacker, victim = Client(), Client()
    back = control.follow(attacker.get("/sign-in/provider")["Location"])
    refused(victim, victim.get(back), "did not sign you in")


def test_a_code_works_once(control: Control) -> None:
    client = Client()
    back = control.follow(client.get("/sign-in/provider")["Location"])
    assert client.get(back)["Location"] == "/start"
    client.post("/sign-out")
    assert client.get(back)["Location"] == "/sign-in"


def test_a_provider_that_does_not_answer_is_said(control: Control) -> None:
    control.tell(broken=True)
    client = Client()
    assert client.get("/sign-in/provider")["Location"] == "/sign-in"
    assert "does not answer" in client.get("/sign-in").content.decode()


class TestAskingAgain:
    @pytest.fixture
    def clock(self) -> Iterator[time_machine.Traveller]:
        with time_machine.travel(datetime.now(UTC), tick=True) as clock:
            yield clock

    def test_it_is_asked_at_most_every_five_minutes(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell()
        for _ in range(5):
            clock.shift(timedelta(seconds=50))
            assert client.get("/account").status_code == 200
        assert control.tell()["asked"] == ["/control"]
        for _ in range(4):
            clock.shift(timedelta(seconds=50))
            assert client.get("/account").status_code == 200
        assert control.tell()["asked"].count("/token") == 1

    def test_an_account_closed_there_is_out_here_within_five_minutes(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell(closed=True)
        clock.shift(timedelta(minutes=5, seconds=1))
        answer = client.get("/account")
        assert "why=closed-at-the-identity-provider" in answer["Location"]
        assert client.get("/account").status_code == 302
        assert SignedIn.objects.get().ended_why == "closed at the identity provider"

    def test_so_is_somebody_taken_out_of_all_groups(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell(claims=OFFICER | {"groups": ["another"]})
        clock.shift(timedelta(minutes=6))
        assert "why=no-role" in client.get("/account")["Location"]

    def test_roles_follow_the_groups_during_the_session(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell(claims=OFFICER | {"groups": ["group-administrators"]})
        clock.shift(timedelta(minutes=6))
        client.get("/account")
        assert User.objects.get().roles == [Role.ADMINISTRATOR.value]

    def test_a_provider_that_does_not_answer_ends_nothing_until_the_grace_is_over(
        self, control: Control, clock: Any
    ) -> None:
        client, _ = sign_in(control)
        control.tell(broken=True)
        for _ in range(2):
            clock.shift(timedelta(minutes=6))
            assert client.get("/account").status_code == 200
        clock.shift(timedelta(minutes=4))
        assert "why=not-confirmed" in client.get("/account")["Location"]

    def test_and_goes_on_when_it_answers_again(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell(broken=True)
        clock.shift(timedelta(minutes=6))
        client.get("/account")
        control.tell(broken=False)
        clock.shift(timedelta(minutes=2))
        client.get("/account")
        control.tell(broken=True)
        clock.shift(timedelta(minutes=12))
        assert client.get("/account").status_code == 200

    def test_somebody_else_s_refresh_is_refused(self, control: Control, clock: Any) -> None:
        client, _ = sign_in(control)
        control.tell(claims=OFFICER | {"sub": "another"})
        clock.shift(timedelta(minutes=6))
        assert client.get("/account").status_code == 302


class TestSigningOut:
    def logout_token(self, control: Control, **changes: Any) -> str:
        now = int(time.time())
        claims = {"iss": control.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "x1", "sub": "abc",
                  "events": EVENTS} | changes  # fmt: skip
        found = control.tell(logout_token={name: value for name, value in claims.items() if value is not None})
        return str(found["logout_token"])

    def send(self, token: str) -> int:
        client = Client(enforce_csrf_checks=True)
        return client.post("/sign-out/back-channel", {"logout_token": token}).status_code

    def test_here_leads_to_signing_out_there(self, control: Control) -> None:
        client, _ = sign_in(control)
        there = urlsplit(client.post("/sign-out")["Location"])
        asked = parse_qs(there.query)
        assert there.path == "/logout"
        assert asked["post_logout_redirect_uri"] == ["http://testserver/sign-in"]
        assert asked["id_token_hint"][0].count(".") == 2
        assert client.get("/account").status_code == 302

    def test_there_is_out_here_at_once(self, control: Control) -> None:
        one, _ = sign_in(control)
        other, _ = sign_in(control)
        assert self.send(self.logout_token(control)) == 200
        assert one.get("/account").status_code == 302
        assert other.get("/account").status_code == 302
        assert {row.ended_why for row in SignedIn.objects.all()} == {"signed out at the identity provider"}

    def test_of_one_session_ends_that_one(self, control: Control) -> None:
        one, _ = sign_in(control)
        other, _ = sign_in(control)
        row = SignedIn.objects.order_by("at").first()
        assert row
        assert self.send(self.logout_token(control, sid=row.provider_session)) == 200
        assert one.get("/account").status_code == 302
        assert other.get("/account").status_code == 200
        front = {"iss": control.issuer, "sid": SignedIn.objects.get(ended_at=None).provider_session}
        assert Client().get("/sign-out/front-channel", {**front, "iss": "https://else.example"}).status_code == 200
        assert other.get("/account").status_code == 200
        Client().get("/sign-out/front-channel", front)
        assert other.get("/account").status_code == 302

    def test_an_old_token_does_not_end_a_later_session(self, control: Control) -> None:
        sign_in(control)
        token = self.logout_token(control, iat=int(time.time()) - 60)
        client, _ = sign_in(control)
        assert self.send(token) == 200
        assert client.get("/account").status_code == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://else.example"}, {"aud": "somebody-else"}, {"events": None}, {"events": {"other": {}}},
            {"nonce": "n"}, {"sub": None}, {"iat": 1_000_000_000}, {"jti": None}, {"exp": 1_000_000_000},
        ],
    )  # fmt: skip
    def test_a_logout_token_that_is_wrong_ends_nothing(self, control: Control, changes: dict[str, Any]) -> None:
        client, _ = sign_in(control)
        assert self.send(self.logout_token(control, **changes)) == 400
        assert client.get("/account").status_code == 200

    def test_an_id_token_or_nonsense_is_no_logout_token(self, control: Control) -> None:
        client, _ = sign_in(control)
        hint = parse_qs(urlsplit(Client().get("/sign-in/provider")["Location"]).query)
        assert hint
        for nonsense in ("", "a.b.c", "x" * 5000):
            assert self.send(nonsense) == 400
        assert client.get("/account").status_code == 200
