"""Guessing is slowed down; nobody can lock anybody else out; an unknown name answers like a known one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher
from django.test import Client

from orders.models import AuditEntry, Role, User
from signin.models import Attempt
from tests.orders.build import make_map

pytestmark = pytest.mark.django_db
PASSWORD = "for these tests only"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("somebody", PASSWORD, roles=[Role.SUPERVISOR.value], force=make_map().force)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def attempt(password: str, *, name: str = "somebody", address: str = "192.0.2.1", client: Client | None = None) -> int:
    """The status: 302 in, 200 wrong, 429 must wait."""
    client = client or Client()
    return client.post("/sign-in", {"username": name, "password": password}, REMOTE_ADDR=address).status_code


def test_after_five_wrong_tries_the_right_one_must_wait_and_longer_each_time(user: User, clock: Any) -> None:
    assert [attempt("wrong") for _ in range(6)] == [200] * 5 + [429]
    assert attempt(PASSWORD) == 429
    clock.shift(timedelta(seconds=31))
    assert attempt("wrong") == 200
    clock.shift(timedelta(seconds=31))
    assert attempt("wrong") == 429
    clock.shift(timedelta(seconds=30))
    assert attempt(PASSWORD) == 302
    assert [attempt("wrong") for _ in range(5)] == [200] * 5


def test_no_wait_is_longer_than_a_quarter_of_an_hour(user: User, clock: Any) -> None:
    for _ in range(20):
        attempt("wrong")
        clock.shift(timedelta(minutes=15, seconds=1))
    assert attempt(PASSWORD) == 302


def test_guessing_elsewhere_does_not_lock_the_owner_out(user: User) -> None:
    mine = Client()
    assert attempt(PASSWORD, address="198.51.100.7", client=mine) == 302
    mine.post("/sign-out")
    for number in range(60):
        attempt("wrong", address=f"192.0.2.{number % 20}")
    assert attempt(PASSWORD, address="203.0.113.9") == 429
    assert attempt(PASSWORD, address="203.0.113.9", client=mine) == 302


def test_the_owner_s_device_is_held_up_by_its_own_wrong_tries(user: User, clock: Any) -> None:
    mine = Client()
    attempt(PASSWORD, client=mine)
    mine.post("/sign-out")
    clock.shift(timedelta(seconds=1))
    assert [attempt("wrong", client=mine) for _ in range(6)] == [200] * 5 + [429]


def test_a_device_of_one_account_is_nothing_to_another(user: User) -> None:
    User.objects.create_user("other", PASSWORD, roles=[], force=user.force)
    client = Client()
    attempt(PASSWORD, name="other", client=client)
    client.post("/sign-out")
    for _ in range(5):
        attempt("wrong", client=client)
    assert attempt(PASSWORD, client=client) == 429
    client.cookies["device"] = client.cookies["device"].value.replace(":", ":x", 1)
    assert attempt(PASSWORD, client=client) == 429


def test_spraying_one_password_over_many_accounts_is_stopped(user: User) -> None:
    answers = [attempt("Spring-2026!", name=f"officer{number}") for number in range(32)]
    assert answers == [200] * 30 + [429] * 2
    assert attempt(PASSWORD) == 429
    assert attempt(PASSWORD, address="198.51.100.7") == 302
    assert AuditEntry.objects.filter(action="sign-in refused").count() == 33


def test_an_unknown_name_gets_the_same_answer_and_the_same_work(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = type(get_hasher())
    usual, hashed = hasher.encode, list[int]()

    def counted(*args: Any, **more: Any) -> str:
        hashed.append(1)
        return str(usual(*args, **more))

    monkeypatch.setattr(hasher, "encode", counted)
    pages = []
    for name in ("somebody", "nobody"):
        client = Client()
        for _ in range(6):
            answer = client.post(
                "/sign-in", {"username": name, "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{len(name)}"
            )
        pages.append(answer.content.decode().replace(name, "NAME"))
        assert len(hashed) == 5
        hashed.clear()

    def text(page: str) -> str:
        return page.split("<main")[1].split("csrfmiddlewaretoken")[0]

    assert text(pages[0]) == text(pages[1])


def test_what_is_typed_as_a_name_is_stored_nowhere(user: User) -> None:
    attempt("x", name="my password 1234")
    assert "1234" not in str(list(Attempt.objects.values())) + str(list(AuditEntry.objects.values()))


def test_a_closed_account_answers_like_a_wrong_password(user: User) -> None:
    User.objects.update(is_active=False)
    assert attempt(PASSWORD) == 200
