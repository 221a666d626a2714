"""Finding, keeping and printing, as users do it: with the keyboard, on a phone, without scripts, in the dark, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from notifications import alerts, letters
from notifications.models import Delivery
from orders.actions.by_hand import settle_residence
from orders.models import Area, Order, Person, Role, SavedSearch, User
from orders.views import turning
from tests.journeys.conftest import PASSWORD
from tests.journeys.faultless import faults
from tests.orders.build import describe, make_nmo, make_person

pytestmark = pytest.mark.journey


def hussein(force: Area) -> Order:
    """An order about somebody whose name is heard in other ways."""
    home = Area.objects.get(code="WMP-WAL-14")
    person = make_person("HUSSEIN", (home, "2020-01-01", None))
    until = timezone.localdate() + timedelta(days=60)
    order = make_nmo(force, person, make_person("V", (home, "2020-01-01", None)), until=str(until))
    describe(person, given_names="Ali", date_of_birth=date(1986, 6, 23))
    return order


@pytest.fixture
def order(register: None) -> Order:
    return hussein(Area.objects.get(code="WMP"))


def tab_to(page: Page, condition: str) -> None:
    """Press Tab until the element in focus fulfils a condition."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const one = document.activeElement; return {condition}; }})()"):
            return
    pytest.fail(f"Tab never came to {condition}")


def test_a_name_misheard_is_found_on_a_phone_with_the_keyboard_alone(
    signed_in: Callable[..., Page], order: Order
) -> None:
    page = signed_in(width=390)
    tab_to(page, "one.textContent.trim() === 'Search' && one.tagName === 'A'")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Search orders", exact=False)).to_be_visible()
    tab_to(page, "one.id === 'id_q'")
    page.keyboard.type("Hussain ali june 86")
    page.keyboard.press("Enter")
    expect(page.locator("#results-heading")).to_be_focused()
    expect(page.get_by_role("heading", name="1 order")).to_be_visible()
    expect(page.get_by_text("matched: family name")).to_be_visible()
    assert not re.search("hussain|june", page.url.lower() + page.title().lower())
    assert faults(page) == []
    tab_to(page, "(one.getAttribute('href') || '').startsWith('/orders/')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="HUSSEIN, Ali", exact=False)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_swap_in_place_and_back_is_right(signed_in: Callable[..., Page], order: Order, scripts: bool) -> None:
    page = signed_in(scripts=scripts)
    page.goto("/search?area=WMP")
    heading = page.locator("#results-heading")
    before = heading.inner_text()
    if scripts:
        page.evaluate("window.stayed = true")
    page.get_by_label("Live", exact=False).first.check()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page).to_have_url(re.compile("standing=live"))
    expect(page.get_by_role("link", name="Remove filter Standing: Live")).to_be_visible()
    assert heading.inner_text() != before
    if scripts:
        assert page.evaluate("window.stayed") is True, "the page was loaded anew"
        expect(heading).to_be_focused()
        expect(page.locator("#said")).to_contain_text("live")
        assert page.evaluate("document.getElementById('search').getAttribute('aria-busy')") is None
    page.get_by_label("Person, reference or postcode").fill("Husain")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("[?&]s="))
    expect(page.get_by_text("matched: family name")).to_be_visible()
    page.get_by_role("link", name=order.reference).click()
    expect(page.get_by_role("heading", name="What the order says")).to_be_visible()
    stored = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])").lower()
    assert "husain" not in stored, "no page is kept in the browser"
    assert "hussein" not in stored
    page.go_back()
    expect(page.get_by_label("Person, reference or postcode")).to_have_value("Husain")
    expect(page.get_by_role("link", name=order.reference)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("standing=live"))
    expect(page.get_by_label("Person, reference or postcode")).to_have_value("")
    page.go_back()
    expect(page).to_have_url(re.compile(r"area=WMP$"))
    expect(heading).to_have_text(before)


@pytest.mark.parametrize("scripts", [True, False])
def test_next_goes_on_behind_the_last_number_and_back_returns(
    signed_in: Callable[..., Page], order: Order, monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    monkeypatch.setattr(turning, "PAGE_SIZE", 3)
    monkeypatch.setattr(turning, "LAST_NUMBERED", 2)
    page = signed_in(scripts=scripts)
    page.goto("/search?area=WMP&page=2")
    for shown in ("Showing 7 to 9 of", "Showing 10 to 12 of"):
        page.get_by_role("link", name="Next page").click()
        expect(page.locator("#count")).to_contain_text(shown)
        if scripts:
            expect(page.locator("#results-heading")).to_be_focused()
    assert "after=" in page.url
    if scripts:
        assert faults(page) == []
    page.go_back()
    expect(page.locator("#count")).to_contain_text("Showing 7 to 9 of")
    page.get_by_role("link", name="Previous page").click()
    expect(page.locator("#count")).to_contain_text("Showing 4 to 6 of")


def test_an_error_is_shown_in_place_and_signed_out_leads_to_the_sign_in(
    signed_in: Callable[..., Page], order: Order
) -> None:
    page = signed_in()
    page.goto("/search?area=WMP")
    page.get_by_label("Ends within so many days").fill("soon")
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Ends within so many days")).to_have_value("soon")
    assert page.title().startswith("Error: ")
    assert faults(page) == []
    page.goto("/search?area=WMP")
    page.context.clear_cookies()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.get_by_label("User name")).to_be_visible()


def test_save_share_and_be_told(signed_in: Callable[..., Page], order: Order) -> None:
    User.objects.filter(username="supervisor").update(email="supervisor@demo.invalid")
    page = signed_in()
    page.goto("/search?area=WMP-WAL&standing=live")
    page.get_by_role("link", name="Save search").click()
    assert faults(page) == []
    page.get_by_label("Name of the search").fill("Live in Walsall")
    page.get_by_label("Share it with").select_option(label="Everybody in Walsall")
    page.get_by_label("Email me when a new order enters it").check()
    page.get_by_role("button", name="Save search").click()
    expect(page.get_by_text("Saved as “Live in Walsall”")).to_be_visible()
    page.get_by_label("Served", exact=True).select_option("N")
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.get_by_text("Changed since saved")).to_be_visible()
    assert faults(page) == []
    page.goto("/saved")
    assert faults(page) == []
    expect(page.get_by_role("row", name="Live in Walsall")).to_contain_text("When an order enters it")
    colleague = User.objects.create_user(
        "colleague", PASSWORD, roles=[Role.VIEWER.value], force=Area.objects.get(code="WMP"),
        home_area=Area.objects.get(code="WMP-WAL-14"),
    )  # fmt: skip
    assert SavedSearch.objects.visible_to(colleague).get().name == "Live in Walsall"
    now = timezone.now()
    assert alerts.check(now) == 0
    new = hussein(Area.objects.get(code="WMP"))
    assert alerts.check(now + timedelta(hours=1)) == 1
    owed = Delivery.objects.get()
    assert owed.address == "supervisor@demo.invalid"
    assert new.reference in letters.message_of(owed).decode().replace("=\r\n", "")
    page.goto(f"/saved/{SavedSearch.objects.get().key}")
    expect(page.get_by_role("link", name=new.reference)).to_be_visible()


def test_as_at_last_month_is_another_answer_and_says_so(signed_in: Callable[..., Page], order: Order) -> None:
    page = signed_in()
    person = Person.objects.get(family_name="HUSSEIN")
    month_ago = timezone.localtime() - timedelta(days=30)
    settle_residence(
        person, from_on=timezone.localdate() - timedelta(days=3), by=None,
        neighbourhood=Area.objects.get(code="WMP-DUD-01"),
    )  # fmt: skip
    page.goto("/search?area=WMP-DUD&standing=live&role=perpetrator")
    expect(page.get_by_role("link", name=order.reference)).to_be_visible()
    page.get_by_text("Team, reference and time").click()
    page.get_by_label("As at", exact=True).fill(month_ago.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.get_by_role("complementary", name="As at another time")).to_be_visible()
    expect(page.get_by_role("link", name=order.reference)).to_have_count(0)
    assert faults(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_in_the_dark(signed_in: Callable[..., Page], order: Order, width: int) -> None:
    page = signed_in(width=width, scheme="dark")
    for path in ("/search?area=WMP&standing=live&served=N", "/search?area=WMP-SAN&served=Y", "/search?team=none"):
        page.goto(path)
        assert faults(page) == []
    page.get_by_text("Filter and change area").click() if width < 1000 else None
    assert faults(page) == []


def test_every_printed_sheet_is_marked_and_repeats_the_headings(
    signed_in: Callable[..., Page], register: None, tmp_path: Path
) -> None:
    force = Area.objects.get(code="WMP")
    for _ in range(20):
        hussein(force)
    page: Any = signed_in()
    page.goto("/search?area=WMP&standing=live")
    page.pdf(path=tmp_path / "search.pdf", prefer_css_page_size=True, format="A4")
    sheets = [re.sub(r"\s+", " ", sheet.extract_text()) for sheet in PdfReader(tmp_path / "search.pdf").pages]
    assert len(sheets) >= 2
    for number, sheet in enumerate(sheets, 1):
        assert sheet.count("OFFICIAL-SENSITIVE") >= 2, sheet
        assert "Printed by supervisor" in sheet, sheet
        assert f"{timezone.localdate().day} {timezone.localdate():%B %Y}" in sheet
        assert f"Page {number} of {len(sheets)}" in sheet
        assert "Apply filters" not in sheet
        if re.search(r"NMO/\d", sheet):
            assert "Standing" in sheet
            assert "Lives in" in sheet


def test_markup_is_made_of_answers_of_the_register_alone(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto("/search?area=WMP")
    tried = """text => {
        const into = document.createElement("div");
        try { into.innerHTML = text; } catch (error) { return error.name; }
        return into.innerHTML;
    }"""
    for text in ("<img src=x onerror=alert(1)>", "plain"):
        assert page.evaluate(tried, text) == "TypeError"
    problems = list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.evaluate("window.here = true")
    page.get_by_label("Person, reference or postcode").fill("Hussain")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("matched: family name").first).to_be_visible()
    assert page.evaluate("window.here") is True, "the page was swapped, not loaded"
    assert page.evaluate(tried, "plain") == "TypeError"
    assert problems == []
