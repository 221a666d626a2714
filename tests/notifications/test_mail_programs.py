"""What Outlook's Word engine and Gmail make of the email, by the data of caniemail.com, and what no mail program loads.

Word cannot run here: this stands in for it, and a force looks once at a test email in its own Outlook.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from notifications import emails
from notifications.models import Mode
from tests.notifications.examples import example

DATA = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "caniemail" / "data" / "caniemail.json"
PROGRAMS = {
    "outlook": ("windows", "outlook-com", "macos", "ios", "android"),
    "gmail": ("desktop-webmail", "ios", "android"),
}

HAS_NO_ENTRY = {"color"}
"""As old as CSS; caniemail.com tests nothing so plain."""

SHORTER = {
    "font-family": "font", "padding-top": "padding", "padding-bottom": "padding", "border-color": "border",
    "border-top": "border",
}  # fmt: skip

PARTLY = {
    "font-size": "Word: no rem and no percentage; all are in px",
    "font-weight": "Word: bold or not; only bold is asked for",
    "line-height": "Word: lines can come out taller than said; they never overlap",
    "margin": "no negative ones; Word: none that is auto, and none on spans",
    "padding": "Word: on table cells alone",
    "word-break": "elsewhere than in Word: not its value break-word; only break-all is used, on references",
    "display-none": "Word: not for tables within; it hides captions, which are text",
}
"""Supported in part, with why that part is enough. Anything else must be supported in full, or not stand in a style."""

STRIPPED = {"style", "body"}
"""Gmail may strip the first, Outlook replaces the second: the pictures show the email without, and a table says it all."""

TAGS_WITHOUT_ENTRY = {"html", "head", "meta", "title", "tr", "td", "th", "caption", "b", "br", "a"}
ENTRY_OF_TAG = {"h1": "h1-h6", "h2": "h1-h6"}


class _Read(HTMLParser):
    """Tags, and which property stands in the style of which tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.styles: list[tuple[str, str, str]] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "style":
                for part in filter(None, (value or "").split(";")):
                    prop, _, said = part.partition(":")
                    self.styles.append((tag, prop.strip(), said.strip()))


@cache
def _features() -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    return {one["slug"]: one["stats"] for one in json.loads(DATA.read_text())["data"]}


def supports(slug: str) -> set[str]:
    """What the latest of each of the programs says: y, a (in part), n or u; raises KeyError for no such feature."""
    stats = _features()[slug]
    found = set()
    for program, platforms in PROGRAMS.items():
        for platform in platforms:
            versions = stats.get(program, {}).get(platform, {})
            if versions:
                found.add(str(list(versions.values())[-1])[0])
    return found


@pytest.fixture(scope="module", params=[0, 60])
def read(request: pytest.FixtureRequest) -> _Read:
    read = _Read()
    read.feed(emails.write(example(request.param)).html)
    return read


def test_each_style_is_one_that_outlook_and_gmail_know(read: _Read) -> None:
    assert len(read.styles) > 20
    partly = set()
    for tag, prop, value in read.styles:
        if prop in HAS_NO_ENTRY:
            continue
        name = "display-none" if (prop, value) == ("display", "none") else SHORTER.get(prop, prop)
        known = supports(f"css-{name}")
        assert known, name
        assert "n" not in known, (tag, prop, value)
        if known != {"y"}:
            partly.add(name)
    # Without an order there is no table of them, and with one each entry must have its use.
    assert partly <= PARTLY.keys()
    assert partly == PARTLY.keys() or "caption" not in read.tags


def test_what_is_supported_in_part_is_used_in_that_part_only(read: _Read) -> None:
    for tag, prop, value in read.styles:
        if prop == "font-size":
            assert value.endswith("px"), value
        if prop == "word-break":
            assert value == "break-all"
        if prop == "font-weight":
            assert value == "bold"
        if prop.startswith("padding") and value != "0":
            assert tag in ("td", "th"), tag
        if prop.startswith("margin"):
            assert tag != "span"
            assert "-" not in value, value
            assert "auto" not in value, value


def test_each_tag_is_one_that_outlook_and_gmail_know(read: _Read) -> None:
    for tag in read.tags - TAGS_WITHOUT_ENTRY:
        known = supports(f"html-{ENTRY_OF_TAG.get(tag, tag)}")
        assert "n" not in known or tag in STRIPPED, (tag, known)


def test_nothing_is_loaded_run_or_tracked(read: _Read) -> None:
    assert read.tags.isdisjoint(
        {"img", "script", "link", "iframe", "object", "svg", "form", "video", "picture", "base"}
    )
    for tag, name, value in read.attributes:
        assert name not in ("src", "background", "srcset"), tag
        assert not name.startswith("on"), (tag, name)
        if name == "href":
            assert tag == "a"
            assert re.match(r"https?://[^/]+/(search|orders|emails)\b", value), value


def test_what_is_laid_out_is_no_table_of_data_and_what_is_one_has_headers(read: _Read) -> None:
    tables = [role for tag, name, role in read.attributes if (tag, name) == ("table", "role")]
    assert tables == ["presentation"]
    assert all(value == "col" for tag, name, value in read.attributes if (tag, name) == ("th", "scope"))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("orders", [0, 1, 25, 60, 300, 3_000])
def test_it_stays_small_and_its_text_narrow(orders: int, mode: Mode) -> None:
    written = emails.write(example(orders), mode)
    assert emails.size(written) <= emails.LARGEST == 90_000
    assert max(len(line) for line in written.text.splitlines() if "://" not in line) <= 78


def test_counts_only_names_nobody_and_no_order() -> None:
    written = emails.write(example(60), Mode.COUNTS)
    for words in (written.text, written.html):
        assert "AHMED" not in words
        assert "/2026/" not in words
        assert "subject lives here" not in words
        assert "60" in words
