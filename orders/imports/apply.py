"""From the plan to the register, set-wise: each statement writes all rows of one sort under the import's recording.

Facts are never changed: the old is superseded and the new recorded. Ids of new orders and people are drawn first, so
that rows which refer to each other can be written in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from orders.imports.compare import ADDRESS, CONDITION, EVENT, ORDER_CONTENT, PARTY, PERSON_CONTENT, plan_tables
from orders.imports.put_right import keep_put_right
from orders.imports.sealed import KEEP_KEYS
from orders.models import ImportRun, Recording


@dataclass(frozen=True, slots=True)
class Import:
    """The import that is being applied."""

    source: str
    run: ImportRun
    recording: Recording
    is_older: bool

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of every statement."""
        return {"source": self.source, "run": self.run.pk, "recording": self.recording.pk}


_IDS = (
    """CREATE TEMPORARY TABLE ref_order ON COMMIT DROP AS
       SELECT order_ref, coalesce(order_id, nextval(pg_get_serial_sequence('orders_order', 'id'))) AS id,
              order_id IS NULL AS is_new
         FROM plan_order
        UNION ALL
       SELECT order_ref, order_id, false FROM held_order h
        WHERE NOT EXISTS (SELECT FROM plan_order p WHERE p.order_ref = h.order_ref)""",
    "CREATE UNIQUE INDEX ON ref_order (order_ref)",
    # Who stands for somebody whose record was merged into another: the last that was kept.
    """CREATE TEMPORARY TABLE stands_for ON COMMIT DROP AS
       WITH RECURSIVE chain AS (
            SELECT other_id, kept_id FROM orders_merge WHERE undone_id IS NULL
             UNION
            SELECT c.other_id, m.kept_id FROM chain c JOIN orders_merge m ON m.other_id = c.kept_id
             WHERE m.undone_id IS NULL)
       SELECT other_id, kept_id FROM chain c
        WHERE NOT EXISTS (SELECT FROM orders_merge m WHERE m.other_id = c.kept_id AND m.undone_id IS NULL)""",
    """CREATE TEMPORARY TABLE ref_person ON COMMIT DROP AS
       SELECT p.person_ref, p.id, coalesce(f.kept_id, p.id) AS stands,
              CASE WHEN f.kept_id IS NOT NULL THEN p.id END AS named
         FROM (SELECT person_ref, coalesce(person_id, nextval(pg_get_serial_sequence('orders_person', 'id'))) AS id
                 FROM plan_person
                UNION ALL
               SELECT person_ref, person_id FROM held_person h
                WHERE NOT EXISTS (SELECT FROM plan_person p WHERE p.person_ref = h.person_ref)) p
         LEFT JOIN stands_for f ON f.other_id = p.id""",
    "CREATE UNIQUE INDEX ON ref_person (person_ref)",
    # `moves`: its places, or by which names it is found, may be others now.
    "CREATE TEMPORARY TABLE touched_order (id bigint, moves boolean DEFAULT true) ON COMMIT DROP",
    "ANALYZE ref_order",
    "ANALYZE ref_person",
)

_HEADING = tuple(column for column in ORDER_CONTENT if column != "force")


def _unless_put_right(row: str, columns: tuple[str, ...]) -> str:
    """Assignments of what the source says, but to fields that somebody put right here, which stay as they are."""
    return ", ".join(f"{name} = CASE WHEN w.says ? '{name}' THEN {row}.{name} ELSE s.{name} END" for name in columns)


_PEOPLE = (
    """INSERT INTO orders_person (id, source, source_ref, family_name, given_names, date_of_birth, sex, ethnicity,
                                  pnc_id, warnings, aliases, source_updated_at, recording_id)
       SELECT r.id, %(source)s, s.person_ref, s.family_name, s.given_names, s.date_of_birth, s.sex, s.ethnicity,
              s.pnc_id, s.warnings, s.aliases, s.updated_at, %(recording)s
         FROM plan_person p JOIN stage_person s ON s.line = p.line JOIN ref_person r ON r.person_ref = p.person_ref
        WHERE p.own = 'new' ORDER BY s.line""",
    f"""UPDATE orders_person n
          SET {_unless_put_right("n", PERSON_CONTENT)}, source_updated_at = s.updated_at, recording_id = %(recording)s
         FROM plan_person p JOIN stage_person s ON s.line = p.line
         LEFT JOIN held_word w ON w.person_id = p.person_id
        WHERE n.id = p.person_id AND p.own = 'changed'""",
    # By another name they are found in all their orders, those too that this source does not know.
    """INSERT INTO touched_order
       SELECT t.order_id, p.named FROM plan_person p JOIN orders_party t ON t.person_id = p.person_id
        WHERE p.own = 'changed' AND t.superseded_id IS NULL""",
)

_ORDERS = (
    # Before anything is written: an order may find now the one that it follows, which had not come before.
    """INSERT INTO touched_order
       SELECT r.id, p.placed OR (p.in_doubt AND NOT p.stale) OR f.id IS DISTINCT FROM o.replaces_id
         FROM plan_order p
         JOIN stage_order s ON s.line = p.line
         JOIN ref_order r ON r.order_ref = p.order_ref
         LEFT JOIN orders_order o ON o.id = p.order_id
         LEFT JOIN ref_order f ON f.order_ref = s.replaces_ref
        WHERE p.own <> 'same' OR (p.in_doubt AND NOT p.stale)""",
    """INSERT INTO orders_order (id, source, source_ref, kind, reference, owner_force_id, court, case_ref,
                                 without_notice, power_of_arrest, replaces_ref, replaces_id, team, officer, restricted,
                                 restricted_reason, source_updated_at, recording_id, first_recording_id)
       SELECT r.id, %(source)s, s.order_ref, s.kind, s.reference, a.id, s.court, s.case_ref, s.without_notice,
              s.power_of_arrest, s.replaces_ref, f.id, s.team, s.officer, false, '', s.updated_at, %(recording)s,
              %(recording)s
         FROM plan_order p
         JOIN stage_order s ON s.line = p.line
         JOIN ref_order r ON r.order_ref = p.order_ref
         JOIN orders_area a ON a.code = s.force
         LEFT JOIN ref_order f ON f.order_ref = s.replaces_ref
        WHERE p.own = 'new' ORDER BY s.line""",
    f"""UPDATE orders_order o
          SET {_unless_put_right("o", _HEADING)}, owner_force_id = a.id,
              replaces_id = CASE WHEN w.says ? 'replaces_ref' THEN o.replaces_id ELSE f.id END,
              source_updated_at = s.updated_at,
              doubt_since = CASE WHEN p.stale THEN o.doubt_since END, recording_id = %(recording)s
         FROM plan_order p
         JOIN stage_order s ON s.line = p.line
         JOIN orders_area a ON a.code = s.force
         LEFT JOIN ref_order f ON f.order_ref = s.replaces_ref
         LEFT JOIN held_word w ON w.order_id = p.order_id
        WHERE o.id = p.order_id AND p.own = 'changed'""",
    # A good row clears the doubt, even if it says nothing new.
    """UPDATE orders_order o SET doubt_since = NULL, recording_id = %(recording)s
         FROM plan_order p
        WHERE o.id = p.order_id AND p.own = 'same' AND p.in_doubt AND NOT p.stale""",
    # An order that came before the one it follows could be applied finds it now.
    """WITH joined AS (UPDATE orders_order o SET replaces_id = r.id, recording_id = %(recording)s
                         FROM ref_order r
                        WHERE o.source = %(source)s AND o.replaces_id IS NULL AND o.replaces_ref <> ''
                          AND r.order_ref = o.replaces_ref AND r.is_new
                    RETURNING o.id)
       INSERT INTO touched_order SELECT id FROM joined""",
)

# What somebody put away by hand has been put away.
_RETIRE = """UPDATE {table} SET superseded_id = %(recording)s
              WHERE id IN (SELECT fact_id FROM {{old}}) AND superseded_id IS NULL"""

# What the source corrects of that is recorded, as what it says now, and put away with it: what stands here stays.
_PUT_AWAY = """(SELECT x.superseded_id FROM {table} x
                 WHERE x.id = n.corrects AND x.superseded_id <> %(recording)s)"""

_FACTS = (
    (
        PARTY,
        _RETIRE.format(table="orders_party"),
        f"""INSERT INTO orders_party (order_id, person_id, named_id, role, relationship, recording_id, superseded_id)
           SELECT o.id, p.stands, p.named, s.role, s.relationship, %(recording)s,
                  {_PUT_AWAY.format(table="orders_party")}
             FROM {{new}} n JOIN stage_party s ON s.line = n.line
             JOIN ref_order o ON o.order_ref = s.order_ref JOIN ref_person p ON p.person_ref = s.person_ref
            ORDER BY s.line
           ON CONFLICT (order_id, person_id) WHERE superseded_id IS NULL DO NOTHING""",
    ),
    (
        CONDITION,
        _RETIRE.format(table="orders_condition"),
        f"""INSERT INTO orders_condition (order_id, source_ref, code, text, begins, begins_is_date, until,
                                          until_is_date, recording_id, superseded_id)
           SELECT o.id, s.condition_ref, s.code, s.text, s.begins, s.begins_is_date, s.until, s.until_is_date,
                  %(recording)s, {_PUT_AWAY.format(table="orders_condition")}
             FROM {{new}} n JOIN stage_condition s ON s.line = n.line JOIN ref_order o ON o.order_ref = s.order_ref
            ORDER BY s.line""",
    ),
    (
        EVENT,
        """INSERT INTO orders_event (order_id, source_ref, kind, at, at_is_date, until_is_date, until_open, by_whom,
                                     text, retracts_id, retracts_ref, recording_id)
           SELECT e.order_id, '', 'RETRACTED', e.at, e.at_is_date, false, false, '',
                  CASE WHEN x.corrected THEN 'corrected at source' ELSE 'no longer at source' END, e.id, '',
                  %(recording)s
             FROM {old} x JOIN orders_event e ON e.id = x.fact_id ORDER BY e.id""",
        """INSERT INTO orders_event (order_id, source_ref, kind, at, at_is_date, until, until_is_date, until_open,
                                     by_whom, text, retracts_ref, source_updated_at, recording_id)
           SELECT o.id, s.event_ref, s.event, s.at, s.at_is_date, s.until, s.until_is_date, s.until_open, s.by_whom,
                  s.text, s.retracts, s.updated_at, %(recording)s
             FROM {new} n JOIN stage_event s ON s.line = n.line JOIN ref_order o ON o.order_ref = s.order_ref
            ORDER BY s.line""",
    ),
    (
        ADDRESS,
        _RETIRE.format(table="orders_residence"),
        f"""INSERT INTO orders_residence (person_id, named_id, source_ref, address, postcode, postcode_index,
                                          outward_index, neighbourhood_code, neighbourhood_id, found_in_id, status,
                                          from_on, to_on, secret, source_updated_at, recording_id, superseded_id)
           SELECT p.stands, p.named, s.address_ref, s.address, s.postcode, s.postcode_index, s.outward_index,
                  s.neighbourhood, a.id, s.found_id, s.status, s.from_on, s.to_on, s.secret, s.updated_at,
                  %(recording)s, {_PUT_AWAY.format(table="orders_residence")}
             FROM {{new}} n JOIN stage_address s ON s.line = n.line JOIN ref_person p ON p.person_ref = s.person_ref
             LEFT JOIN orders_area a ON a.code = s.neighbourhood AND a.level = 'neighbourhood'
            ORDER BY s.line""",
    ),
)

_TOUCHED = {
    "order_ref": "INSERT INTO touched_order SELECT r.id FROM {plan} x JOIN ref_order r USING (order_ref)",
    "person_ref": """INSERT INTO touched_order
                     SELECT t.order_id FROM {plan} x JOIN ref_person p USING (person_ref)
                       JOIN orders_party t ON t.person_id IN (p.id, p.stands)""",
}

_QUARANTINE = (
    """INSERT INTO orders_quarantinedorder (run_id, source, source_ref, reference, reference_folded, owner_force_id,
                                            order_id, reasons)
       SELECT %(run)s, %(source)s, b.order_ref, coalesce(s.reference, o.reference, b.order_ref),
              regexp_replace(upper(coalesce(s.reference, o.reference, b.order_ref)), '[^A-Z0-9]', '', 'g'),
              coalesce(a.id, o.owner_force_id), o.id, coalesce(e.reasons, ARRAY[]::text[])
         FROM stage_bad_order b
         LEFT JOIN (SELECT DISTINCT ON (order_ref) * FROM stage_order ORDER BY order_ref, line) s USING (order_ref)
         LEFT JOIN orders_area a ON a.code = s.force AND a.level = 'force'
         LEFT JOIN orders_order o ON o.source = %(source)s AND o.source_ref = b.order_ref
         LEFT JOIN (SELECT order_ref, (array_agg(file || ' line ' || line || ': ' || reason ORDER BY file, line))[:20]
                           AS reasons
                      FROM (SELECT order_ref, file, line, reason FROM stage_error WHERE order_ref IS NOT NULL
                             UNION
                            SELECT p.order_ref, x.file, x.line, x.reason
                              FROM stage_error x
                              JOIN (SELECT order_ref, person_ref FROM stage_party
                                     UNION SELECT order_ref, person_ref FROM held_party) p USING (person_ref)
                             WHERE x.file IN ('people.csv', 'addresses.csv')) told
                     GROUP BY order_ref) e USING (order_ref)
       ON CONFLICT (source, source_ref) WHERE resolved_by_id IS NULL
       DO UPDATE SET run_id = excluded.run_id, reference = excluded.reference, reasons = excluded.reasons,
                     reference_folded = excluded.reference_folded, owner_force_id = excluded.owner_force_id,
                     order_id = excluded.order_id""",
    """WITH doubted AS (UPDATE orders_order o SET doubt_since = clock_timestamp(), recording_id = %(recording)s
                          FROM stage_bad_order b
                         WHERE o.source = %(source)s AND o.source_ref = b.order_ref AND o.doubt_since IS NULL
                     RETURNING o.id)
       INSERT INTO touched_order SELECT id FROM doubted""",
)

_RESOLVED = """UPDATE orders_quarantinedorder q SET resolved_by_id = %(run)s, order_id = r.id
                 FROM plan_order p JOIN ref_order r USING (order_ref)
                WHERE q.source = %(source)s AND q.source_ref = p.order_ref AND q.resolved_by_id IS NULL
                  AND NOT p.stale"""

# What an order does may end the one it follows; a changed kind may change what its followers rest on.
_NEIGHBOURS = """INSERT INTO touched_order
                 SELECT o.replaces_id FROM orders_order o JOIN touched_order t ON t.id = o.id AND t.moves
                  WHERE o.replaces_id IS NOT NULL
                 UNION
                 SELECT f.id FROM orders_order f JOIN touched_order t ON t.id = f.replaces_id AND t.moves
                 UNION
                 SELECT v.replaces_id FROM orders_orderversion v
                  WHERE v.pgh_obj_id IN (SELECT order_id FROM plan_order WHERE own = 'changed' AND placed)
                    AND v.replaces_id IS NOT NULL"""

_ARRESTS_BEFORE = """
    SELECT a.month::text, a.area_id, a.count, a.source, a.run_id FROM orders_arrestcount a
     WHERE EXISTS (SELECT FROM stage_arrest s JOIN orders_area x ON x.code = s.area
                    WHERE x.id = a.area_id AND s.month = a.month) ORDER BY a.id"""

# Whoever records something of one of these orders by hand has committed by now, or waits until the import has: else
# each would work out the order's places without what the other stored.
_LOCK = """SELECT id FROM orders_order
            WHERE id IN (SELECT id FROM touched_order) AND first_recording_id <> %(recording)s
            ORDER BY id FOR NO KEY UPDATE"""

_ARRESTS = """INSERT INTO orders_arrestcount (month, area_id, count, source, run_id)
              SELECT DISTINCT ON (s.month, a.id) s.month, a.id, s.count, s.source, %(run)s
                FROM stage_arrest s JOIN orders_area a ON a.code = s.area
               ORDER BY s.month, a.id, s.line DESC
              ON CONFLICT (area_id, month) DO UPDATE
                 SET count = excluded.count, source = excluded.source, run_id = excluded.run_id"""


@dataclass(frozen=True, slots=True)
class Touched:
    """What an import changed: how many orders, and the ids of those whose places or names may be others now."""

    orders: int
    moved: list[int]


def apply(done: Import) -> Touched:
    """Write what the plan says."""
    with connection.cursor() as cursor:
        for table in ("ref_order", "ref_person", "touched_order", "stands_for"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        for statement in (*_IDS, *_PEOPLE, *_ORDERS, *KEEP_KEYS):
            cursor.execute(statement, done.values)
        for facts, retire, record in _FACTS:
            new, old = plan_tables(facts)
            cursor.execute(retire.format(old=old), done.values)
            cursor.execute(record.format(new=new), done.values)
            for plan in (new, old):
                cursor.execute(_TOUCHED[facts.owner].format(plan=plan))
        if not done.is_older:
            for statement in _QUARANTINE:
                cursor.execute(statement, done.values)
        keep_put_right(done.recording)
        cursor.execute(_RESOLVED, done.values)
        cursor.execute(_NEIGHBOURS)
        cursor.execute(_ARRESTS_BEFORE)
        done.run.arrests_before = [list(row) for row in cursor.fetchall()]
        cursor.execute(_ARRESTS, done.values)
        cursor.execute(_LOCK, done.values)
        cursor.execute("SELECT count(DISTINCT id) FROM touched_order")
        (count,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT DISTINCT id FROM touched_order WHERE moves ORDER BY id")
        return Touched(count, [row[0] for row in cursor.fetchall()])
