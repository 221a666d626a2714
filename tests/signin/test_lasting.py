"""How long a session lasts, and that nothing typed is lost when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from orders.models import AuditEntry, Role, User
from signin import kept_forms, sessions
from signin.models import KeptForm, SignedIn
from tests.orders.build import make_map

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "for these tests only"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("somebody", PASSWORD, roles=[Role.SUPERVISOR.value], force=make_map().force)


def sign_in(client: Client | None = None, **more: str) -> Client:
    client = client or Client()
    answer = client.post("/sign-in", {"username": "somebody", "password": PASSWORD, **more})
    assert answer.status_code == 302, answer.content.decode()
    return client


def test_a_session_idle_for_half_an_hour_ends_and_says_why(user: User) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in()
        clock.shift(timedelta(minutes=29))
        assert client.get("/search").status_code == 200
        clock.shift(timedelta(minutes=29))
        assert client.get("/search").status_code == 200
        clock.shift(timedelta(minutes=30))
        answer = client.get("/search?standing=live")
        assert answer.status_code == 302
        assert answer["Location"] == "/sign-in?why=idle&next=%2Fsearch%3Fstanding%3Dlive"
        assert "nothing was done for 30 minutes" in client.get(answer["Location"]).content.decode()
        assert client.get("/search").status_code == 302
    row = SignedIn.objects.get()
    assert row.ended_why == "idle"
    assert not Session.objects.filter(session_key=row.session_key).exists()


def test_a_session_in_use_ends_after_twelve_hours(user: User) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in()
        for _ in range(36):
            clock.shift(timedelta(minutes=19))
            assert client.get("/search").status_code == 200
        clock.shift(timedelta(minutes=36))
        assert "why=too-long" in client.get("/search")["Location"]


def test_a_session_that_no_sign_in_began_is_none(user: User) -> None:
    client = Client()
    client.force_login(user)
    session = client.session
    del session["signed_in"]
    session.save()
    assert "/sign-in?why=not-a-session" in client.get("/search")["Location"]


def test_every_page_says_until_when_in_words(user: User) -> None:
    with time_machine.travel(START, tick=False):
        page = sign_in().get("/search").content.decode()
    assert "You stay signed in until 09:30 if you open no other page, until 21:00 at the latest" in page


def test_staying_begins_the_idle_time_again(user: User) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in()
        clock.shift(timedelta(minutes=26))
        answer = client.post("/account/stay", headers={"Accept": "application/json"})
        assert answer.json() == {"idle": 1800, "latest": 12 * 3600 - 26 * 60}
        clock.shift(timedelta(minutes=29))
        assert client.get("/search").status_code == 200


TYPED = {"area": "WMP", "address_text": "Two lines\nof address", "password": "never kept"}


def late_form(client: Client, clock: time_machine.Coordinates, path: str = "/emails/mailboxes/new", **more: str) -> str:
    clock.shift(timedelta(minutes=31))
    answer = client.post(path, TYPED | more)
    return str(answer["Location"])


def signs_in_after_out(client: Client, token: str, signs_in: Callable[[], str]) -> str:
    """Sign out, and let somebody else sign in by the same browser."""
    assert client.post("/sign-out", {"csrfmiddlewaretoken": token}).status_code == 302
    return signs_in()


class TestAFormThatComesTooLate:
    def test_it_is_kept_encrypted_and_offered_to_its_sender(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            client = sign_in()
            where = late_form(client, clock, "/search")
            assert "why=kept" in where
            kept = KeptForm.objects.get()
            assert b"Two lines" not in bytes(kept.body)
            assert b"search" not in bytes(kept.path)
            assert "kept for two hours" in client.get(where).content.decode()
            answer = client.post("/sign-in", {"username": "somebody", "password": PASSWORD})
            assert answer["Location"] == f"/kept-form/{kept.public_id}"
            page = client.get(answer["Location"]).content.decode()
            assert "Two lines<br>of address" in page
            assert "never kept" not in page
            sent = client.post(f"/kept-form/{kept.public_id}?send", {"area": "WMP"})
            assert (sent.status_code, sent["Location"]) == (307, "/search")
        assert not KeptForm.objects.exists()

    def test_it_is_nobody_else_s(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            late_form(sign_in(), clock, "/search")
            User.objects.create_user("other", PASSWORD, roles=[Role.ADMINISTRATOR.value], force=user.force)
            client = Client()
            answer = client.post("/sign-in", {"username": "other", "password": PASSWORD})
            assert "kept-form" not in answer["Location"]
            assert client.get(f"/kept-form/{KeptForm.objects.get().public_id}").status_code == 404

    def test_after_two_hours_it_is_gone(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            late_form(sign_in(), clock, "/search")
            clock.shift(timedelta(hours=2))
            assert (
                "kept-form" not in Client().post("/sign-in", {"username": "somebody", "password": PASSWORD})["Location"]
            )
            assert kept_forms.forget_old() == 1

    def test_a_forged_one_is_not_kept(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            client = Client(enforce_csrf_checks=True)
            page = client.get("/sign-in").content.decode()
            token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
            assert token
            sign_in(client, csrfmiddlewaretoken=token[1])
            clock.shift(timedelta(minutes=31))
            assert client.post("/search", TYPED).status_code == 403
        assert not KeptForm.objects.exists()

    def test_one_from_before_signing_in_again_is_kept_if_the_browser_vouches_for_it(self, user: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        ours = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
        assert client.post("/search", TYPED, headers={**ours, "Origin": "https://else.example"}).status_code == 403
        answer = client.post("/search", TYPED | {"csrfmiddlewaretoken": "x" * 64}, headers=ours)
        assert answer.status_code == 302
        assert "/kept-form/" in answer["Location"]

    def test_one_whose_session_was_ended_elsewhere_is_kept_and_never_sent_by_itself(self, user: User) -> None:
        client, elsewhere = sign_in(), sign_in()
        sessions.end_rows(SignedIn.objects.order_by("pk")[:1], "ended by its owner")
        assert client.get("/search").status_code == 302, "which takes the session's cookie away"
        answer = client.post("/people/00000000-0000-0000-0000-000000000000/move", TYPED)
        assert answer["Location"].startswith("/sign-in?why=kept")
        kept = KeptForm.objects.get()
        assert kept.user == user
        assert client.get(f"/kept-form/{kept.public_id}").status_code == 302, "only when signed in again"
        page = elsewhere.get(f"/kept-form/{kept.public_id}").content.decode()
        assert "Nothing was recorded yet" in page
        assert "Two lines<br>of address" in page
        sign_in(client)
        assert KeptForm.objects.exists()

    def test_one_from_a_tab_left_open_when_signing_out_is_kept(self, user: User) -> None:
        client = sign_in()
        client.post("/sign-out")
        assert "why=kept" in client.post("/search", TYPED)["Location"]

    def test_a_second_one_is_offered_beside_the_first(self, user: User) -> None:
        client = sign_in()
        client.post("/sign-out")
        for path in ("/search", "/worklists"):
            client.post(path, TYPED)
        first, second = KeptForm.objects.order_by("pk")
        sign_in(client)
        assert f"/kept-form/{first.public_id}" in client.get(f"/kept-form/{second.public_id}").content.decode()
        assert client.post(f"/kept-form/{second.public_id}")["Location"] == f"/kept-form/{first.public_id}"

    def test_it_is_not_kept_without_a_token_for_nobody_and_long_after(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            client = Client(enforce_csrf_checks=True)
            token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in").content.decode())
            assert token
            sign_in(client, csrfmiddlewaretoken=token[1])
            sessions.end_rows(SignedIn.objects.all(), "ended by its owner")
            assert client.post("/search", TYPED).status_code == 403
            assert "why=not-kept" in Client().post("/search", TYPED)["Location"]
            late = sign_in()
            sessions.end_rows(SignedIn.objects.all(), "ended by its owner")
            clock.shift(timedelta(hours=14, minutes=1))
            assert "why=not-kept" in late.post("/search", TYPED)["Location"]
        assert not KeptForm.objects.exists()

    def test_a_page_of_whoever_was_signed_in_here_before_is_offered_to_nobody_else(self, user: User) -> None:
        User.objects.create_user("other", PASSWORD, roles=[Role.SUPERVISOR.value], force=user.force)
        client = Client(enforce_csrf_checks=True)

        def signs_in(name: str) -> str:
            token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in").content.decode())
            assert token
            client.post("/sign-in", {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token[1]})
            shown = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/search").content.decode())
            assert shown
            return shown[1]

        ours = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
        first = signs_in("somebody")
        second = signs_in_after_out(client, first, lambda: signs_in("other"))
        assert client.post("/search", TYPED | {"csrfmiddlewaretoken": first}, headers=ours).status_code == 403
        client.post("/sign-out", {"csrfmiddlewaretoken": second}, headers=ours)
        assert client.post("/search", TYPED | {"csrfmiddlewaretoken": first}, headers=ours).status_code == 403
        assert not KeptForm.objects.exists()
        answer = client.post("/search", TYPED | {"csrfmiddlewaretoken": second}, headers=ours)
        assert "why=kept" in answer["Location"]
        assert KeptForm.objects.get().user.username == "other"

    def test_a_row_given_to_somebody_else_in_the_database_is_not_opened(self, user: User) -> None:
        client = sign_in()
        client.post("/sign-out")
        client.post("/search", TYPED)
        other = User.objects.create_user("other", PASSWORD, roles=[Role.SUPERVISOR.value], force=user.force)
        KeptForm.objects.update(user=other)
        thief = Client()
        thief.post("/sign-in", {"username": "other", "password": PASSWORD})
        assert thief.get(f"/kept-form/{KeptForm.objects.get().public_id}")["Location"] == "/"

    def test_a_form_of_signing_in_is_not_kept(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            client = sign_in()
            late_form(client, clock, "/account/password")
        assert not KeptForm.objects.exists()

    def test_what_was_altered_in_the_database_is_not_shown(self, user: User) -> None:
        with time_machine.travel(START, tick=False) as clock:
            client = sign_in()
            late_form(client, clock, "/search")
            kept = KeptForm.objects.get()
            KeptForm.objects.update(body=bytes(kept.body)[:-1] + b"A")
            sign_in(client)
            assert client.get(f"/kept-form/{kept.public_id}")["Location"] == "/"


def test_light_or_dark_is_chosen_and_stands_on_every_page(user: User) -> None:
    client = sign_in()
    assert "data-theme" not in client.get("/search").content.decode()
    assert "As the device is set" in client.get("/account").content.decode()
    assert client.post("/account/theme", {"theme": "dark"})["Location"] == "/account"
    for path in ("/search", "/account", "/account/theme"):
        page = client.get(path).content.decode()
        assert '<html lang="en-GB" class="govuk-template" data-theme="dark">' in page
        assert '<meta name="color-scheme" content="dark">' in page
    assert client.post("/account/theme", {"theme": "pink"}).status_code == 400
    assert User.objects.get().theme == "dark"
    client.post("/account/theme", {"theme": ""})
    assert "data-theme" not in client.get("/search").content.decode()


class TestTheOwnerSees:
    def test_sign_ins_and_failures_and_ends_other_sessions(self, user: User) -> None:
        Client().post("/sign-in", {"username": "somebody", "password": "wrong"})
        one, other = sign_in(), sign_in()
        page = one.get("/account").content.decode()
        assert "Refused: wrong user name" in page
        assert page.count("This session") == 2
        row = SignedIn.objects.order_by("at").last()
        assert row
        one.post(f"/account/sessions/{row.pk}/end")
        assert other.get("/account").status_code == 302
        assert one.get("/account").status_code == 200

    def test_when_they_signed_in_before(self, user: User) -> None:
        sign_in()
        page = sign_in().get("/search").content.decode()
        assert "You last signed in on" in page

    def test_only_their_own_sessions(self, user: User) -> None:
        sign_in()
        row = SignedIn.objects.get()
        other = User.objects.create_user("other", PASSWORD, roles=[Role.ADMINISTRATOR.value], force=user.force)
        client = Client()
        client.force_login(other)
        assert client.post(f"/account/sessions/{row.pk}/end").status_code == 404
        row.refresh_from_db()
        assert row.ended_at is None


def test_signing_in_changes_the_session_id(user: User) -> None:
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_changing_the_password_ends_all_other_sessions(user: User) -> None:
    mine, other = sign_in(), sign_in()
    before = mine.cookies["sessionid"].value
    new = "another long password 4"
    answer = mine.post("/account/password", {"password": PASSWORD, "new_password": new})
    assert answer.status_code == 302, answer.content.decode()
    assert mine.get("/account").status_code == 200
    assert mine.cookies["sessionid"].value != before
    assert other.get("/account").status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_signing_in_and_out_and_failing_stand_in_the_log(user: User) -> None:
    client = sign_in()
    client.post("/sign-out")
    client.post("/sign-in", {"username": "a password typed here", "password": "x"})
    entries = list(AuditEntry.objects.filter(category="access").order_by("pk"))
    assert [entry.action for entry in entries] == ["sign in", "sign out", "sign-in refused"]
    assert entries[0].address == "127.0.0.1"
    assert "typed here" not in str(entries[2].detail)


@pytest.mark.parametrize(
    "wanted", ["https://else.example/", "//else.example", "javascript:alert(1)", "/\\else.example"]
)
def test_signing_in_never_leads_elsewhere(user: User, wanted: str) -> None:
    answer = Client().post("/sign-in", {"username": "somebody", "password": PASSWORD, "next": wanted})
    assert answer["Location"] == "/start"
