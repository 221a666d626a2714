"""Measures search on a register that `bench.register` filled: `python -m bench.search --orders 100000`.

Prints a table of ratios, taken in one run: each answer beside hand-written SQL over the same rows, with the same order,
filters and dates, and where it can be done beside a typical Django query. Each question is asked once before it is
measured. `--orders N` fills an empty database first.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import django

PAGE_SIZE = 25
DEEP = 975
"""Where page 40 begins."""

PEER_SECONDS = 60


def measure(queries: int, peers: int) -> Iterator[Any]:
    """The lines of the table, as they come."""
    from django.test import Client
    from django.utils import timezone

    from bench import floors
    from bench.questions import Questions, address
    from bench.sessions import session
    from bench.timing import Line, Times, timed, timed_statements
    from orders import search
    from orders.models import Level, Order
    from orders.search import Question
    from orders.statute import local_midnight

    # An instant on which everything in the register has happened; filled earlier than today, it is still one of ours.
    now = timezone.now()
    questions = Questions(max(local_midnight(timezone.localdate(now)), now.replace(second=0, microsecond=0)))
    opened = session()
    opened.execute("SET jit = off")

    def page_line(
        what: str, asked: list[Question], offset: int, *, most: float | None, peer: Times | None = None
    ) -> Line:
        counted = {question: search.counts(question, questions.viewer(question.area)) for question in asked}

        def ours(question: Question) -> list[int]:
            return search.page(
                question, questions.viewer(question.area), offset=offset, limit=PAGE_SIZE, counted=counted[question]
            )

        def floor(question: Question) -> list[int]:
            return floors.page(opened, question, offset=offset, limit=PAGE_SIZE)

        for question in asked[:20]:
            if ours(question) != floor(question):
                raise RuntimeError(f"the floor answers otherwise than the search: {question}")
        sql, whole = timed_statements(ours, asked)
        return Line(what, sql, timed(floor, asked), peer, most, 2, f"(called from Python {whole})")

    large = (Level.LPA, Level.FORCE)
    either = questions.either(queries)
    yield page_line("area, either party, page 1, ids", either, 0, most=1, peer=_peer(either[:peers]))
    for level in Level:
        yield page_line(f"  of a {level.label.lower()}", questions.either(queries // 2, level), 0, most=1)
    yield page_line("area with filters, page 1, ids", questions.filtered(queries), 0, most=1)
    yield page_line("area, page 40, ids", questions.either(queries, *large), DEEP, most=1)
    yield page_line("as at, area, page 1, ids", questions.as_at(queries), 0, most=3)

    def counts(question: Question) -> tuple[int, ...]:
        return tuple(search.counts(question, questions.viewer(question.area)).values())

    for what, asked in (
        ("counts of each standing", questions.either(queries)),
        *((f"  of a {level.label.lower()}", questions.either(queries // 2, level)) for level in Level),
        ("counts with filters", questions.filtered(queries)),
        ("counts as at", questions.as_at(queries)),
    ):
        for question in asked[:20]:
            if counts(question) != floors.counts(opened, question):
                raise RuntimeError(f"the floor counts otherwise than the search: {question}")
        sql, whole = timed_statements(counts, asked)
        note = f"(called from Python {whole})"
        yield Line(what, sql, timed(lambda question: floors.counts(opened, question), asked), note=note)

    clients = {force.pk: Client(SERVER_NAME="localhost") for force in questions.areas(Level.FORCE)}
    for force in questions.areas(Level.FORCE):
        clients[force.pk].force_login(questions.viewer(force))

    def answer(question: Question) -> None:
        response = clients[question.area.force_or_self_id].get(address(question, now=questions.at))
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} for {question}")

    def cards(question: Question) -> None:
        floors.counts(opened, question)
        floors.cards(opened, question, floors.page(opened, question, offset=0, limit=PAGE_SIZE))

    asked = questions.filtered(queries)
    yield Line("search page, whole response", timed(answer, asked), timed(cards, asked), None, 40, 3)

    of_orders = list(Order.objects.filter(pk__in=list(questions.order_ids(queries)), restricted=False).values_list(
        "public_id", "owner_force_id"))  # fmt: skip

    def order_page(order: tuple[Any, int]) -> None:
        if clients[order[1]].get(f"/orders/{order[0]}").status_code != 200:
            raise RuntimeError(f"order {order[0]} is not shown")

    yield Line("order page, whole response", timed(order_page, of_orders), most=40)
    opened.close()


def _peer(asked: Iterable[Any]) -> Any:
    """The typical query's times; one that takes longer than PEER_SECONDS counts as that long, and ends the list."""
    from django.db import connection

    from bench.peers import either_in
    from bench.timing import Times

    times = Times()
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{PEER_SECONDS}s'")
    for question in asked:
        began = time.perf_counter()
        try:
            list(either_in(question)[:PAGE_SIZE])
        except django.db.utils.OperationalError:
            times.taken.append(PEER_SECONDS * 1_000.0)
            break
        times.taken.append((time.perf_counter() - began) * 1_000)
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    return times


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--orders", type=int, help="fill the database first, unless it has orders")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--peers", type=int, default=5, help="how many typical queries are measured beside")
    options = parser.parse_args()
    django.setup()
    from django.utils import timezone

    from bench.register import Size, fill
    from bench.timing import table
    from orders.models import Order, Place

    if options.orders and not Order.objects.exists():
        fill(Size.of(options.orders), today=timezone.localdate(), say=lambda line: print(line, file=sys.stderr))
    lines = []
    for line in measure(options.queries, options.peers):
        lines.append(line)
        print(f"measured: {line.what}", file=sys.stderr, flush=True)
    print(f"{Order.objects.count():,} orders, {Place.objects.count():,} places; p50 / p95 in ms\n")
    print(table(lines))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
