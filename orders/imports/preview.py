"""What an import would do, order by order, for a person to read before it is applied: lists of bounded length.

Read from the plan tables when everything has been compared and nothing written. Kept as lines of JSON beside the
bundle, and gone with it: it holds what the bundle holds of people.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection

from orders.imports.bundle import Bundle
from orders.imports.compare import (
    ADDRESS,
    CONDITION,
    EVENT,
    ORDER_CONTENT,
    PARTY,
    PERSON_CONTENT,
    Carried,
    plan_tables,
)
from orders.imports.corrections import Corrections
from orders.imports.put_right import STANDING, words
from orders.imports.sealed import in_words
from orders.statute import LONDON

LISTED = 500
"""Orders, people and faulty rows of each sort that are listed; the counts are of all."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what of, before and after; blank before is something new, blank after something taken back."""

    what: str
    before: str
    after: str
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """An order or person in a list: `sort` is new, changed, unchanged, missing, person or hand."""

    sort: str
    ref: str
    reference: str
    kind: str
    force: str
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that quarantines orders: its values by column, and its faults as (column, value, reason)."""

    file: str
    line: int
    orders: list[str]
    cells: dict[str, str]
    faults: list[tuple[str | None, str | None, str]]
    force: str = ""


def write_preview(path: Path, bundle: Bundle, corrections: Corrections) -> None:
    """Write the lists of the import that is planned in this transaction."""
    with path.open("w", encoding="utf-8") as file:
        for listed in _lists(full=bundle.manifest.mode == "full" and bundle.manifest.carries_orders):
            file.write(json.dumps({"listed": asdict(_in_words(listed))}) + "\n")
        for row in _faulty_rows(bundle, corrections):
            file.write(json.dumps({"row": asdict(row)}) + "\n")


def read_preview(path: Path) -> tuple[list[Listed], list[FaultyRow]]:
    """The lists as they were written; empty if they are gone."""
    listed, rows = [], []
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                told = json.loads(line)
                if "row" in told:
                    rows.append(FaultyRow(**told["row"]))
                else:
                    one = told["listed"]
                    listed.append(Listed(**{**one, "changes": [Change(**change) for change in one["changes"]]}))
    return listed, rows


def _lists(*, full: bool) -> Iterator[Listed]:
    changed = _rows(
        """SELECT DISTINCT p.order_ref FROM plan_order p
            WHERE p.own = 'changed' OR p.own = 'same' AND p.in_doubt AND NOT p.stale
               OR p.own = 'same' AND EXISTS (
                  SELECT FROM (SELECT order_ref FROM plan_party_new UNION ALL SELECT order_ref FROM plan_party_old
                               UNION ALL SELECT order_ref FROM plan_condition_new
                               UNION ALL SELECT order_ref FROM plan_condition_old
                               UNION ALL SELECT order_ref FROM plan_event_new
                               UNION ALL SELECT order_ref FROM plan_event_old) x WHERE x.order_ref = p.order_ref)
            ORDER BY 1 LIMIT %s""",
        [LISTED],
    )
    refs = [ref for (ref,) in changed]
    changes = _changes_of(refs, "order", ORDER_CONTENT, (PARTY, CONDITION, EVENT))
    for sort, where, only in (
        ("new", "p.own = 'new'", None),
        ("changed", "p.order_ref = ANY(%s)", refs),
        ("unchanged", "p.own = 'same' AND NOT p.order_ref = ANY(%s)", refs),
    ):
        for ref, reference, kind, force in _rows(
            f"""SELECT s.order_ref, s.reference, s.kind, s.force FROM plan_order p JOIN stage_order s ON s.line = p.line
                 WHERE {where} ORDER BY p.line LIMIT {LISTED}""",
            [] if only is None else [only],
        ):
            yield Listed(sort, ref, reference, kind, force, changes.get(ref, []) if sort == "changed" else [])
    for row in _rows(
        """SELECT h.order_ref, h.reference, h.kind, h.force FROM same_order x JOIN held_order h USING (order_ref)
            ORDER BY h.order_ref LIMIT %s""",
        [LISTED],
    ):
        yield Listed("unchanged", *row)
    if full:
        for row in _rows(
            """SELECT h.order_ref, h.reference, h.kind, h.force FROM held_order h
                WHERE NOT EXISTS (SELECT FROM stage_order s WHERE s.order_ref = h.order_ref)
                  AND NOT EXISTS (SELECT FROM stage_bad_order b WHERE b.order_ref = h.order_ref)
                  AND NOT EXISTS (SELECT FROM stage_erased e WHERE e.order_ref = h.order_ref)
                  AND NOT EXISTS (SELECT FROM same_order x WHERE x.order_ref = h.order_ref)
                ORDER BY h.order_ref LIMIT %s""",
            [LISTED],
        ):
            yield Listed("missing", *row)
    yield from _people()
    yield from _put_right()


def _in_words(listed: Listed) -> Listed:
    """What changed, opened to be read; an address that is or may be secret stays out of the file."""
    told = [change for change in listed.changes if not change.withheld]
    words = iter(in_words(text for change in told for text in (change.before, change.after)))
    changes = [
        replace(change, before="", after="")
        if change.withheld
        else replace(change, before=next(words), after=next(words))
        for change in listed.changes
    ]
    return replace(listed, changes=changes)


def _people() -> Iterator[Listed]:
    """People already known who are described otherwise or live elsewhere now, with the force of an order of theirs."""
    found = _rows(
        """SELECT p.person_ref, s.family_name, s.given_names,
                  (SELECT min(o.force) FROM stage_party t JOIN stage_order o USING (order_ref)
                    WHERE t.person_ref = p.person_ref)
             FROM plan_person p JOIN stage_person s ON s.line = p.line
            WHERE p.own = 'changed' OR p.own = 'same' AND (
                  EXISTS (SELECT FROM plan_address_new a WHERE a.person_ref = p.person_ref)
                  OR EXISTS (SELECT FROM plan_address_old a WHERE a.person_ref = p.person_ref))
            ORDER BY p.line LIMIT %s""",
        [LISTED],
    )
    changes = _changes_of([ref for ref, *_ in found], "person", PERSON_CONTENT, (ADDRESS,))
    for ref, family, given, force in found:
        yield Listed("person", ref, f"{family.upper()}, {given}".rstrip(", "), "", force or "", changes.get(ref, []))


def _put_right() -> Iterator[Listed]:
    """What somebody put right here and the source says otherwise: what stands here stays until somebody decides."""
    for row in _rows(STANDING, [LISTED]):
        _, ref, reference, kind, force, says, stands, said = words(row)
        changes = []
        for name, before in sorted(says.items()):
            now = before if said is None else said[name]
            if now != stands[name]:
                verb = "still says" if now == before else "now says"
                told = f"put right by hand here; the source {verb} {_shown(now) or 'nothing'}"
                changes.append(Change(name.replace("_", " "), _shown(stands[name]), told))
        if changes:
            yield Listed("hand", ref, reference, kind, force, changes)


def _changes_of(
    refs: list[str], subject: str, content: tuple[str, ...], carried: tuple[Carried, ...]
) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = defaultdict(list)
    if not refs:
        return found
    columns = ", ".join([*(f"h.{column}" for column in content), *(f"s.{column}" for column in content)])
    for ref, *values in _rows(
        f"""SELECT p.{subject}_ref, {columns}
              FROM plan_{subject} p JOIN stage_{subject} s ON s.line = p.line
              JOIN held_{subject} h ON h.{subject}_id = p.{subject}_id
             WHERE p.own = 'changed' AND p.{subject}_ref = ANY(%s)""",
        [refs],
    ):
        found[ref] += _differences(content, values)
    for facts in carried:
        for ref, change in _facts_changed(facts, refs):
            found[ref].append(change)
    return found


def _facts_changed(facts: Carried, refs: list[str]) -> Iterator[tuple[str, Change]]:
    new, old = plan_tables(facts)
    name = facts.stage.removeprefix("stage_")
    columns = ", ".join([*(f"h.{column}" for column in facts.content), *(f"s.{column}" for column in facts.content)])
    for ref, key, corrects, *values in _rows(
        f"""SELECT s.{facts.owner}, s.{facts.key}, n.corrects, {columns}
              FROM {new} n JOIN {facts.stage} s ON s.line = n.line LEFT JOIN {facts.held} h ON h.fact_id = n.corrects
             WHERE s.{facts.owner} = ANY(%s) ORDER BY s.line""",
        [refs],
    ):
        before, after = values[: len(facts.content)], values[len(facts.content) :]
        withheld = facts is ADDRESS and (after[-1] is not False or (corrects is not None and before[-1] is not False))
        if corrects is None:
            yield ref, Change(f"{name} {key}", "", _told(facts.content, after), withheld)
        else:
            for change in _differences(facts.content, values):
                yield ref, Change(f"{name} {key}: {change.what}", change.before, change.after, withheld)
    columns = ", ".join(f"h.{column}" for column in facts.content)
    for ref, key, *values in _rows(
        f"""SELECT h.{facts.owner}, h.{facts.key}, {columns} FROM {old} x JOIN {facts.held} h ON h.fact_id = x.fact_id
             WHERE NOT x.corrected AND h.{facts.owner} = ANY(%s) ORDER BY h.fact_id""",
        [refs],
    ):
        withheld = facts is ADDRESS and values[-1] is not False
        yield ref, Change(f"{name} {key}", _told(facts.content, values), "", withheld)


def _differences(content: tuple[str, ...], values: list[Any]) -> list[Change]:
    before, after = values[: len(content)], values[len(content) :]
    return [
        Change(column.replace("_", " "), _shown(old), _shown(new))
        for column, old, new in zip(content, before, after, strict=True)
        if old != new and not column.endswith("_is_date")
    ]


def _told(content: tuple[str, ...], values: list[Any]) -> str:
    return ", ".join(
        _shown(value)
        for column, value in zip(content, values, strict=True)
        if value not in (None, "", False) and not column.endswith(("_is_date", "_open"))
    )


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case datetime():
            local = value.astimezone(LONDON)
            return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case list():
            return " | ".join(", ".join(part) if isinstance(part, list) else str(part) for part in value)
    return str(value)


_FAULTS = """
    SELECT e.file, e.line, e.col, e.value, e.reason,
           coalesce(array_agg(DISTINCT p.order_ref) FILTER (WHERE p.order_ref IS NOT NULL), ARRAY[]::text[]),
           min(f.code)
      FROM (SELECT * FROM stage_error ORDER BY file, line LIMIT %s) e
      LEFT JOIN LATERAL (
           SELECT e.order_ref
           UNION SELECT t.order_ref FROM stage_party t
                  WHERE t.person_ref = e.person_ref AND e.file IN ('people.csv', 'addresses.csv')
           UNION SELECT t.order_ref FROM held_party t
                  WHERE t.person_ref = e.person_ref AND e.file IN ('people.csv', 'addresses.csv')) p ON true
      LEFT JOIN stage_order s ON s.order_ref = p.order_ref
      LEFT JOIN held_order h ON h.order_ref = p.order_ref
      LEFT JOIN held_force f ON f.code = coalesce(s.force, h.force)
     GROUP BY e.file, e.line, e.col, e.value, e.reason
     ORDER BY e.file, e.line, e.col"""


def _faulty_rows(bundle: Bundle, corrections: Corrections) -> Iterator[FaultyRow]:
    """The rows with errors, as they stand in the bundle or were last corrected, so that a person can mend them."""
    faults: dict[str, dict[int, FaultyRow]] = defaultdict(dict)
    for file, line, column, value, reason, orders, force in _rows(_FAULTS, [LISTED * 4]):
        row = faults[file].setdefault(line, FaultyRow(file, line, [], {}, [], force or ""))
        row.orders.extend(ref for ref in orders if ref not in row.orders)
        row.faults.append((column, value, reason))
    for file, wanted in faults.items():
        with io.TextIOWrapper(bundle.open(file), encoding="utf-8-sig", newline="") as text:
            records = csv.reader(text, strict=True)
            header = [name.strip() for name in next(records)]
            line, left = records.line_num + 1, set(wanted)
            for cells in records:
                if line in left:
                    left.remove(line)
                    corrected = corrections.of(file).get(line)
                    wanted[line].cells.update(
                        corrected or dict(zip(header, [*cells, *[""] * len(header)], strict=False))
                    )
                    if not left:
                        break
                line = records.line_num + 1
        yield from islice(wanted.values(), LISTED)


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
