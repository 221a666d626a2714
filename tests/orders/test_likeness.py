"""People and orders that were recorded twice become one, and two again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from orders.access.sealing import unseal
from orders.actions.adopting import adopt, undo_adopt
from orders.actions.by_hand import NewOrder, Refused, correct_event, record_event, register, retract_event
from orders.actions.headings import correct_heading, restrict, vary
from orders.actions.likeness import tell_people_apart
from orders.actions.merging import merge, undo_merge
from orders.models import (
    Adoption,
    AuditEntry,
    Condition,
    Event,
    ImportRun,
    Order,
    Party,
    Person,
    Place,
    Role,
    ToldApart,
    User,
)
from orders.record import facts
from orders.record.as_known import held
from orders.record.recording import recording
from orders.record.storing import NewCondition, NewPerson
from orders.statute import Event as StatuteEvent
from orders.statute import effective
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user
from tests.orders.stored import NOON, as_recomputed, everything, searched, standing

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


def test_two_records_of_one_person_become_one_and_two_again(areas: Map, keeper: User) -> None:
    kept = make_person("SMITH", (areas.palfrey, "2020-01-01", None))
    other = make_person("SMYTH", (areas.radford, "2021-01-01", None))
    Person.objects.filter(pk=other.pk).update(date_of_birth=date(1980, 1, 2), aliases=[["JONES", "A"]])
    victim = make_person("V")
    first, second = make_nmo(areas.force, kept, victim), make_nmo(areas.force, other, victim)
    before, then = searched(), timezone.now()
    merged = merge(kept, other, by=keeper, reason="same PNC ID")
    kept.refresh_from_db()
    assert {order.pk for order in Order.objects.filter(parties__person=kept, parties__superseded=None)} == {
        first.pk,
        second.pk,
    }
    assert kept.aliases == [["SMYTH", ""], ["JONES", "A"]]
    assert kept.date_of_birth == date(1980, 1, 2)
    assert searched()[areas.palfrey] == searched()[areas.radford] == {first.reference, second.reference}
    assert held(Party.objects.filter(order=second, role="perpetrator"), then).get().person == other
    assert as_recomputed()
    with pytest.raises(Refused, match="already been merged"):
        merge(kept, other, by=keeper, reason="again")
    record_event(second, StatuteEvent("SERVED", local("2026-03-04T10:00")), by=keeper)
    undo_merge(merged, by=keeper, reason="two people after all")
    kept.refresh_from_db()
    assert searched() == before
    assert (kept.aliases, kept.date_of_birth) == ([], None)
    assert held(Party.objects.filter(order=second, role="perpetrator"), None).get().person == other
    assert Event.objects.filter(order=second, kind="SERVED").exists()
    assert as_recomputed()
    with pytest.raises(Refused, match="already been undone"):
        undo_merge(merged, by=keeper, reason="again")


def test_who_stands_on_both_sides_of_an_order_is_not_one_person(order: Order, keeper: User) -> None:
    one, other = (party.person for party in order.parties.all())
    before = everything()
    with pytest.raises(Refused, match="binds the one and protects the other"):
        merge(one, other, by=keeper, reason="look alike")
    assert everything() == before
    tell_people_apart(other, one, by=keeper)
    tell_people_apart(one, other, by=keeper)
    assert ToldApart.objects.count() == 1


def test_an_order_entered_by_hand_is_found_to_be_the_imported_one(areas: Map, keeper: User) -> None:
    people = make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V")
    entered = make_nmo(areas.force, *people, made="2026-03-02T11:00")
    served = StatuteEvent("SERVED", local("2026-03-03T10:00"))
    record_event(entered, served, by=keeper)
    imported = make_nmo(areas.force, *people, made="2026-03-02T12:00")
    Order.objects.filter(pk=imported.pk).update(source="connect-wmp")
    imported.refresh_from_db()
    follower = make_nmo(areas.force, *people, made="2026-05-02T11:00")
    correct_heading(follower, {"replaces": entered}, by=keeper, reason="follows")
    adopt(entered, imported, word="open", by=keeper, reason="same seal")
    assert not Place.objects.filter(order=entered).exists()
    assert standing(imported, timezone.now()) == "unconfirmed", "they tell of two times of making"
    assert [event.kind for event in facts.load([imported.pk])[imported.pk].events] == ["MADE", "SERVED"]
    follower.refresh_from_db()
    assert follower.replaces == imported
    assert as_recomputed()
    with pytest.raises(Refused, match="already been adopted"):
        adopt(entered, imported, word="source", by=keeper, reason="again")


def twice(areas: Map, entered_at: str = "2026-03-02T11:00") -> tuple[Order, Order]:
    """One order entered by hand, and as a source sent it: made an hour later that day."""
    people = make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V")
    entered = make_nmo(areas.force, *people, made=entered_at)
    imported = make_nmo(areas.force, *people, made="2026-03-02T12:00")
    Order.objects.filter(pk=imported.pk).update(source="connect-wmp")
    imported.refresh_from_db()
    return entered, imported


def told(order: Order) -> list[tuple[str, Any]]:
    """What counts of an order."""
    return [(effect.kind, effect.at) for effect in effective(order.kind, facts.load([order.pk])[order.pk].events)]


@pytest.mark.parametrize("word", ["source", "entered", "open"])
def test_two_orders_after_all_tell_again_what_they_told(areas: Map, keeper: User, word: Any) -> None:
    entered, imported = twice(areas)
    record_event(entered, StatuteEvent("SERVED", local("2026-03-03T10:00")), by=keeper)
    vary(entered, StatuteEvent("VARIED", local("2026-03-04T10:00")), by=keeper, added=[NewCondition("B", "No contact")])
    first = make_nmo(areas.force, make_person("F"), make_person("G"), made="2026-01-02T11:00")
    follower = make_nmo(areas.force, make_person("H"), make_person("I"), made="2026-05-02T11:00")
    for order, before in ((entered, first), (follower, entered)):
        correct_heading(order, {"replaces": before}, by=keeper, reason="follows")
    before, places = (told(entered), told(imported)), searched()
    adopt(entered, imported, word=word, by=keeper, reason="same seal")
    adoption = Adoption.objects.get()
    assert searched() != places
    with pytest.raises(Refused, match="reason: is missing"):
        undo_adopt(adoption, by=keeper, reason=" ")
    undo_adopt(adoption, by=keeper, reason="two seals")
    assert (told(entered), told(imported)) == before
    assert searched() == places
    assert as_recomputed()
    for order in (entered, imported, follower):
        order.refresh_from_db()
    assert (entered.same_as, imported.replaces, imported.doubt_since) == (None, None, None)
    assert (entered.replaces, follower.replaces) == (first, entered)
    assert not Condition.objects.filter(order=imported, superseded=None).exists()
    assert Condition.objects.filter(order=entered, superseded=None).count() == 1
    entry = AuditEntry.objects.get(action="undo adoption")
    assert set(entry.orders) >= {entered.pk, imported.pk}
    assert unseal([entry.reason]) == ["two seals"]
    with pytest.raises(Refused, match="already been undone"):
        undo_adopt(adoption, by=keeper, reason="again")
    # What the source said is there to be put right, and the two can be found to be one again.
    correct_event(
        imported.events.filter(kind="MADE").earliest("pk"), StatuteEvent("MADE", local("2026-03-02T12:30")), by=keeper,
        reason="read the seal",
    )  # fmt: skip
    adopt(entered, imported, word="entered", by=keeper, reason="one after all")
    assert told(imported)[0] == ("MADE", local("2026-03-02T11:00"))
    undo_adopt(Adoption.objects.latest("pk"), by=keeper, reason="two for good")
    assert told(imported) == [("MADE", local("2026-03-02T12:30"))]
    assert as_recomputed()


def test_what_rests_on_two_orders_being_one_is_named_and_nothing_is_stored(areas: Map, keeper: User) -> None:
    entered, imported = twice(areas)
    adopt(entered, imported, word="source", by=keeper, reason="same seal")
    adoption = Adoption.objects.get()
    served = record_event(imported, StatuteEvent("SERVED", local("2026-03-05T10:00")), by=keeper)
    follower = make_nmo(areas.force, make_person("H"), make_person("I"), made="2026-05-02T11:00")
    correct_heading(follower, {"replaces": imported}, by=keeper, reason="follows")
    other, _ = twice(areas, "2026-03-02T09:00")
    adopt(other, imported, word="source", by=keeper, reason="entered twice")
    before = everything()
    with pytest.raises(Refused) as refused:
        undo_adopt(adoption, by=keeper, reason="two seals")
    assert everything() == before
    assert [words.partition(" was")[0] for words in refused.value.messages] == [
        f"order: {other.reference}", "order: Served", f"order: {follower.reference}"
    ]  # fmt: skip
    with pytest.raises(PermissionDenied):
        undo_adopt(adoption, by=make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM), reason="two seals")
    assert everything() == before
    undo_adopt(Adoption.objects.get(entered=other), by=None, reason="another")
    retract_event(served, by=keeper, reason="of the other")
    correct_heading(follower, {"replaces": None}, by=keeper, reason="of which is not known")
    undo_adopt(adoption, by=keeper, reason="two seals")
    assert as_recomputed()


def test_what_was_put_right_of_the_source_s_order_and_what_came_since_stays_with_it(areas: Map, keeper: User) -> None:
    entered, imported = twice(areas)
    sent = imported.events.get(kind="MADE")
    run = ImportRun.objects.create(
        source="connect-wmp", bundle="b", content_hash="h", mode="full", extracted_at=NOON, started_at=NOON
    )
    with recording(by=None, action="import", source="connect-wmp", run=run) as opened:
        sent = Event.objects.create(order=imported, kind="SERVED", at=local("2026-03-03T10:00"), recording=opened)
    adopt(entered, imported, word="source", by=keeper, reason="same seal")
    correct_event(sent, StatuteEvent("SERVED", local("2026-03-03T11:00")), by=keeper, reason="read the form")
    with recording(by=None, action="import", source="connect-wmp", run=run) as opened:
        Event.objects.create(order=imported, kind="BREACHED", at=local("2026-03-06T10:00"), recording=opened)
    restrict(entered, by=keeper, reason="late")
    undo_adopt(Adoption.objects.get(), by=keeper, reason="two seals")
    assert [kind for kind, _ in told(imported)] == ["MADE", "SERVED", "BREACHED"]
    assert told(imported)[1] == ("SERVED", local("2026-03-03T11:00"))


def test_an_order_found_to_be_a_restricted_one_is_restricted(areas: Map, keeper: User) -> None:
    entered, imported = twice(areas)
    restrict(entered, by=keeper, reason="A witness of another case")
    adopt(entered, imported, word="source", by=keeper, reason="same seal")
    imported.refresh_from_db()
    assert imported.restricted
    assert unseal([imported.restricted_reason]) == ["A witness of another case"]
    undo_adopt(Adoption.objects.get(), by=keeper, reason="two seals")
    imported.refresh_from_db()
    assert imported.restricted


def test_an_order_that_follows_what_it_cannot_is_refused_to_a_person(areas: Map, keeper: User) -> None:
    notice = register(
        NewOrder(
            "DVPN", "DVPN/1", areas.force, NewPerson("A"), [NewPerson("B")],
            events=[StatuteEvent("AUTHORISED", local("2026-03-02T10:00"))],
        ),
        by=keeper,
    )  # fmt: skip
    made = StatuteEvent("MADE", local("2026-03-03T10:00"), until_open=True)
    before = everything()
    with pytest.raises(Refused, match="kind: An NMO does not follow a DVPN"):
        register(
            NewOrder("NMO", "NMO/1", areas.force, NewPerson("A"), [NewPerson("B")], events=[made], replaces=notice),
            by=keeper,
        )
    assert everything() == before
    alone = register(NewOrder("NMO", "NMO/1", areas.force, NewPerson("A"), [NewPerson("B")], events=[made]), by=keeper)
    with pytest.raises(Refused, match="replaces: An NMO does not follow a DVPN, which leads to a DVPO"):
        correct_heading(alone, {"replaces": notice}, by=keeper, reason="follows")


def test_whose_word_counts_is_chosen_when_an_order_is_adopted(areas: Map, keeper: User) -> None:
    people = make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V")
    for word, at in (("source", "2026-03-02T12:00"), ("entered", "2026-03-02T11:00")):
        entered = make_nmo(areas.force, *people, made="2026-03-02T11:00")
        imported = make_nmo(areas.force, *people, made="2026-03-02T12:00")
        Order.objects.filter(pk=imported.pk).update(source="connect-wmp")
        imported.refresh_from_db()
        adopt(entered, imported, word=word, by=keeper, reason="same seal")  # type: ignore[arg-type] # one of the words
        assert Place.objects.filter(order=imported).latest("pk").live_from == local(at)
    assert as_recomputed()
