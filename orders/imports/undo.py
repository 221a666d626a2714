"""Undoing an import whose orders nobody touched since: all of it is taken back under a recording of its own.

Nothing is erased. What the import recorded is retracted or superseded, what it retracted or superseded is recorded
again as it was, and an order that it brought in has no party left, by which the law knows that it was recorded in
error (orders.record.facts). History and "as known then" keep both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from orders.access import audit, reasons
from orders.imports import said
from orders.imports.held import ONE_AT_A_TIME
from orders.imports.progress import Advance, silent
from orders.models import (
    ArrestCount,
    Category,
    Condition,
    Event,
    ImportRun,
    Order,
    Party,
    Person,
    PutRight,
    Recording,
    User,
)
from orders.models.person import Residence
from orders.places import projection
from orders.record import last_read
from orders.record.recording import recording

BLOCKS_LISTED = 200


class NotUndone(ValueError):
    """An import that cannot be undone; the message says why."""


@dataclass(frozen=True, slots=True)
class Block:
    """An order that somebody or something touched since, and what happened to it."""

    order_id: int
    reference: str
    public_id: str
    why: str


_TOUCHED = (
    "DROP TABLE IF EXISTS pg_temp.undo_person, pg_temp.undo_order",
    """CREATE TEMPORARY TABLE undo_person ON COMMIT DROP AS
       SELECT person_id AS id FROM orders_residence WHERE recording_id = ANY(%(r)s) OR superseded_id = ANY(%(r)s)
        UNION SELECT id FROM orders_person WHERE recording_id = ANY(%(r)s)
        UNION SELECT pgh_obj_id FROM orders_personversion WHERE recording_id = ANY(%(r)s)""",
    """CREATE TEMPORARY TABLE undo_order ON COMMIT DROP AS
       SELECT order_id AS id FROM orders_event WHERE recording_id = ANY(%(r)s)
        UNION SELECT order_id FROM orders_party WHERE recording_id = ANY(%(r)s) OR superseded_id = ANY(%(r)s)
        UNION SELECT order_id FROM orders_condition WHERE recording_id = ANY(%(r)s) OR superseded_id = ANY(%(r)s)
        UNION SELECT id FROM orders_order WHERE recording_id = ANY(%(r)s)
        UNION SELECT pgh_obj_id FROM orders_orderversion WHERE recording_id = ANY(%(r)s)
        UNION SELECT t.order_id FROM orders_party t JOIN undo_person n ON n.id = t.person_id
               WHERE t.superseded_id IS NULL""",
    "CREATE UNIQUE INDEX ON undo_order (id)",
    "CREATE UNIQUE INDEX ON undo_person (id)",
    "ANALYZE undo_order",
    "ANALYZE undo_person",
)

# Recordings that came after, or are not dated yet: somebody is at it now.
_LATER = """SELECT id FROM orders_recording
             WHERE (recorded_at > %(at)s OR recorded_at IS NULL) AND id <> ALL(%(r)s) AND id <> %(own)s"""

_BLOCKS = f"""
    WITH later AS MATERIALIZED ({_LATER}),
         found AS (
    SELECT e.order_id AS id, 'something was recorded on it since' AS why
      FROM orders_event e JOIN later ON later.id = e.recording_id JOIN undo_order u ON u.id = e.order_id
     UNION
    SELECT p.order_id, 'who it is about was changed since' FROM orders_party p JOIN undo_order u ON u.id = p.order_id
     WHERE p.recording_id IN (SELECT id FROM later) OR p.superseded_id IN (SELECT id FROM later)
     UNION
    SELECT c.order_id, 'its conditions were changed since'
      FROM orders_condition c JOIN undo_order u ON u.id = c.order_id
     WHERE c.recording_id IN (SELECT id FROM later) OR c.superseded_id IN (SELECT id FROM later)
     UNION
    SELECT o.id, 'its heading was changed since' FROM orders_order o JOIN undo_order u ON u.id = o.id
     WHERE o.recording_id IN (SELECT id FROM later)
     UNION
    SELECT t.order_id, 'a person in it was changed since'
      FROM orders_party t JOIN orders_person n ON n.id = t.person_id JOIN undo_person u ON u.id = n.id
     WHERE n.recording_id IN (SELECT id FROM later)
     UNION
    SELECT t.order_id, 'a person in it moved since'
      FROM orders_party t JOIN orders_residence r ON r.person_id = t.person_id JOIN undo_person u ON u.id = r.person_id
     WHERE r.recording_id IN (SELECT id FROM later) OR r.superseded_id IN (SELECT id FROM later)
     UNION
    SELECT t.order_id, 'a person in it is in another order since'
      FROM orders_party t JOIN orders_person n ON n.id = t.person_id
     WHERE n.recording_id = ANY(%(r)s) AND t.recording_id IN (SELECT id FROM later)
       AND NOT EXISTS (SELECT FROM orders_personversion v WHERE v.pgh_obj_id = n.id)
     UNION
    SELECT o.replaces_id, 'an order that came since follows it'
      FROM orders_order o JOIN orders_order f ON f.id = o.replaces_id
     WHERE f.first_recording_id = ANY(%(r)s) AND o.first_recording_id <> ALL(%(r)s)
     UNION
    SELECT e.order_id, 'an event was taken back by hand before the import corrected it'
      FROM orders_event own JOIN orders_event e ON e.id = own.retracts_id
      JOIN orders_event other ON other.retracts_id = e.id AND other.id <> own.id
     WHERE own.recording_id = ANY(%(r)s) AND own.source_ref = '' AND other.recording_id <> ALL(%(r)s))
    SELECT o.id, o.reference, o.public_id::text, min(found.why)
      FROM found JOIN orders_order o ON o.id = found.id
     GROUP BY o.id ORDER BY o.id LIMIT %(limit)s"""

_EVENTS = (
    # What the import recorded has no effect any more; its own retractions stay, and what they took back comes again.
    """INSERT INTO orders_event (order_id, source_ref, kind, at, at_is_date, until_is_date, until_open, by_whom, text,
                                 retracts_id, retracts_ref, recording_id)
       SELECT order_id, '', 'RETRACTED', at, at_is_date, false, false, '', 'the import was undone', id, '', %(u)s
         FROM orders_event e
        WHERE recording_id = ANY(%(r)s) AND source_ref <> ''
          AND NOT EXISTS (SELECT FROM orders_event t WHERE t.retracts_id = e.id AND t.recording_id = ANY(%(r)s))
        ORDER BY id""",
    """INSERT INTO orders_event ({columns}, recording_id)
       SELECT {of_old}, %(u)s
         FROM orders_event own JOIN orders_event old ON old.id = own.retracts_id
        WHERE own.recording_id = ANY(%(r)s) AND own.source_ref = '' AND old.recording_id <> ALL(%(r)s)
        ORDER BY old.id""",
)


def blocks(runs: Sequence[ImportRun]) -> list[Block]:
    """The orders for which imports cannot be undone, at most BLOCKS_LISTED of them."""
    with transaction.atomic():
        return _blocks(_recordings_of(runs), own=0)


def undo(runs: Sequence[ImportRun], *, by: User | None, reason: str, advance: Advance = silent) -> Recording:
    """Take back an import, with what mended it since. Raises NotUndone, and changes nothing, if anything was touched.

    `runs` are all imports of one bundle, the first the bundle as it came and the others as it was mended.
    """
    if not reason.strip():
        raise NotUndone("Say why the import is undone, for whoever reads these orders next.")
    with recording(by=by, action="undo import", reason=reason, run=runs[0]) as opened:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        runs = list(
            ImportRun.objects.select_for_update(of=("self",)).filter(pk__in=[run.pk for run in runs]).order_by("pk")
        )
        if any(run.undone_by_id is not None for run in runs):
            raise NotUndone("The import has already been undone.")
        done = _recordings_of(runs)
        blocked = _blocks(done, own=opened.pk)
        if blocked:
            raise NotUndone(f"{len(blocked):,} of its orders were touched since, so that it cannot be undone.")
        touched = _take_back(done, opened, runs)
        opened.reason = reasons.sealed(reason, orders=touched)
        said.tells_of(opened.reason, touched)
        last_read.forget(runs[0].source)
        _restore_arrests(runs)
        ImportRun.objects.filter(pk__in=[run.pk for run in runs]).update(undone_by=opened)
        projection.project(touched, opened, done=lambda orders: advance("places", orders, len(touched)))
        audit.record(
            by=by,
            category=Category.ALTERATION,
            action="undo import",
            reason=opened.reason,
            detail={"imports": [run.pk for run in runs], "source": runs[0].source, "orders_changed": len(touched)},
        )
    return opened


def _recordings_of(runs: Sequence[ImportRun]) -> list[Recording]:
    return list(Recording.objects.filter(run__in=[run.pk for run in runs], action="import").order_by("recorded_at"))


def _blocks(done: Sequence[Recording], *, own: int) -> list[Block]:
    values: dict[str, Any] = {
        "r": [one.pk for one in done],
        "at": done[0].recorded_at,
        "own": own,
        "limit": BLOCKS_LISTED,
    }
    with connection.cursor() as cursor:
        for statement in _TOUCHED:
            cursor.execute(statement, values)
        cursor.execute(_BLOCKS, values)
        return [Block(*row) for row in cursor.fetchall()]


def _columns(model: type[Model], *without: str) -> list[str]:
    """The columns of a model but its id and those that the database works out."""
    skipped = {"id", *without}
    return [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.column not in skipped and not field.generated
    ]


def _take_back(done: Sequence[Recording], opened: Recording, runs: Sequence[ImportRun]) -> list[int]:
    """Write what undoes recordings. Returns the ids of the orders whose places may change."""
    values: dict[str, Any] = {"r": [one.pk for one in done], "u": opened.pk, "runs": [run.pk for run in runs]}
    with connection.cursor() as cursor:
        columns = _columns(Event, "recording_id", "stored_at")
        for statement in _EVENTS:
            cursor.execute(
                statement.format(columns=", ".join(columns), of_old=", ".join(f"old.{name}" for name in columns)),
                values,
            )
        facts: tuple[type[Model], ...] = (Party, Condition, Residence, PutRight)
        for model in facts:
            table, kept = model._meta.db_table, ", ".join(_columns(model, "recording_id", "superseded_id"))
            cursor.execute(
                f"UPDATE {table} SET superseded_id = %(u)s WHERE recording_id = ANY(%(r)s) AND superseded_id IS NULL",
                values,
            )
            cursor.execute(
                f"""INSERT INTO {table} ({kept}, recording_id)
                    SELECT {kept}, %(u)s FROM {table}
                     WHERE superseded_id = ANY(%(r)s) AND recording_id <> ALL(%(r)s) ORDER BY id""",
                values,
            )
        for described in (Order, Person):
            cursor.execute(_headings(described), values)
        for statement in _QUARANTINE:
            cursor.execute(statement, values)
        cursor.execute(
            """SELECT id FROM undo_order
                UNION SELECT o.replaces_id FROM orders_order o JOIN undo_order u ON u.id = o.id
                       WHERE o.replaces_id IS NOT NULL
                UNION SELECT f.id FROM orders_order f JOIN undo_order u ON u.id = f.replaces_id
                UNION SELECT v.replaces_id FROM orders_orderversion v JOIN undo_order u ON u.id = v.pgh_obj_id
                       WHERE v.replaces_id IS NOT NULL
                ORDER BY 1"""
        )
        return [pk for (pk,) in cursor.fetchall()]


def _headings(model: type[Model]) -> str:
    """Orders or people as they were described before the import: their last version that was not of it."""
    table = model._meta.db_table
    same = _columns(model, "recording_id", "first_recording_id", "public_id")
    return f"""
        UPDATE {table} o SET {", ".join(f"{name} = v.{name}" for name in same)}, recording_id = %(u)s
          FROM (SELECT DISTINCT ON (v.pgh_obj_id) v.*
                  FROM {table}version v JOIN {table} n ON n.id = v.pgh_obj_id AND n.recording_id = ANY(%(r)s)
                 WHERE v.recording_id <> ALL(%(r)s) ORDER BY v.pgh_obj_id, v.pgh_id DESC) v
         WHERE o.id = v.pgh_obj_id"""


_QUARANTINE = (
    # What the import could not apply is no news any more, unless an earlier bundle had raised the same doubt.
    """DELETE FROM orders_quarantinedorder q WHERE q.run_id = ANY(%(runs)s)
          AND NOT EXISTS (SELECT FROM orders_order o WHERE o.id = q.order_id AND o.doubt_since IS NOT NULL)""",
    """UPDATE orders_quarantinedorder q SET resolved_by_id = NULL
        WHERE q.resolved_by_id = ANY(%(runs)s) AND q.run_id <> ALL(%(runs)s)
          AND NOT EXISTS (SELECT FROM orders_quarantinedorder x
                           WHERE (x.source, x.source_ref) = (q.source, q.source_ref) AND x.resolved_by_id IS NULL)""",
)


def _restore_arrests(runs: Sequence[ImportRun]) -> None:
    """Counts of arrests as they were; those that the imports brought go."""
    for run in reversed(runs):
        ArrestCount.objects.filter(run=run).delete()
        ArrestCount.objects.bulk_create(
            ArrestCount(month=month, area_id=area, count=count, source=source, run_id=earlier)
            for month, area, count, source, earlier in run.arrests_before
        )
