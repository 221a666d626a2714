"""How an item of a worklist stands: who has it, what was noted last, whether it is done; and saying so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from orders.access import audit, reasons, sealing
from orders.access.permissions import Action, may
from orders.models import Area, Category, User, WorkEntry, WorkStep
from orders.record.writing import Refused

_PAIR = re.compile(r"p(\d+)-(\d+)")
"""What a likeness is called in its list."""

# Done until something happens to the order that is recorded later.
_DONE = """
    SELECT worklist, item FROM (
        SELECT DISTINCT ON (worklist, item) worklist, item, order_id, step, at FROM orders_workentry
         WHERE force_id = %s AND step IN ('done', 'reopened') ORDER BY worklist, item, at DESC, id DESC) AS last
     WHERE step = 'done'
       AND NOT EXISTS (SELECT FROM orders_event e WHERE e.order_id = last.order_id AND e.stored_at > last.at)"""

_OWNED = """
    SELECT worklist, item, to_id FROM (
        SELECT DISTINCT ON (worklist, item) worklist, item, to_id FROM orders_workentry
         WHERE force_id = %s AND step = 'assigned' ORDER BY worklist, item, at DESC, id DESC) AS last
     WHERE to_id IS NOT NULL"""


def done(force: Area) -> dict[str, set[str]]:
    """The items that are done and have nothing new, by list."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [force.pk])
        for worklist, item in cursor.fetchall():
            found.setdefault(worklist, set()).add(item)
    return found


def owned(force: Area) -> dict[str, dict[str, int]]:
    """The id of the user who has each assigned item, by list and item."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OWNED, [force.pk])
        for worklist, item, user in cursor.fetchall():
            found.setdefault(worklist, {})[item] = user
    return found


@dataclass(frozen=True, slots=True)
class State:
    """What was said of an item: its owner if it has one, and everything said, the latest first."""

    owner: User | None
    said: tuple[WorkEntry, ...]

    @property
    def last(self) -> WorkEntry | None:
        """What was said last with words."""
        return next((entry for entry in self.said if entry.note), None)


def states(worklist: str, items: Iterable[str], force: Area) -> Mapping[str, State]:
    """The states of some items of a list, those of which something was said."""
    entries: dict[str, list[WorkEntry]] = {}
    rows = WorkEntry.objects.filter(worklist=worklist, item__in=list(items), force=force)
    for entry in sealing.unsealed(rows.select_related("to", "by").order_by("-at", "-pk"), "note"):
        entries.setdefault(entry.item, []).append(entry)
    return {
        item: State(next((one.to for one in said if one.step == WorkStep.ASSIGNED), None), tuple(said))
        for item, said in entries.items()
    }


def say(
    worklist: str,
    items: Mapping[str, int | None],
    step: WorkStep,
    *,
    by: User,
    force: Area,
    to: User | None = None,
    note: str = "",
) -> int:
    """Say something of items of a list, each with the id of the order it is about, if it is about one.

    `to` is for assigning, None takes it from whoever has it. Returns how many. Raises Refused.
    """
    problems = []
    if not items:
        problems.append("items: none is selected; select what this is about")
    if step is WorkStep.NOTED and not note.strip():
        problems.append("note: is missing; say what you found out or did")
    if step is WorkStep.DONE and not note.strip():
        problems.append("note: is missing; say what was decided or done, for whoever reads it next")
    if to is not None and (to.force_id != force.pk or not may(to, Action.RECORD)):
        problems.append("to: is not of the civil orders team of this force; choose one of the list")
    if not may(by, Action.RECORD) or by.force_id != force.pk:
        problems.append("items: only the civil orders team of the force decides these")
    if problems:
        raise Refused(problems)
    with transaction.atomic():
        sealed = _sealed(note, items)
        WorkEntry.objects.bulk_create(
            WorkEntry(worklist=worklist, item=item, order_id=order, force=force, step=step, to=to, note=sealed, by=by)
            for item, order in items.items()
        )
        audit.record(
            by=by,
            category=Category.ALTERATION,
            action=f"worklist {worklist}: {step.value}",
            orders=[order for order in items.values() if order is not None],
            detail={"items": sorted(items), "to": to.username if to else ""},
        )
    return len(items)


def _sealed(note: str, items: Mapping[str, int | None]) -> str:
    """A note as it is stored: under the key of its orders, or of the two people of a likeness; of a faulty row, which
    is no order of the register yet, under the register's own."""
    people = {int(pk) for item in items if (pair := _PAIR.fullmatch(item)) for pk in pair.groups()}
    orders = [order for order in items.values() if order is not None]
    return reasons.sealed(note, orders=orders, people=people)


def waiting_since(at: datetime, since: datetime | None) -> int | None:
    """Whole days that something has waited; negative where `since` lies ahead."""
    return None if since is None else (at - since).days
