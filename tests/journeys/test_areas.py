"""From the force down to a neighbourhood, and back to another day, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.journey


def test_down_to_a_neighbourhood_and_to_its_orders(signed_in: Callable[..., Page]) -> None:
    page = signed_in(scripts=False)
    page.get_by_role("link", name="Areas", exact=True).click()
    page.get_by_role("link", name="Walsall 2 live", exact=False).click()
    expect(page.get_by_role("heading", name="Walsall", exact=True)).to_be_visible()
    page.get_by_role("link", name="Perpetrator lives there").click()
    tile = page.locator(".register-tile").filter(has_text="2 live")
    name = tile.locator(".register-tile__name").inner_text()
    tile.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Perpetrator lives there")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name=f"2 live in {name}").click()
    expect(page.get_by_role("heading", name="2 orders", exact=False)).to_be_visible()
    expect(page.get_by_role("heading", name=f"Search orders in {name}")).to_be_visible()


def test_another_day_is_unmistakable_and_kept(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto("/areas/WMP-WAL")
    page.get_by_text("As at another time").click()
    page.get_by_label("As at", exact=True).fill("2024-07-01T12:00")
    page.get_by_role("button", name="Show").click()
    bar = page.get_by_role("complementary", name="As at another time")
    expect(bar).to_contain_text("As at 1 July 2024, 12:00")
    page.get_by_role("link", name="West Midlands Police", exact=True).click()
    expect(bar).to_contain_text("As at 1 July 2024, 12:00")
    bar.get_by_role("link", name="Go to now").click()
    expect(page.get_by_role("heading", name="West Midlands Police")).to_be_visible()
    expect(bar).to_have_count(0)
