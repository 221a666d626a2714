"""What a saved search finds, for whoever opens it: decided anew each time, by what that reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from orders.models import SavedSearch, User
from orders.search import by_area, by_person
from orders.search.asked import understand
from orders.search.by_area import Question
from orders.search.filters import PageFilter

COUNTED = 1_000
"""So many ended orders are counted where their number is not kept."""


UNREADABLE = "what was typed for it can no longer be opened; search for it again and save that"


@dataclass(frozen=True, slots=True)
class Found:
    """How many orders a saved search finds; `more`: and then some. `problem`: why it finds nothing, in words."""

    count: int = 0
    more: bool = False
    problem: str = ""


def question_of(saved: SavedSearch, reader: User, now: datetime) -> tuple[Question | None, str]:
    """What a saved search asks when a reader opens it; if it can no longer be asked, None and why."""
    data = QueryDict(saved.query, mutable=True)
    asked = PageFilter(data, user=reader, now=now)
    question = asked.question()
    if question is None:
        problems = [f"{name}: {problem}" for name, found in asked.form.errors.items() for problem in found]
        return None, " ".join(problems) or "area: you have no area to search in"
    words = saved.words
    if words is None:
        return None, UNREADABLE
    if words:
        read = understand(words, timezone.localdate(now))
        if read.problems:
            return None, " ".join(problem.message for problem in read.problems)
        question = question.asking(read.person)
    return question, ""


def found_by(saved: SavedSearch, reader: User, now: datetime) -> Found:
    """How many orders it finds."""
    question, problem = question_of(saved, reader, now)
    if question is None:
        return Found(problem=problem)
    if question.person is not None:
        return Found(by_person.find(question, reader, offset=0, limit=0).total(question.standings))
    counted = by_area.counts(question, reader, ended_at_most=COUNTED)
    count = by_area.asked_count(question, counted)
    more = not by_area.all_are_counted(question, reader) and counted["ended"] > COUNTED and "ended" in (
        question.standings or ("ended",)
    )  # fmt: skip
    return Found(count - more, more)


def orders_of(question: Question, reader: User, *, most: int) -> list[int] | None:
    """The orders of a question, of those it names or that have not ended; None where there are more than `most`."""
    if not question.standings:
        question = question.of_standings(("live", "unconfirmed", "pending"))
    if question.person is not None:
        answer = by_person.find(question, reader, offset=0, limit=most + 1)
        ids = answer.order_ids
    else:
        counted = by_area.counts(question, reader, ended_at_most=most)
        if by_area.asked_count(question, counted) > most:
            return None
        ids = by_area.page(question, reader, offset=0, limit=most + 1, counted=counted)
    return None if len(ids) > most else sorted(ids)
