"""What users do, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from orders.actions.by_hand import settle_residence
from orders.models import Area, Order, Person
from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey


def test_three_clicks_to_the_live_orders_where_the_victim_lives(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    # The sample's victims of live orders live elsewhere: Walsall answers none, and says so.
    page.get_by_role("link", name="Live where the victim lives in Walsall").click()
    expect(page.get_by_role("heading", name="0 orders")).to_be_visible()
    expect(page.get_by_text("No orders in Walsall match.")).to_be_visible()
    page.go_back()
    # One of them moves to Walsall, and both orders that protect her are found.
    pleck = Area.objects.get(code="WMP-WAL-14")
    settle_residence(Person.objects.get(source_ref="P-8"), from_on=date(2026, 1, 1), neighbourhood=pleck, by=None)
    page.get_by_role("link", name="Live where the victim lives in Walsall").click()
    expect(page.get_by_role("link", name="NMO/2026/0311")).to_be_visible()
    expect(page.get_by_role("link", name="OCC/2026/0017")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Live where the perpetrator lives in Walsall").click()
    expect(page.get_by_role("heading", name="2 orders")).to_be_visible()
    page.get_by_role("link", name="SPO/2026/0004").click()
    expect(page.get_by_text("In force until further order", exact=False).first).to_be_visible()
    expect(page.get_by_role("heading", name="CLARKE, Gavin", exact=False)).to_be_visible()


def test_the_sample_order_is_live_in_walsall_and_wolverhampton(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    for area, role in (("WMP-WAL", "perpetrator"), ("WMP-WOL", "victim")):
        page.goto(f"/search?area={area}&role={role}&standing=live")
        expect(page.get_by_role("link", name="SPO/2026/0004")).to_be_visible()


def test_the_form_searches_without_scripts(signed_in: Callable[..., Page]) -> None:
    page = signed_in(scripts=False)
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("Area", exact=True).select_option("WMP-DUD")
    page.get_by_label("Who lives there").select_option("both")
    page.get_by_label("Live", exact=False).first.check()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.get_by_role("heading", name="1 order", exact=False)).to_be_visible()
    expect(page.get_by_role("link", name="DVPO/2026/0290")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=False)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="DVPO/2026/0290")).to_have_count(0)


def test_the_keyboard_reaches_search_and_results(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto("/search?area=WMP&standing=live")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "results"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href') || ''").startswith("/orders/"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What the order says")).to_be_visible()


def test_on_a_phone_the_filter_waits_until_asked_for(signed_in: Callable[..., Page]) -> None:
    page = signed_in(width=390)
    page.goto("/search?area=WMP&standing=live")
    expect(page.get_by_label("Who lives there")).to_be_hidden()
    page.get_by_text("Filter and change area").click()
    expect(page.get_by_label("Who lives there")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    signed_in: Callable[..., Page], open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    public_ids = dict(Order.objects.values_list("source_ref", "public_id"))
    problems = []
    page = open_page(width=width, scheme=scheme)
    problems += faults(page)
    page = signed_in(width=width, scheme=scheme)
    paths = ["/", "/search?area=WMP", "/search?area=WMP-SAN", "/search?at=never&role=x", "/emails", "/nowhere"]
    paths += [
        "/areas",
        "/insight",
        "/insight/arrests",
        "/worklists",
        "/worklists/not-served?area=WMP",
        "/areas/WMP-WAL?role=victim",
        "/areas/WMP-WAL-14?at=2024-07-01T12:00",
        "/areas?at=never",
    ]
    paths += [f"/orders/{public_ids[ref]}" for ref in ("CN-100006", "CN-100007", "CN-100002", "CN-100012")]
    for path in paths:
        page.goto(path)
        problems += faults(page)
    assert problems == []


def test_on_paper_there_is_no_menu_and_the_marking_stays(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto("/search?area=WMP")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Emails")).to_be_hidden()
    expect(page.get_by_label("Who lives there")).to_be_hidden()
    expect(page.locator(".register-marking")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Standing")).to_be_visible()


def test_what_is_served_is_not_govuks_brand(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    served = page.request.get("/static/build/register.css").text()
    for word in ("GDS Transport", "@font-face", "crown"):
        assert word not in served
    assert "gov.uk" not in page.content().lower()
