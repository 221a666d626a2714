"""Places as they are stored, the rows that search reads: kept as `stints` works them out, for many orders at once.

`project` stores what changed and moves what it replaces to `PlacePast`; `differences` only compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection

from orders.models import Place, Recording
from orders.people import party_names
from orders.places import tally
from orders.places.stints import FIELDS, Areas, Batch, Row
from orders.record import facts
from orders.record.beside import beside
from orders.record.copying import NULL, array_of, lines_into
from orders.record.instants import remember_instants

BATCH = 2_000
"""Orders worked out together: what bounds the memory of a rebuild."""


_COPY_FIELDS = (*FIELDS, "recording_id")


def held(order_ids: Sequence[int]) -> dict[int, dict[Row, int]]:
    """The places that are stored, with their ids."""
    rows: dict[int, dict[Row, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        remember_instants(cursor)
        cursor.execute(
            f"SELECT id, {', '.join(FIELDS)} FROM orders_place WHERE order_id = ANY(%s::bigint[])",  # noqa: S608 - Row's
            [array_of(order_ids)],
        )
        for pk, *values in cursor.fetchall():
            row = Row(*values)
            row = row._replace(breaches=None if row.breaches is None else tuple(row.breaches))
            rows[row.order_id][row] = pk
    return rows


class _Change(NamedTuple):
    """What differs of some orders: the ids of rows that go, lines of those that come, and which orders these are."""

    gone: list[int]
    lines: str
    counted: tally.Changes
    names: party_names.Change
    orders: set[int]


def project(
    order_ids: Iterable[int],
    recording: Recording,
    *,
    done: Callable[[int], None] = lambda orders: None,
    besides: Iterable[str] = (),
) -> int:
    """Work out the places of these orders and store what differs, under a recording. Returns how many orders changed.

    Call it inside the transaction that recorded the facts, with each order once. Replaced rows become `PlacePast`. By
    which names their parties are found follows, since it says in which areas. `done` is told of each batch. `besides`
    are statements that the database is given meanwhile, one beside each batch.

    The database stores the rows of one batch while those of the next are worked out.
    """
    areas, days = Areas(), facts.holidays()
    dictionary = party_names.Dictionary()
    changed = 0
    waiting: _Change | None = None
    others = iter(besides)

    def store() -> None:
        if waiting is not None:
            _store(waiting, recording)
        for statement in islice(others, 1):
            with connection.cursor() as cursor:
                cursor.execute(statement)

    with beside() as thread:
        for batch in batches(order_ids):
            known, stored, named = Batch(batch, areas, days), held(batch), party_names.Batch(batch, dictionary)
            if waiting is not None or besides:
                thread.start(store)
            change = _change(batch, known, stored, named, recording, areas)
            thread.wait()
            waiting = change
            changed += len(change.orders)
            done(len(batch))
    store()
    return changed


def _change(
    batch: Sequence[int],
    known: Batch,
    stored: dict[int, dict[Row, int]],
    named: party_names.Batch,
    recording: Recording,
    areas: Areas,
) -> _Change:
    """What differs of a batch; asks the database nothing."""
    gone: list[int] = []
    lines: list[str] = []
    places: dict[int, party_names.Found] = {}
    counted = tally.Changes()
    moved: set[int] = set()
    for pk in batch:
        rows = known.rows(pk)
        places[pk] = _found(rows, areas)
        before = stored.get(pk, {})
        fresh = [row for row in rows if row not in before] if before else rows
        stale = before.keys() - set(rows) if before else ()
        if fresh or stale:
            moved.add(pk)
            gone += [before[row] for row in stale]
            counted.add(fresh, 1)
            counted.add(stale, -1)
            lines += _lines(fresh, recording.pk)
    names = named.change(places, recording)
    return _Change(gone, "".join(lines), counted, names, moved | names.orders)


def _found(rows: Sequence[Row], areas: Areas) -> party_names.Found:
    """The forces and local policing areas of some rows."""
    ids = {row.area_id for row in rows}
    return party_names.Found([pk for pk in ids if areas.is_force(pk)], [pk for pk in ids if areas.is_lpa(pk)])


def _store(change: _Change, recording: Recording) -> None:
    """Write what differs: first what goes, whose place what comes may take."""
    _retire(change.gone, recording)
    if change.lines:
        with lines_into(Place, _COPY_FIELDS) as write:
            write(change.lines)
    change.counted.store()
    party_names.store(change.names, recording)


class _Instants(dict[datetime, str]):
    """Instants as COPY reads them: the same few come again and again."""

    def __missing__(self, at: datetime) -> str:
        if len(self) > 50_000:
            self.clear()
        text = self[at] = at.isoformat()
        return text


_TEXT = _Instants()


def _lines(rows: Iterable[Row], recording_id: int) -> Iterator[str]:
    """Rows as COPY reads them, in the order of _COPY_FIELDS; nothing in them needs escaping.

    Neighbours often differ in the area alone: what they have in common is written once.
    """
    told: tuple[Any, ...] = ()
    line = ""
    for row in rows:
        if row[2:] != told:
            told, line = row[2:], _said(row, recording_id)
        yield f"{row.order_id}\t{row.area_id}\t{line}"


def _said(row: Row, recording_id: int) -> str:
    """What a row says of its order in its area."""
    text = _TEXT
    breached = NULL if row.breached_at is None else text[row.breached_at]
    review = NULL if row.review_due_on is None else row.review_due_on.isoformat()
    breaches = NULL if row.breaches is None else f"{{{','.join([text[at] for at in row.breaches])}}}"
    return (
        f"{text[row.valid_from]}\t{text[row.valid_until]}\t{row.kind}\t"
        f"{text[row.live_from]}\t{text[row.live_until]}\t{text[row.ended_from]}\t{row.roles}\t{row.roles_shown}\t"
        f"{row.roles_emailed}\t{text[row.served_from]}\t{text[row.on_pnc_from]}\t{text[row.on_pnc_until]}\t"
        f"{breached}\t{review}\t{breaches}\t{row.conditions}\t{recording_id}\n"
    )


def _retire(ids: list[int], recording: Recording) -> None:
    if not ids:
        return
    columns = ", ".join((*FIELDS, "recording_id"))
    with connection.cursor() as cursor:
        # A row that this very recording made was never known to anybody.
        cursor.execute(
            # The columns are those of Row.
            f"""WITH gone AS (DELETE FROM orders_place WHERE id = ANY(%s) RETURNING *)
                INSERT INTO orders_placepast ({columns}, superseded_id)
                SELECT {columns}, %s FROM gone WHERE recording_id <> %s""",  # noqa: S608 - our names
            [ids, recording.pk, recording.pk],
        )


def differences(order_ids: Iterable[int]) -> Iterator[tuple[int, list[Row], list[Row]]]:
    """Orders whose stored places are not what the facts say: id, rows that are missing, rows that are too many."""
    areas, days = Areas(), facts.holidays()
    for batch in batches(order_ids):
        found = Batch(batch, areas, days)
        stored = held(batch)
        for pk in batch:
            after, before = set(found.rows(pk)), stored.get(pk, {}).keys()
            if after != before:
                yield pk, sorted(after - before), sorted(before - after)


def batches(order_ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in lists of at most BATCH."""
    batch: list[int] = []
    for pk in order_ids:
        batch.append(pk)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
