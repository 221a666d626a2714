"""Times of many runs, what of them is reported, and the table that is printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
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


def timed(run: Callable[[T], Any], inputs: Iterable[T], *, warm: int = 1) -> Times:
    """Each input run `warm` times and then measured once, so that what is measured finds its pages in memory."""
    times = Times()
    for given in inputs:
        for _ in range(warm):
            run(given)
        began = time.perf_counter()
        run(given)
        times.taken.append((time.perf_counter() - began) * 1_000)
    return times


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


def timed_statements(run: Callable[[T], Any], inputs: Iterable[T]) -> tuple[Times, Times]:
    """As `timed`: what the statements of a run took, and the whole run."""
    sql, whole = Times(), Times()
    for given in inputs:
        run(given)
        with statements() as watched:
            began = time.perf_counter()
            run(given)
            whole.taken.append((time.perf_counter() - began) * 1_000)
        sql.taken.append(watched.taken)
    return sql, whole


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `most` is the target of p95 in ms, `ratio` what it may be of the floor's p50 and p95."""

    what: str
    ours: Times
    floor: Times | None = None
    peer: Times | None = None
    most: float | None = None
    ratio: float | None = None
    note: str = ""

    def of_floor(self) -> float | None:
        """By how much ours is slower than the floor, at p50 or p95, whichever is worse."""
        if self.floor is None or not self.floor.taken:
            return None
        return max(self.ours.at(share) / self.floor.at(share) for share in (0.5, 0.95))

    def verdict(self) -> str:
        """PASS, or by how much the targets are missed; nothing where there is none."""
        missed = []
        if self.most is not None and self.ours.at(0.95) > self.most:
            missed.append(f"{self.ours.at(0.95) / self.most:.1f} × of {self.most:g} ms")
        ratio = self.of_floor()
        if self.ratio is not None and ratio is not None and ratio > self.ratio:
            missed.append(f"{ratio:.1f} × the floor, not {self.ratio:g}")
        if self.most is None and self.ratio is None:
            return ""
        return "MISSED: " + "; ".join(missed) if missed else "PASS"


def table(lines: Iterable[Line]) -> str:
    """The lines as a table in Markdown; times are p50 / p95 in ms."""
    rows = [("what", "ours", "floor", "× floor", "typical Django", "p95 at most", "")]
    for line in lines:
        ratio = line.of_floor()
        rows.append(
            (
                line.what,
                str(line.ours),
                str(line.floor or "–"),
                "–" if ratio is None else f"{ratio:.1f}",
                str(line.peer or "–"),
                "–" if line.most is None else f"{line.most:g}",
                " ".join(filter(None, (line.verdict(), line.note))),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)
