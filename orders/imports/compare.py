"""What a staged bundle would change, found by comparing it with the register in a few statements over all rows.

The register's side is a set of views, `held_order`, `held_person`, `held_party`, `held_condition`, `held_event` and
`held_address`: the current facts from the same source, in the columns of the stage tables and under the source's own
keys. The result is temporary tables that say, by line of the bundle and by id of the register, what to record and what
to supersede. In the ordinary case, a full extract of which little changed, only the little is ever read out.

Rules (extract contract, common rules and 6): a row older than what is held changes nothing; an order is carried whole,
so what it no longer carries is taken back; the same key with other content is a correction.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Carried:
    """One sort of fact that an order carries: its stage table, view, key, and the columns that are its content."""

    stage: str
    held: str
    owner: str
    key: str
    content: tuple[str, ...]
    dated: bool


PARTY = Carried("stage_party", "held_party", "order_ref", "person_ref", ("role", "relationship"), dated=False)
CONDITION = Carried(
    "stage_condition",
    "held_condition",
    "order_ref",
    "condition_ref",
    ("code", "text", "begins", "begins_is_date", "until", "until_is_date"),
    dated=False,
)
EVENT = Carried(
    "stage_event",
    "held_event",
    "order_ref",
    "event_ref",
    ("event", "at", "at_is_date", "until", "until_is_date", "until_open", "by_whom", "text", "retracts"),
    dated=True,
)
ADDRESS = Carried(
    "stage_address",
    "held_address",
    "person_ref",
    "address_ref",
    ("address", "postcode", "neighbourhood", "status", "from_on", "to_on", "secret"),
    dated=True,
)
CARRIED = (PARTY, CONDITION, EVENT, ADDRESS)

ORDER_CONTENT = (
    "kind", "force", "reference", "court", "case_ref", "without_notice", "power_of_arrest", "replaces_ref", "team",
    "officer",
)  # fmt: skip
PERSON_CONTENT = (
    "family_name", "given_names", "date_of_birth", "sex", "ethnicity", "pnc_id", "warnings", "aliases",
)  # fmt: skip

ORDER_PLACING = ("kind", "force", "without_notice", "power_of_arrest", "replaces_ref")
"""Of the heading what the standing and the places of an order rest on: `places.stints` and the law read no more."""

PERSON_NAMING = ("family_name", "given_names", "date_of_birth", "pnc_id", "aliases")
"""Of a person by what they are found: `people.party_names` reads no more."""


def _differs(content: tuple[str, ...]) -> str:
    left = ", ".join(f"s.{column}" for column in content)
    right = ", ".join(f"h.{column}" for column in content)
    return f"(({left}) IS DISTINCT FROM ({right}))"


def compare(*, bundle_is_older: bool) -> None:
    """Fill the plan tables: `plan_order`, `plan_person`, and for each sort of fact `plan_<x>_new` and `plan_<x>_old`.

    `placed` and `named` say whether the heading or person differs in what places or names rest on.
    `bundle_is_older`: the bundle was taken before one already imported from its source, so that what it lacks proves
    nothing. Needs the stage tables, `stage_bad_order`, `stage_bad_person` and the `held_…` views.
    """
    _make(
        "plan_order",
        # stale: the register knows this order better than the bundle does.
        f"""SELECT s.line, s.order_ref, h.order_id, h.updated_at AS held_updated_at,
                   coalesce(%(older)s OR h.updated_at > s.updated_at, false) AND h.order_id IS NOT NULL AS stale,
                   CASE WHEN h.order_id IS NULL THEN 'new'
                        WHEN h.updated_at > s.updated_at OR (%(older)s AND h.updated_at = s.updated_at) THEN 'same'
                        WHEN {_differs(ORDER_CONTENT)} THEN 'changed'
                        ELSE 'same' END AS own,
                   coalesce(h.in_doubt, false) AS in_doubt, {_differs(ORDER_PLACING)} AS placed
              FROM stage_order s LEFT JOIN held_order h USING (order_ref)
             WHERE NOT EXISTS (SELECT FROM stage_bad_order b WHERE b.order_ref = s.order_ref)""",
        older=bundle_is_older,
    )
    _index("plan_order", "order_ref")
    _make(
        "plan_person",
        # A person in no order that is applied, and not known, is no business of the register: not stored.
        f"""SELECT s.line, s.person_ref, h.person_id, h.updated_at AS held_updated_at,
                   EXISTS (SELECT FROM stage_party p JOIN plan_order o USING (order_ref)
                            WHERE p.person_ref = s.person_ref AND NOT o.stale) AND NOT %(older)s AS carried_whole,
                   CASE WHEN h.person_id IS NULL THEN 'new'
                        WHEN h.updated_at > s.updated_at OR (%(older)s AND h.updated_at = s.updated_at) THEN 'same'
                        WHEN {_differs(PERSON_CONTENT)} THEN 'changed'
                        ELSE 'same' END AS own,
                   {_differs(PERSON_NAMING)} AS named
              FROM stage_person s LEFT JOIN held_person h USING (person_ref)
             WHERE NOT EXISTS (SELECT FROM stage_bad_person b WHERE b.person_ref = s.person_ref)
               AND (h.person_id IS NOT NULL
                    OR EXISTS (SELECT FROM stage_party p JOIN plan_order o USING (order_ref)
                                WHERE p.person_ref = s.person_ref))""",
        older=bundle_is_older,
    )
    _index("plan_person", "person_ref")
    for facts in (PARTY, CONDITION):
        _plan_undated(facts)
    _plan_events()
    _plan_addresses(bundle_is_older=bundle_is_older)


def _make(table: str, query: str, **parameters: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS {query}", parameters or None)
        cursor.execute(f"ANALYZE {table}")


def _index(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNIQUE INDEX ON {table} ({column})")


def plan_tables(facts: Carried) -> tuple[str, str]:
    """The names of the two plan tables of one sort of fact: lines to record, ids to supersede."""
    name = facts.stage.removeprefix("stage_")
    return f"plan_{name}_new", f"plan_{name}_old"


def _plan_undated(facts: Carried) -> None:
    """Parties and conditions carry no date of change of their own: they are as new as their order's row."""
    new, old = plan_tables(facts)
    same = f"h.order_ref = s.order_ref AND h.{facts.key} = s.{facts.key}"
    _make(
        new,
        f"""SELECT s.line, s.order_ref, h.fact_id AS corrects
              FROM {facts.stage} s JOIN plan_order o USING (order_ref)
              LEFT JOIN {facts.held} h ON {same}
             WHERE NOT o.stale AND (h.fact_id IS NULL OR {_differs(facts.content)})""",
    )
    _make(
        old,
        f"""SELECT corrects AS fact_id, order_ref, true AS corrected FROM {new} WHERE corrects IS NOT NULL
            UNION ALL
            SELECT h.fact_id, h.order_ref, false
              FROM {facts.held} h JOIN plan_order o USING (order_ref)
             WHERE NOT o.stale AND NOT EXISTS (SELECT FROM {facts.stage} s WHERE {same})""",
    )


def _plan_events() -> None:
    new, old = plan_tables(EVENT)
    same = "h.order_ref = s.order_ref AND h.event_ref = s.event_ref"
    _make(
        new,
        # Of a stale order an event is new only if it changed after the register last heard of the order: otherwise it
        # may be one that the source has since taken back.
        f"""SELECT s.line, s.order_ref, h.fact_id AS corrects
              FROM stage_event s JOIN plan_order o USING (order_ref)
              LEFT JOIN held_event h ON {same}
             WHERE CASE WHEN h.fact_id IS NULL THEN NOT o.stale OR s.updated_at > o.held_updated_at
                        WHEN o.stale THEN s.updated_at > h.updated_at AND {_differs(EVENT.content)}
                        ELSE s.updated_at >= h.updated_at AND {_differs(EVENT.content)} END""",
    )
    _make(
        old,
        f"""SELECT corrects AS fact_id, order_ref, true AS corrected FROM {new} WHERE corrects IS NOT NULL
            UNION ALL
            SELECT h.fact_id, h.order_ref, false
              FROM held_event h JOIN plan_order o USING (order_ref)
             WHERE NOT o.stale AND NOT EXISTS (SELECT FROM stage_event s WHERE {same})""",
    )


def _plan_addresses(*, bundle_is_older: bool) -> None:
    new, old = plan_tables(ADDRESS)
    same = "h.person_ref = s.person_ref AND h.address_ref = s.address_ref"
    _make(
        new,
        f"""SELECT s.line, s.person_ref, h.fact_id AS corrects
              FROM stage_address s
              LEFT JOIN plan_person p USING (person_ref)
              LEFT JOIN held_person k USING (person_ref)
              LEFT JOIN held_address h ON {same}
             WHERE (p.person_ref IS NOT NULL OR k.person_id IS NOT NULL)
               AND NOT EXISTS (SELECT FROM stage_bad_person b WHERE b.person_ref = s.person_ref)
               AND CASE WHEN h.fact_id IS NULL
                        THEN k.person_id IS NULL OR NOT %(older)s OR s.updated_at > k.updated_at
                        WHEN %(older)s THEN s.updated_at > h.updated_at AND {_differs(ADDRESS.content)}
                        ELSE s.updated_at >= h.updated_at AND {_differs(ADDRESS.content)} END""",
        older=bundle_is_older,
    )
    _make(
        old,
        f"""SELECT corrects AS fact_id, person_ref, true AS corrected FROM {new} WHERE corrects IS NOT NULL
            UNION ALL
            SELECT h.fact_id, h.person_ref, false
              FROM held_address h JOIN plan_person p USING (person_ref)
             WHERE p.carried_whole AND NOT EXISTS (SELECT FROM stage_address s WHERE {same})""",
    )
