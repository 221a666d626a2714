"""Which orders' places rest on what a change changes, and working them out again in batches.

Each order that is not done yet stands in `StaleOrder`; every other was worked out from the reference data as they are.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from orders.access.sealing import postcode_index
from orders.models import ReferenceChange, ReferenceKind
from orders.places import locating, projection
from orders.record.recording import recording

_PARTY = (
    """SELECT t.order_id FROM found r JOIN orders_party t ON t.person_id = r.person_id AND t.superseded_id IS NULL"""
)

_POSTCODES = f"""
    WITH found AS (
    SELECT r.person_id FROM changed_postcode l
      JOIN orders_residence r ON r.superseded_id IS NULL AND r.status = 'home' AND r.postcode_index = l.index
       AND r.postcode_index <> ''
      LEFT JOIN orders_area a ON a.id = r.neighbourhood_id
     WHERE %(change)s IS NOT NULL AND (r.neighbourhood_id IS NULL OR a.valid_until IS NOT NULL))
    {_PARTY}"""

# An area that is new takes in homes whose source had named it before it was known.
_AREAS = f"""
    WITH lines AS (SELECT l.key, a.id FROM orders_referenceline l LEFT JOIN orders_area a ON a.code = l.key
                    WHERE l.change_id = %(change)s
                      AND (l.before IS NULL OR l.after IS NULL
                           OR (l.before->'parent', l.before->'valid_from', l.before->'valid_until')
                              IS DISTINCT FROM (l.after->'parent', l.after->'valid_from', l.after->'valid_until'))),
         found AS (SELECT r.person_id FROM orders_residence r JOIN lines ON lines.key = r.neighbourhood_code
                    WHERE r.superseded_id IS NULL AND r.status = 'home')
    {_PARTY}
     UNION
    SELECT p.order_id FROM lines JOIN orders_place p ON p.area_id = lines.id"""

# Only notices run on a clock that bank holidays stop. A year that was not known before changes all served in it.
_HOLIDAYS = """
    WITH years AS (SELECT DISTINCT substr(key, 1, 4)::int AS year FROM orders_referenceline
                    WHERE change_id = %(change)s)
    SELECT e.order_id FROM orders_event e
      JOIN orders_order o ON o.id = e.order_id AND o.kind IN ('DVPN', 'DAPN')
      JOIN years y ON e.at >= make_date(y.year, 1, 1) - 10 AND e.at < make_date(y.year + 1, 1, 2)
     WHERE e.kind = 'SERVED'"""

_OF = {
    ReferenceKind.POSTCODES: _POSTCODES,
    ReferenceKind.AREAS: _AREAS,
    ReferenceKind.HOLIDAYS: _HOLIDAYS,
    ReferenceKind.CARD: "SELECT NULL::bigint WHERE %(change)s IS NULL",
}

BATCH = 1_000
_TOGETHER = 20_000
"""Postcodes that are read and written together: what bounds the memory."""


def how_many(change: ReferenceChange) -> int:
    """How many orders the change would have worked out again."""
    with transaction.atomic(), connection.cursor() as cursor:
        _changed_postcodes(change)
        cursor.execute(
            f"SELECT count(DISTINCT order_id) FROM ({_OF[ReferenceKind(change.kind)]}) x (order_id)", _values(change)
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def queue(change: ReferenceChange) -> int:
    """Mark the orders that rest on what the change changed. Call it in the transaction that changes it."""
    _changed_postcodes(change)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO orders_staleorder (order_id, since)
                SELECT DISTINCT order_id, now() FROM ({_OF[ReferenceKind(change.kind)]}) x (order_id)
                ON CONFLICT (order_id) DO UPDATE SET since = excluded.since""",
            _values(change),
        )
        return int(cursor.rowcount)


def _changed_postcodes(change: ReferenceChange) -> None:
    """The postcodes of a change as homes are found by them, which are sealed; a table until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.changed_postcode")
        cursor.execute("CREATE TEMPORARY TABLE changed_postcode (index text) ON COMMIT DROP")
        if change.kind != ReferenceKind.POSTCODES:
            return
        # Some at a time: a file of the whole country changes millions.
        with connection.chunked_cursor() as keys:
            keys.execute("SELECT key FROM orders_referenceline WHERE change_id = %s", [change.pk])
            while some := keys.fetchmany(_TOGETHER):
                with cursor.copy("COPY changed_postcode FROM STDIN") as copy:
                    copy.write("".join([f"{postcode_index(key)}\n" for (key,) in some]))
        cursor.execute("ANALYZE changed_postcode")


def _values(change: ReferenceChange) -> dict[str, Any]:
    return {"change": change.pk}


def work_out_again(*, at_most: int | None = None) -> int:
    """Work out marked orders, a batch a transaction, until none is left or `at_most` batches are done. How many."""
    done = batches = 0
    while at_most is None or batches < at_most:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    """DELETE FROM orders_staleorder WHERE order_id IN (
                         SELECT order_id FROM orders_staleorder ORDER BY order_id LIMIT %s FOR UPDATE SKIP LOCKED)
                       RETURNING order_id""",
                    [BATCH],
                )
                ids = sorted(pk for (pk,) in cursor.fetchall())
            if not ids:
                break
            with recording(by=None, action="work out places again") as opened:
                locating.locate_again(ids)
                projection.project(ids, opened)
        done += len(ids)
        batches += 1
    return done
