"""Attacks in a real browser: markup in the record, a page in another's frame, a form that another site sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orders.actions.headings import correct_heading
from orders.models import Order, Person
from tests.orders.build import describe

pytestmark = pytest.mark.journey

SCRIPT = "<script>document.title='RAN'</script><img src=x onerror=document.title='RAN'>"


def test_markup_in_the_record_is_words(signed_in: Callable[..., Page]) -> None:
    order = Order.objects.get(source_ref="CN-100006")
    correct_heading(order, {"court": SCRIPT}, by=None, reason="An attack")
    man = Person.objects.get(pk=order.parties.get(role="perpetrator").person_id)
    describe(man, family_name=SCRIPT[:60])
    page = signed_in()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"/orders/{order.public_id}")
    expect(page.get_by_text("<script>document.title").first).to_be_visible()
    page.goto("/search?area=WMP-WAL")
    expect(page.get_by_text("<script>document.title").first).to_be_visible()
    assert page.title() != "RAN"
    assert not dialogs


def test_no_other_page_can_put_it_in_a_frame(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    address = page.url
    other = page.context.new_page()
    other.set_content(f'<iframe src="{address}" width="800" height="600"></iframe>')
    other.wait_for_timeout(500)
    (framed,) = [frame for frame in other.frames if frame != other.main_frame]
    assert "Sign out" not in framed.content()


def test_a_form_of_another_site_is_refused(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    start = page.url.split("/", 3)
    here = f"{start[0]}//{start[2]}"
    other = page.context.new_page()
    other.set_content(
        f'<form method="post" action="{here}/saved/new"><input name="name" value="x"><button>Win</button></form>'
    )
    other.get_by_role("button", name="Win").click()
    other.wait_for_load_state()
    assert other.url.startswith(here)
    assert "x was saved" not in other.content()
    page.goto("/saved")
    expect(page.get_by_role("link", name="x", exact=True)).to_have_count(0)
