"""The clocks of the statute that run for an order, and whether each was kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orders.statute.clocks import (
    custody_before,
    hearing_latest,
    last_sitting,
    notification_over,
    occupation_order_custody_before,
)
from orders.statute.effects import Effective
from orders.statute.facts import Deadline, OrderFacts
from orders.statute.holidays import Holidays, HolidaysNotKnown
from orders.statute.kinds import KINDS
from orders.statute.local_time import end_of_local_day, local_day
from orders.statute.standing import Determination


def deadlines(
    facts: OrderFacts,
    effects: Sequence[Effective],
    determinations: Sequence[Determination],
    at: datetime,
    holidays: Holidays,
) -> tuple[Deadline, ...]:
    """The deadlines that what has happened by `at` set running, soonest first.

    One that cannot be computed, for want of bank holidays, is left out: the reasons say so.
    """
    found = [
        *_hearing(facts, effects, determinations, at, holidays),
        *_custody(facts, effects, holidays),
        *_notification(facts, effects),
    ]
    return tuple(sorted(found, key=lambda deadline: (deadline.due, deadline.rule)))


def _hearing(
    facts: OrderFacts,
    effects: Sequence[Effective],
    determinations: Sequence[Determination],
    at: datetime,
    holidays: Holidays,
) -> list[Deadline]:
    """48 hours from service of a notice to the hearing of the application: the instant itself is in time."""
    rules = KINDS[facts.kind]
    served = next((effect for effect in effects if effect.kind == "SERVED"), None)
    if not rules.hearing_source or served is None:
        return []
    try:
        due = hearing_latest(served.at, holidays)
    except HolidaysNotKnown:
        return []
    outcomes = [effect for effect in effects if effect.kind in ("HEARING", "REFUSED", "WITHDRAWN")]
    in_time = any(effect.at <= due for effect in outcomes) or any(found.at <= due for found in determinations)
    if in_time:
        met: bool | None = True
    elif any(_straddles(effect, due) for effect in outcomes):
        met = None
    else:
        met = False if at > due else None
    name = "dvpn_hearing_latest_48h" if facts.kind == "DVPN" else "dapn_hearing_latest_48h"
    return [Deadline(name, due, met, rules.hearing_source, served.event.at_is_date, _sitting(due, met, holidays))]


def _sitting(due: datetime, met: bool | None, holidays: Holidays) -> datetime | None:
    """When a court last sits before a deadline of which nothing yet says whether it was met."""
    if met is not None:
        return None
    try:
        return last_sitting(due, holidays)
    except HolidaysNotKnown:
        return None


def _straddles(effect: Effective, due: datetime) -> bool:
    """Whether an event of which only the date is known may have come before or after an instant of that date."""
    return effect.event.at_is_date and effect.event.at <= due < end_of_local_day(local_day(effect.event.at))


def _custody(facts: OrderFacts, effects: Sequence[Effective], holidays: Holidays) -> list[Deadline]:
    """24 hours from each arrest for breach to the court: strictly before."""
    rules = KINDS[facts.kind]
    if not rules.custody or (facts.kind == "OCC" and not facts.power_of_arrest):
        return []
    found = []
    for arrest in effects:
        if arrest.kind != "ARRESTED":
            continue
        if facts.kind == "OCC":
            name, due = "occupation_order_custody_before_24h", occupation_order_custody_before(arrest.at)
        else:
            name = "dvpn_dvpo_custody_before_24h"
            try:
                due = custody_before(arrest.at, holidays)
            except HolidaysNotKnown:
                continue
        after = [
            effect
            for effect in effects
            if effect.kind in ("PRODUCED", "RELEASED", "HEARING") and effect.at >= arrest.at
        ]
        if any(effect.at < due for effect in after):
            met: bool | None = True
        else:
            met = False if any(effect.event.at >= due for effect in after) else None
        sitting = _sitting(due, met, holidays)
        found.append(Deadline(name, due, met, rules.custody, arrest.event.at_is_date, sitting))
    return found


def _notification(facts: OrderFacts, effects: Sequence[Effective]) -> list[Deadline]:
    """3 days beginning with service for the subject to notify; not where an order follows an interim (s.9(1)(a))."""
    rules = KINDS[facts.kind]
    served = next((effect for effect in effects if effect.kind == "SERVED"), None)
    follows_interim = facts.follows is not None and KINDS[facts.follows].code == "ISPO"
    if not rules.notification_source or served is None or follows_interim:
        return []
    due = notification_over(served.event.at)
    notified = [effect for effect in effects if effect.kind == "NOTIFIED"]
    if any(effect.at < due for effect in notified):
        met: bool | None = True
    else:
        met = False if notified else None
    return [Deadline("spo_notification_last_day_3d", due, met, rules.notification_source, served.event.at_is_date)]
