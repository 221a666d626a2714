"""The email in a real browser: from 0 to 300 orders, wide and narrow, dark, on paper, and without its <style>, as Gmail may.

`PICTURES=docs/images/email bin/test tests/journeys/test_email_pictures.py` stores the pictures that the documents show.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from notifications import emails
from tests.notifications.examples import example

SIZES = (0, 1, 25, 60, 300)
SHOWN = {
    (25, 700, "light", True), (25, 390, "light", True), (25, 390, "light", False), (25, 390, "dark", True),
    (0, 700, "light", True), (300, 700, "light", False),
}  # fmt: skip
"""The telling ones: the documents show these."""

MOST_HEIGHT = 1_500

LANDMARKS = {"landmark-one-main", "region", "page-has-heading-one"}
"""Rules about a page: an email stands inside a page of the mail program, which has the landmarks."""


def opened(browser: Browser, html: str, *, width: int, scheme: str, styled: bool = True) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html if styled else re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    return page


def keep(page: Page, name: str) -> None:
    """Store a picture if the documents' are to be made anew."""
    folder = os.environ.get("PICTURES")
    if folder:
        height = min(MOST_HEIGHT, int(page.evaluate("document.documentElement.scrollHeight")))
        page.set_viewport_size({"width": page.viewport_size["width"] if page.viewport_size else 700, "height": height})
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize("styled", [True, False], ids=["styled", "stripped"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [700, 390])
def test_it_fits_and_axe_finds_nothing(browser: Browser, width: int, scheme: str, styled: bool) -> None:
    for orders in SIZES:
        page = opened(browser, emails.write(example(orders)).html, width=width, scheme=scheme, styled=styled)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (orders, wide)
        if orders <= 60:
            found = [one["id"] for one in Axe().run(page).response["violations"] if one["id"] not in LANDMARKS]
            assert found == [], (orders, found)
        if (orders, width, scheme, styled) in SHOWN:
            keep(page, f"{orders}-at-{width}{'' if scheme == 'light' else '-dark'}{'' if styled else '-without-style'}")
        page.close()


def test_on_paper_it_is_dark_on_light_and_nothing_is_cut_off(browser: Browser) -> None:
    """A4 at 96 dots an inch within margins, also for a reader whose screen is dark."""
    page = opened(browser, emails.write(example(60)).html, width=718, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    ground, ink = page.evaluate(
        "(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color] })()"
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(11, 12, 12)")
    keep(page, "60-printed")
    page.close()
