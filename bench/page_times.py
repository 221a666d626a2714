"""How fast whole pages are answered, with how many statements, and what memory that takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg

from bench import floors
from bench.area_times import PAGE_SIZE
from bench.clients import Clients
from bench.questions import Questions, address
from bench.targets import Targets
from bench.timing import Beside, Fact, Line, measured, statements
from orders.models import Level, Order
from orders.search.by_area import Question


def lines(
    questions: Questions, opened: psycopg.Connection[Any], targets: Targets, *, number: int, best_of: int
) -> Iterator[Line | Fact]:
    """The search page beside its raw counts and cards; the order page; the number of statements; a worker's memory."""
    clients = Clients(questions)

    def answer(question: Question) -> None:
        clients.page(question.area.force_or_self_id, address(question, now=questions.at))

    def raw(question: Question) -> None:
        floors.counts(opened, question)
        floors.cards(opened, question, floors.page(opened, question, offset=0, limit=PAGE_SIZE))

    found = measured(answer, questions.filtered(number), raw, best_of=best_of)
    floor = Beside("raw cards and counts", found.others[0], 3)
    note = f"(its statements {found.sql})"
    yield Line("search page, whole response", found.whole, targets.search_page, [floor], note)
    chosen = Order.objects.filter(pk__in=list(questions.order_ids(number * 2)), restricted=False)
    orders = list(chosen.values_list("public_id", "owner_force_id")[:number])
    found = measured(lambda one: clients.page(one[1], f"/orders/{one[0]}"), orders, best_of=best_of)
    yield Line("order page, whole response", found.whole, targets.order_page, note=f"(its statements {found.sql})")
    yield _constant(questions, clients)
    yield _memory(targets)


def _constant(questions: Questions, clients: Clients) -> Fact:
    """The statements of an answer with three orders and of one with fifty, of areas that have about as many."""
    taken: dict[int, set[int]] = {3: set(), 50: set()}
    for question in questions.either(20, Level.NEIGHBOURHOOD, Level.LPA):
        for size, numbers in taken.items():
            query = f"area={question.area.code}&page_size={size}"
            clients.asked(question.area.force_or_self_id, query)
            with statements() as watched:
                found = clients.asked(question.area.force_or_self_id, query)
            if len(found["results"]) == size:
                numbers.add(watched.number)
    few, many = taken[3], taken[50]
    said = f"{_spread(few)} at 3 rows, {_spread(many)} at 50"
    return Fact("statements of a page", said, "the same", bool(few and many) and max(many) <= max(few))


def _spread(numbers: set[int]) -> str:
    if not numbers:
        return "not measured"
    return str(min(numbers)) if len(numbers) == 1 else f"{min(numbers)}–{max(numbers)}"


def _memory(targets: Targets) -> Fact:
    """The most memory of a fresh process that has answered searches and orders, as a web worker does."""
    done = subprocess.run([sys.executable, "-m", "bench.memory"], capture_output=True, text=True, check=True)
    used = float(done.stdout.split()[-1])
    return Fact("memory of a web worker, MB", f"{used:.0f}", f"≤ {targets.worker_mb:g}", used <= targets.worker_mb)
