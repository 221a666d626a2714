"""The monthly review: what is on the list, recording it, how much was on time, and what is taken along."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import time_machine

from orders.actions.by_hand import NewOrder, record_event, register, retract_event
from orders.models import AuditEntry, Category, Event, Order, Role
from orders.record.writing import Refused
from orders.reviews.month import OnTime, list_of_month, on_time
from orders.reviews.record import Decision, problems_of, record_reviews
from orders.statute import Event as StatuteEvent
from tests.orders.build import Map, local, make_map, make_person, make_user, on
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 1)
NOW = local("2026-06-20T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


def spo(areas: Map, made: str, *reviewed: tuple[str, str], kind: str = "SPO", **options: Any) -> Order:
    """An SPO until further order of somebody in Palfrey, made and reviewed at local times, each with the next day due."""
    events = [StatuteEvent("MADE", local(made), until_open=True)]
    if kind == "ISPO":
        events = [StatuteEvent("MADE", local(made), until=on("2026-12-31"), until_is_date=True)]
    events += [StatuteEvent("REVIEWED", local(at), until=on(due), until_is_date=True) for at, due in reviewed]
    return register(
        NewOrder(kind=kind, reference=f"{kind}/{Order.objects.count()}", owner_force=options.get("force", areas.force),
                 perpetrator=make_person("BOUND", (options.get("home", areas.palfrey), "2020-01-01", None)),
                 victims=[make_person("PROTECTED")], events=events), by=None,
    )  # fmt: skip


@pytest.fixture
def board(areas: Map) -> dict[str, Order]:
    """Orders as they stand on 20 June 2026."""
    return {
        "long overdue": spo(areas, "2026-01-10T10:00", ("2026-02-10T10:00", "2026-03-10")),
        "overdue": spo(areas, "2026-05-10T10:00"),
        "due today": spo(areas, "2026-05-20T10:00"),
        "due": spo(areas, "2026-01-10T10:00", ("2026-05-25T10:00", "2026-06-25")),
        "done": spo(areas, "2026-01-10T10:00", ("2026-05-12T10:00", "2026-06-12"), ("2026-06-11T10:00", "2026-07-11")),
        "next month": spo(areas, "2026-06-10T10:00"),
        "interim": spo(areas, "2026-01-10T10:00", kind="ISPO"),
        "elsewhere": spo(areas, "2026-05-10T10:00", home=areas.next_neighbourhood, force=areas.next_force),
    }


def listed(areas: Map, area: Any, now: datetime = NOW, month: date = JUNE, **options: Any) -> list[tuple[str, str]]:
    user = options.pop("user", None) or make_user(areas.force, Role.SUPERVISOR)
    return [(one.result.order.reference, one.state) for one in list_of_month(area, user, month, now)]


def test_the_list_has_the_longest_overdue_first_and_what_is_done_last(areas: Map, board: dict[str, Order]) -> None:
    wanted = [
        ("long overdue", "overdue"),
        ("overdue", "overdue"),
        ("due today", "due"),
        ("due", "due"),
        ("done", "done"),
    ]
    assert listed(areas, areas.walsall) == [(board[name].reference, state) for name, state in wanted]
    assert listed(areas, areas.coventry) == []
    assert listed(areas, areas.force, user=make_user(areas.next_force)) == []
    assert listed(areas, areas.force, user=make_user(areas.force, Role.AUDITOR)) == []
    first = list_of_month(areas.walsall, make_user(areas.force), JUNE, NOW)[0]
    assert (first.due_on, first.late_days) == (date(2026, 3, 10), 102)


def test_what_happened_since_the_last_review_is_told_unless_recorded_in_error(
    areas: Map, board: dict[str, Order]
) -> None:
    order = board["due"]
    record_event(order, StatuteEvent("BREACHED", local("2026-05-20T10:00")), by=None)
    for at in ("2026-05-26T10:00", "2026-06-01T10:00"):
        record_event(order, StatuteEvent("BREACHED", local(at)), by=None)
    wrong = record_event(order, StatuteEvent("BREACHED", local("2026-06-02T10:00")), by=None)
    retract_event(wrong, by=None, reason="another man")
    record_event(order, StatuteEvent("VARIED", local("2026-06-03T10:00")), by=None)
    found = {one.result.order.pk: one for one in list_of_month(areas.walsall, make_user(areas.force), JUNE, NOW)}
    assert found[order.pk].breaches == 2
    assert [change.kind for change in found[order.pk].changes] == ["VARIED"]


def test_the_share_on_time_counts_reviews_whose_day_is_over(areas: Map, board: dict[str, Order]) -> None:
    user = make_user(areas.force, Role.SUPERVISOR)
    # Due in June and over by the 20th: two missed, one held; today's, the 25th's and next month's are not over.
    assert on_time([areas.walsall, areas.coventry], user, JUNE, NOW) == {
        areas.walsall.pk: OnTime(3, 1), areas.coventry.pk: OnTime(0, 0),
    }  # fmt: skip
    assert on_time([areas.walsall], user, JUNE, local("2026-06-30T23:00"))[areas.walsall.pk] == OnTime(5, 1)
    assert OnTime(0, 0).percent is None
    assert OnTime(200, 199).percent == 99


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Decision("no change", date(2026, 6, 20)), "next_on: the next review must be after"),
        (Decision("no change", date(2026, 9, 1)), "next_on: the next review must be at most 62 days"),
        (Decision("vary", date(2026, 7, 20), owner="Sgt A"), "action: say what"),
        (Decision("vary", date(2026, 7, 20), action="Zone"), "owner: say who"),
        (Decision("forget", date(2026, 7, 20), action="a", owner="b"), "outcome: select"),
    ],
)
def test_a_decision_that_cannot_be_recorded_says_why_and_stores_nothing(
    areas: Map, board: dict[str, Order], decision: Decision, words: str
) -> None:
    assert any(problem.startswith(words) for problem in problems_of(decision, NOW))
    before = Event.objects.count()
    with pytest.raises(Refused, match=words):
        record_reviews([board["due"]], decision, at=NOW, by=None)
    assert Event.objects.count() == before


def test_several_are_recorded_at_once_or_none(areas: Map, board: dict[str, Order]) -> None:
    both = [board["overdue"], board["due today"]]
    record_reviews(both, Decision("no change", date(2026, 7, 18)), at=NOW, by=None)
    states = dict(listed(areas, areas.walsall))
    assert [states[order.reference] for order in both] == ["done", "done"]
    assert (
        dict(listed(areas, areas.walsall, local("2026-07-19T09:00"), date(2026, 7, 1)))[both[0].reference] == "overdue"
    )
    other = board_nmo(areas)
    before = Event.objects.count()
    with pytest.raises(Refused):
        record_reviews([board["due"], other], Decision("no change", date(2026, 7, 18)), at=NOW, by=None)
    assert Event.objects.count() == before


def board_nmo(areas: Map) -> Order:
    """An order that is not reviewed at all."""
    return register(
        NewOrder(kind="DVPO", reference="DVPO/1", owner_force=areas.force, perpetrator=make_person("B"),
                 victims=[make_person("P")], events=[StatuteEvent("MADE", local("2026-06-10T10:00"))]), by=None,
    )  # fmt: skip


@time_machine.travel(NOW, tick=False)
def test_a_supervisor_records_and_a_double_submit_records_once(areas: Map, board: dict[str, Order]) -> None:
    client, _ = signed_in(areas, Role.SUPERVISOR)
    path = "/reviews?area=WMP-WAL&month=2026-06"
    page = client.get(path)
    assert "5 orders : 2 overdue, 2 due, 1 done." in text(page)
    key = page.context["form"]["key"].value()
    sent = {
        "key": key, "outcome": "vary", "action": "Add a zone", "owner": "Sgt Example", "order": [str(board["due"].public_id)],
        "next_on_day": "20", "next_on_month": "7", "next_on_year": "2026",
    }  # fmt: skip
    sent |= {name: value for name, value in _boxes(page).items() if name not in sent}
    for _ in range(2):
        assert client.post(path, sent).status_code == 302
    (event,) = Event.objects.filter(order=board["due"], kind="REVIEWED", at=NOW)
    assert "Apply to vary: Add a zone. Owner: Sgt Example" in text(client.get(path))
    assert event.until == on("2026-07-20")
    nothing = client.post(path, sent | {"order": [], "key": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22"})
    assert nothing.status_code == 400
    assert "None is selected" in text(nothing)
    assert "Add a zone" in nothing.content.decode()
    viewer, _ = signed_in(areas)
    assert "Record for those ticked" not in text(viewer.get(path))
    assert viewer.post(path, sent).status_code == 403
    for bad in (
        "/reviews?area=STF",
        "/reviews?month=june",
        "/reviews?month=9999-12",
        "/reviews?month=0001-01",
        "/reviews?area=WMP-WAL-01",
        "/reviews?x=1",
    ):
        assert client.get(bad).status_code == 400, bad


def _boxes(page: Any) -> dict[str, str]:
    """The names under which the boxes of the date are sent."""
    import re

    names = re.findall(r'name="(next_on[^"]*)"', page.content.decode())
    return dict(zip(names, ("20", "7", "2026"), strict=True))


@time_machine.travel(NOW, tick=False)
def test_what_is_taken_along_is_marked_recorded_and_names_no_protected_person(
    areas: Map, board: dict[str, Order]
) -> None:
    restricted = board["due"]
    Order.objects.filter(pk=restricted.pk).update(restricted=True)
    client, user = signed_in(areas, Role.SUPERVISOR)
    pack = client.get("/reviews/pack?area=WMP-WAL&month=2026-06")
    assert pack.content.decode().count('class="register-pack"') == 4
    assert f"{restricted.reference}: restricted" in text(pack)
    assert "PROTECTED" not in pack.content.decode()
    pdf = client.get("/reviews/pack.pdf?area=WMP-WAL&month=2026-06")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.count(b"/Type /Page\n") == 4
    sheet = client.get("/reviews/list.xlsx?area=WMP-WAL&month=2026-06")
    words = zipfile.ZipFile(io.BytesIO(sheet.content)).read("xl/sharedStrings.xml").decode()
    assert "OFFICIAL-SENSITIVE" in words
    assert "BOUND" in words
    assert "PROTECTED" not in words
    entries = AuditEntry.objects.filter(user=user, category=Category.DISCLOSURE)
    assert [entry.action for entry in entries.order_by("pk")] == [
        "print review pack",
        "print review pack",
        "export reviews",
    ]
    assert all(len(entry.orders) == 5 for entry in entries)
