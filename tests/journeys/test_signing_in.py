"""Passkeys and the warning before a session ends, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signin.models import Passkey, SignedIn
from tests.journeys.conftest import PASSWORD
from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey


@pytest.fixture
def signed_in(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a page and sign in by its form as the supervisor."""

    def opened(**options: object) -> Page:
        page = open_page(**options)
        page.get_by_label("User name").fill("supervisor")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    return opened


def with_authenticator(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_passkey_is_added_and_signs_in(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    with_authenticator(page)
    page.get_by_role("link", name="supervisor").first.click()
    page.get_by_role("link", name="Add a passkey or an app").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("Enter a name for the passkey").first).to_be_visible()
    page.get_by_label("Name of this passkey").fill("work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="Make new recovery codes").click()
    expect(page.get_by_text("Each works once")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert Passkey.objects.get().used_at is not None
    assert SignedIn.objects.latest("at").how == "passkey"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_signing_in(signed_in: Callable[..., Page], width: int, scheme: str) -> None:
    page = signed_in(width=width, scheme=scheme)
    for path in ("/account", "/account/password", "/account/second-factor", "/account/second-factor/app",
                 "/account/second-factor/passkey"):  # fmt: skip
        page.goto(path)
        assert faults(page) == []
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    assert faults(page) == []


def test_before_a_session_ends_a_dialog_asks_and_the_keyboard_answers(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.clock.install()
    page.goto("/search")
    dialog = page.get_by_role("dialog", name="You will soon be signed out")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("25:10")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("5 minutes").first).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("24:00")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("07:00")
    # Only the browser's clock has moved on, so the server still knows the session; what counts is that the page is gone.
    expect(page).not_to_have_url(re.compile("/search"))


def test_light_or_dark_is_chosen_whatever_the_device_says(signed_in: Callable[..., Page]) -> None:
    page = signed_in(scheme="light")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    def is_dark() -> bool:
        page.goto("/search")
        colour = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--register-soft').trim()")
        return bool(colour == "#20252a")

    def choose(words: str) -> None:
        page.goto("/account/theme")
        page.get_by_label(words).check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()

    assert not is_dark()
    choose("Dark")
    assert is_dark()
    assert faults(page) == []
    page.emulate_media(media="print")
    assert not is_dark()
    page.emulate_media(media="screen", color_scheme="dark")
    choose("Light")
    assert not is_dark()
    choose("As this device is set")
    assert is_dark()
