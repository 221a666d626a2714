"""The facets of an order beside its standing, each on its own: service, PNC and review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.statute.effects import Effective, effective
from orders.statute.facts import FAR, OrderFacts, Review
from orders.statute.kinds import KINDS
from orders.statute.local_time import local_day
from orders.statute.periods import months_after


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants (UTC) that lists and filters ask for, whatever the instant asked about; None where it never was.

    `on_pnc_from` and `on_pnc_until` are the last time that the order was on PNC; `until` None means it still is.
    `breached_at` are all breaches, the earliest first.
    """

    applied_at: datetime | None
    made_at: datetime | None
    served_at: datetime | None
    told_at: datetime | None
    on_pnc_from: datetime | None
    on_pnc_until: datetime | None
    breached_at: tuple[datetime, ...]
    review_due_on: date | None


def marks(facts: OrderFacts) -> Marks:
    """The marks of an order, from all its events."""
    first: dict[str, datetime] = {}
    on_from = on_until = None
    effects = effective(facts.kind, facts.events)
    for effect in effects:
        first.setdefault(effect.kind, effect.at)
        if effect.kind == "ON_PNC":
            if on_from is None or on_until is not None:
                on_from, on_until = effect.at, None
        elif effect.kind == "OFF_PNC" and on_from is not None:
            on_until = effect.at
    return Marks(
        applied_at=first.get("APPLIED"),
        made_at=first.get("MADE"),
        served_at=first.get("SERVED"),
        told_at=first.get("TOLD"),
        on_pnc_from=on_from,
        on_pnc_until=on_until,
        breached_at=tuple(effect.at for effect in effects if effect.kind == "BREACHED"),
        review_due_on=review_due_on(facts.kind, effects),
    )


def service(effects: Iterable[Effective]) -> str:
    """Whether the respondent has been served: `served`, `told`, `unknown` or `not served`, by the effects so far."""
    kinds = {effect.kind for effect in effects}
    for kind, word in (("SERVED", "served"), ("TOLD", "told"), ("SERVICE_UNKNOWN", "unknown")):
        if kind in kinds:
            return word
    return "not served"


def pnc(effects: Iterable[Effective], standing: str) -> str:
    """Whether it stands on PNC: `on`, `removal due`, `awaiting` or `off`, by the last word so far."""
    last = None
    for effect in effects:
        if effect.kind in ("ON_PNC", "OFF_PNC"):
            last = effect.kind
    if last == "ON_PNC":
        return "removal due" if standing == "ended" else "on"
    return "awaiting" if standing in ("live", "unconfirmed") else "off"


def review(kind: str, effects: Sequence[Effective], standing: str, at: datetime) -> Review | None:
    """When the next review falls due: what the last one set, else so many months after it or after the making.

    Only while live or unconfirmed.
    """
    due_on = review_due_on(kind, effects) if standing in ("live", "unconfirmed") else None
    return None if due_on is None else Review(due_on.isoformat(), local_day(at) > due_on)


def review_due_on(kind: str, effects: Sequence[Effective]) -> date | None:
    """The local day of the next review, by the effects so far: SPOs monthly, NMOs until further order yearly."""
    months = KINDS[kind].review_months
    if months is None:
        return None
    made = next((effect for effect in effects if effect.kind == "MADE"), None)
    if made is None or (kind == "NMO" and not _until_further_order(effects)):
        return None
    last = made
    for effect in effects:
        if effect.kind == "REVIEWED":
            last = effect
    due_on = _stated_day(last) if last.kind == "REVIEWED" else None
    return due_on or months_after(local_day(last.event.at), months)


def _until_further_order(effects: Sequence[Effective]) -> bool:
    stated = None
    for effect in effects:
        if effect.kind in ("MADE", "VARIED", "RENEWED") and effect.until is not None:
            stated = effect.until
    return stated == FAR


def _stated_day(effect: Effective) -> date | None:
    return None if effect.event.until is None else local_day(effect.event.until)
