"""What cannot be said of an order: events its kind cannot have, or that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable

from orders.statute.effects import effective
from orders.statute.event_kinds import EVENT_KINDS, STATED_END_EVENTS
from orders.statute.facts import Event, OrderFacts
from orders.statute.kinds import KINDS
from orders.statute.local_time import end_of_local_day, local_day
from orders.statute.why import length_flags

OF_AN_ORDER_MADE = frozenset(
    {"VARIED", "RENEWED", "STAYED", "LIFTED", "APPEALED", "REVIEWED", "NOTIFIED", "BREACHED", "ARRESTED", "PRODUCED",
     "BREACH_RESULT", "SET_ASIDE", "QUASHED", "DISCHARGED", "SERVED", "TOLD", "ON_PNC", "OFF_PNC"}
)  # fmt: skip
"""What can happen only to an order that exists."""


def event_errors(kind: str, event: Event) -> list[str]:
    """Why an order of a kind cannot have an event, each message beginning with the field; empty if it can."""
    rules = EVENT_KINDS.get(event.kind)
    if rules is None:
        return [f"event: {event.kind!r} is no kind of event the register knows"]
    if kind not in KINDS:
        return [f"kind: {kind!r} is no kind of order the register knows"]
    found = []
    if kind not in rules.kinds:
        found.append(f"event: {event.kind} does not happen to a {kind}")
    if event.kind in ("VARIED", "RENEWED") and not KINDS[kind].can_vary:
        found.append(f"event: nothing in the Act lets a {kind} be varied or renewed; a new one is needed")
    if kind == "DVPO" and event.kind == "DISCHARGED" and not event.text.strip():
        found.append("text: is missing; the Act has no discharge of a DVPO, so name the authority the court relied on")
    if event.until_open and event.kind not in STATED_END_EVENTS:
        found.append("until: only MADE, VARIED and RENEWED can be until further order")
    if event.until is not None:
        until = end_of_local_day(local_day(event.until)) if event.until_is_date else event.until
        if until < event.at:
            found.append("until: lies before the time at which it happened")
    return found


def history_errors(kind: str, events: Iterable[Event]) -> list[tuple[str, str]]:
    """Events that come before the order was made or authorised, as (ref, message)."""
    events = list(events)
    begins = [
        effect.event.at
        for effect in effective(kind, events)
        if effect.kind in (("AUTHORISED", "SERVED") if kind in KINDS and KINDS[kind].is_notice else ("MADE",))
    ]
    if not begins:
        return []
    start = min(begins)
    found = []
    for event in events:
        if event.kind not in OF_AN_ORDER_MADE:
            continue
        latest = end_of_local_day(local_day(event.at)) if event.at_is_date else event.at
        if latest < start or (event.at_is_date and latest <= start):
            found.append((event.ref, f"at: {event.kind} comes before the order exists"))
    return found


def length_warnings(facts: OrderFacts) -> list[str]:
    """Stated lengths that the Act does not allow: accepted from a source, flagged, and capped at a maximum."""
    return [flag.text for flag in length_flags(KINDS[facts.kind], effective(facts.kind, facts.events))]
