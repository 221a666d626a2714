"""What an area is told: counted by hand, never a protected person, never what may be secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import emails, planning, telling
from notifications.digest import _due_words
from notifications.models import DEFAULT_TIME, DigestRun, Mailbox
from notifications.news import News
from notifications.service_day import latest
from orders.actions.by_hand import record_event, settle_residence
from orders.models import Area, Order, Person
from orders.statute import Deadline, Event, last_sitting
from tests.notifications.conftest import Caught
from tests.notifications.test_delivery import send_all
from tests.orders.build import Map, local, make_nmo, make_person
from tests.statute.build import HOLIDAYS

pytestmark = pytest.mark.django_db


def news(area: Area) -> News:
    now = timezone.now()
    # The next email is today's until its time has come.
    found = planning.preview(area, latest(now, DEFAULT_TIME) + timedelta(days=1), now)
    assert found is not None
    return found


def told(found: News) -> dict[str, list[str]]:
    return {section.title: [line.reference for line in section.lines] for section in found.sections}


def text_of(found: News) -> str:
    written = emails.write(found)
    return written.subject + written.text + written.html


def recent(days: float = 1) -> str:
    return (timezone.localtime() - timedelta(days=days)).strftime("%Y-%m-%dT10:00")


def later(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def order_in(areas: Map, victim: Person | None = None, **options: object) -> Order:
    perpetrator = make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None))
    options = {"made": recent(), "until": later(200)} | options
    return make_nmo(areas.force, perpetrator, victim or make_person("V"), **options)  # type: ignore[arg-type]


def test_a_new_order_is_told_once_and_stands_among_the_live_every_day(areas: Map, smtp: Caught) -> None:
    order = order_in(areas)
    found = news(areas.walsall)
    assert told(found)["New since the last email"] == [order.reference]
    assert found.counts["live"] == 1
    send_all()
    again = news(areas.walsall)
    assert told(again)["New since the last email"] == []
    assert told(again)["Changed since the last email"] == []
    assert [line.reference for line in again.live.lines] == [order.reference]


def test_what_happened_is_told_once(areas: Map, smtp: Caught) -> None:
    order = order_in(areas)
    send_all()
    record_event(order, Event("SERVED", timezone.now()), by=None)
    record_event(order, Event("BREACHED", timezone.now(), text="an account"), by=None)
    found = told(news(areas.walsall))
    assert found["Changed since the last email"] == found["Breached since the last email"] == [order.reference]
    assert found["New since the last email"] == []


def test_what_was_committed_late_is_told_all_the_same(areas: Map, smtp: Caught) -> None:
    send_all()
    order = order_in(areas, made=recent(5))
    assert told(news(areas.walsall))["New since the last email"] == [order.reference]


def test_a_delivery_that_failed_told_nothing(areas: Map, smtp: Caught) -> None:
    order = order_in(areas)
    smtp.refusals = {"walsall@lpa.demo.invalid": "550 No"}
    send_all()
    assert told(news(areas.walsall))["New since the last email"] == [order.reference]


def test_orders_unserved_off_pnc_and_ending_are_listed(areas: Map) -> None:
    order = order_in(areas, until=later(5))
    found = told(news(areas.walsall))
    assert found["Live and not known to be served"] == [order.reference]
    assert found["Live and not on PNC"] == [order.reference]
    assert found["Ending within 14 days"] == [order.reference]


def test_a_move_is_told_to_both_areas(areas: Map, smtp: Caught) -> None:
    order = order_in(areas)
    (person,) = [party.person for party in order.parties.filter(role="perpetrator")]
    send_all()
    old = person.residences.get()
    settle_residence(person, from_on=timezone.localdate(), neighbourhood=areas.foleshill, by=None, replacing=old)
    assert told(news(areas.walsall))["Changed since the last email"] == [order.reference]
    assert order.reference in (
        told(news(areas.coventry))["Changed since the last email"]
        + told(news(areas.coventry))["New since the last email"]
    )


def test_a_notice_with_a_deadline_comes_first(areas: Map) -> None:
    perpetrator = make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None))
    order = make_nmo(areas.force, perpetrator, make_person("V"), kind="NMO", made=recent(), until=later(90))
    from orders.actions.by_hand import NewOrder, register

    notice = register(
        NewOrder(
            "DVPN", "DVPN/1", areas.force, perpetrator, (make_person("W"),),
            (Event("SERVED", timezone.now() - timedelta(hours=2)),),
        ),
        by=None,
    )  # fmt: skip
    found = news(areas.walsall)
    assert told(found)["Do first: deadlines"] == [notice.reference]
    assert "hearing by" in found.sections[0].lines[0].note
    assert found.counts["deadlines"] == 1
    assert order.reference not in told(found)["Do first: deadlines"]


def test_a_deadline_says_when_a_court_last_sits_and_a_midnight_is_the_day_before() -> None:
    def words(due: str, at: str) -> str:
        sits = last_sitting(local(due), HOLIDAYS)
        return _due_words(Deadline("x", local(due), None, "", last_sitting=sits), "hearing", local(at))

    assert words("2026-11-25T06:28", "2026-11-24T06:00") == (
        "hearing by 06:28 on Wednesday 25 November 2026, court last sits until 16:00 on Tuesday 24 November 2026"
    )
    assert words("2026-11-25T06:28", "2026-11-25T06:00").endswith("2026, no court sits before that")
    assert words("2026-11-25T12:00", "2026-11-25T06:00") == "hearing by 12:00 on Wednesday 25 November 2026"
    late = Deadline("x", local("2026-11-27T00:00"), None, "")
    assert _due_words(late, "notify", local("2026-11-26T06:00")) == "notify by the end of Thursday 26 November 2026"
    assert _due_words(late, "notify", local("2026-11-27T06:00")).startswith("notify was due by the end of Thursday")


@pytest.mark.parametrize("secret", [True, None])
def test_a_protected_person_is_never_named_nor_their_neighbourhood_if_it_may_be_secret(
    areas: Map, secret: bool | None
) -> None:
    victim = make_person("QZVICTIM", secret=secret)
    settle_residence(
        victim,
        from_on=timezone.localdate() - timedelta(days=100),
        address="77 Hidden Street",
        postcode="WS9 9ZZ",
        neighbourhood=areas.foleshill,
        secret=secret,
        by=None,
    )
    order = order_in(areas, victim)
    record_event(order, Event("BREACHED", timezone.now(), text="He came to 77 Hidden Street"), by=None)
    found = news(areas.coventry)
    assert found.counts["live"] == 1
    written = text_of(found)
    for word in (
        "QZVICTIM",
        "Qzvictim",
        "Hidden",
        "WS9",
    ):
        assert word not in written, word
    assert "None in Demo WMP-COV-01" in written
    assert "protected person lives here" in written
    assert all(figure.count == 0 for figure in found.neighbourhoods)
    shown = text_of(news(areas.walsall))
    assert "PERPETRATOR" in shown
    assert "QZVICTIM" not in shown


def test_a_restricted_order_shows_its_kind_and_standing_only(areas: Map) -> None:
    order = order_in(areas)
    record_event(order, Event("BREACHED", timezone.now() - timedelta(hours=1)), by=None)
    Order.objects.filter(pk=order.pk).update(restricted=True)
    found = news(areas.walsall)
    written = text_of(found)
    assert "Restricted" in written
    assert "PERPETRATOR" not in written
    lines = [line for section in (*found.sections, found.live) for line in section.lines]
    assert {line.order_id for line in lines} == {order.pk}
    assert {(line.until, line.note, line.flags, line.where, line.roles) for line in lines} == {(None, "", (), (), ())}


def test_nobody_and_nothing_says_none(areas: Map) -> None:
    found = news(areas.walsall)
    written = emails.write(found)
    assert written.text.count("(None)") == len(found.sections) + 1
    assert written.subject.endswith(": 0 new, 0 not served, 0 live")


@pytest.mark.parametrize("count", [0, 1, 25, 60, 300, 3_000])
def test_an_email_never_grows_beyond_what_mail_programs_show(areas: Map, count: int) -> None:
    """Deadlines, new and changed keep every reference; the live list is cut and says so."""
    found = with_many(_with_one(areas), count)
    written = emails.write(found)
    assert emails.size(written) <= emails.LARGEST
    for number in range(min(count, emails.MOST_REFERENCES)):
        assert f"NEW/{number:05}" in written.text
        assert f"NEW/{number:05}" in written.html
    if count > emails.LIVE_LISTED:
        assert f"and {count - emails.LIVE_LISTED} more" in written.text or "more" in written.text
        assert written.cut
    assert max(len(line) for line in written.text.splitlines() if "://" not in line) <= emails.WIDTH


def with_many(found: News, count: int) -> News:
    line = found.live.lines[0]
    lines = tuple(replace(line, reference=f"NEW/{number:05}") for number in range(count))
    sections = [
        replace(section, count=count, lines=lines) if section.title.startswith("New") else section
        for section in found.sections
    ]
    return replace(found, sections=tuple(sections), live=replace(found.live, count=count, lines=lines[:60]))


def _with_one(areas: Map) -> News:
    order_in(areas)
    return news(areas.walsall)


def test_the_number_of_queries_does_not_grow_with_orders(
    areas: Map, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for count in (3, 12):
        while Order.objects.count() < count:
            order_in(areas)
        with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
            assert news(areas.walsall).counts["live"] == count


def test_the_first_email_of_an_area_takes_older_things_as_told(areas: Map, smtp: Caught) -> None:
    order_in(areas)
    telling.set_baseline([areas.walsall], before=timezone.now())
    assert told(news(areas.walsall))["New since the last email"] == []
    Mailbox.objects.exclude(area=areas.walsall).delete()
    send_all()
    assert DigestRun.objects.get(area=areas.walsall).listed != []
