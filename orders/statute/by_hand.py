"""What is refused or questioned when a person enters it, who can mend it. A source's word is taken and flagged.

Messages begin with the field and a colon: `event`, `at`, `until` or `text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product

from orders.statute.effects import Effective, effective
from orders.statute.entry import event_errors
from orders.statute.event_kinds import EVENT_KINDS
from orders.statute.facts import FAR, Event, OrderFacts, Reason
from orders.statute.kinds import KINDS, Form, KindRules
from orders.statute.local_time import local_day
from orders.statute.periods import last_day_of_months
from orders.statute.sequence import arrest_errors, sequence_cautions, sequence_errors
from orders.statute.why import at_or_on, length_flags, until_when

AHEAD = frozenset({"LISTED", "RETURN_DATE"})
"""What is recorded of a day to come: a hearing that is listed."""

ONCE = frozenset(
    {"APPLIED", "AUTHORISED", "MADE", "REFUSED", "WITHDRAWN", "LAPSED", "DISCHARGED", "QUASHED", "SET_ASIDE"}
)
"""What happens to an order once: a second one is a mistake, or corrects the first."""

_NEEDS_FIRST = {
    "PRODUCED": ("ARRESTED", "no arrest is recorded; record the arrest first"),
    "RELEASED": ("ARRESTED", "no arrest is recorded; record the arrest first"),
    "BREACH_RESULT": ("BREACHED", "no breach is recorded; record the breach first"),
    "LIFTED": ("STAYED", "no stay is recorded"),
    "OFF_PNC": ("ON_PNC", "it is not recorded as on PNC"),
}
_ENDINGS = frozenset({"REFUSED", "WITHDRAWN"})


def hand_errors(
    facts: OrderFacts, new: Sequence[Event], now: datetime, *, followed: OrderFacts | None = None
) -> list[str]:
    """Why these events cannot be recorded of an order; empty if they can.

    `facts` are the order without them, `followed` the notice, interim or earlier order that it follows.
    """
    found = [problem for event in new for problem in event_errors(facts.kind, event)]
    if found or facts.kind not in KINDS:
        return found
    so_far = list(facts.events)
    for number, event in enumerate(new):
        marked = replace(event, ref=f"new {number}")
        found += _of_one(facts, so_far, marked, now) or sequence_errors(facts, so_far, marked, followed)
        so_far.append(marked)
    for breach, arrest in product(new, new):
        # What is recorded at once belongs together: the arrest is for that breach, whatever others there were.
        if (breach.kind, arrest.kind) == ("BREACHED", "ARRESTED") and (wrong := arrest_errors(breach, arrest)):
            found.append(f"at: {_lower(wrong)}")
    return list(dict.fromkeys(found))


def _of_one(facts: OrderFacts, before: Sequence[Event], event: Event, now: datetime) -> list[str]:
    rules = KINDS[facts.kind]
    if event.at > now and event.kind not in AHEAD:
        return ["at: is in the future; record it when it has happened"]
    known = effective(rules.code, before)
    kinds = {effect.kind: effect for effect in known}
    found = []
    label = EVENT_KINDS[event.kind].label.lower()
    if event.kind in ONCE and event.kind in kinds:
        found.append(f"event: it is already recorded as {label}, {at_or_on(kinds[event.kind])}; correct that instead")
    needs = _NEEDS_FIRST.get(event.kind)
    if needs is not None and needs[0] not in kinds:
        found.append(f"event: {needs[1]}")
    if event.kind == "NOTIFIED" and not rules.notifies:
        found.append(f"event: {rules.act} lets nobody be asked to notify police")
    if event.kind == "ON_PNC" and _last(known, "ON_PNC", "OFF_PNC") == "ON_PNC":
        found.append(f"event: it is already on PNC, {at_or_on(kinds['ON_PNC'])}")
    if event.kind in _ENDINGS and rules.form is Form.ORDER and "MADE" in kinds:
        found.append("event: the order has been made; if an application about it failed, record the hearing")
    if event.kind == "MADE" and (_ENDINGS & kinds.keys()):
        found.append("event: the application is recorded as refused or withdrawn; correct that first")
    return found + (made_errors(rules, event) if event.kind == "MADE" else [])


def made_errors(rules: KindRules, made: Event) -> list[str]:
    """Why an order cannot be made for the length stated; an order shorter than usual needs its reason in `text`."""
    if made.until is None and not made.until_open:
        if rules.most_days:
            return [f"until: is missing; a {rules.code} states its period (Crime and Security Act 2010 s.28(11))"]
        if rules.form is Form.INTERIM:
            return [f"until: is missing; an interim order is for a fixed period ({rules.act})"]
        return []
    if rules.least_months and shorter(rules, made):
        if made.text.strip():
            return []
        return [f"text: say why it is shorter than the {rules.least_months // 12} years that {rules.act} requires"]
    return [
        f"until: {_lower(flag.text)} ({flag.source})" for flag in length_flags(rules, effective(rules.code, [made]))
    ]


def shorter(rules: KindRules, made: Event) -> bool:
    """Whether an order is stated to be for less than the months that its Act requires."""
    if not rules.least_months or made.until is None or made.until_open:
        return False
    return local_day(made.until) < last_day_of_months(local_day(made.at), rules.least_months)


def cautions(facts: OrderFacts, new: Sequence[Event], ended_at: datetime | None, *, now: datetime) -> list[Reason]:
    """What a person should look at twice before recording these events. `ended_at`: when the order ended, if it has."""
    rules = KINDS[facts.kind]
    known = effective(facts.kind, facts.events)
    found = []
    for event in new:
        if ended_at is not None and event.at > ended_at and event.kind not in ("OFF_PNC", "BREACH_RESULT", "APPEALED"):
            found.append(Reason(f"The order ended at {until_when(ended_at)}, before this happened.", rules.act))
        if event.kind in AHEAD and event.at < now:
            words = "That day is past. If it was heard, record the hearing itself."
            found.append(Reason(words, rules.act))
        if event.kind == "SERVED" and any(effect.kind == "SERVED" for effect in known):
            found.append(Reason("It is already recorded as served. The first service counts.", rules.act))
        found += [Reason(words, rules.act) for words in sequence_cautions(facts, event)]
        made = next((effect for effect in known if effect.kind == "MADE"), None)
        if event.kind == "DISCHARGED" and facts.kind == "SPO" and made is not None:
            last = last_day_of_months(local_day(made.at), 24)
            if local_day(event.at) <= last:
                found.append(
                    Reason(
                        f"Within the first two years (until {last:%-d %B %Y}) an order can be discharged only with the "
                        "consent of the defendant and the chief officer. Say in the note that both consented.",
                        "Stalking Protection Act 2019 s.4",
                    )
                )
    return found


def _last(known: Iterable[Effective], *kinds: str) -> str:
    return next((effect.kind for effect in reversed(list(known)) if effect.kind in kinds), "")


def _lower(text: str) -> str:
    return text[0].lower() + text[1:].rstrip(".")


def earliest_renewal(rules: KindRules, made: Event) -> Reason | None:
    """When renewal should be asked for: before the stated end, after which nobody is protected."""
    if not rules.can_vary or made.until is None or made.until_open or made.until >= FAR:
        return None
    day = local_day(made.until)
    return Reason(f"To go on without a gap it must be renewed by the end of {day:%A} {day:%-d %B %Y}.", rules.act)
