"""What no page may have: something that axe-core finds, or more width than the window."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

_AXE = Axe()


def faults(page: Page, *, scripts: bool = True) -> list[str]:
    """Faults of the page now shown, as sentences; none is an empty list.

    Waits until it is there: a page that was only just asked for has neither elements nor width. Where the page may run no
    `scripts`, axe cannot look at it, being one.
    """
    page.wait_for_load_state()
    expect(page.locator("h1").first).to_be_visible()
    found = []
    wide, window = page.locator("html").evaluate("html => [html.scrollWidth, window.innerWidth]")
    if wide > window:
        found.append(f"{page.url} is {wide} wide in a window of {window}")
    if scripts:
        violations = _AXE.run(page).response["violations"]
        found += [f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations]
    return found
