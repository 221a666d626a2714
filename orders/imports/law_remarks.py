"""What deserves a word of orders beside their people and the orders they follow: it may be true, so it is applied.

Entry by hand refuses the same by the same rules. The database finds the few orders that may be meant, in a few
statements over all rows of the bundle and of what the register holds beside them; the law judges those.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import connection

from orders.imports.checks import note_remarked
from orders.imports.remarks import Remarks
from orders.statute import KINDS, Event, OrderFacts, age_error, began_on, followed_errors, following_error

_CHUNK = 5_000

_COLUMNS = "e.event, e.at, e.at_is_date, e.retracts, e.event_ref"
_TOLD = f"(SELECT e.order_ref, {_COLUMNS} FROM stage_event e UNION ALL SELECT * FROM law_event)"
"""What happened to the orders of the bundle, and to those beside them."""

_TABLES = (
    "DROP TABLE IF EXISTS pg_temp.law_pair, pg_temp.law_bound, pg_temp.law_event, pg_temp.law_late, pg_temp.law_young",
    # Each order with the one that it follows, where the bundle tells anything new of either.
    """CREATE TEMPORARY TABLE law_pair ON COMMIT DROP AS
       SELECT s.order_ref, s.kind, true AS staged, f.order_ref AS before_ref, f.kind AS before_kind,
              true AS before_staged, s.line
         FROM stage_order s JOIN stage_order f ON f.order_ref = s.replaces_ref
       UNION ALL
       SELECT s.order_ref, s.kind, true, h.order_ref, h.kind, false, s.line
         FROM stage_order s JOIN held_order h ON h.order_ref = s.replaces_ref
        WHERE NOT EXISTS (SELECT FROM stage_order f WHERE f.order_ref = s.replaces_ref)
       UNION ALL
       SELECT h.order_ref, h.kind, false, f.order_ref, f.kind, true, f.line
         FROM stage_order f JOIN held_order h ON h.replaces_ref = f.order_ref
        WHERE NOT EXISTS (SELECT FROM stage_order s WHERE s.order_ref = h.order_ref)""",
    # Each order with when whom it binds was born, where the bundle tells anything new of either.
    """CREATE TEMPORARY TABLE law_bound ON COMMIT DROP AS
       SELECT s.order_ref, s.kind, true AS staged, coalesce(n.date_of_birth, k.date_of_birth) AS born,
              'orders.csv' AS file, s.line
         FROM stage_order s JOIN stage_party p ON p.order_ref = s.order_ref AND p.role = 'perpetrator'
         LEFT JOIN stage_person n USING (person_ref)
         LEFT JOIN held_person k ON k.person_ref = p.person_ref AND n.person_ref IS NULL
       UNION ALL
       SELECT h.order_ref, h.kind, false, n.date_of_birth, 'people.csv', n.line
         FROM stage_person n JOIN held_party p ON p.person_ref = n.person_ref AND p.role = 'perpetrator'
         JOIN held_order h ON h.order_ref = p.order_ref
        WHERE NOT EXISTS (SELECT FROM stage_order s WHERE s.order_ref = h.order_ref)""",
    # What the register holds of the orders among them of which the bundle tells nothing.
    f"""CREATE TEMPORARY TABLE law_event ON COMMIT DROP AS
        SELECT e.order_ref, {_COLUMNS} FROM held_event e
         WHERE e.order_ref IN (SELECT order_ref FROM law_bound WHERE NOT staged
                               UNION SELECT order_ref FROM law_pair WHERE NOT staged
                               UNION SELECT before_ref FROM law_pair WHERE NOT before_staged)""",
    "CREATE INDEX ON law_event (order_ref)",
    "ANALYZE law_pair",
    "ANALYZE law_bound",
    "ANALYZE law_event",
    # Pairs of which one that determines the first came before one by which the other began.
    f"""CREATE TEMPORARY TABLE law_late ON COMMIT DROP AS
        WITH told AS (SELECT order_ref, min(at) FILTER (WHERE event = ANY(%(determining)s)) AS determined,
                             max(at) FILTER (WHERE event = ANY(%(beginnings)s)) AS begun
                        FROM {_TOLD} e
                       WHERE order_ref IN (SELECT order_ref FROM law_pair UNION SELECT before_ref FROM law_pair)
                       GROUP BY order_ref)
        SELECT l.* FROM law_pair l JOIN told a ON a.order_ref = l.order_ref JOIN told b ON b.order_ref = l.before_ref
         WHERE a.determined < b.begun""",
    # Orders that may have begun before whom they bind was old enough: a day is not known to the hour.
    f"""CREATE TEMPORARY TABLE law_young ON COMMIT DROP AS
        SELECT DISTINCT l.order_ref, l.kind, l.born, l.file, l.line
          FROM law_bound l JOIN unnest(%(codes)s::text[], %(ages)s::int[]) AS a (kind, age) ON a.kind = l.kind
          JOIN {_TOLD} e ON e.order_ref = l.order_ref
         WHERE e.event = ANY(%(beginnings)s) AND e.at < l.born + make_interval(years => a.age) + interval '2 days'""",
    "ANALYZE law_late",
    "ANALYZE law_young",
)

_BEGINNINGS = ["AUTHORISED", "SERVED", "MADE"]
_DETERMINING = ["HEARING", "MADE", "REFUSED", "WITHDRAWN"]

_IMPOSSIBLE = {(kind, before): words for kind in KINDS for before in KINDS if (words := following_error(kind, before))}
_OTHER_KINDS = """
    SELECT l.order_ref, l.kind, l.before_ref, l.before_kind, l.line
      FROM law_pair l
      JOIN unnest(%(after)s::text[], %(before)s::text[]) AS w (kind, before_kind) USING (kind, before_kind)
     ORDER BY l.order_ref, l.line"""

# Whose perpetrators are not the same.
_OTHERS_BOUND = """
    WITH bound AS (
        SELECT order_ref, person_ref FROM stage_party WHERE role = 'perpetrator'
        UNION ALL
        SELECT order_ref, person_ref FROM held_party
         WHERE role = 'perpetrator'
           AND order_ref IN (SELECT order_ref FROM law_pair WHERE NOT staged
                             UNION SELECT before_ref FROM law_pair WHERE NOT before_staged))
    SELECT DISTINCT l.order_ref, l.before_ref, l.line
      FROM law_pair l JOIN bound a ON a.order_ref = l.order_ref JOIN bound b ON b.order_ref = l.before_ref
     WHERE a.person_ref <> b.person_ref
     ORDER BY 1, 2"""

_LATE = f"""
    SELECT l.order_ref, l.kind, l.before_ref, l.before_kind, l.line, e.order_ref = l.before_ref, {_COLUMNS}
      FROM law_late l JOIN {_TOLD} e ON e.order_ref IN (l.order_ref, l.before_ref)
     ORDER BY l.order_ref, l.before_ref, l.line"""

_YOUNG = f"""
    SELECT l.order_ref, l.kind, l.born, l.file, l.line, {_COLUMNS}
      FROM law_young l JOIN {_TOLD} e ON e.order_ref = l.order_ref
     ORDER BY l.order_ref, l.file, l.line"""


def remark_on_law(remarks: Remarks) -> None:
    """Note orders that bind somebody too young, come before what they follow, or follow what they cannot.

    Needs the stage tables and the `held_…` views.
    """
    values: dict[str, Any] = {
        "beginnings": _BEGINNINGS,
        "determining": _DETERMINING,
        "codes": list(KINDS),
        "ages": [rules.least_age or 0 for rules in KINDS.values()],
        "after": [kind for kind, _ in _IMPOSSIBLE],
        "before": [before for _, before in _IMPOSSIBLE],
    }
    with connection.cursor() as cursor:
        for statement in _TABLES:
            cursor.execute(statement, values if "%(" in statement else None)
    noted: list[tuple[str, int]] = []
    for file, line, topic, words in (*_too_young(values), *_following(values), *_sequences(values)):
        remarks.add(topic, words)
        noted.append((file, line))
    note_remarked(noted)


def _too_young(values: dict[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    """Whom the Act does not let be bound. When they were born is not said: remarks stay when people are erased."""
    for (ref, kind, born, file, line), rows in groupby(_rows(_YOUNG, values), key=lambda row: row[:5]):
        wrong = age_error(kind, born, began_on(kind, [_event(row[5:]) for row in rows]))
        if wrong:
            words = f"order {ref}: {wrong.partition(';')[0]}; look at the date of birth"
            yield file, line, "people too young for an order to bind them", words


def _following(values: dict[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    topic = "orders that follow what they cannot"
    for ref, kind, before, before_kind, line in _rows(_OTHER_KINDS, values):
        words = _IMPOSSIBLE[kind, before_kind]
        yield "orders.csv", line, topic, f"order {ref} names {before} as what it follows: {words}"
    for ref, before, line in _rows(_OTHERS_BOUND, values):
        yield "orders.csv", line, topic, f"order {ref} names {before} as what it follows, which binds another person"


def _sequences(values: dict[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    for (ref, kind, before, before_kind, line), rows in groupby(_rows(_LATE, values), key=lambda row: row[:5]):
        events: dict[bool, list[Event]] = {False: [], True: []}
        for row in rows:
            events[row[5]].append(_event(row[6:]))
        own = OrderFacts(kind, ref, tuple(events[False]), follows=before_kind)
        followed = OrderFacts(before_kind, before, tuple(events[True]))
        wrong = [words for event in own.events for words in followed_errors(own, event, followed)]
        if wrong:
            yield "orders.csv", line, "orders that come before what they follow", f"order {ref}: {wrong[0]}"


def _rows(statement: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(_CHUNK):
            yield from rows


def _event(row: tuple[Any, ...]) -> Event:
    kind, at, at_is_date, retracts, ref = row
    return Event(kind, at, at_is_date, retracts=retracts, ref=ref)
