"""The law as code: what an order's events come to, by the Acts that its kind rests on. Standard library only."""

from orders.statute.assessment import assess
from orders.statute.by_hand import AHEAD, ONCE, cautions, earliest_renewal, hand_errors, made_errors, shorter
from orders.statute.clocks import (
    custody_before,
    days_left_out,
    hearing_latest,
    last_sitting,
    notification_over,
    occupation_order_custody_before,
)
from orders.statute.effects import Effective, effective, retracted, takes_effect
from orders.statute.entry import event_errors, history_errors, length_warnings
from orders.statute.event_kinds import EVENT_KINDS, STATED_END_EVENTS, EventRules
from orders.statute.facets import Marks, marks, review_due_on
from orders.statute.facts import (
    DAWN,
    FAR,
    Assessment,
    Deadline,
    Event,
    Follower,
    OrderFacts,
    Outlook,
    Reason,
    Review,
)
from orders.statute.holidays import Holidays, HolidaysNotKnown
from orders.statute.kinds import KINDS, LEADS_TO, Breach, Form, KindRules, following_error
from orders.statute.local_time import LONDON, end_of_local_day, local_day, local_midnight, parse_local
from orders.statute.parties import age_error, age_on, began_on
from orders.statute.pnc_id import valid_pnc_id
from orders.statute.sequence import arrest_errors, comes_before, followed_errors
from orders.statute.standing import outlooks

__all__ = [
    "AHEAD",
    "DAWN",
    "EVENT_KINDS",
    "FAR",
    "KINDS",
    "LEADS_TO",
    "LONDON",
    "ONCE",
    "STATED_END_EVENTS",
    "Assessment",
    "Breach",
    "Deadline",
    "Effective",
    "Event",
    "EventRules",
    "Follower",
    "Form",
    "Holidays",
    "HolidaysNotKnown",
    "KindRules",
    "Marks",
    "OrderFacts",
    "Outlook",
    "Reason",
    "Review",
    "age_error",
    "age_on",
    "arrest_errors",
    "assess",
    "began_on",
    "cautions",
    "comes_before",
    "custody_before",
    "days_left_out",
    "earliest_renewal",
    "effective",
    "end_of_local_day",
    "event_errors",
    "followed_errors",
    "following_error",
    "hand_errors",
    "hearing_latest",
    "history_errors",
    "last_sitting",
    "length_warnings",
    "local_day",
    "local_midnight",
    "made_errors",
    "marks",
    "notification_over",
    "occupation_order_custody_before",
    "outlooks",
    "parse_local",
    "retracted",
    "review_due_on",
    "shorter",
    "takes_effect",
    "valid_pnc_id",
]
