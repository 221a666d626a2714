"""The pages of an order and of its people, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.actions.by_hand import record_event
from orders.models import Order, Role, User
from orders.statute import Event
from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey


def of_sample(source_ref: str) -> str:
    return f"/orders/{Order.objects.get(source_ref=source_ref).public_id}"


def test_from_an_order_to_its_people_and_back_at_another_time(signed_in: Callable[..., Page]) -> None:
    page = signed_in(scripts=False)
    page.goto(f"{of_sample('CN-100006')}?at=2025-03-01T12:00")
    bar = page.get_by_role("complementary", name="As at another time")
    expect(bar).to_contain_text("As at 1 March 2025, 12:00")
    page.get_by_role("link", name="CLARKE, Gavin").click()
    expect(page.get_by_role("heading", name="CLARKE, Gavin")).to_be_visible()
    expect(page.get_by_role("heading", name="As respondent")).to_be_visible()
    expect(bar).to_contain_text("As at 1 March 2025, 12:00")
    page.get_by_role("link", name="SPO/2026/0004").click()
    page.get_by_role("link", name="History").click()
    expect(bar).to_contain_text("As at 1 March 2025, 12:00")
    bar.get_by_role("link", name="Go to now").click()
    expect(page.get_by_role("link", name="History")).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("Made", exact=True)).to_be_visible()
    expect(bar).to_have_count(0)


def test_the_bar_of_another_time_stays_in_sight(signed_in: Callable[..., Page]) -> None:
    page = signed_in(width=390)
    page.goto(f"{of_sample('CN-100006')}?at=2026-11-01T12:00")
    page.mouse.wheel(0, 1200)
    page.wait_for_function("window.scrollY > 800")
    expect(page.get_by_role("complementary", name="As at another time")).to_be_in_viewport()


def test_on_paper_the_order_is_whole_and_the_menus_are_gone(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto(f"{of_sample('CN-100006')}?at=2026-11-20T12:00")
    page.emulate_media(media="print")
    for heading in ("What the order says", "If it is breached", "Respondent", "Why"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_text("As at 20 November 2026, 12:00.").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages of this order")).to_be_hidden()
    expect(page.get_by_text("As at another time")).to_be_hidden()
    expect(page.locator(".register-marking")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    signed_in: Callable[..., Page], width: int, scheme: str
) -> None:
    User.objects.update(roles=[Role.CIVIL_ORDERS_TEAM.value])
    page, problems = signed_in(width=width, scheme=scheme), list[str]()
    order = of_sample("CN-100006")
    people = [f"/people/{party.person.public_id}" for party in Order.objects.get(source_ref="CN-100009").parties.all()]
    sections = [f"{order}/{section}" for section in ("history", "breaches", "reviews", "who-looked")]
    restricted = Order.objects.get(source_ref="CN-100007")
    Order.objects.filter(pk=restricted.pk).update(restricted=True)
    of_restricted = [f"/people/{party.person.public_id}" for party in restricted.parties.all()]
    for path in (
        *sections, *people, *of_restricted, f"{of_sample('CN-100002')}/breaches", f"{order}?at=2026-11-01T12:00",
        f"{people[0]}?at=2026-11-01T12:00", f"{order}?at=never", f"/orders/{restricted.public_id}?at=2026-11-01T12:00",
    ):  # fmt: skip
        page.goto(path)
        problems += faults(page)
    assert problems == []


def in_words(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours // 24} days left" if hours >= 48 else f"{hours} h {minutes} min left"


def test_what_is_left_of_a_deadline_counts_down(signed_in: Callable[..., Page]) -> None:
    """As said by the server without scripts, and the same words every half minute with them."""
    order = Order.objects.get(source_ref="CN-100011")
    arrested = timezone.now() - timedelta(minutes=20)
    for event in (Event("BREACHED", arrested - timedelta(minutes=10)), Event("ARRESTED", arrested)):
        record_event(order, event, by=None)
    plain, page = signed_in(scripts=False), signed_in()
    for shown in (plain, page):
        expect(shown.get_by_role("button", name="Sign out")).to_be_visible()
    page.route("**/ending*.js", lambda route: route.abort())  # the session is not what this is about
    page.clock.install()
    words = re.compile(r"^(\d+) h (\d+) min left$|^\d+ days left$")
    for path in (of_sample("CN-100011"), f"{of_sample('CN-100011')}/breaches"):
        for shown in (plain, page):
            shown.goto(path)
            expect(shown.get_by_role("timer").first).to_have_text(words)
        clock = page.get_by_role("timer").first
        seconds = int(clock.get_attribute("data-seconds-left") or 0)
        assert 0 < seconds < 10 * 24 * 3600
        assert faults(page) == []
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 31)
        expect(clock).to_have_text(re.compile(f"{in_words(seconds - 31)}|{in_words(seconds - 91)}"))
        page.clock.fast_forward("02:00:00")
        expect(clock).to_have_text(re.compile(f"{in_words(seconds - 7231)}|{in_words(seconds - 7291)}"))
        page.clock.fast_forward(240 * 3600 * 1000)
        expect(clock).to_have_text("the time is up: load this page again")
        page.clock.resume()
    plain.goto(f"{of_sample('CN-100011')}?at={timezone.localtime():%Y-%m-%dT%H:%M}")
    expect(plain.get_by_role("heading", name="OCC")).to_be_visible()
    expect(plain.get_by_role("timer")).to_have_count(0)
