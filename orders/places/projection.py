"""Places as they are stored, the rows that search reads: kept as `stints` works them out, for many orders at once.

`project` stores what changed and moves what it replaces to `PlacePast`; `differences` only compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.db import connection

from orders.models import Place, Recording
from orders.people import party_names
from orders.places import tally
from orders.places.stints import FIELDS, Areas, Batch, Row
from orders.record import facts
from orders.record.copying import NULL, lines_into

BATCH = 2_000
"""Orders worked out together: what bounds the memory of a rebuild."""


_COPY_FIELDS = (*FIELDS, "recording_id")


def held(order_ids: Sequence[int]) -> dict[int, dict[Row, int]]:
    """The places that are stored, with their ids."""
    rows: dict[int, dict[Row, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(FIELDS)} FROM orders_place WHERE order_id = ANY(%s)",  # noqa: S608 - Row's
            [list(order_ids)],
        )
        for pk, *values in cursor.fetchall():
            row = Row(*values)
            row = row._replace(breaches=None if row.breaches is None else tuple(row.breaches))
            rows[row.order_id][row] = pk
    return rows


def project(order_ids: Iterable[int], recording: Recording, *, areas: Areas | None = None) -> int:
    """Work out the places of these orders and store what differs, under a recording. Returns how many orders changed.

    Call it inside the transaction that recorded the facts. Replaced rows become `PlacePast`. By which names their
    parties are found follows, since it says in which areas.
    """
    areas = areas or Areas()
    days = facts.holidays()
    dictionary = party_names.Dictionary()
    changed = 0
    for batch in batches(order_ids):
        found = Batch(batch, areas, days)
        stored = held(batch)
        known = [(pk, found.rows(pk)) for pk in batch if pk in stored]
        _retire([place for pk, rows in known for row, place in _gone(stored[pk], rows)], recording)
        places: dict[int, party_names.Found] = {}
        counted = tally.Changes()
        moved: set[int] = set()
        # The database stores the rows of one order while those of the next are worked out.
        with lines_into(Place, _COPY_FIELDS) as write:
            for pk, rows in chain(known, ((pk, found.rows(pk)) for pk in batch if pk not in stored)):
                places[pk] = _found(rows, areas)
                before = stored.get(pk, {})
                fresh = [row for row in rows if row not in before] if before else rows
                stale = [row for row, _ in _gone(before, rows)] if before else []
                if fresh or stale:
                    moved.add(pk)
                    counted.add(fresh, 1)
                    counted.add(stale, -1)
                    write("".join([_line(row, recording.pk) for row in fresh]))
        counted.store()
        named = party_names.project(batch, recording, dictionary=dictionary, places=places)
        changed += len(moved | named)
    return changed


def _found(rows: Sequence[Row], areas: Areas) -> party_names.Found:
    """The forces and local policing areas of some rows."""
    ids = {row.area_id for row in rows}
    return party_names.Found([pk for pk in ids if areas.is_force(pk)], [pk for pk in ids if areas.is_lpa(pk)])


def _gone(before: dict[Row, int], after: Sequence[Row]) -> list[tuple[Row, int]]:
    """The stored rows, with their ids, that are not worked out any more."""
    staying = set(after)
    return [(row, pk) for row, pk in before.items() if row not in staying]


class _Instants(dict[datetime, str]):
    """Instants as COPY reads them: the same few come again and again."""

    def __missing__(self, at: datetime) -> str:
        if len(self) > 50_000:
            self.clear()
        text = self[at] = at.isoformat()
        return text


_TEXT = _Instants()


def _line(row: Row, recording_id: int) -> str:
    """A row as COPY reads it, in the order of _COPY_FIELDS; nothing in it needs escaping."""
    text = _TEXT
    breached = NULL if row.breached_at is None else text[row.breached_at]
    review = NULL if row.review_due_on is None else row.review_due_on.isoformat()
    breaches = NULL if row.breaches is None else f"{{{','.join([text[at] for at in row.breaches])}}}"
    return (
        f"{row.order_id}\t{row.area_id}\t{text[row.valid_from]}\t{text[row.valid_until]}\t{row.kind}\t"
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
