"""What must come before what: nobody is arrested for a breach before it, and nothing is served before it exists.

Of two events of which one has only a date the days are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orders.statute.effects import Effective, effective, retracted
from orders.statute.entry import OF_AN_ORDER_MADE
from orders.statute.event_kinds import EVENT_KINDS
from orders.statute.facts import Event, OrderFacts
from orders.statute.kinds import KINDS, Form, KindRules
from orders.statute.local_time import local_day
from orders.statute.why import at_or_on

_OUTCOMES = frozenset({"REFUSED", "WITHDRAWN"})
_DETERMINING = frozenset({"MADE", *_OUTCOMES})
_OF_A_BREACH = frozenset({"BREACHED", "ARRESTED", "PRODUCED", "RELEASED", "BREACH_RESULT"})


@dataclass(frozen=True, slots=True)
class _Rule:
    """Each of `then` comes after the first of `first`, of which `words` say that it happened.

    `refuses_late`: whether a `first` is refused that leaves something before it; otherwise it is only asked about,
    since another one may have come earlier that nobody recorded.
    """

    first: str
    words: str
    then: frozenset[str]
    refuses_late: bool = True


_NOTICE = (
    _Rule(
        "AUTHORISED", "it was authorised",
        OF_AN_ORDER_MADE | _OUTCOMES | {"ATTEMPTED", "LISTED", "HEARING", "LAPSED", "RELEASED"},
    ),
    _Rule("SERVED", "it was served, from when a notice binds", _OF_A_BREACH),
)  # fmt: skip
_COURT = (
    _Rule("APPLIED", "it was applied for", _DETERMINING),
    _Rule("MADE", "it was made", OF_AN_ORDER_MADE | {"RELEASED"}),
)
_ANY = (
    _Rule("BREACHED", "any breach that is recorded", frozenset({"ARRESTED", "BREACH_RESULT"}), refuses_late=False),
    _Rule("ARRESTED", "any arrest that is recorded", frozenset({"PRODUCED", "RELEASED"}), refuses_late=False),
    _Rule("STAYED", "any stay that is recorded", frozenset({"LIFTED"}), refuses_late=False),
    _Rule("ON_PNC", "it was put on PNC", frozenset({"OFF_PNC"}), refuses_late=False),
)


def comes_before(one: Event, other: Event) -> bool:
    """Whether one event is told to have happened before another; by the day, where only a day is known of one."""
    if one.at_is_date or other.at_is_date:
        return local_day(one.at) < local_day(other.at)
    return one.at < other.at


def sequence_errors(
    facts: OrderFacts, before: Iterable[Event], event: Event, followed: OrderFacts | None = None
) -> list[str]:
    """Why an event cannot be recorded at its time beside the others of the order; empty if it can.

    `before` are the other events, `facts` besides what follows the order, `followed` the order that it follows.
    """
    rules = KINDS[facts.kind]
    others, new = effective(rules.code, before), _alone(rules, event)
    found = [
        _told(then, first, rule.words)
        for rule, first, then in _contradictions(rules, others, new)
        if then is new or rule.refuses_late
    ]
    found += followed_errors(facts, event, followed)
    return [f"at: {words}" for words in found + _before_what_follows(facts, rules, others, new)]


def followed_errors(facts: OrderFacts, event: Event, followed: OrderFacts | None) -> list[str]:
    """Why an event of an order contradicts the order that it follows: that is determined after it began (contract, 3).

    Nor is what a notice leads to heard before the notice was given (Crime and Security Act 2010 s.27(3)). What an
    interim leads to may be: the interim is made where that is heard. Nothing, if the event has been taken back.
    """
    if followed is None or event.ref in retracted(facts.events):
        return []
    if event.kind not in _DETERMINING and not (event.kind == "HEARING" and KINDS[followed.kind].is_notice):
        return []
    new = _alone(KINDS[facts.kind], event)
    return [
        _told(new, first, f"the {followed.kind} that it follows was {_DONE[first.kind]}")
        for first in _beginnings(followed.kind, effective(followed.kind, followed.events))
        if comes_before(event, first.event)
    ][:1]


def sequence_cautions(facts: OrderFacts, event: Event) -> list[str]:
    """What may be wrong with the time of an event: something of a later kind came before it."""
    rules = KINDS[facts.kind]
    new = _alone(rules, event)
    return [
        f"{_label(then)} {at_or_on(then)} comes before it. If the two belong together, one of them is wrong."
        for rule, _, then in _contradictions(rules, effective(rules.code, facts.events), new)
        if then is not new and not rule.refuses_late
    ]


def arrest_errors(breach: Event, arrest: Event) -> str:
    """Why an arrest cannot be for a breach; blank if it can."""
    if not comes_before(arrest, breach):
        return ""
    return "Time of arrest is before the breach; one of the two is wrong"


def _alone(rules: KindRules, event: Event) -> Effective:
    (found,) = effective(rules.code, [event])
    return found


def _contradictions(
    rules: KindRules, others: Sequence[Effective], new: Effective
) -> list[tuple[_Rule, Effective, Effective]]:
    """Each rule that the new event breaks with another: the rule, what should come first, what should come after."""
    found = []
    known = sorted([*others, new], key=lambda effect: effect.event.at)
    for rule in (*(_NOTICE if rules.is_notice else _COURT), *_ANY):
        first = next((effect for effect in known if effect.kind == rule.first), None)
        if first is None:
            continue
        for then in known if first is new else (new,):
            if then.kind in rule.then and comes_before(then.event, first.event):
                found.append((rule, first, then))
                break
    return found


def _before_what_follows(facts: OrderFacts, rules: KindRules, others: Sequence[Effective], new: Effective) -> list[str]:
    if new not in _beginnings(rules.code, [*others, new]):
        return []
    return [
        f"{_DONE[new.kind]} {at_or_on(new)}, after the {follower.kind} that follows it was "
        f"{_label(then).lower()} {at_or_on(then)}; one of the two is wrong"
        for follower in facts.followers
        for then in effective(follower.kind, follower.events)
        if then.kind in _DETERMINING and comes_before(then.event, new.event)
    ][:1]


_DONE = {"AUTHORISED": "authorised", "SERVED": "served", "MADE": "made"}


def _beginnings(kind: str, effects: Iterable[Effective]) -> list[Effective]:
    """By what a notice or an interim begins: of each kind the first. Other orders are not ended by what follows."""
    form = KINDS[kind].form
    wanted = {Form.NOTICE: ("AUTHORISED", "SERVED"), Form.INTERIM: ("MADE",), Form.ORDER: ()}[form]
    known = sorted(effects, key=lambda effect: effect.event.at)
    firsts = (next((effect for effect in known if effect.kind == name), None) for name in wanted)
    return [effect for effect in firsts if effect is not None]


def _told(then: Effective, first: Effective, words: str) -> str:
    label = _label(then)
    return f"{label[0].lower()}{label[1:]} {at_or_on(then)}, before {words} {at_or_on(first)}; one of the two is wrong"


def _label(effect: Effective) -> str:
    return EVENT_KINDS[effect.kind].label
