"""Times of many runs, what of them is reported, and the table that is printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")


@dataclass(slots=True)
class Times:
    """Durations in milliseconds."""

    taken: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The duration that this share of the runs did not exceed."""
        ranked = sorted(self.taken)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    def __str__(self) -> str:
        if not self.taken:
            return "–"
        return f"{_short(self.at(0.5))} / {_short(self.at(0.95))}"


def _short(number: float) -> str:
    return f"{number:,.2f}" if number < 10 else f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


class Statements:
    """What Django's statements took, as its caller waits for them: without building them, and without the objects."""

    def __init__(self) -> None:
        self.taken = 0.0
        self.number = 0

    def __call__(self, execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, values, many, context)
        finally:
            self.taken += (time.perf_counter() - began) * 1_000
            self.number += 1


@contextmanager
def statements() -> Iterator[Statements]:
    """Watch Django's statements."""
    watched = Statements()
    with connection.execute_wrapper(watched):
        yield watched


@dataclass(slots=True)
class Measured:
    """What was measured of a question that is asked in several ways: its statements, the whole call, and the others."""

    sql: Times
    whole: Times
    others: list[Times]


def measured(ours: Callable[[T], Any], inputs: Iterable[T], *others: Callable[[T], Any], best_of: int = 1) -> Measured:
    """Ask each question once unmeasured, then `best_of` times in every way by turns, and keep the shortest of each.

    By turns, so that whatever else the machine does falls on all of them alike.
    """
    found = Measured(Times(), Times(), [Times() for _ in others])
    for given in inputs:
        for run in (ours, *others):
            run(given)
        sql, whole, beside = [], [], [[] for _ in others]  # type: ignore[var-annotated] # lists of durations
        for _ in range(best_of):
            with statements() as watched:
                whole.append(_took(ours, given))
            sql.append(watched.taken)
            for kept, other in zip(beside, others, strict=True):
                kept.append(_took(other, given))
        found.sql.taken.append(min(sql))
        found.whole.taken.append(min(whole))
        for times, kept in zip(found.others, beside, strict=True):
            times.taken.append(min(kept))
    return found


def _took(run: Callable[[T], Any], given: T) -> float:
    began = time.perf_counter()
    run(given)
    return (time.perf_counter() - began) * 1_000


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that ours is compared with in the same run: `at_most` times as long as that, at p50 and at p95 alike.

    Below 1 it says that ours must be the faster one. None: it is shown, and nothing is asked.
    """

    name: str
    times: Times
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `most` is the target of p95 in ms."""

    what: str
    ours: Times
    most: float | None = None
    beside: Sequence[Beside] = ()
    note: str = ""

    def ratio(self, other: Beside) -> float | None:
        """How many times as long ours took, at p50 or p95, whichever is worse."""
        if not other.times.taken or not self.ours.taken:
            return None
        return max(self.ours.at(share) / max(other.times.at(share), 0.001) for share in (0.5, 0.95))

    def passes(self) -> bool | None:
        """Whether every target is met; None if there is none."""
        if self.most is None and all(other.at_most is None for other in self.beside):
            return None
        return not self._missed()

    def _missed(self) -> list[str]:
        missed = []
        if self.most is not None and (not self.ours.taken or self.ours.at(0.95) > self.most):
            by = f"{self.ours.at(0.95) / self.most:.1f} × of" if self.ours.taken else "not measured, at most"
            missed.append(f"{by} {self.most:g} ms")
        for other in self.beside:
            ratio = self.ratio(other)
            if other.at_most is not None and ratio is not None and ratio > other.at_most:
                missed.append(f"{ratio:.3g} × {other.name}, not {other.at_most:g}")
        return missed

    def cells(self) -> tuple[str, ...]:
        """What stands in the row."""
        compared = [
            f"{other.name} {other.times} (× {ratio:.3g})" if (ratio := self.ratio(other)) is not None else other.name
            for other in self.beside
        ]
        wanted = [] if self.most is None else [f"p95 ≤ {self.most:g}"]
        wanted += [f"≤ {other.at_most:g} × {other.name}" for other in self.beside if other.at_most is not None]
        return (self.what, str(self.ours), "; ".join(compared) or "–", "; ".join(wanted) or "–", self.verdict())

    def verdict(self) -> str:
        """PASS, or by how much the targets are missed; nothing where there is none."""
        missed = self._missed()
        said = "" if self.passes() is None else "PASS" if not missed else f"MISSED: {'; '.join(missed)}"
        return " ".join(filter(None, (said, self.note)))


@dataclass(frozen=True, slots=True)
class Fact:
    """A line that tells no times: what was found, what was wanted, and whether it is so."""

    what: str
    found: str
    wanted: str
    is_so: bool | None

    def passes(self) -> bool | None:
        """Whether the target is met; None if there is none."""
        return self.is_so

    def cells(self) -> tuple[str, ...]:
        """What stands in the row."""
        return (self.what, self.found, "–", self.wanted, {None: "", True: "PASS", False: "MISSED"}[self.is_so])


def table(lines: Iterable[Line | Fact]) -> str:
    """The lines as a table in Markdown; times are p50 / p95 in ms."""
    rows = [("what", "ours", "beside, same run", "target", ""), *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)
