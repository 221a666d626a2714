"""Proposing a change of reference data, applying it, and undoing the last one: looked at first, recorded, reversible.

A change is its lines: what each row was and what it becomes. Applying puts one side in the place of the other if every
row still is as it was; undoing is the same the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError

from orders.access import audit
from orders.models import (
    Area,
    AreaBoundary,
    BankHoliday,
    Category,
    LegalCard,
    Level,
    Place,
    ReferenceChange,
    ReferenceKind,
    ReferenceLine,
    ReferenceState,
    User,
)
from orders.record.recording import recording
from orders.reference import areas, depending, holidays, postcodes
from orders.reference.headers import NotRead

SAMPLE = 50
Advance = Callable[[int], None]
_LOCK = 4_217_004


class NotChanged(ValueError):
    """A change that could not be applied or undone; the message says why and what to do. Nothing was changed."""


def propose(change: ReferenceChange, wanted: Mapping[str, dict[str, Any] | None], now: Mapping[str, Any]) -> None:
    """Store a change with a line for each row that becomes another. Raises NotRead if there is none."""
    if not wanted:
        raise NotRead("The file says nothing that is not held already: there is nothing to change.")
    with transaction.atomic():
        change.save()
        ReferenceLine.objects.bulk_create(
            (ReferenceLine(change=change, key=key, before=now.get(key), after=after) for key, after in wanted.items()),
            batch_size=2_000,
        )
        summarise(change, {})


def summarise(change: ReferenceChange, counted: Mapping[str, int]) -> None:
    """Count what the change does, and how many orders it moves, and keep a sample of its lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE before IS NULL),
                      count(*) FILTER (WHERE before IS NOT NULL AND after IS NOT NULL),
                      count(*) FILTER (WHERE after IS NULL)
                 FROM orders_referenceline WHERE change_id = %s""",
            [change.pk],
        )
        new, changed, gone = cursor.fetchone() or (0, 0, 0)
    change.summary = {
        "new": new,
        "changed": changed,
        "gone": gone,
        "orders": depending.how_many(change),
        "read": dict(counted),
    }
    change.state = ReferenceState.PROPOSED
    change.save()


def proposed_areas(change: ReferenceChange, content: bytes, *, lpa: str) -> None:
    """Propose what a file of areas says. Raises NotRead."""
    now = areas.held()
    propose(
        change,
        areas.wanted(content, now=now, on=change.effective_on, whole=change.whole, lpa=lpa, vintage=change.vintage),
        now,
    )


def proposed_holidays(change: ReferenceChange, content: bytes) -> None:
    """Propose what a file of bank holidays says. Raises NotRead."""
    now = holidays.held()
    propose(change, holidays.wanted(content, now), now)


def proposed_card(change: ReferenceChange, kind: str, card: dict[str, Any]) -> None:
    """Propose new words for a kind of order. Raises NotRead if they are the old ones."""
    now = _cards()
    propose(change, {} if now.get(kind) == card else {kind: card}, now)


def apply(change: ReferenceChange, *, by: User) -> None:
    """Put a proposed change into effect, and mark the orders that rest on it. Raises NotChanged."""
    _turn(change, by=by, undo=False)


def undo(change: ReferenceChange, *, by: User) -> None:
    """Restore what a change replaced: the last applied of its kind only. Raises NotChanged."""
    later = ReferenceChange.objects.filter(kind=change.kind, state=ReferenceState.APPLIED, pk__gt=change.pk)
    if later.exists():
        raise NotChanged("A later change of the same kind rests on this one. Undo that first.")
    _turn(change, by=by, undo=True)


def _turn(change: ReferenceChange, *, by: User, undo: bool) -> None:
    before, after = ("after", "before") if undo else ("before", "after")
    action = f"{'undo ' if undo else ''}change {change.get_kind_display().lower()}"
    reason = change.undo_reason if undo else change.reason
    with recording(by=by, action=action, reason=reason) as opened:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if undo:
            # Orders that were found by what goes now must be known before it has gone.
            depending.queue(change)
        if ReferenceKind(change.kind) is ReferenceKind.POSTCODES:
            other = postcodes.store(change, before, after)
        else:
            other = _store(change, before, after)
        if other:
            raise NotChanged(
                f"{other:,} rows are not as they were when this was proposed: somebody changed them since. "
                "Propose it again."
            )
        queued = depending.queue(change)
        change.state = ReferenceState.UNDONE if undo else ReferenceState.APPLIED
        if undo:
            change.undone_by = opened
        else:
            change.recording = opened
        change.problem, change.progress = "", {}
        change.save()
        audit.record(
            by=by,
            category=Category.ALTERATION,
            action=action,
            reason=reason,
            detail={"change": change.pk, "orders_to_work_out": queued},
        )


def _store(change: ReferenceChange, before: str, after: str) -> int:
    """Put one side of the lines in place of the other, row by row. Returns how many rows were not as expected."""
    lines = {line.key: (getattr(line, before), getattr(line, after)) for line in change.lines.all()}
    held: Mapping[str, Any]
    put: Callable[[dict[str, dict[str, Any]]], None]
    drop: Callable[[list[str]], None]
    match ReferenceKind(change.kind):
        case ReferenceKind.AREAS:
            held, put, drop = areas.held(), _put_areas, _drop_areas
        case ReferenceKind.HOLIDAYS:
            held, put, drop = holidays.held(), _put_holidays, _drop_holidays
        case _:
            held, put, drop = _cards(), _put_cards, _drop_cards
    other = sum(1 for key, (was, _) in lines.items() if held.get(key) != was)
    if not other:
        put({key: becomes for key, (_, becomes) in lines.items() if becomes is not None})
        drop([key for key, (_, becomes) in lines.items() if becomes is None])
    return other


def _put_areas(wanted: dict[str, dict[str, Any]]) -> None:
    by_code = {area.code: area for area in Area.objects.all()}
    for code, told in areas.in_order(wanted):
        parent = by_code.get(told["parent"])
        area, _ = Area.objects.update_or_create(
            code=code,
            defaults={
                "name": told["name"],
                "level": told["level"],
                "parent": parent,
                "force": None if parent is None else parent.force or parent,
                "ons_code": told["ons_code"],
                "vintage": told["vintage"],
                "valid_from": told["valid_from"] and date.fromisoformat(told["valid_from"]),
                "valid_until": told["valid_until"] and date.fromisoformat(told["valid_until"]),
            },
        )
        by_code[code] = area
        if told["police_id"] or told["rings"]:
            AreaBoundary.objects.update_or_create(
                area=area, defaults={"police_id": told["police_id"], "rings": told["rings"]}
            )
        else:
            AreaBoundary.objects.filter(area=area).delete()
    for area in Area.objects.filter(level=Level.NEIGHBOURHOOD, code__in=wanted).select_related("parent"):
        if area.parent and area.force_id != area.parent.force_id:
            Area.objects.filter(pk=area.pk).update(force=area.parent.force_id)


def _drop_areas(codes: list[str]) -> None:
    """Only undoing what brought an area takes it away, and only while nothing is found under it."""
    gone = Area.objects.filter(code__in=codes)
    if Place.objects.filter(area__in=gone).exists():
        raise NotChanged(
            "Orders are found under areas that would go. Undo the postcodes that lead to them first, or end the areas "
            "instead."
        )
    for area in sorted(gone, key=lambda area: -len(area.code)):
        if area.postcodes.exists():
            raise NotChanged(f"Postcodes lead to {area.name}. Undo those first.")
        try:
            area.delete()
        except ProtectedError as error:
            raise NotChanged(f"{area.name} is in use and cannot go. End it instead.") from error


def _put_holidays(wanted: dict[str, dict[str, Any]]) -> None:
    BankHoliday.objects.bulk_create(
        [BankHoliday(day=date.fromisoformat(day), name=told["name"]) for day, told in wanted.items()],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["name"],
    )


def _drop_holidays(days: list[str]) -> None:
    BankHoliday.objects.filter(day__in=[date.fromisoformat(day) for day in days]).delete()


def _cards() -> dict[str, dict[str, Any]]:
    return {
        card.kind: {
            "words": card.words,
            "owner": card.owner,
            "reviewed_on": card.reviewed_on.isoformat(),
            "review_due_on": card.review_due_on.isoformat(),
        }
        for card in LegalCard.objects.all()
    }


def _put_cards(wanted: dict[str, dict[str, Any]]) -> None:
    for kind, told in wanted.items():
        LegalCard.objects.update_or_create(
            kind=kind,
            defaults={
                "words": told["words"],
                "owner": told["owner"],
                "reviewed_on": date.fromisoformat(told["reviewed_on"]),
                "review_due_on": date.fromisoformat(told["review_due_on"]),
            },
        )


def _drop_cards(kinds: list[str]) -> None:
    LegalCard.objects.filter(kind__in=kinds).delete()
