"""What is refused is recorded: what, by whom if signed in, from where; and no word of what was sent."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from orders.imports import work
from orders.models import ApiToken, AuditEntry, Role, Upload, UploadState, User
from ordersite.refusals import MOST_A_MINUTE
from tests.imports.uploading import sent
from tests.orders.build import Map, make_map, make_user
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db

MARK = "QXSENTQX"


@pytest.fixture
def areas() -> Map:
    return make_map()


def refusals(what: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(category="refusal", action=what).order_by("pk"))


def forged(client: Client) -> Any:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    return strict.post("/search", {"q": MARK})


def made_up_session(client: Client) -> Any:
    other = Client()
    other.cookies["sessionid"] = MARK.lower() * 4
    return other.get("/")


def ended_session(client: Client) -> Any:
    """A session id kept from before signing out, sent again."""
    held = client.cookies["sessionid"].value
    client.post("/sign-out")
    again = Client()
    again.cookies["sessionid"] = held
    return again.get("/search")


def bad_token(client: Client) -> Any:
    return Client(headers={"Authorization": f"Bearer {MARK}"}).get("/api/orders?area=WMP")


def revoked_token(client: Client) -> Any:
    user = User.objects.get()
    token, text = ApiToken.issue(user=user, name="t", expires_at=timezone.now() + timedelta(days=1))
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {text}"}).get("/api/orders?area=WMP")


ATTACKS: dict[str, tuple[str, int, Callable[[Client], Any]]] = {
    "a form of another site": ("form without a good token", 403, forged),
    "another host": ("host refused", 400, lambda client: client.get("/", headers={"host": f"{MARK}.example"})),
    "a way out of the folder": ("path refused", 404, lambda client: client.get(f"/static/../../{MARK}")),
    "an address with a NUL": ("path refused", 404, lambda client: client.get("/saved/%00")),
    "TRACE": ("method refused", 405, lambda client: client.trace(f"/?{MARK}")),
    "a body that is too large": ("size refused", 413, lambda client: client.generic(
        "POST", "/search", b"x", content_type="application/x-www-form-urlencoded", CONTENT_LENGTH=str(1 << 40))),
    "too many fields": ("request refused", 400, lambda client: client.post(
        "/search", {f"{MARK}{number}": "" for number in range(2_001)})),
    "a session id planted": ("session id refused", 302, made_up_session),
    "a session id kept": ("session id refused", 302, ended_session),
    "a token made up": ("token refused", 401, bad_token),
    "a token that was revoked": ("token refused", 401, revoked_token),
    "what the role may not": ("access refused", 403, lambda client: client.get("/audit")),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused_and_recorded(areas: Map, name: str) -> None:
    what, status, attack = ATTACKS[name]
    client, user = signed_in(areas, Role.VIEWER)
    client.raise_request_exception = False
    response = attack(client)
    assert response.status_code == status
    (entry,) = refusals(what)
    assert entry.address == "127.0.0.1"
    by_user = name in (
        "a form of another site", "a way out of the folder", "too many fields", "what the role may not"
    )  # fmt: skip
    assert entry.user == (user if by_user else None)
    assert MARK.lower() not in f"{entry.detail} {entry.reason} {entry.orders}".lower()
    assert entry.detail["status"] == status


@pytest.mark.parametrize("name", ["../../outside.csv", "bomb.csv"])
def test_a_hostile_bundle_is_refused_and_recorded(
    areas: Map, settings: LazySettings, tmp_path: Path, name: str
) -> None:
    settings.IMPORT_DIR = str(tmp_path)
    client, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, MARK * (6_000_000 if name == "bomb.csv" else 1))
    sent(client, out.getvalue())
    work.work_on_all()
    (entry,) = refusals("bundle refused")
    assert entry.user == user
    assert set(entry.detail) == {"upload", "sha256"}
    assert Upload.objects.get().state == UploadState.REFUSED
    assert not list(tmp_path.parent.glob("outside*"))


def test_nobody_fills_the_log_with_refusals(areas: Map) -> None:
    for _ in range(2 * MOST_A_MINUTE + 5):
        assert bad_token(Client()).status_code == 401
    # A minute may have begun between them.
    assert MOST_A_MINUTE <= len(refusals("token refused")) <= 2 * MOST_A_MINUTE + 1
    assert any(entry.detail.get("more") == "not written" for entry in refusals("token refused"))


def test_the_api_does_not_lead_on_what_came_unencrypted(areas: Map, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/search").status_code == 301
    response = Client().get("/api/orders?area=WMP")
    assert (response.status_code, "https" in response.json()["errors"]["connection"][0]) == (403, True)
    assert len(refusals("plain request refused")) == 1
    assert Client().get("/api/orders?area=WMP", secure=True).status_code == 401


class TestPace:
    """Pages that are asked for faster than anybody reads."""

    def test_beyond_the_limit_a_page_says_when_to_try_again(self, areas: Map, settings: LazySettings) -> None:
        settings.PAGES_PER_MINUTE = 5
        client, user = signed_in(areas)
        answers = [client.get("/") for _ in range(12)]
        assert {answer.status_code for answer in answers[:5]} == {200}
        late = answers[-1]  # at most one minute began between them
        assert late.status_code == 429
        assert 1 <= int(late["Retry-After"]) <= 60
        assert f"Try again in {late['Retry-After']} second" in late.content.decode()
        assert refusals("too many requests")[0].user == user
        other = Client()
        other.force_login(make_user(areas.force))
        assert other.get("/").status_code == 200, "somebody else at the same address goes on"

    def test_what_was_typed_is_sent_again_by_a_button_and_no_password_is_shown(
        self, areas: Map, settings: LazySettings
    ) -> None:
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        settings.PAGES_PER_MINUTE = 1
        sent = {"q": 'O\'Neil "Smith"', "area": "WMP", "password": "secret words"}
        page = next(page for _ in range(4) if (page := client.post("/search", sent)).status_code == 429)
        text = page.content.decode()
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
        assert fields["q"] == "O&#x27;Neil &quot;Smith&quot;"
        assert "secret words" not in text
        assert "Passwords and codes must be typed again" in text
        assert 'action="/search"' in text

    def test_an_address_has_a_limit_of_its_own_and_watching_is_free(self, areas: Map, settings: LazySettings) -> None:
        settings.PAGES_PER_MINUTE_OF_ADDRESS = 3
        assert [Client().get("/sign-in").status_code for _ in range(9)][-1] == 429
        assert Client().get("/health").status_code == 200
        assert bad_token(Client()).status_code == 401

    def test_a_forged_form_is_not_sent_on(self, areas: Map, settings: LazySettings) -> None:
        settings.PAGES_PER_MINUTE = 1
        client, _ = signed_in(areas)
        assert {forged(client).status_code for _ in range(4)} == {403}
