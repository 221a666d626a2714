"""Whatever is done to a register, in whatever order: what search reads is what the facts give when worked out anew.

200 actions by default; `RANDOM_ACTIONS=2000 RANDOM_SEED=7 bin/test tests/orders/test_random_run.py` does more.
"""

from __future__ import annotations

import io
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from orders.actions.by_hand import NewOrder, record_event, register, retract_event, settle_residence
from orders.actions.headings import vary
from orders.actions.people import correct_person, move
from orders.imports.loader import load
from orders.models import Area, Event, Order, Person, Place, Residence
from orders.record.storing import NewHome
from orders.record.writing import Refused
from orders.statute import EVENT_KINDS, KINDS
from orders.statute import Event as StatuteEvent
from tests.imports.bundles import sample
from tests.orders.build import make_person

# Each action commits, as in use: the temporary tables of many imports do not fit into one transaction.
pytestmark = pytest.mark.django_db(transaction=True)

ACTIONS = int(os.environ.get("RANDOM_ACTIONS", "200"))
SEED = int(os.environ.get("RANDOM_SEED", "1"))
COPIES = 4
"""So many copies of the sample's orders, under keys of their own, come again and again in the bundles."""


class Run:
    """A register to which something is done at random, the same for the same seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        call_command("load_areas", stdout=io.StringIO())
        self.force = Area.objects.get(code="WMP")
        self.hoods = list(Area.objects.filter(force=self.force, level="neighbourhood").order_by("code"))
        for number in range(8):
            make_person(f"FIRST {number}", (self.chance.choice(self.hoods), "2020-01-01", None))
        self.bundles = 0
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.ways: dict[Callable[[], object], int] = {
            self.register: 14, self.record: 30, self.vary: 8, self.retract: 8, self.move: 14, self.settle: 10,
            self.correct_home: 6, self.describe: 4, self.take_in: 6,
        }  # fmt: skip

    def act(self) -> None:
        """Do one thing. What the law or the record refuses is counted and changes nothing."""
        way = self.chance.choices(list(self.ways), list(self.ways.values()))[0]
        name = way.__name__  # type: ignore[attr-defined] # methods, all of them
        try:
            way()
            self.done[name] += 1
        except Refused:
            self.refused[name] += 1

    def instant(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=self.chance.randrange(60 * 24 * 1_300))

    def day(self) -> date:
        return self.instant().date()

    def person(self) -> Person:
        return self.chance.choice(list(Person.objects.order_by("pk")))

    def order(self) -> Order:
        return self.chance.choice(list(Order.objects.order_by("pk")))

    def event(self, kind: str) -> StatuteEvent:
        at = self.instant()
        ends = kind in ("MADE", "VARIED", "RENEWED", "STAYED", "REVIEWED") and self.chance.random() < 0.8
        is_open = kind in ("MADE", "VARIED", "RENEWED") and not ends and self.chance.random() < 0.5
        return StatuteEvent(
            kind, at, at_is_date=self.chance.random() < 0.2, until_open=is_open, text="by a court's own authority",
            until=at + timedelta(days=self.chance.randrange(1, 700)) if ends else None, until_is_date=ends,
        )  # fmt: skip

    def register(self) -> None:
        kind = self.chance.choice(sorted(KINDS))
        first = "AUTHORISED" if KINDS[kind].is_notice else self.chance.choice(["MADE", "MADE", "APPLIED"])
        people = [self.person() for _ in range(self.chance.choice([2, 2, 3]))]
        followed = self.order() if Order.objects.exists() and self.chance.random() < 0.3 else None
        new = NewOrder(
            kind, f"R/{self.chance.randrange(10**9)}", self.force, people[0], tuple(dict.fromkeys(people[1:])),
            (self.event(first),), replaces=followed,
        )  # fmt: skip
        register(new, by=None)

    def record(self) -> None:
        record_event(self.order(), self.event(self.chance.choice(sorted(set(EVENT_KINDS) - {"RETRACTED"}))), by=None)

    def vary(self) -> None:
        order = self.order()
        held = list(order.conditions.filter(superseded__isnull=True).order_by("pk"))
        vary(order, self.event("VARIED"), ended=held[:1], by=None)

    def retract(self) -> None:
        retract_event(self.chance.choice(list(Event.objects.order_by("pk"))), by=None, reason="recorded in error")

    def move(self) -> None:
        home = NewHome(
            self.day(), self.chance.choice(["home", "home", "home", "custody", "no fixed abode", "unknown"]),
            neighbourhood=self.chance.choice([*self.hoods, None]), secret=self.chance.choice([True, False, None]),
        )  # fmt: skip
        move(self.person(), home, by=None)

    def settle(self) -> None:
        begins = self.day()
        settle_residence(
            self.person(), from_on=begins, neighbourhood=self.chance.choice(self.hoods), by=None,
            to_on=begins + timedelta(days=self.chance.randrange(1, 400)) if self.chance.random() < 0.6 else None,
            secret=self.chance.choice([True, False, None]),
        )  # fmt: skip

    def correct_home(self) -> None:
        home = self.chance.choice(list(Residence.objects.filter(superseded__isnull=True).order_by("pk")))
        hood = self.chance.choice(self.hoods)
        settle_residence(home.person, from_on=self.day(), neighbourhood=hood, replacing=home, by=None)

    def describe(self) -> None:
        name = self.chance.choice(["Hussain", "O'Neill", "Smith-Jones", "Kowalski", "van der Berg"])
        changes = {"family_name": name, "aliases": [["Husain", "Adam"]] if self.chance.random() < 0.5 else []}
        correct_person(self.person(), changes, by=None, reason="misread")

    def take_in(self) -> None:
        """A bundle of some orders, new or changed, some of them with a fault that keeps them out."""
        self.bundles += 1
        copy, at = self.chance.randrange(COPIES), f"2026-11-20T04:00:{self.bundles:02}+00:00"
        if self.bundles >= 60:
            at = f"2026-11-20T{4 + self.bundles // 3600:02}:{self.bundles // 60 % 60:02}:{self.bundles % 60:02}+00:00"
        draft = sample()
        refs = sorted(row["order_ref"] for row in draft.tables["orders.csv"])
        chosen = set(self.chance.sample(refs, self.chance.randrange(1, 5)))
        for row in draft.tables["orders.csv"]:
            if row["order_ref"] in chosen and row["replaces_ref"]:
                chosen.add(row["replaces_ref"])
        draft.only(*chosen).later(at, mode="changes")
        for table in draft.tables.values():
            for row in table:
                for name, value in row.items():
                    if name.endswith("_ref") and value:
                        row[name] = f"{value}-{copy}"
                if "updated_at" in row:
                    row["updated_at"] = at
        for row in self.chance.sample(draft.tables["addresses.csv"], min(2, len(draft.tables["addresses.csv"]))):
            row["neighbourhood"], row["secret"] = self.chance.choice(self.hoods).code, self.chance.choice("YN")
        events = draft.tables["events.csv"]
        if events and self.chance.random() < 0.4:
            events.remove(self.chance.choice(events))
        if events and self.chance.random() < 0.1:
            self.chance.choice(events)["at"] = "never"
        answer = load(draft.write(self.folder / str(self.bundles)), commit=True)
        assert answer.bundle in ("accepted", "already imported"), answer.reason


def test_search_rows_are_those_worked_out_anew(tmp_path: Path) -> None:
    run = Run(tmp_path, SEED)
    run.take_in()
    for number in range(1, ACTIONS + 1):
        run.act()
        if number % 500 == 0:
            call_command("check_standing", stdout=io.StringIO())
    call_command("check_standing", stdout=io.StringIO())
    assert set(run.done) == {way.__name__ for way in run.ways}, "every way of writing was used"  # type: ignore[attr-defined]
    assert sum(run.done.values()) > ACTIONS / 2, run.refused
    assert Place.objects.count() > ACTIONS
    # The check that has just found nothing finds a row that is wrong by a bit.
    Place.objects.filter(pk=Place.objects.order_by("?").values("pk")[:1]).update(roles=F("roles").bitxor(1))
    with pytest.raises(CommandError):
        call_command("check_standing", stdout=io.StringIO())
