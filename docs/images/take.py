"""The pictures of the README, taken from demonstration data: `.venv/bin/python docs/images/take.py [ADDRESS]`.

`bin/run` must be at work at ADDRESS (http://localhost:8000 by default), and `bin/test` have been run once, which brings
the browser. The pictures of the emails are taken by tests/journeys/test_email_pictures.py (docs/email.md).
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402 - found by the path above

from embedded.browser import find_browser  # noqa: E402 - the same


def _sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("walsall")
    page.get_by_label("Password").fill("demonstration-only")
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("heading", name="Walsall").first.wait_for()


def main() -> None:
    """Walk the three clicks of the README, and open Walsall's latest email as it was sent."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        _sign_in(page)
        page.get_by_role("link", name="Live where the victim lives in Walsall").click()
        page.locator("#results, main table").first.wait_for()
        page.screenshot(path=HERE / "search.png")
        page.locator("main table a[href^='/orders/']").first.click()
        page.wait_for_load_state()
        page.set_viewport_size({"width": 1280, "height": 1380})
        page.screenshot(path=HERE / "order.png")
        page.goto("/emails")
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Walsall", exact=True))
        row.get_by_role("link").first.click()
        page.get_by_role("link", name="As it looks").click()
        page.set_viewport_size({"width": 900, "height": 1100})
        page.screenshot(path=HERE / "email.png")
        browser.close()


if __name__ == "__main__":
    main()
