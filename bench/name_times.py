"""How fast somebody is found by a name, in an area and anywhere in a force, beside tantivy and beside pg_trgm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
from django.db import connection

from bench import lucene
from bench.area_times import PAGE_SIZE
from bench.clients import Clients
from bench.questions import Named, Questions
from bench.targets import Targets
from bench.timing import Beside, Line, Times, measured
from orders.models import Order
from orders.search.by_person import find

_TYPICAL = """
    SELECT o.id FROM orders_order o
      JOIN orders_party t ON t.order_id = o.id AND t.superseded_id IS NULL
      JOIN orders_person p ON p.id = t.person_id
      JOIN orders_place l ON l.order_id = o.id
     WHERE p.family_name %% %(name)s AND l.area_id = %(area)s AND l.valid_from <= %(at)s AND l.valid_until > %(at)s
     GROUP BY o.id ORDER BY max(similarity(p.family_name, %(name)s)) DESC, o.id LIMIT 25"""
"""Trigrams over joins: what a Django application would usually do, with the index that it would have."""


def lines(
    questions: Questions, opened: psycopg.Connection[Any], targets: Targets, *, number: int, best_of: int, whole: bool,
) -> Iterator[Line]:  # fmt: skip
    """A family name, half of the time misheard by a letter."""
    in_area, anywhere = questions.named(number), questions.named(number, anywhere=True)

    def ours(asked: Named) -> None:
        viewer = questions.viewer(asked.question.area)
        find(replace(asked.question, person=asked.person), viewer, offset=0, limit=PAGE_SIZE)

    trigrams = Beside("pg_trgm over joins", _trigrams(opened, in_area, best_of), 1 / 20)
    index = lucene.Lucene(opened, questions.at, Order.objects.order_by("-pk").values_list("pk", flat=True)[0])
    found = measured(
        ours, in_area, lambda asked: index.find(asked.typed, asked.question.area.pk, PAGE_SIZE), best_of=best_of
    )
    beside = [Beside("tantivy", found.others[0], 5), trigrams]
    yield Line("name + area, ranked, SQL", found.sql, targets.name_sql, beside, f"(from Python {found.whole})")
    found = measured(ours, anywhere, best_of=best_of)
    yield Line("name, whole force, SQL", found.sql, note=f"(from Python {found.whole})")
    if not whole:
        return
    clients = Clients(questions)

    def by_api(asked: Named) -> None:
        area = asked.question.area
        clients.searched(area.force_or_self_id, {"area": area.code, "name": asked.typed})

    def by_form(asked: Named) -> None:
        area = asked.question.area
        clients.typed(area.force_or_self_id, asked.typed, area.code)

    for what, way in (("API", by_api), ("form sent and page shown", by_form)):
        for where, asked_of, most in (
            ("name + area", in_area, targets.name_page),
            ("name, no area", anywhere, targets.name_anywhere),
        ):
            found = measured(way, asked_of, best_of=best_of)
            yield Line(f"{where}, whole response ({what})", found.whole, most, note=f"(its statements {found.sql})")


def _trigrams(opened: psycopg.Connection[Any], asked: list[Named], best_of: int) -> Times:
    """The usual way's times. Its index is made for the measuring and dropped again."""
    opened.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    opened.execute("CREATE INDEX bench_family_name ON orders_person USING gin (family_name gin_trgm_ops)")
    opened.execute("ANALYZE orders_person")
    try:

        def run(one: Named) -> None:
            with psycopg.ClientCursor(opened) as cursor:
                values = {"name": one.typed, "area": one.question.area.pk, "at": one.question.at}
                cursor.execute(_TYPICAL.encode(), values)
                cursor.fetchall()

        return measured(run, asked, best_of=best_of).whole
    finally:
        opened.execute("DROP INDEX bench_family_name")
        connection.close()
