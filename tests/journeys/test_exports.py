"""Taking a search away in a real browser, and counting what was taken."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (390, False)])
def test_export_and_count_again(signed_in: Callable[..., Page], tmp_path: Path, width: int, scripts: bool) -> None:
    page = signed_in(width=width, scripts=scripts)
    page.goto("/search?area=WMP&standing=live&standing=unconfirmed")
    heading = page.locator("#results h2").first.inner_text()
    shown = page.locator("#results tbody a[href^='/orders/']").all_inner_texts()
    assert heading.startswith(f"{len(shown)} order")
    page.get_by_role("link", name=re.compile("^Export")).click()
    expect(page.get_by_role("heading", name=f"Export {len(shown)} orders")).to_be_visible()
    page.get_by_role("button", name="Record and export").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what the export is for")
    page.get_by_label("Court proceedings").check()
    page.get_by_label("Say in a few words for what").fill("Hearing of Tuesday")
    page.get_by_label("Comma-separated values").check()
    with page.expect_download() as started:
        page.get_by_role("button", name="Record and export").click()
    taken = tmp_path / started.value.suggested_filename
    started.value.save_as(taken)
    with taken.open(encoding="utf-8-sig", newline="") as file:
        first, _, *rows, last = csv.reader(file)
    assert [row[0] for row in rows] == shown
    assert f"{len(shown)} found" in first[0]
    assert last[0].endswith(f"{len(shown)} orders.")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_on_the_question_page(signed_in: Callable[..., Page], width: int, scheme: str) -> None:
    page = signed_in(width=width, scheme=scheme)
    problems = []
    for path in ("/exports/new?area=WMP", "/exports/new?area=WMP-SAN&kind=FGMPO", "/exports/new?at=never"):
        page.goto(path)
        problems += faults(page)
    page.goto("/exports/new?area=WMP")
    page.get_by_role("button", name="Record and export").click()
    expect(page.get_by_role("link", name="Choose what the export is for")).to_be_visible()
    problems += faults(page)
    assert problems == []
    page.get_by_role("link", name="Choose what the export is for").click()
    expect(page.get_by_label("A briefing or tasking")).to_be_focused()
