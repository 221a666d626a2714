"""What the civil orders team does to an order and its people, and that a refused action leaves nothing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from orders.access.sealing import unseal
from orders.actions.by_hand import NewOrder, Refused, correct_event, record_event, register, retract_event
from orders.actions.headings import correct_heading, restrict, unrestrict, vary
from orders.actions.merging import merge
from orders.actions.people import correct_person, move
from orders.models import (
    AuditEntry,
    Condition,
    Event,
    Order,
    Person,
    Place,
    Recording,
    Residence,
    Role,
    User,
)
from orders.record import facts
from orders.record.as_known import described, held
from orders.record.recording import recording
from orders.record.storing import NewCondition, NewHome, NewPerson
from orders.record.versions import recordings_since, version_of
from orders.record.writing import Changed, Form, Repeated
from orders.statute import Event as StatuteEvent
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user, on
from tests.orders.stored import as_recomputed, everything, searched, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def keeper(areas: Map) -> User:
    return make_user(areas.force, Role.CIVIL_ORDERS_TEAM)


@pytest.fixture
def order(areas: Map) -> Order:
    return make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
    )


def test_an_order_is_entered_whole_by_one_recording(areas: Map, keeper: User) -> None:
    home = NewHome(date(2026, 1, 1), address="1 Invented Road", postcode="ws1 1aa", neighbourhood=areas.palfrey)
    order = register(
        NewOrder(
            "SPO", "SPO/9", areas.force, NewPerson("RED", "Rob", homes=(home,)), [NewPerson("GREEN", "Gail")],
            events=[StatuteEvent("MADE", local("2026-03-02T11:00"), until_open=True)],
            conditions=[NewCondition("B", "Must not contact GREEN.")],
            relationships={0: "former partner"},
        ),
        by=keeper,
    )  # fmt: skip
    assert Recording.objects.count() == 1
    assert set(Person.objects.values_list("recording", flat=True)) == {order.recording_id}
    assert unseal([order.parties.get(role="victim").relationship]) == ["former partner"]
    assert unseal([Residence.objects.get().postcode]) == ["WS1 1AA"]
    assert AuditEntry.objects.get().action == "register order"
    assert searched()[areas.palfrey] == {"SPO/9"}
    assert as_recomputed()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([StatuteEvent("MADE", local("2024-02-10T11:00"), until=on("2024-03-09"), until_is_date=True)], "29 days"),
        ([StatuteEvent("MADE", local("2024-02-10T11:00"), until=on("2024-02-22"), until_is_date=True)], "13 days"),
    ],
)
def test_an_order_that_the_law_does_not_know_leaves_nothing(
    areas: Map, keeper: User, events: list[StatuteEvent], words: str
) -> None:
    before = everything()
    with pytest.raises(Refused, match=words):
        register(NewOrder("DVPO", "X", areas.force, NewPerson("A"), [NewPerson("B")], events=events), by=keeper)
    assert everything() == before


def test_a_notice_against_somebody_too_young_is_refused_whoever_asks(areas: Map, keeper: User) -> None:
    authorised = StatuteEvent("AUTHORISED", local("2026-03-03T10:00"))
    young, grown = NewPerson("A", date_of_birth=date(2010, 1, 1)), NewPerson("A", date_of_birth=date(1980, 1, 1))
    with pytest.raises(Refused, match="perpetrator: A DVPN binds only somebody aged 18 or over"):
        register(NewOrder("DVPN", "X", areas.force, young, [NewPerson("B")], events=[authorised]), by=keeper)
    held = register(NewOrder("DVPN", "X", areas.force, young, [NewPerson("B")]), by=keeper)
    with pytest.raises(Refused, match="at: A DVPN binds only somebody aged 18 or over"):
        record_event(held, authorised, by=keeper)
    register(NewOrder("DVPN", "Y", areas.force, grown, [NewPerson("B")], events=[authorised]), by=keeper)


def test_what_follows_a_notice_is_held_to_it_at_both_ends(areas: Map, keeper: User) -> None:
    def entered(kind: str, *events: StatuteEvent, follows: Order | None = None) -> Order:
        new = NewOrder(
            kind, f"{kind}/1", areas.force, NewPerson("A"), [NewPerson("B")], events=events, replaces=follows
        )
        return register(new, by=keeper)

    notice = entered("DVPN", StatuteEvent("AUTHORISED", local("2026-03-03T20:00")))
    made = StatuteEvent("MADE", local("2026-03-03T19:30"), until=local("2026-03-20T00:00"), until_is_date=True)
    with pytest.raises(Refused, match="before the DVPN that it follows was authorised"):
        entered("DVPO", made, follows=notice)
    alone = entered("DVPO", made)
    with pytest.raises(Refused, match="replaces: cannot be that order: made at 19:30"):
        correct_heading(alone, {"replaces": notice}, by=keeper, reason="it follows that notice")
    order = entered("DVPO", replace(made, at=local("2026-03-04T11:00")), follows=notice)
    with pytest.raises(Refused, match="after the DVPO that follows it was made"):
        record_event(notice, StatuteEvent("SERVED", local("2026-03-04T11:30")), by=keeper)
    with pytest.raises(Refused, match="before the DVPN that it follows was authorised"):
        correct_event(order.events.get(), replace(made, at=local("2026-03-03T19:00")), by=keeper, reason="misread")
    record_event(notice, StatuteEvent("SERVED", local("2026-03-03T21:00")), by=keeper)
    assert as_recomputed()


def test_a_wrong_time_is_put_right_in_one_step_and_both_stay(order: Order, keeper: User) -> None:
    wrong = record_event(order, StatuteEvent("SERVED", local("2026-03-05T10:00")), by=keeper)
    right = correct_event(wrong, StatuteEvent("SERVED", local("2026-03-05T22:00")), by=keeper, reason="am for pm")
    known = facts.load([order.pk])[order.pk]
    assert [event.kind for event in known.events] == ["MADE", "SERVED", "RETRACTED", "SERVED"]
    assert right.recording == Event.objects.get(retracts=wrong).recording
    place = Place.objects.filter(order=order).latest("pk")
    assert place.served_from == local("2026-03-05T22:00")
    with pytest.raises(Refused, match="already been taken back"):
        retract_event(wrong, by=keeper, reason="again")
    assert as_recomputed()


def test_a_correction_is_held_to_the_law_without_what_it_takes_back(order: Order, keeper: User) -> None:
    made = Event.objects.get(order=order, kind="MADE")
    correct_event(
        made, StatuteEvent("MADE", local("2026-03-03T11:00"), until_open=True), by=keeper, reason="a day later"
    )
    before = everything()
    served = record_event(order, StatuteEvent("SERVED", local("2026-03-04T10:00")), by=keeper)
    with pytest.raises(Refused, match="before it was made"):
        correct_event(served, StatuteEvent("SERVED", local("2026-03-01T10:00")), by=keeper, reason="wrong")
    assert [len(rows) for rows in everything()][1] == len(before[1]) + 1


def test_a_heading_is_put_right_and_the_old_one_kept(order: Order, keeper: User) -> None:
    then = timezone.now()
    old = order.reference
    changed = correct_heading(order, {"reference": "NMO/2026/RIGHT"}, by=keeper, reason="misread")
    assert changed.reference == "NMO/2026/RIGHT"
    assert described([changed], then)[order.pk].reference == old
    with pytest.raises(Refused, match="nothing is changed"):
        correct_heading(order, {"reference": "NMO/2026/RIGHT"}, by=keeper, reason="misread")
    with pytest.raises(Refused, match="kind: cannot be DVPN while this is recorded"):
        correct_heading(order, {"kind": "DVPN"}, by=keeper, reason="misread")
    with pytest.raises(Refused, match="is not part of a heading"):
        correct_heading(order, {"owner_force_id": 1}, by=keeper, reason="misread")
    with pytest.raises(Refused, match="kind: cannot be DVPO while this is recorded: its stated end gives 365 days"):
        correct_heading(order, {"kind": "DVPO"}, by=keeper, reason="misread")
    kind = correct_heading(order, {"kind": "RO"}, by=keeper, reason="it is a restraining order")
    assert set(Place.objects.filter(order=kind).values_list("kind", flat=True)) == {"RO"}
    assert as_recomputed()


def test_whom_an_order_follows_is_put_right_at_both_ends(areas: Map, keeper: User) -> None:
    people = make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V")
    interim = [
        make_nmo(areas.force, *people, made="2026-03-01T10:00", until="2026-12-31", kind="ISPO") for _ in range(2)
    ]
    full = make_nmo(areas.force, *people, made="2026-04-01T10:00", until=None, kind="SPO")
    correct_heading(full, {"replaces": interim[0]}, by=keeper, reason="it follows that one")
    assert [standing(one) for one in interim] == ["ended", "live"]
    correct_heading(full, {"replaces": interim[1]}, by=keeper, reason="no, that one")
    assert [standing(one) for one in interim] == ["live", "ended"]
    with pytest.raises(Refused, match="that order follows this one"):
        correct_heading(interim[1], {"replaces": full}, by=keeper, reason="wrong way round")
    assert as_recomputed()


def test_an_order_is_restricted_and_opened_again_with_a_reason(order: Order, keeper: User) -> None:
    with pytest.raises(Refused, match="reason: is missing"):
        restrict(order, by=keeper, reason=" ")
    restrict(order, by=keeper, reason="member of staff")
    order.refresh_from_db()
    assert (order.restricted, unseal([order.restricted_reason])) == (True, ["member of staff"])
    with pytest.raises(Refused, match="already"):
        restrict(order, by=keeper, reason="twice")
    unrestrict(order, by=keeper, reason="left the force")
    order.refresh_from_db()
    assert not order.restricted
    assert [entry.action for entry in AuditEntry.objects.filter(user=keeper).order_by("pk")] == [
        "restrict order",
        "unrestrict order",
    ]


def test_conditions_that_were_varied_say_at_each_instant_what_they_said_then(order: Order, keeper: User) -> None:
    with recording(by=None, action="conditions") as opened:
        zone, contact = (
            Condition.objects.create(order=order, source_ref=ref, code=code, text=text, recording=opened)
            for ref, code, text in (("C1", "D", "Must not enter the zone."), ("C2", "B", "No contact."))
        )
    vary(
        order,
        StatuteEvent("VARIED", local("2026-04-01T10:00"), until=on("2028-01-01"), until_is_date=True),
        ended=[zone],
        added=[NewCondition("C", "Must not enter the school.", begins=local("2026-04-01T10:00"))],
        by=keeper,
    )
    from orders.search.cards import condition_runs

    def runs(at: str) -> set[str]:
        rows = held(Condition.objects.filter(order=order), None)
        return {one.code for one in rows if condition_runs(one, local(at))}

    assert runs("2026-04-01T09:59") == {"B", "D"}
    assert runs("2026-04-01T10:00") == {"B", "C"}
    assert Condition.objects.filter(order=order, superseded__isnull=False).get().pk == zone.pk
    with pytest.raises(Refused, match="conditions: one of them has been changed meanwhile"):
        vary(order, StatuteEvent("VARIED", local("2026-05-01T10:00")), ended=[zone], by=keeper)
    assert Event.objects.filter(order=order, kind="VARIED").count() == 1
    assert contact.pk


def test_a_person_who_moves_is_found_in_the_new_area_from_that_day(areas: Map, order: Order, keeper: User) -> None:
    victim = order.parties.get(role="victim").person
    move(victim, NewHome(date(2026, 5, 1), neighbourhood=areas.palfrey), by=keeper, reason="rang in")
    rows = list(Residence.objects.filter(person=victim, superseded__isnull=True).order_by("from_on"))
    assert [(row.neighbourhood, row.from_on, row.to_on) for row in rows] == [
        (areas.foleshill, date(2020, 1, 1), date(2026, 5, 1)),
        (areas.palfrey, date(2026, 5, 1), None),
    ]
    assert order.reference not in searched().get(areas.foleshill, set())
    for day, roles in ((date(2026, 4, 30), 1), (date(2026, 5, 1), 3)):
        at = local(f"{day}T12:00")
        assert Place.objects.at(at).get(order=order, area=areas.palfrey).roles == roles
    with pytest.raises(Refused, match="already recorded as living somewhere from that day"):
        move(victim, NewHome(date(2026, 5, 1)), by=keeper)
    with pytest.raises(Refused, match="another home is recorded from 1 May 2026"):
        move(victim, NewHome(date(2026, 4, 1)), by=keeper)
    move(victim, NewHome(date(2026, 4, 1), to_on=date(2026, 5, 1), neighbourhood=areas.radford), by=keeper)
    assert as_recomputed()


def test_a_form_sent_twice_is_carried_out_once(order: Order, keeper: User) -> None:
    form = Form(uuid.uuid4(), version_of(order.pk), "/orders/1")
    event = StatuteEvent("BREACHED", local("2026-05-05T10:00"))
    record_event(order, event, by=keeper, form=form)
    before = everything()
    with pytest.raises(Repeated) as again:
        record_event(order, event, by=keeper, form=form)
    assert again.value.leads_to == "/orders/1"
    assert everything() == before


def test_who_comes_second_is_told_what_changed(order: Order, keeper: User) -> None:
    opened_at, seen = timezone.now() - timedelta(seconds=1), version_of(order.pk)
    other = make_user(order.owner_force, Role.CIVIL_ORDERS_TEAM)
    record_event(order, StatuteEvent("SERVED", local("2026-03-04T10:00")), by=other)
    before = everything()
    with pytest.raises(Changed):
        record_event(order, StatuteEvent("SERVED", local("2026-03-04T11:00")), by=keeper, form=Form(uuid.uuid4(), seen))
    assert everything() == before
    (told, events), *_ = recordings_since(order, opened_at)
    assert told.by == other
    assert [event.kind for event in events] == ["SERVED"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_the_team_writes(order: Order, areas: Map, role: Role) -> None:
    user, before = make_user(areas.force, role), everything()
    person = order.parties.get(role="victim").person
    for act in (
        lambda: record_event(order, StatuteEvent("SERVED", local("2026-03-04T10:00")), by=user),
        lambda: retract_event(order.events.get(), by=user, reason="r"),
        lambda: correct_heading(order, {"court": "x"}, by=user, reason="r"),
        lambda: restrict(order, by=user, reason="r"),
        lambda: correct_person(person, {"given_names": "x"}, by=user, reason="r"),
        lambda: move(person, NewHome(date(2026, 5, 1)), by=user),
        lambda: merge(person, order.parties.get(role="perpetrator").person, by=user, reason="r"),
        lambda: register(NewOrder("NMO", "X", areas.force, NewPerson("A"), [NewPerson("B")]), by=user),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert everything() == before


def test_the_team_of_another_force_does_not_write(order: Order, areas: Map) -> None:
    user, before = make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM), everything()
    person = order.parties.get(role="victim").person
    with pytest.raises(PermissionDenied):
        record_event(order, StatuteEvent("SERVED", local("2026-03-04T10:00")), by=user)
    with pytest.raises(PermissionDenied):
        move(person, NewHome(date(2026, 5, 1)), by=user)
    with pytest.raises(PermissionDenied):
        correct_person(person, {"given_names": "x"}, by=user, reason="r")
    assert everything() == before
