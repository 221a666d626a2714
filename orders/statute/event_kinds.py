"""The table of what can happen to an order: in what words, to which kinds, and when in a day it takes effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from orders.statute.kinds import COURT_ORDERS, KINDS, NOTICES, REVIEWED

ALL = frozenset(KINDS)


class Effect(Enum):
    """Where in a day an event takes effect of which only the date is known (extract contract, rule 2)."""

    DAY_BEGINS = "from the beginning of the day"
    DAY_OVER = "at the end of the day"


@dataclass(frozen=True, slots=True)
class EventRules:
    """One kind of event. `until_means` is empty where `until` says nothing; `by_hand_only`: never in an extract."""

    code: str
    label: str
    kinds: frozenset[str] = ALL
    effect: Effect = Effect.DAY_BEGINS
    until_means: str = ""
    by_hand_only: bool = False


_STATED_END = "the stated end"

_TABLE = (
    EventRules("APPLIED", "Applied for", COURT_ORDERS),
    EventRules("AUTHORISED", "Authorised", NOTICES),
    EventRules("MADE", "Made", COURT_ORDERS, until_means=_STATED_END),
    EventRules("SERVED", "Served", effect=Effect.DAY_OVER),
    EventRules("TOLD", "Respondent told of the terms", effect=Effect.DAY_OVER),
    EventRules("SERVICE_UNKNOWN", "Not known whether served", by_hand_only=True),
    EventRules("ATTEMPTED", "Service attempted"),
    EventRules("LISTED", "Listed for hearing"),
    EventRules("RETURN_DATE", "Hearing on notice listed", frozenset({"NMO", "OCC"})),
    # A hearing on an unknown time of a day is only certain to have begun when the day is over.
    EventRules("HEARING", "Heard", effect=Effect.DAY_OVER, until_means="the next hearing"),
    EventRules("VARIED", "Varied", until_means=_STATED_END),
    EventRules("RENEWED", "Renewed", until_means=_STATED_END),
    EventRules("STAYED", "Stayed", COURT_ORDERS, until_means="the end of the stay"),
    EventRules("LIFTED", "Stay lifted", COURT_ORDERS),
    EventRules("APPEALED", "Appealed"),
    EventRules("ON_PNC", "Put on PNC", effect=Effect.DAY_OVER),
    EventRules("PNC_REQUESTED", "Entry on PNC requested"),
    EventRules("OFF_PNC", "Taken off PNC"),
    EventRules("REVIEWED", "Reviewed", REVIEWED, until_means="the next review"),
    EventRules("NOTIFIED", "Subject notified police"),
    EventRules("BREACHED", "Breached"),
    EventRules("ARRESTED", "Arrested for breach"),
    EventRules("PRODUCED", "Brought before the court", effect=Effect.DAY_OVER),
    EventRules("RELEASED", "Released", effect=Effect.DAY_OVER),
    EventRules("BREACH_RESULT", "Result of breach proceedings"),
    EventRules("REFUSED", "Refused", effect=Effect.DAY_OVER),
    EventRules("WITHDRAWN", "Withdrawn", effect=Effect.DAY_OVER),
    EventRules("LAPSED", "Lapsed unheard", NOTICES, Effect.DAY_OVER, by_hand_only=True),
    EventRules("SET_ASIDE", "Set aside", COURT_ORDERS, Effect.DAY_OVER),
    EventRules("QUASHED", "Quashed", COURT_ORDERS, Effect.DAY_OVER),
    EventRules("DISCHARGED", "Discharged", COURT_ORDERS, Effect.DAY_OVER),
    EventRules("RETRACTED", "Recorded in error"),
)

EVENT_KINDS: dict[str, EventRules] = {rules.code: rules for rules in _TABLE}

PRECEDENCE = {code: number for number, code in enumerate(EVENT_KINDS)}
"""The order of events that take effect at one instant: that of the table. What starts comes first, what ends last."""

STATED_END_EVENTS = frozenset(code for code, rules in EVENT_KINDS.items() if rules.until_means == _STATED_END)
"""The events whose `until` may be "until further order"."""
