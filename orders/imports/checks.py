"""Checks of a staged bundle across its files and against what the register holds, each one statement over all rows.

Every check only adds to `stage_error`; what that means for orders is decided once, in `quarantine`. The `held_…` views
say what the register holds from the same source.
"""

from __future__ import annotations

from array import array

from django.db import connection

from orders.imports.staging import copy_in

_COLUMNS = "INSERT INTO stage_error (file, line, col, value, order_ref, person_ref, reason) "

_DUPLICATES = (
    # file, table, column, the key, order_ref expression, person_ref expression
    ("orders.csv", "stage_order", "order_ref", "order_ref", "order_ref", "NULL"),
    ("people.csv", "stage_person", "person_ref", "person_ref", "NULL", "person_ref"),
    ("addresses.csv", "stage_address", "address_ref", "address_ref", "NULL", "person_ref"),
    ("conditions.csv", "stage_condition", "condition_ref", "condition_ref", "order_ref", "NULL"),
    ("events.csv", "stage_event", "event_ref", "event_ref", "order_ref", "NULL"),
    ("parties.csv", "stage_party", "person_ref", "order_ref, person_ref", "order_ref", "NULL"),
)

_CHECKS: tuple[str, ...] = (
    # A row about an order that orders.csv does not carry (or carries only as a faulty row).
    *(
        f"""SELECT '{file}', s.line, 'order_ref', s.order_ref, s.order_ref, NULL,
                   'order_ref is not an order of this bundle''s orders.csv'
              FROM {table} s
             WHERE NOT EXISTS (SELECT FROM stage_order o WHERE o.order_ref = s.order_ref)
               AND NOT EXISTS (SELECT FROM stage_error e
                                WHERE e.file = 'orders.csv' AND e.order_ref = s.order_ref)"""
        for file, table in (
            ("parties.csv", "stage_party"),
            ("conditions.csv", "stage_condition"),
            ("events.csv", "stage_event"),
        )
    ),
    """SELECT 'parties.csv', p.line, 'person_ref', p.person_ref, p.order_ref, p.person_ref,
              'person_ref is neither in people.csv nor in the register'
         FROM stage_party p
        WHERE NOT EXISTS (SELECT FROM stage_person s WHERE s.person_ref = p.person_ref)
          AND NOT EXISTS (SELECT FROM held_person k WHERE k.person_ref = p.person_ref)
          AND NOT EXISTS (SELECT FROM stage_error e WHERE e.file = 'people.csv' AND e.person_ref = p.person_ref)""",
    """SELECT 'addresses.csv', a.line, 'person_ref', a.person_ref, NULL, a.person_ref,
              'person_ref is neither in people.csv nor in the register'
         FROM stage_address a
        WHERE NOT EXISTS (SELECT FROM stage_person s WHERE s.person_ref = a.person_ref)
          AND NOT EXISTS (SELECT FROM held_person k WHERE k.person_ref = a.person_ref)
          AND NOT EXISTS (SELECT FROM stage_error e WHERE e.file = 'people.csv' AND e.person_ref = a.person_ref)""",
    """SELECT 'orders.csv', o.line, 'force', o.force, o.order_ref, NULL, 'force is not the code of a known force'
         FROM stage_order o
        WHERE NOT EXISTS (SELECT FROM held_force f WHERE f.code = o.force)""",
    # Exactly one perpetrator and at least one victim. A faulty parties row has already said so of its order.
    """SELECT 'orders.csv', o.line, NULL, NULL, o.order_ref, NULL,
              CASE WHEN p.perpetrators = 0 THEN 'the order has no perpetrator in parties.csv'
                   WHEN p.perpetrators > 1 THEN 'the order has ' || p.perpetrators || ' perpetrators in parties.csv'
                   ELSE 'the order has no victim in parties.csv' END
         FROM stage_order o
        CROSS JOIN LATERAL (SELECT count(DISTINCT person_ref) FILTER (WHERE role = 'perpetrator') AS perpetrators,
                                   count(*) FILTER (WHERE role = 'victim') AS victims
                              FROM stage_party WHERE order_ref = o.order_ref) p
        WHERE (p.perpetrators <> 1 OR p.victims = 0)
          AND NOT EXISTS (SELECT FROM stage_error e WHERE e.file = 'parties.csv' AND e.order_ref = o.order_ref)""",
    """SELECT 'orders.csv', o.line, 'replaces_ref', o.replaces_ref, o.order_ref, NULL,
              'replaces_ref is an order neither in this bundle nor in the register'
         FROM stage_order o
        WHERE o.replaces_ref <> ''
          AND NOT EXISTS (SELECT FROM stage_order f WHERE f.order_ref = o.replaces_ref)
          AND NOT EXISTS (SELECT FROM held_order k WHERE k.order_ref = o.replaces_ref)
          AND NOT EXISTS (SELECT FROM stage_error e WHERE e.file = 'orders.csv' AND e.order_ref = o.replaces_ref)""",
    """SELECT 'events.csv', r.line, 'text', left(r.retracts, 80), r.order_ref, NULL,
              CASE WHEN r.retracts = r.event_ref THEN 'text: the event retracts itself'
                   ELSE 'text names no event of this order: nothing to retract' END
         FROM stage_event r
        WHERE r.event = 'RETRACTED'
          AND (r.retracts = r.event_ref
               OR NOT EXISTS (SELECT FROM stage_event e WHERE (e.event_ref, e.order_ref) = (r.retracts, r.order_ref))
              AND NOT EXISTS (SELECT FROM held_event k
                               WHERE (k.event_ref, k.order_ref) = (r.retracts, r.order_ref)))""",
    # A key of the source is one thing for good: it cannot pass from one order or person to another.
    """SELECT 'events.csv', e.line, 'event_ref', e.event_ref, e.order_ref, NULL,
              'event_ref is known as an event of order ' || k.order_ref
         FROM stage_event e
         JOIN held_event k ON k.event_ref = e.event_ref AND k.order_ref <> e.order_ref""",
    """SELECT 'addresses.csv', a.line, 'address_ref', a.address_ref, NULL, a.person_ref,
              'address_ref is known as an address of person ' || k.person_ref
         FROM stage_address a
         JOIN held_address k ON k.address_ref = a.address_ref AND k.person_ref <> a.person_ref""",
)


_FORCE_ONLY = """
    SELECT 'orders.csv', o.line, 'force', o.force, o.order_ref, NULL,
           'force is not ' || %(only)s || ', for which the person works who imports this'
      FROM stage_order o WHERE o.force <> %(only)s
     UNION ALL
    SELECT 'orders.csv', o.line, 'order_ref', o.order_ref, o.order_ref, NULL, 'order_ref is an order of another force'
      FROM stage_order o JOIN held_order h USING (order_ref) WHERE h.force <> %(only)s AND o.force = %(only)s"""


def check_across_files(*, only_force: str | None = None) -> bool:
    """Find what no single row shows. Needs the stage tables and the `held_…` views.

    `only_force` is the code of the one force whose orders may be imported, None for any. Returns whether a ring of
    orders goes through one that was not staged: where it is of the bundle all the same, it must be judged too.
    """
    with connection.cursor() as cursor:
        for file, table, column, key, order_ref, person_ref in _DUPLICATES:
            again = (
                "person_ref is named twice in this order"
                if table == "stage_party"
                else f"{column} stands twice in {file}"
            )
            # Both rows are told of: neither says which of the two is meant.
            cursor.execute(
                _COLUMNS
                + f"""SELECT '{file}', line, '{column}', {column}, {order_ref}, {person_ref},
                             '{again}, on lines ' || first || ' and ' || last
                        FROM (SELECT *, count(*) OVER same AS times, min(line) OVER same AS first,
                                     max(line) OVER same AS last
                                FROM {table} WINDOW same AS (PARTITION BY {key})) counted
                       WHERE times > 1"""
            )
        for check in _CHECKS:
            cursor.execute(_COLUMNS + check)
        if only_force is not None:
            cursor.execute(_COLUMNS + _FORCE_ONLY, {"only": only_force})
    return _check_cycles()


def _check_cycles() -> bool:
    """Find orders that follow each other in a ring: each would then have to come before itself.

    Every order follows at most one other, so one walk over an array of numbers finds every ring in linear time,
    however long a chain is; links the register holds of orders outside the bundle count too.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stage_link")
        cursor.execute(
            """CREATE TEMPORARY TABLE stage_link ON COMMIT DROP AS
               SELECT row_number() OVER () - 1 AS n, ref, replaces_ref, line FROM (
                 SELECT DISTINCT ON (order_ref) order_ref AS ref, replaces_ref, line FROM stage_order
                  WHERE replaces_ref <> ''
                 UNION ALL
                 SELECT order_ref, replaces_ref, NULL FROM held_order k
                  WHERE replaces_ref <> ''
                    AND NOT EXISTS (SELECT FROM stage_order o WHERE o.order_ref = k.order_ref)) links"""
        )
        cursor.execute("SELECT count(*) FROM stage_link")
        (size,) = cursor.fetchone() or (0,)
        follows = array("q", [-1]) * size
        cursor.execute("SELECT a.n, b.n FROM stage_link a JOIN stage_link b ON b.ref = a.replaces_ref")
        while pairs := cursor.fetchmany(10_000):
            for start, end in pairs:
                follows[start] = end
        ringed = _in_rings(follows)
        if ringed:
            cursor.execute("SELECT EXISTS (SELECT FROM stage_link WHERE n = ANY(%s) AND line IS NULL)", [ringed])
            (beyond,) = cursor.fetchone() or (False,)
            cursor.execute(
                _COLUMNS
                + """SELECT 'orders.csv', line, 'replaces_ref', replaces_ref, ref, NULL,
                            'replaces_ref goes round in a circle: the order would come before itself'
                       FROM stage_link WHERE n = ANY(%s) AND line IS NOT NULL""",
                [ringed],
            )
            return bool(beyond)
    return False


def _in_rings(follows: array[int]) -> list[int]:
    """The numbers that lie on a ring of a graph in which each number points to one other, or to -1."""
    walk_of = array("q", [0]) * len(follows)
    ringed: list[int] = []
    for walk, start in enumerate(range(len(follows)), 1):
        at = start
        while at != -1 and not walk_of[at]:
            walk_of[at] = walk
            at = follows[at]
        if at != -1 and walk_of[at] == walk:
            first = at
            while True:
                ringed.append(at)
                at = follows[at]
                if at == first:
                    break
    return ringed


def add_errors(errors: list[tuple[str, int, str | None, str | None, str | None, str | None, str]]) -> None:
    """Add errors found outside the database to the others."""
    copy_in("stage_error", errors)


def note_remarked(lines: list[tuple[str, int]]) -> None:
    """Note lines of files that something was remarked on: what they belong to is read again next time."""
    copy_in("stage_remarked", lines)


def quarantine() -> None:
    """Draw the line: `stage_bad_order` holds every order nothing of which may be applied, `stage_bad_person` people.

    A fault of a person or an address falls on every order with that person, those the register already holds too.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stage_bad_person, pg_temp.stage_bad_order")
        cursor.execute(
            """CREATE TEMPORARY TABLE stage_bad_person ON COMMIT DROP AS
               SELECT DISTINCT person_ref FROM stage_error
                WHERE person_ref IS NOT NULL AND file IN ('people.csv', 'addresses.csv')"""
        )
        cursor.execute(
            """CREATE TEMPORARY TABLE stage_bad_order ON COMMIT DROP AS
               SELECT order_ref FROM stage_error WHERE order_ref IS NOT NULL
               UNION
               SELECT p.order_ref FROM stage_party p JOIN stage_bad_person USING (person_ref)
               UNION
               SELECT k.order_ref FROM held_party k JOIN stage_bad_person b ON b.person_ref = k.person_ref"""
        )
        cursor.execute("CREATE UNIQUE INDEX ON stage_bad_order (order_ref)")
        cursor.execute("CREATE UNIQUE INDEX ON stage_bad_person (person_ref)")
        cursor.execute("ANALYZE stage_bad_order")
        cursor.execute("ANALYZE stage_bad_person")
