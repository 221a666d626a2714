"""The whole import: read, check, compare, apply, work out places; one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from orders.access import audit
from orders.imports import same
from orders.imports.apply import Import, apply
from orders.imports.bundle import Bundle, opened_bundle
from orders.imports.checks import check_across_files, quarantine
from orders.imports.compare import compare
from orders.imports.corrections import NONE, Corrections
from orders.imports.held import ONE_AT_A_TIME, held_views
from orders.imports.law_checks import check_events
from orders.imports.law_remarks import remark_on_law
from orders.imports.manifest import BundleRefused, Manifest
from orders.imports.outcome import Counts, Outcome, Reject
from orders.imports.progress import Advance, silent
from orders.imports.remarks import Remarks
from orders.imports.sealed import leave_out_erased
from orders.imports.staging import stage
from orders.models import Area, Category, ImportRun, User
from orders.places import projection
from orders.record.recording import recording

ERRORS_LISTED = 10_000
"""Errors that an outcome lists; more are counted. A bundle with more is a fault of the extract, not of its rows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How an import differs from that of the command line.

    `name` is what the bundle was called by whoever sent it; `force` the only force whose orders it may carry, None for
    any; `corrections` what a person put right in its rows, and `reason` why. `planned` is called when everything has
    been compared and nothing written yet, with the bundle; `applied` with the import, inside its transaction, when
    what it did will stay.
    """

    name: str = ""
    force: Area | None = None
    corrections: Corrections = NONE
    reason: str = ""
    planned: Callable[[Bundle], None] = lambda bundle: None
    applied: Callable[[ImportRun], None] = lambda run: None


def load(
    path: Path, *, commit: bool, by: User | None = None, advance: Advance = silent, asked: Asked | None = None
) -> Outcome:
    """Import an extract bundle, a folder or a .zip. Without `commit` everything is done and then undone.

    A fault of the bundle is an outcome, `refused`, and changes nothing. `by` None is the register's own schedule.
    """
    asked = asked or Asked(name=path.name)
    try:
        with opened_bundle(path) as bundle:
            bundle.check_hashes()
            with transaction.atomic():
                outcome = _load(bundle, asked, commit=commit, by=by, advance=advance)
                if not outcome.committed:
                    transaction.set_rollback(True)
            return outcome
    except BundleRefused as refusal:
        return Outcome("refused", reason=str(refusal))


def _load(bundle: Bundle, asked: Asked, *, commit: bool, by: User | None, advance: Advance) -> Outcome:
    manifest = bundle.manifest
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    content_hash = asked.corrections.hashed_with(manifest.content_hash)
    runs = ImportRun.objects.filter(source=manifest.source, undone_by__isnull=True)
    earlier = runs.filter(content_hash=content_hash).first()
    if earlier is not None:
        return _again(earlier)
    is_older = runs.filter(extracted_at__gt=manifest.extracted_at).exists()
    run = ImportRun.objects.create(
        source=manifest.source,
        bundle=asked.name[:200],
        content_hash=content_hash,
        mode=manifest.mode,
        extracted_at=manifest.extracted_at,
        started_at=timezone.now(),
        by=by,
    )
    remarks = Remarks()
    for warning in bundle.warnings:
        remarks.add("the bundle", warning)
    if is_older:
        remarks.add("the bundle", "this bundle was taken before one already imported: what it lacks is not taken back")
    with (
        recording(by=by, action="import", source=manifest.source, run=run, reason=asked.reason) as opened,
        held_views(manifest.source),
    ):
        _stage_what_changed(bundle, remarks, advance, asked, may_leave_out=not is_older)
        run.forces = _forces()
        check_events(remarks)
        remark_on_law(remarks)
        _remark_on_rows(remarks)
        quarantine()
        leave_out_erased(remarks)
        compare(bundle_is_older=is_older)
        asked.planned(bundle)
        touched = apply(Import(manifest.source, run, opened, is_older))
        same.keep_digests(bundle_is_older=is_older)
        projection.project(
            touched.moved,
            opened,
            done=lambda orders: advance("places", orders, len(touched.moved)),
            besides=_references(len(touched.moved)),
        )
        _count_again(touched.orders)
        outcome = _outcome(manifest, remarks, committed=commit)
        audit.record(
            by=by,
            category=Category.COLLECTION,
            action="import extract",
            reason=asked.reason,
            detail={"bundle": asked.name, "source": manifest.source, "orders_changed": touched.orders},
        )
    run.outcome = outcome.as_json()
    run.finished_at = timezone.now()
    run.save(update_fields=["outcome", "finished_at", "forces", "arrests_before"])
    if outcome.committed:
        asked.applied(run)
    return outcome


def _stage_what_changed(
    bundle: Bundle, remarks: Remarks, advance: Advance, asked: Asked, *, may_leave_out: bool
) -> None:
    """Stage the rows of what is not the same as when it was last read, and check them against each other."""
    only_force = asked.force.code if asked.force else None
    same.take_digests(bundle, asked.corrections, advance)
    if may_leave_out:
        same.leave_out_same(only_force=only_force)
    told = Remarks()
    stage(bundle, told, advance, asked.corrections, same.lines_left if same.anything_left_out() else None)
    ringed = check_across_files(only_force=only_force)
    if same.anything_left_out() and (ringed or same.keys_are_taken(bundle.manifest.source)):
        told = Remarks()
        same.read_all_again()
        stage(bundle, told, advance, asked.corrections)
        check_across_files(only_force=only_force)
    remarks.extend(told)


def _forces() -> list[int]:
    """The ids of the forces whose orders the bundle carries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM orders_area
                WHERE level = 'force' AND code IN (SELECT force FROM stage_order UNION
                                                   SELECT h.force FROM held_order h JOIN same_order USING (order_ref))
                ORDER BY id"""
        )
        return [pk for (pk,) in cursor.fetchall()]


def _again(run: ImportRun) -> Outcome:
    first: dict[str, Any] = run.outcome
    return Outcome(
        "already imported",
        warnings=first["warnings"],
        orders=Counts(**first["orders"]),
        people=Counts(**first["people"]),
        errors=[Reject(**error) for error in first["errors"]],
        committed=True,
    )


_WRITTEN = (
    "orders_order", "orders_person", "orders_party", "orders_residence", "orders_condition", "orders_event",
    "orders_place", "orders_recording", "orders_partyname", "orders_nametoken", "orders_sealingkey",
)  # fmt: skip


def _references(orders: int) -> list[str]:
    """Statements that have the database look up what rows refer to, which it would do at the end of the transaction.

    As many as there are batches of so many orders to work out, so that it is done beside them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT format('%%I.%%I', n.nspname, c.conname)
                 FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
                WHERE c.contype = 'f' AND c.condeferrable AND c.conrelid = ANY(%s::regclass[]) ORDER BY c.oid""",
            [list(_WRITTEN)],
        )
        names = [name for (name,) in cursor.fetchall()]
    together = -(-len(names) * projection.BATCH // max(orders, 1))
    return [
        f"SET CONSTRAINTS {', '.join(names[at : at + together])} IMMEDIATE" for at in range(0, len(names), together)
    ]


_COUNTED_FROM = 0.05
"""Of what share of all orders an import must be for the planner to be told at once. Below, its figures stay good."""


def _count_again(orders: int) -> None:
    """Tell the planner what was written: the next import or search may come before PostgreSQL looks by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'orders_order'::regclass")
        (known,) = cursor.fetchone() or (0,)
        if orders and orders >= known * _COUNTED_FROM:
            for table in _WRITTEN:
                cursor.execute(f"ANALYZE {table}")


def _remark_on_rows(remarks: Remarks) -> None:
    """Neighbourhoods and areas that the register does not know, and people whom it has no purpose to keep."""
    with connection.cursor() as cursor:
        unknown = """FROM stage_address s
                    WHERE s.neighbourhood <> ''
                      AND NOT EXISTS (SELECT FROM orders_area a
                                       WHERE a.code = s.neighbourhood AND a.level = 'neighbourhood')"""
        cursor.execute(f"INSERT INTO stage_remarked SELECT 'addresses.csv', s.line {unknown}")
        cursor.execute(f"SELECT s.line, s.neighbourhood {unknown} ORDER BY s.line")
        for line, code in cursor.fetchall():
            remarks.add(
                "neighbourhoods that are not known",
                f"addresses.csv line {line:,}: the neighbourhood {code} is not known; the postcode decides, if it can",
            )
        cursor.execute(
            """SELECT s.line, s.person_ref FROM stage_person s
                WHERE NOT EXISTS (SELECT FROM stage_party p WHERE p.person_ref = s.person_ref)
                  AND NOT EXISTS (SELECT FROM held_person h WHERE h.person_ref = s.person_ref)
                ORDER BY s.line"""
        )
        for line, ref in cursor.fetchall():
            remarks.add("people in no order", f"people.csv line {line:,}: {ref} is in no order and was not stored")
        cursor.execute(
            """SELECT s.line, s.area FROM stage_arrest s
                WHERE NOT EXISTS (SELECT FROM orders_area a WHERE a.code = s.area) ORDER BY s.line"""
        )
        for line, code in cursor.fetchall():
            remarks.add("areas that are not known", f"arrests.csv line {line:,}: the area {code} is not known")


_ORDER_COUNTS = """
    WITH changed AS (SELECT order_ref FROM plan_party_new UNION SELECT order_ref FROM plan_party_old
                     UNION SELECT order_ref FROM plan_condition_new UNION SELECT order_ref FROM plan_condition_old
                     UNION SELECT order_ref FROM plan_event_new UNION SELECT order_ref FROM plan_event_old)
    SELECT count(*) FILTER (WHERE own = 'new'),
           count(*) FILTER (WHERE own = 'changed'
                               OR own = 'same' AND (in_doubt AND NOT stale OR c.order_ref IS NOT NULL)),
           count(*) FILTER (WHERE own = 'same' AND NOT (in_doubt AND NOT stale) AND c.order_ref IS NULL)
           + (SELECT count(*) FROM same_order),
           (SELECT count(*) FROM stage_bad_order),
           (SELECT count(*) FROM held_order h
             WHERE %(full)s AND NOT EXISTS (SELECT FROM stage_order s WHERE s.order_ref = h.order_ref)
               AND NOT EXISTS (SELECT FROM stage_bad_order b WHERE b.order_ref = h.order_ref)
               AND NOT EXISTS (SELECT FROM stage_erased e WHERE e.order_ref = h.order_ref)
               AND NOT EXISTS (SELECT FROM same_order x WHERE x.order_ref = h.order_ref)
               AND NOT EXISTS (SELECT FROM plan_order p WHERE p.order_ref = h.order_ref))
      FROM plan_order p LEFT JOIN changed c USING (order_ref)"""

_PEOPLE_COUNTS = """
    WITH changed AS (SELECT person_ref FROM plan_address_new UNION SELECT person_ref FROM plan_address_old)
    SELECT count(*) FILTER (WHERE own = 'new'),
           count(*) FILTER (WHERE own = 'changed' OR own = 'same' AND c.person_ref IS NOT NULL),
           count(*) FILTER (WHERE own = 'same' AND c.person_ref IS NULL) + (SELECT count(*) FROM same_person),
           (SELECT count(*) FROM stage_bad_person),
           (SELECT count(*) FROM held_person h
             WHERE %(full)s AND NOT EXISTS (SELECT FROM stage_person s WHERE s.person_ref = h.person_ref)
               AND NOT EXISTS (SELECT FROM stage_bad_person b WHERE b.person_ref = h.person_ref)
               AND NOT EXISTS (SELECT FROM same_person x WHERE x.person_ref = h.person_ref)
               AND NOT EXISTS (SELECT FROM plan_person p WHERE p.person_ref = h.person_ref))
      FROM plan_person p LEFT JOIN changed c USING (person_ref)"""


def _outcome(manifest: Manifest, remarks: Remarks, *, committed: bool) -> Outcome:
    full = manifest.mode == "full" and manifest.carries_orders
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT file, line, col, value, order_ref, reason FROM stage_error ORDER BY file, line, col LIMIT %s",
            [ERRORS_LISTED],
        )
        errors = [Reject(*row) for row in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM stage_error")
        (count,) = cursor.fetchone() or (0,)
        if count > len(errors):
            remarks.add("errors", f"{count:,} errors were found; the first {len(errors):,} are listed")
        found = []
        # The counts of new and changed were taken from the plan, and what is held is now what was applied.
        for query in (_ORDER_COUNTS, _PEOPLE_COUNTS):
            cursor.execute(query, {"full": full})
            found.append(Counts(*(cursor.fetchone() or ())))
    return Outcome(
        "accepted",
        warnings=remarks.sentences(),
        orders=found[0],
        people=found[1],
        errors=errors,
        committed=committed,
    )
