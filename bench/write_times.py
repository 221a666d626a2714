"""How fast search rows keep up with what is recorded: a person moves, an order is varied, a hundred thousand rows come.

Everything is taken back again, so that the register that is measured stays what it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.db import connection, transaction

from bench import indexes
from bench.questions import Questions
from bench.timing import Fact, Line, Times
from orders.actions.by_hand import Refused, record_event
from orders.actions.people import move
from orders.models import Area, Level, Order, Party, Place
from orders.places import projection
from orders.record.recording import recording
from orders.record.storing import NewHome
from orders.statute import Event, local_day

T = TypeVar("T")

ROWS = 100_000


def lines(questions: Questions, *, number: int) -> Iterator[Line | Fact]:
    """Each action whole: locked, checked, recorded, logged, its search rows worked out, all but the commit."""
    at, today = questions.at, local_day(questions.at)
    hoods = {force.pk: _hoods(force) for force in questions.areas(Level.FORCE)}
    chosen = list(questions.order_ids(number * 4))
    parties = Party.objects.filter(order_id__in=chosen, role="perpetrator", superseded__isnull=True)
    people = list(parties.select_related("person", "order").order_by("pk")[:number])

    def moved(party: Party) -> None:
        hood = hoods[party.order.owner_force_id][party.pk % 10]
        move(party.person, NewHome(today, neighbourhood=hood), by=None)

    yield Line("moving a person, their orders’ search rows too", _times(moved, people))

    def varied(order: Order) -> None:
        ends = at + timedelta(days=90)
        record_event(order, Event("VARIED", at - timedelta(minutes=1), until=ends), by=None)

    live = Place.objects.at(at).filter(live_from__lte=at - timedelta(days=1), live_until__gt=at, kind="NMO")
    found = Order.objects.filter(pk__in=live.values("order_id")[: number * 2], restricted=False)
    yield Line("varying an order, its search rows too", _times(varied, list(found[:number])))
    yield _rows(questions)
    connection.close()
    indexes.tidy(("orders_place", "orders_partyname", "orders_placetally"), sessions=2)


def _hoods(force: Area) -> list[Area]:
    return list(Area.objects.filter(force=force, level=Level.NEIGHBOURHOOD).order_by("pk")[:10])


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _times(act: Callable[[T], None], given: Iterable[T]) -> Times:
    """How long an action took for each; those that the register refuses, as it must, are left out."""
    times = Times()
    for one in given:
        with _taken_back():
            began = time.perf_counter()
            try:
                act(one)
            except Refused:
                continue
            times.taken.append((time.perf_counter() - began) * 1_000)
    return times


def _rows(questions: Questions) -> Fact:
    """The search rows of so many orders worked out and stored anew, as an import does in its own transaction."""
    first = min(questions.order_ids(200))
    with _taken_back(), recording(by=None, action="measure") as opened, connection.cursor() as cursor:
        ids = list(range(first, first + ROWS // 11))
        for table in ("orders_place", "orders_partyname"):
            cursor.execute(f"DELETE FROM {table} WHERE order_id = ANY(%s::bigint[])", [ids])
        began = time.perf_counter()
        projection.project(ids, opened)
        seconds = time.perf_counter() - began
        cursor.execute("SELECT count(*) FROM orders_place WHERE order_id = ANY(%s::bigint[])", [ids])
        (places,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT count(*) FROM orders_partyname WHERE order_id = ANY(%s::bigint[])", [ids])
        (names,) = cursor.fetchone() or (0,)
    said = f"{(places + names) / seconds:,.0f} rows/s, {len(ids) / seconds:,.0f} orders/s ({places:,} + {names:,} rows)"
    return Fact("search rows of new orders, places and names", said, "–", None)
