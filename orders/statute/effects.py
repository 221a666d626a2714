"""From events as they were told to effects in the order of time: dates become instants, retracted events fall away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from orders.statute.event_kinds import EVENT_KINDS, PRECEDENCE, Effect
from orders.statute.facts import FAR, Event
from orders.statute.kinds import NOTICES
from orders.statute.local_time import end_of_local_day, local_day


class Effective(NamedTuple):
    """An event that counts, the instant from which it does, and what its `until` comes to.

    `until` is the first instant outside (None: not stated; FAR: until further order).
    """

    at: datetime
    kind: str
    until: datetime | None
    event: Event


def effective(kind: str, events: Iterable[Event]) -> list[Effective]:
    """The events of an order of a kind that count, in the order in which they take effect.

    Events at one instant come in the order of the table of event kinds; of two of one kind, the one that states the
    later end comes last and so prevails. The order in which they were recorded plays no part.
    """
    events = list(events)
    gone = retracted(events)
    found = [
        Effective(takes_effect(kind, event), event.kind, _until(event), event)
        for event in events
        if event.kind != "RETRACTED" and event.ref not in gone
    ]
    if len(found) > 1:
        found.sort(key=_order)
    return found


def retracted(events: Iterable[Event]) -> frozenset[str]:
    """The refs of the events that have been taken back. A retraction that is itself taken back takes nothing back."""
    by = {event.ref: event.retracts for event in events if event.kind == "RETRACTED" and event.retracts}
    if not by:
        return frozenset()
    takers: dict[str, list[str]] = {}
    for taker, taken in by.items():
        takers.setdefault(taken, []).append(taker)

    def is_gone(ref: str, asked: frozenset[str]) -> bool:
        # In a ring of retractions nobody can say which was meant: all of them stand, and so what they name is gone.
        return any(taker in asked or not is_gone(taker, asked | {taker}) for taker in takers.get(ref, ()))

    return frozenset(ref for ref in takers if is_gone(ref, frozenset({ref})))


def takes_effect(kind: str, event: Event) -> datetime:
    """The instant (UTC) from which an event counts (extract contract, rule 2)."""
    if not event.at_is_date:
        return event.at
    if event.kind == "SERVED" and kind in NOTICES:
        # A notice is in force from service, so from the earliest it can have been; its clock is counted from there.
        return event.at
    rules = EVENT_KINDS.get(event.kind)
    if rules is not None and rules.effect is Effect.DAY_OVER:
        return end_of_local_day(local_day(event.at))
    return event.at


def _until(event: Event) -> datetime | None:
    if event.until_open:
        return FAR
    if event.until is None:
        return None
    if event.until_is_date and event.kind != "STAYED":
        return end_of_local_day(local_day(event.until))
    return event.until


def _order(effect: Effective) -> tuple[datetime, int, datetime, str, str]:
    event = effect.event
    return effect.at, PRECEDENCE.get(effect.kind, len(PRECEDENCE)), effect.until or event.at, event.text, event.by
