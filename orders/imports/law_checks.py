"""What the law says of each staged order: events it cannot have quarantine it, odd lengths are remarked on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from orders.imports.checks import add_errors, note_remarked
from orders.imports.remarks import Remarks
from orders.record.instants import remember_instants
from orders.statute import (
    LONDON,
    Event,
    OrderFacts,
    event_errors,
    history_errors,
    length_warnings,
    local_day,
)

_EVENTS = """
    SELECT o.order_ref, o.kind, e.line, e.event, e.at, e.at_is_date, e.until, e.until_is_date, e.until_open, e.by_whom,
           e.text, e.retracts, e.event_ref
      FROM stage_order o JOIN stage_event e USING (order_ref)
     ORDER BY o.order_ref, e.line"""
_CHUNK = 5_000
_Error = tuple[str, int, str | None, str | None, str | None, str | None, str]


def check_events(remarks: Remarks) -> None:
    """Ask the law about every staged order, streaming; memory holds one order and a few thousand errors at a time."""
    errors: list[_Error] = []
    remarked: list[tuple[str, int]] = []
    for order_ref, kind, lines in _histories():
        events = tuple(event for event, _ in lines)
        of_ref = {event.ref: (event, line) for event, line in lines}
        found = [(event.ref, message) for event in events for message in event_errors(kind, event)]
        for ref, message in [*found, *history_errors(kind, events)]:
            event, line = of_ref[ref]
            column, _, reason = message.partition(": ")
            errors.append(("events.csv", line, column, _value(event, column), order_ref, None, f"{column}: {reason}"))
        if len(errors) >= _CHUNK:
            add_errors(errors)
            errors = []
        if len(remarked) >= _CHUNK:
            note_remarked(remarked)
            remarked = []
        for warning in length_warnings(OrderFacts(kind, order_ref, events)):
            remarked.append(("events.csv", lines[0][1]))
            remarks.add("lengths that the Act does not allow", f"order {order_ref}: {warning}")
    add_errors(errors)
    note_remarked(remarked)


def _value(event: Event, column: str) -> str | None:
    """What the row said in a column, as near as the value that was read can tell."""
    match column:
        case "event":
            return event.kind
        case "at":
            return _moment(event.at, is_date=event.at_is_date)
        case "until":
            if event.until is not None:
                return _moment(event.until, is_date=event.until_is_date)
            return "UFO" if event.until_open else None
    return None


def _moment(at: datetime, *, is_date: bool) -> str:
    return local_day(at).isoformat() if is_date else at.astimezone(LONDON).isoformat(timespec="seconds")


def _histories() -> Iterator[tuple[str, str, list[tuple[Event, int]]]]:
    with connection.chunked_cursor() as cursor:
        remember_instants(cursor)
        cursor.execute(_EVENTS)
        rows = iter(lambda: cursor.fetchmany(_CHUNK), [])
        for (order_ref, kind), group in groupby((row for chunk in rows for row in chunk), key=lambda row: row[:2]):
            yield order_ref, kind, [_event(row) for row in group]


def _event(row: tuple[Any, ...]) -> tuple[Event, int]:
    line, kind, at, at_is_date, until, until_is_date, until_open, by_whom, text, retracts, ref = row[2:]
    return Event(kind, at, at_is_date, until, until_is_date, until_open, by_whom, text, ref, retracts), line
