"""Civil interventions and retention in a real browser, without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.models import Area, Order, Person, Role, User
from tests.journeys.faultless import faults
from tests.orders.build import make_nmo, make_person

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(("width", "scheme", "scripts"), [(1280, "light", True), (390, "dark", False)])
def test_an_intervention_is_recorded_and_somebody_old_is_kept_and_erased(
    signed_in: Callable[..., Page], width: int, scheme: str, scripts: bool
) -> None:
    force = Area.objects.get(code="WMP")
    User.objects.update(roles=[Role.CIVIL_ORDERS_TEAM.value])
    for name in ("DUEFIRST", "DUESECOND"):
        home = (Area.objects.filter(level="neighbourhood", force=force)[0], "2010-01-01", None)
        make_nmo(
            force, make_person(name, home), make_person(f"{name}VICTIM"), made="2014-03-02T11:00", until="2015-03-01"
        )
    person = Order.objects.get(source_ref="CN-100006").parties.get(role="perpetrator").person
    page = signed_in(width=width, scheme=scheme, scripts=scripts)

    def looks_right() -> None:
        assert faults(page, scripts=scripts) == []

    page.goto(f"/people/{person.public_id}")
    page.get_by_role("link", name="Record a civil intervention").click()
    looks_right()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looks_right()
    page.get_by_label("Warning", exact=True).check()
    day = timezone.localdate() - timedelta(days=2)
    for box, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(box).fill(str(value))
    page.get_by_label("Who did it?").fill("PC 1234 Example")
    page.get_by_label("What was said").fill("Told to keep away from the school")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Civil interventions")).to_be_visible()
    expect(page.get_by_text("Told to keep away")).to_have_count(0)
    looks_right()
    page.get_by_role("link", name="Read what was recorded").click()
    page.get_by_label("Safeguarding").check()
    page.get_by_role("button", name="Record and continue").click()
    expect(page.get_by_text("Told to keep away from the school")).to_be_visible()
    looks_right()
    page.get_by_role("link", name="Interventions", exact=True).click()
    page.get_by_label("Name").fill(person.family_name)
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("1 intervention")).to_be_visible()
    assert person.family_name.lower() not in page.url.lower()
    looks_right()

    page.get_by_role("link", name="Retention", exact=True).click()
    looks_right()
    page.get_by_role("link", name="DUEFIRST", exact=True).click()
    looks_right()
    page.get_by_role("link", name="Keep").click()
    looks_right()
    later = timezone.localdate() + timedelta(days=300)
    for box, value in (("Day", later.day), ("Month", later.month), ("Year", later.year)):
        page.get_by_label(box).fill(str(value))
    page.get_by_label("Why?").fill("Still a risk")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Still a risk")).to_be_visible()
    looks_right()
    page.get_by_role("link", name="Retention").first.click()
    expect(page.get_by_role("link", name="DUEFIRST", exact=True)).to_have_count(0)
    page.get_by_role("link", name="DUESECOND", exact=True).click()
    page.get_by_role("link", name="Erase").click()
    looks_right()
    page.get_by_label("Why?").fill("Panel of 1 June")
    page.get_by_label("To confirm, type their family name").fill("DUEFIRST")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("link", name="Is not their family name")).to_be_visible()
    looks_right()
    page.get_by_label("To confirm, type their family name").fill("duesecond")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("status").filter(has_text="The person was erased.")).to_be_visible()
    assert not Person.objects.filter(family_name="DUESECOND").exists()
