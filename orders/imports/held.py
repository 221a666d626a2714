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

_VIEWS: dict[str, str] = {
    "held_force": "SELECT code FROM orders_area WHERE level = 'force' AND {source} IS NOT NULL",
    "held_order": """
        SELECT o.id AS order_id, o.source_ref AS order_ref, o.kind, a.code AS force, o.reference, o.court, o.case_ref,
               o.without_notice, o.power_of_arrest, o.replaces_ref, o.team, o.officer,
               o.source_updated_at AS updated_at, o.doubt_since IS NOT NULL AS in_doubt
          FROM orders_order o JOIN orders_area a ON a.id = o.owner_force_id
         WHERE o.source = {source}""",
    "held_person": """
        SELECT id AS person_id, source_ref AS person_ref, family_name, given_names, date_of_birth, sex, ethnicity,
               pnc_id, warnings::text[] AS warnings, aliases, source_updated_at AS updated_at
          FROM orders_person WHERE source = {source}""",
    "held_party": """
        SELECT p.id AS fact_id, o.source_ref AS order_ref, n.source_ref AS person_ref, p.role, p.relationship
          FROM orders_party p
          JOIN orders_order o ON o.id = p.order_id
          JOIN orders_person n ON n.id = p.person_id
         WHERE o.source = {source} AND p.superseded_id IS NULL""",
    "held_condition": """
        SELECT c.id AS fact_id, o.source_ref AS order_ref, c.source_ref AS condition_ref, c.code, c.text, c.begins,
               c.begins_is_date, c.until, c.until_is_date
          FROM orders_condition c JOIN orders_order o ON o.id = c.order_id
         WHERE o.source = {source} AND c.superseded_id IS NULL""",
    # An event that somebody took back by hand is still the source's: only what an import took back is gone from it.
    "held_event": """
        SELECT e.id AS fact_id, o.source_ref AS order_ref, e.source_ref AS event_ref, e.kind AS event, e.at,
               e.at_is_date, e.until, e.until_is_date, e.until_open, e.by_whom, e.text, e.retracts_ref AS retracts,
               e.source_updated_at AS updated_at
          FROM orders_event e JOIN orders_order o ON o.id = e.order_id
         WHERE o.source = {source} AND e.source_ref <> ''
           AND NOT EXISTS (SELECT FROM orders_event t JOIN orders_recording r ON r.id = t.recording_id
                            WHERE t.retracts_id = e.id AND r.run_id IS NOT NULL)""",
    "held_address": """
        SELECT r.id AS fact_id, n.source_ref AS person_ref, r.source_ref AS address_ref, r.address, r.postcode,
               r.neighbourhood_code AS neighbourhood, r.status, r.from_on, r.to_on, r.secret,
               r.source_updated_at AS updated_at
          FROM orders_residence r JOIN orders_person n ON n.id = r.person_id
         WHERE n.source = {source} AND r.superseded_id IS NULL""",
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
        for name in _VIEWS:
            cursor.execute(sql.SQL("DROP VIEW pg_temp.{}").format(sql.Identifier(name)))
