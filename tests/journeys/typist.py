"""Somebody at a page by the keyboard alone, with the rounds of the worker between the pages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.faultless import faults


class Typist:
    """Presses, fills and reads; collects the faults of every page that comes. `round`: what the worker does in its turn."""

    def __init__(self, page: Page, round_: Callable[[], object], *, scripts: bool) -> None:
        self.page, self.round, self.scripts, self.problems = page, round_, scripts, list[str]()

    def open(self, path: str) -> Typist:
        """A page by its address."""
        self.page.goto(path)
        return self._looked()

    def press(self, name: str) -> Typist:
        """A button or a link, by the Enter key."""
        main = self.page.locator("main")
        found = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first
        found.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self._looked()

    def fill(self, **values: str) -> Typist:
        """Fields by their names, `__` for a hyphen."""
        for name, value in values.items():
            self.page.locator(f'[name="{name.replace("__", "-")}"]').fill(value)
        return self

    def worked(self) -> Typist:
        """The worker has its turn, and the page is opened anew."""
        self.round()
        self.page.reload()
        return self._looked()

    def says(self, words: str) -> Typist:
        """The page has these words."""
        expect(self.page.locator("main")).to_contain_text(words)
        return self

    def _looked(self) -> Typist:
        self.problems += faults(self.page, scripts=self.scripts)
        return self
