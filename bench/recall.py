"""Measures how often the right person is found: `bin/bench recall --orders 100000`.

People of the register are typed wrongly, a kind of error at a time, and looked for in their whole force: how often they
are on the first page, how often first, and at which place, beside tantivy (one and two edits) and PostgreSQL's trigrams
on the same questions; then how long each took. `--strict`: exit status 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import django
import psycopg

PAGE = 25
ONE, TWO = 0.98, 0.90
"""How often the first page must hold the right person: after one error, and after two with a date of birth."""


@dataclass(slots=True)
class Found:
    """The places at which the right person was found, from 1; 0 where not on the first page."""

    at: list[int] = field(default_factory=list)

    def share(self, most: int) -> float:
        """How often at this place or before it."""
        return sum(0 < place <= most for place in self.at) / max(1, len(self.at))

    def __str__(self) -> str:
        return f"{100 * self.share(PAGE):.1f} / {100 * self.share(1):.0f}"

    def read(self) -> float:
        """How many results are read on average until the right one, or a whole page in vain."""
        return sum(place or PAGE for place in self.at) / max(1, len(self.at))


@dataclass(frozen=True, slots=True)
class Case:
    """Something typed, of whom and where."""

    words: str
    born: date | None
    force_id: int
    orders: frozenset[int]

    @property
    def typed(self) -> str:
        """All of it."""
        return self.words if self.born is None else f"{self.words} {self.born:%d/%m/%Y}"


@dataclass(slots=True)
class Kind:
    """A kind of error, and what became of its cases."""

    name: str
    cases: list[Case]
    least: float | None
    ours: Found = field(default_factory=Found)
    others: dict[str, Found] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)

    def answered(self, case: Case, answer: Any) -> None:
        """Take in what the register's own search answered."""
        self.ours.at.append(_place(answer.order_ids, case))
        self.totals.append(answer.total())


def asked(case: Case, question: Any, user: Any) -> Any:
    """The first page of what the register finds for a case."""
    from orders.search.by_person import find, understand
    from orders.statute import local_day

    read = understand(case.typed, local_day(question.at))
    if read.problems:
        raise RuntimeError(f"{case.typed!r}: {read.problems}")
    return find(replace(question, person=read.person), user, offset=0, limit=PAGE)


def kinds(number: int, seed: int) -> list[Kind]:
    """So many cases of each kind, the same for the same register and seed."""
    from bench.corruptions import BIRTHS, NAMES, two, two_letters

    chance = random.Random(seed)
    people = list(_people(chance, number * 30))
    found = []
    for name, corrupt, with_birth, least in (
        *((name, corrupt, False, ONE) for name, corrupt in NAMES.items()),
        *(
            (f"{name}, with date of birth", corrupt, True, ONE)
            for name, corrupt in NAMES.items()
            if name != "as written"
        ),
        *((name, corrupt, True, ONE) for name, corrupt in BIRTHS.items()),
        ("two errors, with date of birth", two, True, TWO),
        ("a letter in each name, with date of birth", two_letters, True, TWO),
    ):
        cases: list[Case] = []
        for person, force_id, orders in chance.sample(people, len(people)):
            wrong = corrupt(person, chance)
            if wrong is not None:
                cases.append(Case(wrong.words, wrong.born if with_birth else None, force_id, orders))
            if len(cases) == number:
                break
        found.append(Kind(name, cases, least))
    return found


def _people(chance: random.Random, number: int) -> Iterator[tuple[Any, int, frozenset[int]]]:
    """People at random, with the force that owns an order of theirs, and all orders that they are party to."""
    from bench.corruptions import Remembered
    from orders.models import Party

    last = Party.objects.order_by("-pk").values_list("pk", flat=True)[0]
    some = Party.objects.filter(
        pk__in=[chance.randint(1, last) for _ in range(number)],
        order__restricted=False, person__date_of_birth__isnull=False,
    ).select_related("person", "order").order_by("pk")  # fmt: skip
    of_person: dict[int, set[int]] = {}
    for person_id, order_id in Party.objects.filter(person__in=[party.person_id for party in some]).values_list(
        "person_id", "order_id"
    ):
        of_person.setdefault(person_id, set()).add(order_id)
    for party in some:
        person = party.person
        assert person.date_of_birth is not None  # noqa: S101 - asked for so
        aliases = tuple((alias[0], alias[1] if len(alias) > 1 else "") for alias in person.aliases)
        yield (
            Remembered(person.given_names, person.family_name, person.date_of_birth, aliases),
            party.order.owner_force_id, frozenset(of_person[party.person_id]),
        )  # fmt: skip


def measure(number: int, seed: int) -> tuple[list[Kind], list[Any]]:
    """All kinds, and the lines of how long it took."""
    from django.utils import timezone

    from bench.name_peers import prepare_trigrams
    from bench.sessions import session
    from orders.statute import local_midnight

    now = timezone.now()
    at = max(local_midnight(timezone.localdate(now)), now.replace(second=0, microsecond=0))
    with session() as opened:
        opened.execute("SET jit = off")
        prepare_trigrams(opened)
        return _measured(opened, number, seed, at)


def _measured(opened: psycopg.Connection[Any], number: int, seed: int, at: datetime) -> tuple[list[Kind], list[Any]]:
    from bench.name_peers import Tantivy, by_trigrams
    from bench.questions import Questions
    from bench.timing import Beside, Line, measured
    from orders.models import Area
    from orders.search.by_area import Question

    viewers = Questions(at)
    areas = Area.objects.in_bulk()
    lucene = Tantivy(opened)
    print("the others are ready", file=sys.stderr, flush=True)

    def ask(case: Case, area_id: int | None = None, **more: Any) -> Any:
        area = areas[area_id or case.force_id]
        return asked(case, Question(area, at, **more), viewers.viewer(area))

    def born(case: Case) -> str | None:
        return None if case.born is None else str(case.born)

    others: dict[str, Any] = {
        "tantivy 1": lambda case, area=None: lucene.find(case.words, born(case), area or case.force_id, 1),
        "tantivy 2": lambda case, area=None: lucene.find(case.words, born(case), area or case.force_id, 2),
        "trigrams": lambda case, area=None: by_trigrams(opened, case.words, born(case), area or case.force_id),
    }
    found = kinds(number, seed)
    for kind in found:
        for case in kind.cases:
            kind.answered(case, ask(case))
        for name, other in others.items():
            tried = kind.cases if name != "trigrams" else kind.cases[: max(10, number // 4)]
            kind.others[name] = Found([_place(other(case), case) for case in tried])
        print(f"measured: {kind.name}: {kind.ours}, {_verdict(kind)}", file=sys.stderr, flush=True)

    chance = random.Random(seed)
    misspelt = [case for kind in found[1:5] for case in kind.cases]
    chance.shuffle(misspelt)
    misspelt = misspelt[:200]
    lines = []

    def beside(what: str, cases: Sequence[Case], level: str) -> Line:
        where = {
            id(case): case.force_id if level == "force" else case.force_id + 1 + chance.randrange(10) for case in cases
        }

        def ours(case: Case) -> Any:
            return ask(case, where[id(case)])

        def lucene_of(case: Case) -> Any:
            return others["tantivy 1"](case, where[id(case)])

        def trigrams_of(case: Case) -> Any:
            return others["trigrams"](case, where[id(case)])

        times = measured(ours, cases, lucene_of)
        slow = measured(ours, cases[:20], trigrams_of)
        near = [Beside("tantivy", times.others[0], 5), Beside("trigrams", slow.others[0], 0.05)]
        return Line(what, times.sql, 15, near, f"(called from Python {times.whole})")

    surnames = [
        Case(case.words.split()[-1], None, case.force_id, case.orders)
        for case in misspelt
        if len(case.words.split()[-1]) > 2
    ]
    for what, cases, level in (
        ("family name misspelt, in an LPA", surnames, "lpa"),
        ("family name misspelt, in the force", surnames, "force"),
        ("both names misspelt, in an LPA", misspelt, "lpa"),
        ("both names misspelt, in the force", misspelt, "force"),
    ):
        lines.append(beside(what, cases, level))
    known = measured(lambda case: ask(case, known_at=at - timedelta(days=40)), misspelt[:100])
    lines.append(Line("both names misspelt, as known 40 days ago", known.sql, 150))
    return found, lines


def _place(order_ids: Sequence[int], case: Case) -> int:
    return next((place for place, pk in enumerate(order_ids, 1) if pk in case.orders), 0)


def table(found: Sequence[Kind]) -> str:
    """The kinds as a table in Markdown."""
    rows = [("typed", "cases", "ours", "read", "found in all", *found[0].others, "target")]
    for kind in found:
        totals = sorted(kind.totals)
        middle = f"{totals[len(totals) // 2]:,}" if totals else "–"
        rows.append(
            (kind.name, f"{len(kind.cases)}", str(kind.ours), f"{kind.ours.read():.1f}", middle,
             *(str(other) for other in kind.others.values()), _verdict(kind))
        )  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])


def _verdict(kind: Kind) -> str:
    if not kind.cases or kind.least is None:
        return "no case"
    missed = [] if passes(kind) else [f"MISSED: ≥ {100 * kind.least:.0f}"]
    missed += [f"below {name}" for name, other in kind.others.items() if other.share(PAGE) > kind.ours.share(PAGE)]
    return "; ".join(missed) or "PASS"


def passes(kind: Kind) -> bool:
    """Whether the first page held the right person as often as wanted."""
    return not kind.cases or kind.least is None or kind.ours.share(PAGE) >= kind.least


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.recall", description=__doc__)
    parser.add_argument("--orders", type=int, help="fill the database first, unless it has orders")
    parser.add_argument("--sample", type=int, default=1, help="only every so many orders have events and conditions")
    parser.add_argument("--cases", type=int, default=100, help="people of each kind of error")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    options = parser.parse_args()
    django.setup()
    from django.utils import timezone

    from bench import timing
    from bench.register import Size, fill
    from orders.models import NameToken, Order, PartyName

    if options.orders and not Order.objects.exists():
        size = Size.of(options.orders, sample=options.sample)
        fill(size, today=timezone.localdate(), say=lambda line: print(line, file=sys.stderr, flush=True))
    found, lines = measure(options.cases, options.seed)
    print(
        f"{Order.objects.count():,} orders, {PartyName.objects.count():,} parties, {NameToken.objects.count():,} words "
        f"of names; looked for in the person's force, pages of {PAGE}\n"
        "ours and the others: on the first page / first, in a hundred; read: results until the right one, on average\n"
    )
    print(table(found))
    print(f"\np50 / p95 in ms; load {os.getloadavg()[0]:.1f}\n")
    print(timing.table(lines))
    missed = [kind for kind in found if not passes(kind)]
    return 1 if options.strict and missed else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
