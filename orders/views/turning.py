"""Turning the pages of a search: numbered as far as counting to them is cheap, then each from the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.core.paginator import Paginator
from django.http import QueryDict

from orders.models import User
from orders.search import by_area, by_person, onward
from orders.search.by_area import Question
from orders.search.by_person import Answer

PAGE_SIZE = 25
ENDED_AT_MOST = 1_000
"""So many ended orders are counted where the register does not keep their number."""

LAST_NUMBERED = 400
"""So far pages are numbered. Of a person all are: whoever fits is ranked for every page, so that none costs more."""

GAP = "…"


class NoSuchPage(Exception):
    """A page that cannot be understood: its parameter, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A page of an answer, which has `total` orders in all, or `more` than that. `capped`: so are the ended ones.

    It is the page `number` of `pages` and shows the orders `first` to `last`. `previous`, `next` and what stands beside
    each of `numbers` are parameters of an address, blank where there is no such page.
    """

    answer: Answer
    total: int
    more: bool
    capped: bool
    number: int
    pages: int
    first: int
    previous: str
    next: str
    numbers: list[tuple[int | str, str]]

    @property
    def last(self) -> int:
        """The number of the last order shown."""
        return self.first + len(self.answer.order_ids) - 1


def turned(question: Question, user: User, data: QueryDict, *, at: datetime | None) -> Turned:
    """The page that an address asks for, the last one for a number beyond it. Raises NoSuchPage.

    `at` is the instant that the address asks about, None if that is whenever it is opened.
    """
    number = page_number(data)
    if "after" in data:
        if "page" in data:
            raise NoSuchPage("Page: give the number of a page or “after”, not both")
        return _onward(question, user, data.get("after", ""), at) or _numbered(question, user, LAST_NUMBERED, at)
    return _of_person(question, user, number) if question.person else _numbered(question, user, number, at)


def page_number(data: QueryDict) -> int:
    """The number of the page that an address asks for, from 1. Raises NoSuchPage."""
    text = data.get("page", "1")
    if text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0:
        return int(text)
    raise NoSuchPage("Page: is not the number of a page")


def _of_person(question: Question, user: User, number: int) -> Turned:
    answer = by_person.find(question, user, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    total = answer.total(question.standings)
    if number > _full(total):
        number = _full(total)
        answer = by_person.find(question, user, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return _at_number(answer, total, number, _full(total))


def _numbered(question: Question, user: User, number: int, at: datetime | None) -> Turned:
    counted, capped = _counted(question, user)
    more = capped and "ended" in by_area.wanted(question)
    total = by_area.asked_count(question, counted) - more
    last = min(LAST_NUMBERED, _full(total))
    number = min(number, last)
    offset = (number - 1) * PAGE_SIZE
    # Of the ended orders more are there than were counted, so that the last number too is of a whole page.
    there = counted | {"ended": counted["ended"] + PAGE_SIZE} if more else counted
    found = by_area.page(question, user, offset=offset, limit=PAGE_SIZE + (number == last), counted=there)
    goes_on, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if more and number == last:
        more, total = goes_on, max(total * goes_on, offset + len(found))
    turned = replace(_at_number(Answer(counted, found), total, number, last), more=more, capped=capped)
    return replace(turned, next=_after(question, user, turned, at)) if goes_on and number == last else turned


def _at_number(answer: Answer, total: int, number: int, last: int) -> Turned:
    """A page that has a number, as all have until the `last`."""
    return Turned(
        answer,
        total=total,
        more=False,
        capped=False,
        number=number,
        pages=_full(total),
        first=(number - 1) * PAGE_SIZE + 1,
        previous=_by_number(number - 1) if number > 1 else "",
        next=_by_number(number + 1) if number < last else "",
        numbers=_numbers(number, last),
    )


def _onward(question: Question, user: User, text: str, at: datetime | None) -> Turned | None:
    """The page after another, by what stands in an address; None where nothing follows any more."""
    try:
        after = onward.read(text, question, user, at=at)
    except onward.NotOfThisSearch:
        raise NoSuchPage(
            "After: belongs to another search or to somebody else, or was altered. Begin with the first page"
        ) from None
    counted, capped = _counted(question, user)
    more = capped and "ended" in by_area.wanted(question)
    found = onward.page(question, user, after, limit=PAGE_SIZE + 1, counted=counted)
    if not found:
        return None
    goes_on = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    end = after.number + len(found)
    counted_total = by_area.asked_count(question, counted) - more
    total = max(counted_total, end + goes_on)
    last = min(LAST_NUMBERED, _full(counted_total))
    number = after.number // PAGE_SIZE + 1
    numbers = _numbers(last, last)
    turned = Turned(
        Answer(counted, found),
        total=total,
        more=more and goes_on,
        capped=capped,
        number=number,
        pages=max(number, _full(total)),
        first=after.number + 1,
        previous=_by_number(last) if number == last + 1 else "",
        next="",
        numbers=[*numbers, *([(GAP, "")] if number > last + 1 else ()), (number, f"after={text}")],
    )
    return replace(turned, next=_after(question, user, turned, at)) if goes_on else turned


def _after(question: Question, user: User, turned: Turned, at: datetime | None) -> str:
    reached = onward.reached(question, user, turned.answer.order_ids, number=turned.last)
    return "" if reached is None else f"after={onward.written(reached, question, user, at=at)}"


def _counted(question: Question, user: User) -> tuple[dict[str, int], bool]:
    """How many orders of each standing, and whether more have ended than were counted."""
    counted = by_area.counts(question, user, ended_at_most=ENDED_AT_MOST)
    return counted, counted["ended"] > ENDED_AT_MOST and not by_area.all_are_counted(question, user)


def _full(total: int) -> int:
    """How many pages so many orders fill, the last of them perhaps in part."""
    return max(1, -(-total // PAGE_SIZE))


def _by_number(number: int) -> str:
    return f"page={number}"


def _numbers(number: int, last: int) -> list[tuple[int | str, str]]:
    """The numbers that lead to other pages, with gaps."""
    elided = Paginator(range(last), 1).get_elided_page_range(number, on_each_side=1, on_ends=1)
    return [(one, _by_number(one)) if isinstance(one, int) else (GAP, "") for one in elided]
