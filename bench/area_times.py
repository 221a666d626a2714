"""How fast an area is searched: pages of ids and counts, now, at another time, and from what was known then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.utils import OperationalError

from bench import floors
from bench.peers import either_in
from bench.questions import Questions
from bench.targets import Targets
from bench.timing import Beside, Line, Times, measured
from orders.models import Level
from orders.search import by_area
from orders.search.by_area import Question

PAGE_SIZE = 25
DEEP = 975
"""Where page 40 begins."""

PEER_SECONDS = 60


def lines(
    questions: Questions, opened: psycopg.Connection[Any], targets: Targets, *, number: int, peers: int, best_of: int
) -> Iterator[Line]:
    """Each answer beside hand-written SQL over the same rows, with the same order, filters and dates."""

    def counts(question: Question) -> dict[str, int]:
        return by_area.counts(question, questions.viewer(question.area))

    def page(what: str, asked: Sequence[Question], offset: int, most: float, *beside: Beside) -> Line:
        counted = {question: counts(question) for question in asked}

        def ours(question: Question) -> list[int]:
            return by_area.page(
                question, questions.viewer(question.area), offset=offset, limit=PAGE_SIZE, counted=counted[question]
            )

        def floor(question: Question) -> list[int]:
            return floors.page(opened, question, offset=offset, limit=PAGE_SIZE)

        for question in asked[:20]:
            if ours(question) != floor(question):
                raise RuntimeError(f"the floor answers otherwise than the search: {question}")
        found = measured(ours, asked, floor, best_of=best_of)
        return Line(
            what, found.sql, most, [Beside("floor", found.others[0], 2), *beside], f"(called from Python {found.whole})"
        )

    either = questions.either(number)
    typical = Beside("typical Django", _typical(either[:peers]))
    yield page("area, either party, page 1, ids", either, 0, targets.area, typical)
    for level in Level:
        yield page(f"  of a {level.label.lower()}", questions.either(number // 2, level), 0, targets.area)
    yield page("area with filters, page 1, ids", questions.filtered(number), 0, targets.area)
    yield page("area, page 40, ids", questions.either(number, Level.LPA, Level.FORCE), DEEP, targets.area)
    yield page("as at, area, page 1, ids", questions.as_at(number), 0, targets.as_at)
    yield _known_at(questions, targets, number=number, best_of=best_of)
    for what, asked in (
        ("counts of each standing", questions.either(number)),
        *((f"  of a {level.label.lower()}", questions.either(number // 2, level)) for level in Level),
        ("counts with filters", questions.filtered(number)),
        ("counts as at", questions.as_at(number)),
    ):
        for question in asked[:20]:
            if tuple(counts(question).values()) != floors.counts(opened, question):
                raise RuntimeError(f"the floor counts otherwise than the search: {question}")
        found = measured(counts, asked, lambda question: floors.counts(opened, question), best_of=best_of)
        yield Line(what, found.sql, None, [Beside("floor", found.others[0])], f"(called from Python {found.whole})")


def _known_at(questions: Questions, targets: Targets, *, number: int, best_of: int) -> Line:
    def ours(question: Question) -> list[int]:
        viewer = questions.viewer(question.area)
        counted = by_area.counts(question, viewer)
        return by_area.page(question, viewer, offset=0, limit=PAGE_SIZE, counted=counted)

    found = measured(ours, questions.as_known_at(number), best_of=best_of)
    return Line(
        "as known at, area, counts and page 1", found.sql, targets.known_at, note=f"(from Python {found.whole})"
    )


def _typical(asked: Sequence[Question]) -> Times:
    """The typical query's times; one that takes longer than PEER_SECONDS counts as that long, and ends the list."""
    times = Times()
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{PEER_SECONDS}s'")
        try:
            for question in asked:
                times.taken += measured(lambda one: list(either_in(one)[:PAGE_SIZE]), [question]).whole.taken
        except OperationalError:
            times.taken.append(PEER_SECONDS * 1_000.0)
        cursor.execute("RESET statement_timeout")
    return times
