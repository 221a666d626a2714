"""Passwords that are refused, passwords that were given, and second factors that were lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from notifications import notices, resets
from orders.access import audit
from orders.models import AuditEntry, FactorReset, Role, User
from signin import codes
from signin.models import SignedIn
from tests.orders.build import Map, make_map, make_user
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db

WORDS = "seven green horses sing"
LOST = {"proof": "in person", "reason": "The phone fell into a canal"}


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("C1vil0rders2026!", "mostly “"),
        ("P0lice-Register-1", "mostly “"),
        ("ExamplePolice99", "mostly “"),
        ("1q2w3e4r5t6y", "known from a breach|too common"),
        ("Liverpoolfc1892", "known from a breach|too common"),
        ("qwertyuiop123", "known from a breach|too common"),
        ("short", "too short"),
    ],
)
def test_words_of_the_place_and_passwords_from_breaches_are_refused(areas: Map, password: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        validate_password(password, User(username="somebody"))


@pytest.mark.parametrize("password", ["seven green police horses", "tiptoe-marzipan-Ü-41", "vqk3!x8wLm2#pz"])
def test_others_are_taken(areas: Map, password: str) -> None:
    validate_password(password, User(username="somebody"))


class TestGiven:
    """A password that an administrator gave is for choosing one's own, and ends."""

    def given(self, areas: Map) -> User:
        client, _ = signed_in(areas, Role.ADMINISTRATOR)
        user = make_user(areas.force)
        address = f"/reference/users/{user.pk}"
        initial = client.get(address).context["form"].initial
        sent = {name: value for name, value in initial.items() if value not in (None, False)}
        assert client.post(address, sent | {"password": WORDS}).status_code == 302
        user.refresh_from_db()
        return user

    def test_it_leads_to_choosing_ones_own_and_nowhere_else(self, areas: Map) -> None:
        user, client = self.given(areas), Client()
        assert client.post("/sign-in", {"username": user.username, "password": WORDS}).status_code == 302
        assert client.get("/search")["Location"] == "/account/password"
        names = set(client.get("/account/password").context["form"].fields)
        sent = {name: WORDS if name == "password" else "nine purple cats dance" for name in names}
        assert client.post("/account/password", sent).status_code == 302
        assert client.get("/search").status_code == 200

    def test_it_ends_after_three_days(self, areas: Map) -> None:
        user = self.given(areas)
        User.objects.filter(pk=user.pk).update(password_until=timezone.now() - timedelta(minutes=1))
        page = Client().post("/sign-in", {"username": user.username, "password": WORDS})
        assert "has ended" in text(page)
        assert not SignedIn.objects.filter(user=user).exists()


class TestLostFactor:
    """An administrator takes it away, who made sure who asks; it is recorded and its owner is told."""

    @pytest.fixture
    def owner(self, areas: Map) -> User:
        user = make_user(areas.force)
        user.set_password(WORDS)
        user.email = "owner@force.police.uk"
        user.save()
        codes.add(user, codes.new_secret(), 0)
        codes.new_recovery_codes(user)
        return user

    def test_it_is_recorded_ends_sessions_and_is_told(self, areas: Map, owner: User) -> None:
        client, by = signed_in(areas, Role.ADMINISTRATOR)
        address = f"/reference/users/{owner.pk}/second-factor"
        assert address in client.get("/reference/users").content.decode()
        page = client.post(address, {"reason": "phone"})
        assert page.status_code == 400
        assert "Select how you made sure" in text(page)
        assert "is taken away" in text(client.post(address, LOST, follow=True))
        owner = User.objects.get(pk=owner.pk)
        assert not codes.has_second_factor(owner)
        assert codes.codes_left(owner) == 0
        stored = AuditEntry.objects.get(action="take second factor away")
        assert "canal" not in stored.reason
        (entry,) = audit.readable([stored])
        assert (entry.user, entry.detail) == (by, {"user": owner.username})
        assert entry.reason.endswith("staff card: The phone fell into a canal")
        message = resets._message(FactorReset.objects.get(), owner.email).decode()
        for words in ("owner@force.police.uk", owner.username, by.username):
            assert words in message
        assert "canal" not in message
        assert client.post(address, LOST).status_code == 409, "there is none any more"

    def test_the_mail_server_is_asked_until_it_takes_the_message(
        self, areas: Map, owner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client, _ = signed_in(areas, Role.ADMINISTRATOR)
        client.post(f"/reference/users/{owner.pk}/second-factor", LOST)

        def nobody() -> None:
            raise notices.NoServer("nobody answers")

        monkeypatch.setattr(notices, "Connection", nobody)
        now = timezone.now() + timedelta(seconds=1)
        assert resets.tell(now) == 0
        reset = FactorReset.objects.get()
        assert (reset.told_at, reset.attempts, reset.answer) == (None, 1, "nobody answers")
        assert resets.tell(now) == 0
        assert FactorReset.objects.get().attempts == 1, "not before its time"

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM, Role.AUDITOR])
    def test_nobody_else_may(self, areas: Map, owner: User, role: Role) -> None:
        client, _ = signed_in(areas, role)
        assert client.post(f"/reference/users/{owner.pk}/second-factor", LOST).status_code == 403
        assert codes.has_second_factor(User.objects.get(pk=owner.pk))

    def test_nobody_takes_their_own_away_nor_that_of_the_provider(self, areas: Map) -> None:
        client, by = signed_in(areas, Role.ADMINISTRATOR)
        assert "Another administrator" in text(client.post(f"/reference/users/{by.pk}/second-factor", LOST))
        other = make_user(areas.force)
        other.set_unusable_password()
        other.save()
        assert "identity provider" in text(client.post(f"/reference/users/{other.pk}/second-factor", LOST))
        assert not FactorReset.objects.exists()
