"""Measures search on a register that `bench.register` filled: `python -m bench.search --orders 100000`.

Prints the table of targets for this build: p50 and p95 over random questions, beside hand-written SQL over the
register's own rows, tantivy and the typical query, all asked by turns in one run. `--orders N` fills an empty database
first. With `--strict` the exit status is 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import django

PARTS = ("areas", "names", "pages", "writes")


def measure(
    orders: int, queries: int, peers: int, best_of: int, *, whole: bool, parts: Sequence[str] = PARTS
) -> Iterator[Any]:
    """The lines of some parts of the table, as they come."""
    from django.utils import timezone

    from bench import area_times, name_times, page_times, write_times
    from bench.questions import Questions
    from bench.sessions import session
    from bench.targets import Targets
    from orders.statute import local_midnight

    # An instant on which everything in the register has happened; filled earlier than today, it is still one of ours.
    now = timezone.now()
    questions = Questions(max(local_midnight(timezone.localdate(now)), now.replace(second=0, microsecond=0)))
    targets = Targets.of(orders)
    with session() as opened:
        opened.execute("SET jit = off")
        if "areas" in parts:
            yield from area_times.lines(questions, opened, targets, number=queries, peers=peers, best_of=best_of)
        if "names" in parts:
            yield from name_times.lines(questions, opened, targets, number=queries, best_of=best_of, whole=whole)
        if "pages" in parts and whole:
            yield from page_times.lines(questions, opened, targets, number=queries, best_of=best_of)
    if "writes" in parts and whole:
        yield from write_times.lines(questions, number=queries)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--orders", type=int, help="fill the database first, unless it has orders")
    parser.add_argument("--sample", type=int, default=1, help="only every so many orders have events and conditions")
    parser.add_argument("--queries", type=int, default=200, help="random questions of each sort")
    parser.add_argument("--peers", type=int, default=5, help="how many typical queries are measured beside")
    parser.add_argument("--best-of", type=int, default=1, help="ask each so many times and keep the shortest")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure some parts of the table")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    options = parser.parse_args()
    django.setup()
    from django.utils import timezone

    from bench.register import Size, fill
    from bench.timing import table
    from orders.models import Order, Place

    if options.orders and not Order.objects.exists():
        size = Size.of(options.orders, sample=options.sample)
        fill(size, today=timezone.localdate(), say=lambda line: print(line, file=sys.stderr, flush=True))
    orders = Order.objects.count()
    whole = options.sample == 1
    began = os.getloadavg()[0]
    lines = []
    for line in measure(orders, options.queries, options.peers, options.best_of, whole=whole, parts=options.only):
        lines.append(line)
        print(f"measured: {' | '.join(cell.strip() for cell in line.cells())}", file=sys.stderr, flush=True)
    print(
        f"{orders:,} orders, {Place.objects.count():,} places; {options.queries} questions a line; p50 / p95 in ms\n"
        f"{platform.machine()}, {os.cpu_count()} processors, other work on them: load {began:.1f} at the beginning, "
        f"{os.getloadavg()[0]:.1f} at the end; "
        + ("each question measured once" if options.best_of == 1 else f"the shortest of {options.best_of} counts")
    )
    if not whole:
        print(
            f"Every order has its search rows and names; one in {options.sample} its events, so no whole page is timed."
        )
    print(f"\n{table(lines)}")
    missed = [line.what for line in lines if line.passes() is False]
    print(f"\n{len(missed)} of {sum(line.passes() is not None for line in lines)} targets missed")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
