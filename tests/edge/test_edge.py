"""What every answer carries, what is refused before it is read, and what an error page says."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from orders.models import Role, User
from ordersite import edge
from tests.orders.build import make_map
from tests.ordersite.test_settings import GOOD

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def client(db: None) -> Client:
    found = Client(raise_request_exception=False)
    found.force_login(User.objects.create_user("somebody", roles=[r.value for r in Role], force=make_map().force))
    return found


@pytest.mark.parametrize("path", ["/", "/areas", "/sign-in", "/account", "/nothing-here", "/health", "/api/orders"])
def test_every_answer_carries_the_safe_headers(client: Client, path: str) -> None:
    headers = client.get(path, follow=True).headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split("; ")}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == ["'none'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]


def test_pages_whose_scripts_make_markup_have_all_else_of_the_policy(client: Client) -> None:
    administration, search = (client.get(path).headers["Content-Security-Policy"] for path in ("/admin/", "/search"))
    for policy in (administration, search):
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
    assert "trusted-types" not in administration
    assert "require-trusted-types-for 'script'" in search
    assert "; trusted-types default" in search


def test_htmx_is_on_pages_of_search_alone() -> None:
    with_it = {path.name for path in PROJECT.glob("*/templates/**/*.html") if "build/htmx.js" in path.read_text()}
    assert with_it == {"search.html"}


def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    answer = client.get("/search", headers={"host": "else.example"})
    assert answer.status_code == 400
    assert "else.example" not in answer.content.decode()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client, settings: LazySettings) -> None:
    def never(request: HttpRequest) -> HttpResponse:
        raise AssertionError("it was read")

    for kind, limit in (
        ("application/x-www-form-urlencoded", settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
        ("multipart/form-data; boundary=x", settings.LARGEST_UPLOAD),
    ):
        for length, status in ((limit + 1, 413), (limit, 200)):
            request = RequestFactory().post("/", b"x", content_type=kind)
            request.META["CONTENT_LENGTH"] = str(length)
            passed_on = never if status == 413 else lambda _: HttpResponse("read")
            assert edge.size_limit(passed_on)(request).status_code == status
    request.META["CONTENT_LENGTH"] = "many"
    assert edge.size_limit(never)(request).status_code == 400


def test_too_many_fields_are_refused(client: Client) -> None:
    assert Client().post("/sign-in", {f"f{number}": "" for number in range(2_001)}).status_code == 400


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.5", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.66, 203.0.113.5", "203.0.113.5"),
        (2, "198.51.100.66, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (1, "nonsense", ""),
        (1, "", ""),
    ],
)
def test_the_address_is_what_our_proxy_saw(settings: LazySettings, proxies: int, header: str, address: str) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
    edge.client_address(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address


def test_an_error_says_a_number_and_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    numbers: list[str] = []

    def broken(request: HttpRequest, now: object) -> None:
        numbers.append(request.META["request.number"])
        raise RuntimeError("the secret of the error")

    monkeypatch.setattr("signin.middleware.sessions.note_use", broken)
    monkeypatch.setattr(edge.secrets, "token_hex", lambda size: "ab12cd34ef")
    with caplog.at_level(logging.ERROR):
        answer = client.get("/search")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "ab12cd34ef" in page
    assert "the secret of the error" not in page
    assert "Traceback" not in page
    assert "the secret of the error" in caplog.text


def production(code: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in {*GOOD, "CIVIL_ORDERS_MODE"}}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=variables | GOOD | more,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("another-key-0f-50-random-characters-and-more-abcdefgh\n")
    done = production(
        "import ordersite.settings as s; print(s.SECRET_KEY)", SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key")
    )
    assert done.stdout == "another-key-0f-50-random-characters-and-more-abcdefgh\n", done.stderr


def test_the_cookies_of_production_are_of_this_host_alone() -> None:
    done = production(
        "import ordersite.settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECOND_FACTOR_REQUIRED)"
    )
    assert done.stdout == "__Host-session __Host-csrf __Host-device True True 31536000 True\n", done.stderr


def test_the_check_of_production_settings_finds_nothing_and_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    from embedded import audits

    assert audits.deploy() == 0
    with monkeypatch.context() as unscanned:
        unscanned.delitem(audits.PRODUCTION, "DOCUMENT_SCAN_COMMAND")
        assert audits.deploy() != 0
    monkeypatch.setitem(audits.PRODUCTION, "BASE_URL", "http://orders.example")
    assert audits.deploy() != 0


def test_a_licence_that_is_not_on_the_list_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from embedded import audits

    assert audits.licences() == 0
    monkeypatch.setitem(audits.KNOWN, "django", "GPL-3.0-only")
    assert audits.licences() == 1


def test_an_advisory_service_that_knows_nothing_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    from embedded import audits

    def answer(said: str, status: int) -> None:
        done = subprocess.CompletedProcess([], status, said, "")
        monkeypatch.setattr(audits.subprocess, "run", lambda *args, **more: done)

    answer("django Dependency not found on PyPI and could not be audited: django (5.2)", 0)
    assert audits.advisories() == audits.NOT_RUN
    answer("requests.exceptions.ConnectionError: no route", 1)
    assert audits.advisories() == audits.NOT_RUN
    monkeypatch.setenv("ADVISORIES_REQUIRED", "1")
    assert audits.advisories() == 1
    answer("Found 1 known vulnerability in 1 package", 1)
    assert audits.advisories() == 1
    answer("No known vulnerabilities found", 0)
    assert audits.advisories() == 0
