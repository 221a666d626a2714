"""Worklists: what is on them and since when, for whom; who has an item, and what brings back one that was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from orders.actions.by_hand import NewOrder, record_event, register
from orders.models import Area, AuditEntry, ImportRun, Order, Person, QuarantinedOrder, Role, WorkEntry, WorkStep
from orders.record.writing import Refused
from orders.statute import Event
from orders.views.worklists import _age
from orders.work import state
from orders.work.likenesses import pairs
from orders.work.lists import LISTS, rows
from orders.work.summary import summary
from tests.orders.build import Map, make_map, make_person, make_user
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def order(areas: Map, kind: str, *events: Event, **options: Any) -> Order:
    """An order bound on somebody in Palfrey, born in 1980, unless told otherwise."""
    home = options.pop("home", areas.palfrey)
    bound = make_person(options.pop("name", "BOUND"), *([(home, "2020-01-01", None)] if home else []))
    Person.objects.filter(pk=bound.pk).update(date_of_birth=options.pop("born", date(1980, 1, 1 + bound.pk % 28)))
    force = options.pop("force", areas.force)
    return register(
        NewOrder(kind=kind, reference=f"{kind}/{bound.pk}", owner_force=force, perpetrator=bound,
                 victims=[make_person("PROTECTED")], events=events, **options), by=None,
    )  # fmt: skip


def ago(**time: float) -> Any:
    return (timezone.now() - timedelta(**time)).replace(microsecond=0)


def made(days: float, until_days: float | None, **options: Any) -> Event:
    """Made so many days ago, until so many days from now (negative: over), or until further order."""
    until = None if until_days is None else ago(days=-until_days)
    return Event("MADE", ago(days=days), until=until, until_open=until is None, **options)


@pytest.fixture
def everything(areas: Map) -> dict[str, list[Order]]:
    """By list, the orders that belong on it, among others that do not."""
    served, on_pnc = Event("SERVED", ago(days=5)), Event("ON_PNC", ago(days=5))
    hearing = order(areas, "DVPN", Event("SERVED", ago(hours=3)), Event("ON_PNC", ago(hours=2)))
    forgotten = order(areas, "DVPN", Event("SERVED", ago(days=30)), Event("ON_PNC", ago(days=30)))
    unserved = order(areas, "NMO", made(10, 200), on_pnc)
    off = order(areas, "NMO", made(10, 200), served)
    over = order(areas, "NMO", made(100, -3), Event("SERVED", ago(days=99)), Event("ON_PNC", ago(days=99)))
    removed = order(
        areas,
        "NMO",
        made(100, -3),
        Event("SERVED", ago(days=99)),
        Event("ON_PNC", ago(days=99)),
        Event("OFF_PNC", ago(days=1)),
    )
    interim = order(areas, "ISPO", made(10, 5), served, on_pnc)
    gap = order(areas, "ISPO", made(60, -10), Event("SERVED", ago(days=59)), Event("OFF_PNC", ago(days=9)))
    replaced = order(areas, "ISPO", made(60, 30), Event("SERVED", ago(days=59)), Event("OFF_PNC", ago(days=9)))
    full = order(areas, "SPO", made(20, None), served, on_pnc, replaces=replaced)
    ending = order(areas, "NMO", made(100, 9), served, on_pnc)
    nobody = order(areas, "NMO", made(10, 300), served, on_pnc, born=None)
    homeless = order(areas, "NMO", made(10, 300), served, on_pnc, home=None)
    order(areas, "NMO", made(10, 300), served, on_pnc, force=areas.next_force, home=areas.next_neighbourhood, born=None)
    assert [one.pk for one in (removed, full)]
    # The protected people have no known home in any of these, so all that are live are "not placed" in part.
    live = [hearing, unserved, off, interim, full, ending, nobody, homeless]
    return {
        "hearings": [hearing], "unconfirmed": [forgotten], "not-served": [unserved], "not-on-pnc": [off],
        "off-pnc-due": [over], "interim-gaps": [gap, interim], "ending": [ending], "no-birth-date": [nobody],
        "not-placed": live,
    }  # fmt: skip


def test_each_list_holds_what_belongs_on_it_and_the_summary_counts_it(
    areas: Map, everything: dict[str, list[Order]]
) -> None:
    user, now = make_user(areas.force, Role.CIVIL_ORDERS_TEAM), timezone.now()
    for name, wanted in everything.items():
        found = list(rows(LISTS[name], areas.force, user, now).values_list("order_id", flat=True))
        assert sorted(found) == sorted(one.pk for one in wanted), name
    counted = {line.worklist.name: line for line in summary(areas.force, user, now)}
    assert {name: counted[name].count for name in everything} == {
        name: len(found) for name, found in everything.items()
    }
    assert counted["hearings"].oldest is not None
    assert counted["hearings"].oldest > now
    assert (now - (counted["not-served"].oldest or now)).days == 10
    in_walsall = {line.worklist.name: line.count for line in summary(areas.walsall, user, now)}
    assert in_walsall["no-birth-date"] == 1
    assert in_walsall["not-placed"] == in_walsall["duplicates"] == 0
    assert not any(line.count for line in summary(areas.coventry, user, now))


def test_nobody_sees_another_forces_lists_in_any_count(areas: Map, everything: dict[str, list[Order]]) -> None:
    stranger, now = make_user(areas.next_force), timezone.now()
    assert {line.count for line in summary(areas.force, stranger, now)} == {0}
    assert {line.worklist.name: line.count for line in summary(areas.next_force, stranger, now)}["no-birth-date"] == 1
    assert {line.count for line in summary(areas.force, make_user(areas.force, Role.AUDITOR), now)} == {0}


@pytest.mark.django_db(transaction=True)
def test_done_leaves_the_list_until_something_happens_or_it_is_opened_again(areas: Map) -> None:
    user, now = make_user(areas.force, Role.CIVIL_ORDERS_TEAM), timezone.now()
    one = order(areas, "NMO", made(10, 300))
    item = {f"o{one.pk}": one.pk}

    def count() -> int:
        return {line.worklist.name: line.count for line in summary(areas.force, user, now)}["not-served"]

    assert count() == 1
    with transaction.atomic():
        state.say(
            "not-served", item, WorkStep.DONE, by=user, force=areas.force, note="He cannot be found (demonstration)"
        )
    assert count() == 0
    state.say("not-served", item, WorkStep.REOPENED, by=user, force=areas.force)
    assert count() == 1
    state.say("not-served", item, WorkStep.DONE, by=user, force=areas.force, note="Still not found")
    assert count() == 0
    record_event(one, Event("ATTEMPTED", now), by=None)
    assert count() == 1


def test_who_has_what(areas: Map) -> None:
    team, colleague = (make_user(areas.force, Role.CIVIL_ORDERS_TEAM) for _ in range(2))
    one, other = order(areas, "NMO", made(10, 300)), order(areas, "NMO", made(10, 300))
    say = lambda to, *orders: state.say(  # noqa: E731 - said four times
        "not-served",
        {f"o{found.pk}": found.pk for found in orders},
        WorkStep.ASSIGNED,
        by=team,
        force=areas.force,
        to=to,
    )
    say(team, one, other)
    say(colleague, other)
    lines = {line.worklist.name: line for line in summary(areas.force, team, timezone.now())}
    assert (lines["not-served"].count, lines["not-served"].nobody, lines["not-served"].mine) == (2, 0, 1)
    say(None, one)
    lines = {line.worklist.name: line for line in summary(areas.force, team, timezone.now())}
    assert (lines["not-served"].nobody, lines["not-served"].mine) == (1, 0)
    assert WorkEntry.objects.count() == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkEntry.objects.all().delete()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"step": WorkStep.NOTED}, "say what you found out"),
        ({"step": WorkStep.DONE, "note": " "}, "say what was decided"),
        ({"step": WorkStep.ASSIGNED, "to": "stranger"}, "not of the civil orders team"),
        ({"step": WorkStep.ASSIGNED, "to": "viewer"}, "not of the civil orders team"),
        ({"step": WorkStep.NOTED, "note": "n", "items": {}}, "none is selected"),
        ({"step": WorkStep.NOTED, "note": "n", "by": "viewer"}, "only the civil orders team"),
        ({"step": WorkStep.NOTED, "note": "n", "by": "stranger"}, "only the civil orders team"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_remedy(areas: Map, options: dict[str, Any], words: str) -> None:
    people = {
        "viewer": make_user(areas.force),
        "stranger": make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM),
        "team": make_user(areas.force, Role.CIVIL_ORDERS_TEAM),
    }
    asked: dict[str, Any] = {"items": {"o1": None}, "by": "team", **options}
    asked["by"] = people[asked["by"]]
    if "to" in asked:
        asked["to"] = people[asked["to"]]
    with pytest.raises(Refused, match=words):
        state.say("not-served", asked.pop("items"), asked.pop("step"), force=areas.force, **asked)
    assert not WorkEntry.objects.exists()


def test_people_who_look_alike_are_proposed_until_told_apart(areas: Map) -> None:
    born = date(1986, 6, 23)
    first, second = (order(areas, "NMO", made(10, 300), name=name, born=born) for name in ("O'Hara", "OHARA"))
    order(areas, "NMO", made(10, 300), name="O'Hara", born=date(1986, 6, 24))
    hidden = order(areas, "NMO", made(10, 300), name="OHARA", born=born)
    Order.objects.filter(pk=hidden.pk).update(restricted=True)
    order(areas, "NMO", made(100, -3), name="OHARA", born=born)
    team = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    (pair,) = pairs(areas.force, team, timezone.now())
    assert {pair.one, pair.other} == {one.parties.get(role="perpetrator").person for one in (first, second)}
    from orders.actions.likeness import tell_people_apart

    tell_people_apart(pair.one, pair.other, by=None, reason="different men")
    assert pairs(areas.force, team, timezone.now()) == []


def test_the_pages_show_say_and_keep_what_was_typed(areas: Map) -> None:
    one = order(areas, "NMO", made(10, 300))
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    page = client.get("/worklists")
    assert "Live and not known to be served 1 10 days 1 0" in text(page)
    listed = client.get("/worklists/not-served?area=WMP-WAL")
    assert one.reference in text(listed)
    assert AuditEntry.objects.latest("pk").orders == [one.pk]
    nothing = client.post("/worklists/not-served?area=WMP-WAL", {"step": "noted", "note": "He moved"})
    assert nothing.status_code == 400
    assert "None is selected" in text(nothing)
    assert "He moved" in nothing.content.decode()
    blank = client.post("/worklists/not-served?area=WMP-WAL", {"step": "done", "item": f"o{one.pk}"})
    assert blank.status_code == 400
    assert f'value="o{one.pk}" checked' in blank.content.decode()
    gone = client.post("/worklists/not-served?area=WMP-WAL", {"step": "noted", "note": "n", "item": ["o999999"]})
    assert "no longer on this list" in text(gone)
    done = client.post(
        "/worklists/not-served?area=WMP-WAL", {"step": "done", "note": "Told", "item": f"o{one.pk}"}, follow=True
    )
    assert "1 item: done" in text(done)
    assert one.reference not in text(done)
    assert "Told" in text(client.get("/worklists/not-served?area=WMP-WAL&show=done"))
    viewer, _ = signed_in(areas)
    shown = viewer.get("/worklists/not-served?area=WMP-WAL&show=done")
    assert "Those ticked" not in text(shown)
    assert viewer.post("/worklists/not-served", {"step": "noted", "note": "n", "item": f"o{one.pk}"}).status_code == 403
    for path in (
        "/worklists/nothing",
        "/worklists/not-served?area=STF",
        "/worklists?area=WMP-WAL-01",
        "/worklists?x=1",
    ):
        assert client.get(path).status_code in (400, 404), path


def test_orders_that_were_not_applied_wait_in_their_own_forces_list(areas: Map) -> None:
    run = ImportRun.objects.create(
        source="s", bundle="b", content_hash="h", mode="full", extracted_at=ago(days=3), started_at=ago(days=3)
    )
    for force, ref in ((areas.force, "OURS-1"), (areas.next_force, "THEIRS-1")):
        QuarantinedOrder.objects.create(
            run=run, source="s", source_ref=ref, reference=ref, owner_force=force, reasons=["orders.csv line 2: x"]
        )
    client, _ = signed_in(areas)
    page = text(client.get("/worklists/quarantined?area=WMP"))
    assert "OURS-1" in page
    assert "THEIRS-1" not in page
    assert "1 item" in page
    assert client.get("/worklists/quarantined?area=WMP-WAL").status_code == 302


def test_as_many_statements_for_many_items_as_for_few(areas: Map) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)

    def asked(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as watched:
            assert client.get(path).status_code == 200
        return len(watched)

    for _ in range(3):
        order(areas, "NMO", made(10, 300), born=date(1986, 6, 23))
    paths = ("/worklists?area=WMP", "/worklists/not-served?area=WMP", "/worklists/duplicates?area=WMP")
    few = [asked(path) for path in paths]
    for _ in range(20):
        order(areas, "NMO", made(10, 300))
    assert [asked(path) for path in paths] == few


def test_every_list_names_an_area_field(areas: Map) -> None:
    assert all(one.holds is None or one.since for one in LISTS.values())
    assert isinstance(areas.force, Area)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=28), "in 0 h 28 min"),
        (timedelta(hours=47, minutes=59), "in 47 h 59 min"),
        (timedelta(days=3, hours=1), "in 3 days"),
        (timedelta(hours=-1), "today"),
        (timedelta(days=-1), "1 day"),
        (timedelta(days=-12), "12 days"),
    ],
)
def test_the_overview_says_in_hours_what_is_due_within_two_days(left: timedelta, words: str) -> None:
    now = timezone.now()
    assert _age(now, now + left) == words
