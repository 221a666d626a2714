"""What must hold of any history, however strange."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.statute import (
    DAWN,
    EVENT_KINDS,
    FAR,
    KINDS,
    Event,
    Follower,
    OrderFacts,
    assess,
    custody_before,
    end_of_local_day,
    hearing_latest,
    local_day,
    local_midnight,
    outlooks,
)
from orders.statute.effects import takes_effect
from tests.statute.build import HOLIDAYS

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
instants = st.integers(0, int((END - BEGIN).total_seconds()) // 900).map(
    lambda quarters: BEGIN + timedelta(seconds=900 * quarters)
)


@st.composite
def events(draw: st.DrawFn, kind: str, largest: int = 7) -> tuple[Event, ...]:
    """Events that the kind may have, at any instants in any order, some only dated, some taken back."""
    names = sorted(name for name, rules in EVENT_KINDS.items() if kind in rules.kinds and name != "RETRACTED")
    found = []
    for number in range(draw(st.integers(0, largest))):
        at, is_date = draw(instants), draw(st.booleans())
        if is_date:
            at = local_midnight(local_day(at))
        until = draw(st.none() | st.integers(0, 900).map(lambda days, at=at: at + timedelta(days=days)))
        if until is not None and is_date:
            until = local_midnight(local_day(until))
        found.append(
            Event(
                draw(st.sampled_from(names)), at, is_date, until, is_date and until is not None, False, ref=str(number)
            )
        )
        if draw(st.integers(0, 9)) == 0:
            found.append(Event("RETRACTED", at, ref=f"R{number}", retracts=draw(st.sampled_from(found)).ref))
    return tuple(found)


@st.composite
def any_facts(draw: st.DrawFn) -> OrderFacts:
    """An order of any kind with any history, perhaps followed by another, perhaps in doubt."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    following = draw(st.sampled_from(["DVPO", "SPO"]))
    followers = (Follower(following, "F", draw(events(following, 3))),) if draw(st.booleans()) else ()
    doubt = draw(st.none() | instants)
    return OrderFacts(kind, "X", draw(events(kind)), followers, doubt_since=doubt, without_notice=draw(st.booleans()))


@settings(max_examples=300, deadline=None)
@given(any_facts(), instants)
def test_the_outlooks_tile_all_time_and_say_what_is_assessed(facts: OrderFacts, at: datetime) -> None:
    tiles = outlooks(facts, HOLIDAYS)
    assert tiles[0].valid_from == DAWN
    assert tiles[-1].valid_until == FAR
    assert all(before.valid_until == after.valid_from for before, after in zip(tiles, tiles[1:], strict=False))
    (tile,) = (tile for tile in tiles if tile.valid_from <= at < tile.valid_until)
    assert tile.standing_at(at) == assess(facts, at, HOLIDAYS).standing


@settings(max_examples=300, deadline=None)
@given(any_facts(), st.randoms(use_true_random=False), instants)
def test_the_order_of_recording_does_not_matter(facts: OrderFacts, chance: random.Random, at: datetime) -> None:
    shuffled = list(facts.events)
    chance.shuffle(shuffled)
    again = OrderFacts(
        facts.kind, facts.reference, tuple(shuffled), facts.followers, doubt_since=facts.doubt_since,
        without_notice=facts.without_notice,
    )  # fmt: skip
    assert assess(again, at, HOLIDAYS) == assess(facts, at, HOLIDAYS)
    assert outlooks(again, HOLIDAYS) == outlooks(facts, HOLIDAYS)


@settings(max_examples=300, deadline=None)
@given(any_facts(), st.data())
def test_an_event_changes_no_standing_before_its_effect(facts: OrderFacts, data: st.DataObject) -> None:
    (more,) = data.draw(
        events(facts.kind, 1).filter(lambda found: [e.kind for e in found if e.kind != "RETRACTED"] and len(found) == 1)
    )
    more = Event(more.kind, more.at, more.at_is_date, more.until, more.until_is_date, ref="more")
    before = takes_effect(facts.kind, more) - timedelta(microseconds=1)
    at = min(before, data.draw(instants))
    later = OrderFacts(
        facts.kind, facts.reference, (*facts.events, more), facts.followers, doubt_since=facts.doubt_since,
        without_notice=facts.without_notice,
    )  # fmt: skip
    assert assess(later, at, HOLIDAYS).standing == assess(facts, at, HOLIDAYS).standing


@settings(max_examples=300, deadline=None)
@given(any_facts(), instants)
def test_in_force_is_ordered_disjoint_and_holds_the_instant_exactly_when_live(facts: OrderFacts, at: datetime) -> None:
    found = assess(facts, at, HOLIDAYS)
    for (_, ends), (starts, _) in zip(found.in_force, found.in_force[1:], strict=False):
        assert ends is not None
        assert ends < starts
    assert all(ends is None or starts <= ends for starts, ends in found.in_force)
    closed = KINDS[facts.kind].is_notice
    holds = any(
        starts <= at and (ends is None or at < ends or (closed and at == ends)) for starts, ends in found.in_force
    )
    if found.standing == "live":
        assert holds
    elif not closed:
        assert not holds


@settings(max_examples=300, deadline=None)
@given(events("DVPO", 4), st.lists(instants, min_size=1, max_size=2), instants)
def test_a_notice_and_its_order_are_never_live_together(
    following: tuple[Event, ...], service: list[datetime], at: datetime
) -> None:
    steps = tuple(Event(kind, when, ref=kind) for kind, when in zip(("SERVED", "HEARING"), service, strict=False))
    notice = OrderFacts("DVPN", "N", steps, (Follower("DVPO", "O", following),))
    order = OrderFacts("DVPO", "O", following, follows="DVPN")
    assert [assess(facts, at, HOLIDAYS).standing for facts in (notice, order)].count("live") <= 1


@given(instants)
def test_a_clock_ends_at_the_same_wall_clock_time_or_a_midnight_on_a_day_that_counts(at: datetime) -> None:
    for length, clock in ((48, hearing_latest), (24, custody_before)):
        ends = clock(at, HOLIDAYS)
        assert ends - at >= timedelta(hours=length) - timedelta(hours=1)
        local_start, local_end = (one.astimezone(local_midnight(local_day(one)).tzinfo) for one in (at, ends))
        assert local_end > local_start
        inside = ends - timedelta(microseconds=1)
        assert local_day(inside).weekday() != 6


@given(st.dates(BEGIN.date(), END.date()))
def test_a_local_day_has_23_24_or_25_hours(day: object) -> None:
    hours = (end_of_local_day(day) - local_midnight(day)) / timedelta(hours=1)  # type: ignore[arg-type]
    assert hours in (23, 24, 25)
    assert (hours == 24) or day.weekday() == 6  # type: ignore[attr-defined]
