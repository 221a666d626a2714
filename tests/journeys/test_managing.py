"""The civil orders team's daily work in a real browser: each journey counts the pages and clicks that it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.models import Draft, Event, Order, Residence, Role, User
from orders.places import projection
from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey
LONDON = ZoneInfo("Europe/London")


class Steps:
    """A keeper at a page: fills, chooses and clicks, and counts. Where scripts run, axe looks at every page."""

    def __init__(self, page: Page, *, keyboard: bool = False, scripts: bool = True) -> None:
        self.page, self.clicks, self.pages, self.keyboard, self.scripts = page, 0, 0, keyboard, scripts
        self.problems = list[str]()

    def go(self, name: str, *, exact: bool = False) -> Steps:
        """Press a button or follow a link; with the keyboard alone, if that is how."""
        main = self.page.locator("main")
        found = main.get_by_role("button", name=name, exact=exact).or_(
            main.get_by_role("link", name=name, exact=exact)
        ).first  # fmt: skip
        with self.page.expect_navigation():
            if self.keyboard:
                found.focus()
                self.page.keyboard.press("Enter")
            else:
                found.click()
        self.clicks += 1
        self.pages += 1
        self.page.wait_for_load_state()
        self.look()
        return self

    def look(self) -> None:
        self.problems += faults(self.page, scripts=self.scripts)

    def choose(self, name: str) -> Steps:
        radio = self.page.get_by_label(name, exact=name in ("Yes", "No")).first
        if self.keyboard:
            radio.focus()
            self.page.keyboard.press("Space")
        else:
            radio.check()
        self.clicks += 1
        return self

    def fill(self, **values: str) -> Steps:
        for name, value in values.items():
            choice = self.page.locator(f'select[name="{name}"]')
            if choice.count():
                choice.select_option(value)
            else:
                self.page.locator(f'[name="{name}"]').first.fill(value)
        return self

    def at(self, name: str, when: datetime | date) -> Steps:
        local = when.astimezone(LONDON) if isinstance(when, datetime) else when
        self.fill(**{f"{name}_day": str(local.day), f"{name}_month": str(local.month), f"{name}_year": str(local.year)})
        if isinstance(local, datetime):
            self.fill(**{f"{name}_time": f"{local:%H:%M}"})
        return self

    def ok(self, journey: str) -> None:
        print(f"\n{journey}: {self.pages} pages, {self.clicks} clicks")  # noqa: T201 - the measure that is asked for
        assert self.problems == []
        assert list(projection.differences(Order.objects.order_by("pk").values_list("pk", flat=True))) == []


@pytest.fixture
def keeper(signed_in: Callable[..., Page]) -> Callable[..., Steps]:
    """The supervisor of Walsall has become one of the civil orders team."""

    def opened(*, keyboard: bool = False, scripts: bool = True, **options: object) -> Steps:
        User.objects.update(roles=[Role.CIVIL_ORDERS_TEAM.value])
        page = signed_in(scripts=scripts, **options)
        page.set_default_timeout(15_000)
        return Steps(page, keyboard=keyboard, scripts=scripts)

    return opened


def of_sample(source_ref: str) -> Order:
    return Order.objects.get(source_ref=source_ref)


def describe(steps: Steps, family: str, given: str, born: date) -> Steps:
    return steps.fill(family_name=family, given_names=given).at("date_of_birth", born)


def enter(steps: Steps, kind: str, reference: str, begun: datetime, **options: object) -> Steps:
    """From the list of drafts to the check of all answers, of an order about two new people."""
    steps.choose(kind).go("Continue").fill(reference=reference)
    if options.get("court"):
        steps.fill(court=str(options["court"]))
    steps.go("Continue")
    if options.get("notice"):
        steps.choose(str(options["notice"])).go("Continue")
    steps.at("at", begun)
    if options.get("by"):
        steps.fill(by=str(options["by"]))
    until = options.get("until")
    if until:
        steps.choose("On a date").at("until", until)  # type: ignore[arg-type] # a date
    elif options.get("court"):
        steps.choose("Until further order")
    served = options.get("served")
    if served:
        steps.choose("Yes").at("served_at", served).fill(served_by="PC 1 Invented")  # type: ignore[arg-type] # an instant
    else:
        steps.choose("No, or not known")
    steps.go("Continue")
    describe(steps, "TESTER", f"Tom {reference[-3:]}", date(1985, 3, 31)).go("Continue")
    steps.choose("At an address").fill(address="1 Invented Road", postcode="WS1 1AA").at("from_on", date(2026, 1, 1))
    neighbourhood(steps)
    steps.choose("No").go("Continue")
    describe(steps, "GUARDED", f"Gill {reference[-3:]}", date(1988, 12, 1)).go("Continue")
    steps.fill(address="2 Invented Road", postcode="WS1 1AA").at("from_on", date(2026, 1, 1))
    neighbourhood(steps)
    expect(steps.page.get_by_label("Yes: keep it from everybody")).to_be_checked()
    steps.go("Continue").choose("No").go("Continue")
    return steps.fill(about_1="B", text_1="Must not contact GUARDED in any way.").go("Continue", exact=True)


def neighbourhood(steps: Steps) -> None:
    box = steps.page.locator('[name="neighbourhood"]')
    value = box.locator("option", has_text="Walsall: ").first.get_attribute("value")
    box.select_option(value or "")


def test_a_dvpn_from_authorisation_to_its_dvpo_and_a_breach(keeper: Callable[..., Steps]) -> None:
    now = timezone.now()
    authorised, served = now - timedelta(hours=20), now - timedelta(hours=18)
    steps = keeper(scripts=False)
    steps.page.goto("/orders/drafts")
    steps.go("Enter an order")
    enter(steps, "Domestic violence protection notice", "DVPN/2026/901", authorised, by="Supt Invented")
    expect(steps.page.get_by_role("heading", name="What follows")).to_be_visible()
    steps.go("Submit the order")
    expect(steps.page.get_by_role("heading", name="Order entered")).to_be_visible()
    notice = Order.objects.get(reference="DVPN/2026/901")
    assert Draft.objects.get().answers == {}
    steps.go("Record service").at("at", authorised - timedelta(hours=1)).choose("In person").go("Continue")
    expect(steps.page.get_by_role("alert")).to_contain_text("before it was authorised")
    steps.at("at", served).go("Continue")
    expect(steps.page.get_by_text(re.compile("The application must be heard by"))).not_to_have_count(0)
    steps.go("Record it")
    expect(steps.page.get_by_role("heading", name="Recorded")).to_be_visible()
    steps.go("Enter the DVPO that follows").go("Continue")
    steps.fill(reference="DVPO/2026/901", court="Invented Magistrates' Court").go("Continue")
    made = served + timedelta(hours=12)
    steps.at("at", made).choose("After a number of days").fill(days="29").choose("Yes").at("served_at", made)
    steps.go("Continue")
    expect(steps.page.get_by_role("alert")).to_contain_text("Number of days must be 14 to 28")
    steps.fill(days="28").go("Continue")
    steps.choose("TESTER").go("Continue").choose("GUARDED").go("Continue").choose("No").go("Continue")
    steps.fill(about_1="A", text_1="Must not molest GUARDED.").go("Continue", exact=True)
    expect(steps.page.get_by_text(re.compile("This ends DVPN DVPN/2026/901"))).to_be_visible()
    steps.go("Submit the order")
    order = Order.objects.get(reference="DVPO/2026/901")
    assert order.replaces == notice
    steps.go("Record a breach").at("at", now - timedelta(hours=2)).fill(
        by="20/123456/26", text="Went to her door and shouted.", arrested_at_time=""
    )
    steps.page.get_by_label("Yes", exact=True).check()
    steps.at("arrested_at", now - timedelta(hours=1)).go("Continue")
    expect(steps.page.get_by_text(re.compile("They must be before the court by"))).not_to_have_count(0)
    steps.go("Record it")
    expect(steps.page.get_by_text(re.compile(r"\d+ h \d+ min left"))).not_to_have_count(0)
    kinds = list(Event.objects.filter(order=order).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["MADE", "SERVED", "BREACHED", "ARRESTED"]
    steps.ok("DVPN to DVPO and its breach, without scripts")


def test_an_nmo_that_came_by_email_is_told_at_the_roadside(keeper: Callable[..., Steps]) -> None:
    steps = keeper(width=390)
    steps.page.goto("/orders/drafts")
    steps.go("Enter an order")
    enter(
        steps, "Non-molestation order", "NMO/2026/902", timezone.now() - timedelta(days=3),
        court="Invented Family Court", notice="Yes, without notice", until=date(2027, 11, 1),
    )  # fmt: skip
    steps.go("Submit the order")
    order = Order.objects.get(reference="NMO/2026/902")
    steps.page.goto(f"/orders/{order.public_id}")
    expect(steps.page.get_by_text(re.compile("not provably an offence until the respondent knows"))).to_be_visible()
    before = steps.clicks
    steps.go("They have been told")
    assert steps.clicks - before <= 2, "two clicks from the order, on a phone"
    told = timezone.now() - timedelta(minutes=5)
    steps.at("at", told).choose("Face to face").fill(by="PC 2 Invented", where="A4148, lay-by").go("Continue")
    expect(steps.page.get_by_role("heading", name="What follows")).to_be_visible()
    steps.go("Record it").go("Go to the order")
    expect(steps.page.get_by_text("Breach is an offence now.")).to_be_visible()
    steps.ok("NMO by email, told at the roadside, on a phone")


def test_an_interim_order_leads_to_the_full_order_and_its_review(keeper: Callable[..., Steps]) -> None:
    made = timezone.now() - timedelta(days=60)
    steps = keeper(keyboard=True)
    steps.page.goto("/orders/drafts")
    steps.go("Enter an order")
    enter(
        steps, "Interim stalking protection order", "ISPO/2026/903", made,
        court="Invented Magistrates' Court", until=(made + timedelta(days=90)).date(), served=made + timedelta(hours=5),
    )  # fmt: skip
    steps.go("Submit the order")
    steps.go("Enter the SPO that follows").go("Continue")
    steps.fill(reference="SPO/2026/903", court="Invented Magistrates' Court").go("Continue")
    full = timezone.now() - timedelta(days=40)
    steps.at("at", full).choose("On a date").at("until", (full + timedelta(days=300)).date())
    steps.choose("No, or not known").go("Continue")
    expect(steps.page.get_by_role("alert")).to_contain_text("Say why it is shorter than the 2 years")
    steps.at("until", (full + timedelta(days=1500)).date()).go("Continue")
    steps.choose("TESTER").go("Continue").choose("GUARDED").go("Continue").choose("No").go("Continue")
    steps.fill(about_1="B", text_1="Must not contact GUARDED.").go("Continue", exact=True)
    expect(steps.page.get_by_text(re.compile("To go on without a gap it must be renewed"))).to_be_visible()
    steps.go("Submit the order")
    interim = Order.objects.get(reference="ISPO/2026/903")
    steps.page.goto(f"/orders/{interim.public_id}")
    expect(steps.page.get_by_text("Ended: replaced")).to_be_visible()
    _review(steps, Order.objects.get(reference="SPO/2026/903"))
    steps.ok("interim to full SPO and its review, by the keyboard alone")


def _review(steps: Steps, order: Order) -> None:
    """The board reviews an order whose first review is overdue, and it shows on the order."""
    steps.page.goto("/reviews?area=WMP")
    steps.look()
    expect(steps.page.get_by_role("row", name=order.reference)).to_contain_text("overdue", ignore_case=True)
    steps.choose(f"Tick {order.reference}").go("Record", exact=True)
    expect(steps.page.get_by_role("alert")).to_contain_text("Select what the board decided")
    steps.choose("Reviewed, no change").at("next_on", timezone.localdate() + timedelta(days=31)).go(
        "Record", exact=True
    )
    expect(steps.page.get_by_role("row", name=order.reference)).to_contain_text("done", ignore_case=True)
    steps.page.goto(f"/orders/{order.public_id}/reviews")
    steps.look()
    expect(steps.page.locator("main")).to_contain_text("no change")


def test_a_wrong_served_time_is_put_right(keeper: Callable[..., Steps]) -> None:
    order = of_sample("CN-100006")
    steps = keeper(scripts=False)
    steps.page.goto(f"/orders/{order.public_id}/history")
    served = Event.objects.filter(order=order, kind="SERVED").latest("pk")
    steps.page.locator(f'a[href$="/events/{served.pk}"]').click()
    steps.look()
    steps.go("Continue")
    expect(steps.page.get_by_role("alert")).to_contain_text("Say why")
    right = served.at + timedelta(hours=12)
    steps.at("at", right).fill(reason="am was written for pm").go("Continue").go("Put it right").go("Go to the order")
    steps.go("History", exact=True)
    expect(steps.page.get_by_text("Recorded in error: am was written for pm")).to_be_visible()
    assert Event.objects.filter(order=order, kind="SERVED").latest("pk").at == right
    steps.ok("a wrong served time put right")


def test_a_person_who_moved(keeper: Callable[..., Steps]) -> None:
    order = of_sample("CN-100006")
    person = order.parties.get(role="perpetrator", superseded=None).person
    steps = keeper(width=390, scheme="dark")
    steps.page.goto(f"/people/{person.public_id}")
    today = timezone.localdate()
    steps.go("Record a move").fill(address="9 Invented Street", postcode="CV1 1AA").at("from_on", today)
    box = steps.page.locator('[name="neighbourhood"]')
    box.select_option(box.locator("option", has_text="Coventry: ").first.get_attribute("value") or "")
    steps.choose("No").go("Continue")
    expect(steps.page.get_by_text("is told in its next email that they live there")).to_be_visible()
    steps.go("Record it")
    assert Residence.objects.filter(person=person, superseded=None, from_on=today).count() == 1
    steps.page.goto("/search?area=WMP-COV&reference=" + order.reference)
    expect(steps.page.get_by_role("link", name=order.reference).first).to_be_visible()
    steps.ok("a person moved, on a phone in the dark")


def test_who_comes_second_sees_what_changed_and_decides(keeper: Callable[..., Steps]) -> None:
    order = of_sample("CN-100006")
    first = keeper()
    first.page.goto(f"/orders/{order.public_id}/record/breached")
    second = Steps(first.page.context.new_page())
    second.page.goto(f"/orders/{order.public_id}/record/attempted")
    second.at("at", timezone.now() - timedelta(hours=1)).fill(text="Nobody at home").go("Continue").go("Record it")
    first.at("at", timezone.now() - timedelta(hours=2)).fill(by="20/1/26", text="Rang her", not_arrested="Gone")
    first.page.get_by_label("No", exact=True).check()
    first.go("Continue").go("Record it")
    expect(first.page.get_by_role("alert")).to_contain_text("Somebody else changed this order meanwhile")
    expect(first.page.get_by_role("alert")).to_contain_text("Service attempted")
    first.go("Record it all the same")
    expect(first.page.get_by_role("heading", name="Recorded")).to_be_visible()
    assert Event.objects.filter(order=order, kind__in=["ATTEMPTED", "BREACHED"]).count() >= 2
    first.ok("two at one order")
