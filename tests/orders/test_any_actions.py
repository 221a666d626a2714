"""Random lawful and unlawful actions: nothing is lost, what is stored is what the law says, a refusal leaves nothing."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from orders.actions.adopting import adopt, undo_adopt
from orders.actions.by_hand import NewOrder, Refused, correct_event, record_event, register, retract_event
from orders.actions.headings import correct_heading, restrict, unrestrict, vary
from orders.actions.merging import merge, undo_merge
from orders.actions.people import move
from orders.actions.safe_contact import Said, say_safe_contact
from orders.models import (
    Adoption,
    AuditEntry,
    Condition,
    Event,
    Merge,
    Order,
    Party,
    Person,
    Place,
    PlacePast,
    Recording,
    Residence,
    Role,
    SafeContact,
)
from orders.places import projection
from orders.record import facts
from orders.record.storing import NewCondition, NewHome, NewPerson
from orders.statute import EVENT_KINDS, KINDS, assess
from orders.statute import Event as StatuteEvent
from tests.orders.build import local, make_map, make_user

ACTIONS = int(os.environ.get("ACTIONS", "120"))
"""How many actions are tried: `ACTIONS=10000 bin/test tests/orders/test_any_actions.py` is the full size."""
STEPS = 30
START = local("2026-01-05T00:00")
WRITTEN = (
    Recording,
    Adoption,
    Event,
    Party,
    Condition,
    Residence,
    Person,
    Order,
    Place,
    PlacePast,
    Merge,
    SafeContact,
    AuditEntry,
)
moments = st.integers(0, 300 * 24 * 12).map(lambda number: START + timedelta(minutes=5 * number))
days = st.integers(-20, 900).map(lambda number: START + timedelta(days=number))


class AnyActions(RuleBasedStateMachine):
    """One keeper, and a viewer who may not; each step is an action, lawful or not."""

    taken, refused = 0, 0

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.areas = make_map()
        self.keeper = make_user(self.areas.force, Role.CIVIL_ORDERS_TEAM)
        self.viewer = make_user(self.areas.force, Role.VIEWER)
        self.events: dict[int, tuple[Any, ...]] = {}
        self.enter("NMO", START, 100, False)

    def act(self, action: Any, *, allowed: bool = True) -> None:
        """Do it; if it is refused, nothing at all may be left of it."""
        before, logged = self.everything(), AuditEntry.objects.count()
        recordings = Recording.objects.count()
        try:
            action()
        except (Refused, PermissionDenied):
            AnyActions.refused += 1
            assert self.everything() == before, "a refused action left something"
        else:
            AnyActions.taken += 1
            assert allowed, "what a viewer may not do was done"
            assert Recording.objects.count() == recordings + 1
            assert AuditEntry.objects.count() == logged + 1, "each action is logged once"

    def everything(self) -> list[Any]:
        return [(model.__name__, sorted(model._default_manager.values_list("pk", flat=True))) for model in WRITTEN] + [
            sorted(Order.objects.values_list("pk", "recording_id", "replaces_id", "restricted")),
            sorted(Person.objects.values_list("pk", "recording_id")),
        ]

    def order(self, number: int) -> Order:
        orders = list(Order.objects.order_by("pk"))
        return orders[number % len(orders)]

    def person(self, number: int) -> Person:
        people = list(Person.objects.order_by("pk"))
        return people[number % len(people)]

    @precondition(lambda self: Order.objects.count() < 5)
    @rule(
        kind=st.sampled_from(["DVPN", "DVPO", "SPO", "ISPO", "NMO"]),
        at=moments,
        length=st.integers(1, 900),
        follow=st.booleans(),
    )
    def enter(self, kind: str, at: Any, length: int, follow: bool) -> None:
        notice = KINDS[kind].is_notice
        until = None if notice else local(f"{(at + timedelta(days=length)).date()}T00:00")
        first = StatuteEvent("AUTHORISED" if notice else "MADE", at, until=until, until_is_date=until is not None)
        replaces = Order.objects.order_by("-pk").first() if follow else None
        self.act(
            lambda: register(
                NewOrder(
                    kind, f"{kind}/{Order.objects.count()}", self.areas.force,
                    NewPerson("P", homes=(NewHome(date(2020, 1, 1), neighbourhood=self.areas.palfrey),)),
                    [NewPerson("V", homes=(NewHome(date(2020, 1, 1), neighbourhood=self.areas.radford, secret=True),))],
                    events=[first], replaces=replaces, conditions=[NewCondition("B", "No contact.")],
                ),
                by=self.keeper,
            )
        )  # fmt: skip

    @rule(
        number=st.integers(0, 9), kind=st.sampled_from(sorted(EVENT_KINDS)), at=moments, until=st.none() | days,
        whole_day=st.booleans(), is_open=st.booleans(), text=st.sampled_from(["", "said"]), lawful=st.booleans(),
    )  # fmt: skip
    def record(
        self, number: int, kind: str, at: Any, until: Any, whole_day: bool, is_open: bool, text: str, lawful: bool
    ) -> None:
        if whole_day:
            at = local(f"{at.date()}T00:00")
        event = StatuteEvent(
            kind, at, whole_day, until=until, until_is_date=until is not None, until_open=is_open and until is None, text=text
        )  # fmt: skip
        by = self.keeper if lawful else self.viewer
        self.act(lambda: record_event(self.order(number), event, by=by), allowed=lawful)

    @rule(number=st.integers(0, 99), at=moments, retract=st.booleans(), reason=st.sampled_from(["", "mistaken"]))
    def put_right(self, number: int, at: Any, retract: bool, reason: str) -> None:
        events = list(Event.objects.order_by("pk"))
        event = events[number % len(events)]
        right = StatuteEvent(event.kind, at, until=event.until, until_is_date=event.until_is_date, text=event.text)
        self.act(
            lambda: (
                retract_event(event, by=self.keeper, reason=reason)
                if retract
                else correct_event(event, right, by=self.keeper, reason=reason)
            )
        )

    @rule(number=st.integers(0, 9), other=st.integers(0, 9), what=st.sampled_from(["court", "kind", "replaces", "team"]),
          kind=st.sampled_from(["NMO", "SPO", "DVPN"]))  # fmt: skip
    def head(self, number: int, other: int, what: str, kind: str) -> None:
        order = self.order(number)
        value = {"court": f"Court {other}", "team": "", "kind": kind, "replaces": self.order(other)}[what]
        self.act(lambda: correct_heading(order, {what: value}, by=self.keeper, reason="misread"))

    @rule(number=st.integers(0, 9), close=st.booleans())
    def restricted(self, number: int, close: bool) -> None:
        act = restrict if close else unrestrict
        self.act(lambda: act(self.order(number), by=self.keeper, reason="needed"))

    @rule(number=st.integers(0, 9), at=moments, end=st.booleans())
    def varied(self, number: int, at: Any, end: bool) -> None:
        order = self.order(number)
        ended = list(Condition.objects.filter(order=order, superseded=None)[:1]) if end else []
        self.act(
            lambda: vary(
                order, StatuteEvent("VARIED", at), ended=ended, added=[NewCondition("C", "Not there.")], by=self.keeper
            )
        )

    @rule(number=st.integers(0, 9), on=st.dates(date(2019, 1, 1), date(2026, 11, 1)), secret=st.booleans())
    def moved(self, number: int, on: date, secret: bool) -> None:
        home = NewHome(on, neighbourhood=self.areas.foleshill if secret else None, secret=secret)
        self.act(lambda: move(self.person(number), home, by=self.keeper))

    @rule(number=st.integers(0, 9), safe=st.sampled_from(["", "By text", "Ring 07700 900123"]), lawful=st.booleans(),
          reason=st.sampled_from(["", "mistaken"]))  # fmt: skip
    def reached(self, number: int, safe: str, lawful: bool, reason: str) -> None:
        by = self.keeper if lawful else self.viewer
        self.act(lambda: say_safe_contact(self.person(number), Said(safe), by=by, reason=reason), allowed=lawful)

    @rule(number=st.integers(0, 9), other=st.integers(0, 9))
    def one_person(self, number: int, other: int) -> None:
        self.act(lambda: merge(self.person(number), self.person(other), by=self.keeper, reason="same"))

    @precondition(lambda self: Merge.objects.exists())
    @rule()
    def two_people(self) -> None:
        merged = Merge.objects.order_by("pk").last()
        assert merged is not None
        self.act(lambda: undo_merge(merged, by=self.keeper, reason="not the same"))

    @rule(number=st.integers(0, 9), other=st.integers(0, 9), word=st.sampled_from(["source", "entered", "open"]))
    def one_order(self, number: int, other: int, word: Any) -> None:
        entered, imported = self.order(number), self.order(other)
        if entered.pk != imported.pk and imported.same_as_id is None:
            Order.objects.filter(pk=imported.pk).update(source="connect-wmp")
            imported.refresh_from_db()
        self.act(lambda: adopt(entered, imported, word=word, by=self.keeper, reason="same seal"))

    @precondition(lambda self: Adoption.objects.exists())
    @rule()
    def two_orders(self) -> None:
        adoption = Adoption.objects.order_by("pk").last()
        assert adoption is not None
        self.act(lambda: undo_adopt(adoption, by=self.keeper, reason="two seals"))

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "events"):
            return
        now = {
            row[0]: row
            for row in Event.objects.values_list("pk", "order_id", "kind", "at", "until", "text", "recording_id")
        }
        assert self.events.items() <= now.items(), "an event was lost or changed"
        self.events = now
        assert not Recording.objects.filter(recorded_at=None).exists()
        assert Recording.objects.filter(pk__in=Event.objects.values("recording")).exclude(by=self.keeper).count() == 0

    @invariant()
    def what_is_searched_is_what_the_law_says(self) -> None:
        if not hasattr(self, "events"):
            return
        ids = list(Order.objects.values_list("pk", flat=True))
        assert list(projection.differences(ids)) == []
        known, holidays = facts.load(ids), facts.holidays()
        for at in (START, START + timedelta(days=60), START + timedelta(days=400)):
            for place in Place.objects.at(at).filter(area=self.areas.force):
                expected = assess(known[place.order_id], at, holidays).standing
                found = (
                    "pending" if at < place.live_from else "live" if at < place.live_until
                    else "unconfirmed" if at < place.ended_from else "ended"
                )  # fmt: skip
                assert found == expected


@pytest.mark.django_db
def test_any_actions_in_any_order() -> None:
    run_state_machine_as_test(
        AnyActions,
        settings=settings(
            max_examples=max(1, ACTIONS // STEPS),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"\n{AnyActions.taken} actions taken, {AnyActions.refused} refused")  # noqa: T201 - the measure that is asked for
    assert AnyActions.taken > ACTIONS // 10
    assert AnyActions.refused > ACTIONS // 10
