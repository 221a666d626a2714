"""What the register holds from one source, under the source's own keys: the other side of every comparison.

Temporary views, made for one import and dropped at its end, so that checks and comparison need not know the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

ONE_AT_A_TIME = 4_217_001
"""The number of the advisory lock under which imports, and what undoes them, run one after the other."""


def _word(column: str, stored: str, *, as_type: str = "text") -> str:
    """A column as the source last gave it, also where somebody has put right here what stands in it."""
    match as_type:
        case "text[]":
            told = f"ARRAY(SELECT jsonb_array_elements_text(w.says->'{column}'))"
        case "jsonb":
            told = f"w.says->'{column}'"
        case _:
            told = f"(w.says->>'{column}')::{as_type}"
    return f"CASE WHEN w.says ? '{column}' THEN {told} ELSE {stored} END AS {column}"


def _from_source(table: str, row: str, key: str) -> str:
    """Of a table of facts the rows that stand for what the source last said: conditions on joined rows `r` and `t`.

    They are those that an import made, also where somebody put them away by hand since: that is no news.
    When people are merged or told apart again, the row that was recorded for the one in place of the other counts.
    `key` says that a later row `c` is of the same thing.
    """
    moved = f"{row}.named_id IS NOT NULL" if table != "orders_condition" else "false"
    later = "c.named_id IS NOT NULL" if table != "orders_condition" else "false"
    return f"""(r.run_id IS NOT NULL OR {moved})
           AND ({row}.superseded_id IS NULL
                OR t.run_id IS NULL
                   AND NOT EXISTS (SELECT FROM {table} c JOIN orders_recording cr ON cr.id = c.recording_id
                                    WHERE {key} AND c.id > {row}.id AND (cr.run_id IS NOT NULL OR {later})))"""


_RECORDED = """JOIN orders_recording r ON r.id = {row}.recording_id
          LEFT JOIN orders_recording t ON t.id = {row}.superseded_id"""

_PARTY = "c.order_id = p.order_id AND coalesce(c.named_id, c.person_id) = n.id"
_CONDITION = "c.order_id = k.order_id AND c.source_ref = k.source_ref"
_HOME = "coalesce(c.named_id, c.person_id) = n.id AND c.source_ref = h.source_ref"

_VIEWS: dict[str, str] = {
    "held_force": "SELECT code FROM orders_area WHERE level = 'force' AND {source} IS NOT NULL",
    # What sources say of fields that somebody put right here.
    "held_word": """
        SELECT order_id, person_id, jsonb_object_agg(field, source_says) AS says FROM orders_putright
         WHERE superseded_id IS NULL AND {source} IS NOT NULL GROUP BY order_id, person_id""",
    "held_order": f"""
        SELECT o.id AS order_id, o.source_ref AS order_ref, {_word("kind", "o.kind")}, a.code AS force,
               {_word("reference", "o.reference")}, {_word("court", "o.court")}, {_word("case_ref", "o.case_ref")},
               {_word("without_notice", "o.without_notice", as_type="boolean")},
               {_word("power_of_arrest", "o.power_of_arrest", as_type="boolean")},
               {_word("replaces_ref", "o.replaces_ref")}, {_word("team", "o.team")}, {_word("officer", "o.officer")},
               o.source_updated_at AS updated_at, o.doubt_since IS NOT NULL AS in_doubt
          FROM orders_order o JOIN orders_area a ON a.id = o.owner_force_id
          LEFT JOIN held_word w ON w.order_id = o.id
         WHERE o.source = {{source}}""",
    "held_person": f"""
        SELECT n.id AS person_id, n.source_ref AS person_ref, {_word("family_name", "n.family_name")},
               {_word("given_names", "n.given_names")},
               {_word("date_of_birth", "n.date_of_birth", as_type="date")}, {_word("sex", "n.sex")},
               {_word("ethnicity", "n.ethnicity")}, {_word("pnc_id", "n.pnc_id")},
               {_word("warnings", "n.warnings::text[]", as_type="text[]")},
               {_word("aliases", "n.aliases", as_type="jsonb")}, n.source_updated_at AS updated_at
          FROM orders_person n LEFT JOIN held_word w ON w.person_id = n.id WHERE n.source = {{source}}""",
    "held_party": f"""
        SELECT p.id AS fact_id, o.source_ref AS order_ref, n.source_ref AS person_ref, p.role, p.relationship
          FROM orders_party p
          JOIN orders_order o ON o.id = p.order_id
          JOIN orders_person n ON n.id = coalesce(p.named_id, p.person_id)
          {_RECORDED.format(row="p")}
         WHERE o.source = {{source}} AND n.source = {{source}} AND {_from_source("orders_party", "p", _PARTY)}""",
    "held_condition": f"""
        SELECT k.id AS fact_id, o.source_ref AS order_ref, k.source_ref AS condition_ref, k.code, k.text, k.begins,
               k.begins_is_date, k.until, k.until_is_date
          FROM orders_condition k JOIN orders_order o ON o.id = k.order_id
          {_RECORDED.format(row="k")}
         WHERE o.source = {{source}} AND {_from_source("orders_condition", "k", _CONDITION)}""",
    # An event that somebody took back by hand is still the source's: only what an import took back is gone from it.
    "held_event": """
        SELECT e.id AS fact_id, o.source_ref AS order_ref, e.source_ref AS event_ref, e.kind AS event, e.at,
               e.at_is_date, e.until, e.until_is_date, e.until_open, e.by_whom, e.text, e.retracts_ref AS retracts,
               e.source_updated_at AS updated_at
          FROM orders_event e JOIN orders_order o ON o.id = e.order_id
         WHERE o.source = {source} AND e.source_ref <> ''
           AND NOT EXISTS (SELECT FROM orders_event t JOIN orders_recording r ON r.id = t.recording_id
                            WHERE t.retracts_id = e.id AND r.run_id IS NOT NULL)""",
    "held_address": f"""
        SELECT h.id AS fact_id, n.source_ref AS person_ref, h.source_ref AS address_ref, h.address, h.postcode,
               h.neighbourhood_code AS neighbourhood, h.status, h.from_on, h.to_on, h.secret,
               h.source_updated_at AS updated_at
          FROM orders_residence h JOIN orders_person n ON n.id = coalesce(h.named_id, h.person_id)
          {_RECORDED.format(row="h")}
         WHERE n.source = {{source}} AND {_from_source("orders_residence", "h", _HOME)}""",
}


@contextmanager
def held_views(source: str) -> Iterator[None]:
    """The views of one source, for the length of an import. An error leaves them to the transaction's rollback."""
    with connection.cursor() as cursor:
        for name, query in _VIEWS.items():
            cursor.execute(
                sql.SQL("CREATE TEMPORARY VIEW {} AS ").format(sql.Identifier(name))
                + sql.SQL(query).format(source=sql.Literal(source))
            )
    yield
    with connection.cursor() as cursor:
        for name in reversed(_VIEWS):
            cursor.execute(sql.SQL("DROP VIEW pg_temp.{}").format(sql.Identifier(name)))
