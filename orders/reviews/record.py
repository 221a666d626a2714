"""Recording what the board decided: an event of each order, all of a sitting at once or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orders.access.permissions import Action
from orders.actions.by_hand import refuse_unlawful
from orders.models import Event, Order, User
from orders.record.storing import store_events
from orders.record.writing import Form, Refused, again_if_broken_off, writing
from orders.statute import Event as StatuteEvent
from orders.statute import local_day, local_midnight

OUTCOMES = {
    "no change": "Reviewed, no change",
    "vary": "Apply to vary",
    "renew": "Apply to renew",
    "discharge": "Apply to discharge",
    "action": "Something else to be done",
}
LONGEST_DAYS = 62
"""The next review is a month on; a board that skips one has to say so the month after."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the board decided. `owner` does the action; `next_on` is the local day of the next review."""

    outcome: str
    next_on: date
    action: str = ""
    owner: str = ""
    board: str = ""

    @property
    def words(self) -> str:
        """As it stands in the history of the order."""
        said = OUTCOMES[self.outcome] + (f": {self.action.strip()}" if self.action.strip() else "")
        return f"{said}. Owner: {self.owner.strip()}" if self.owner.strip() else said


def problems_of(decision: Decision, at: datetime) -> list[str]:
    """Why a decision cannot be recorded, each naming the field and the remedy."""
    found = []
    if decision.outcome not in OUTCOMES:
        found.append("outcome: select what the board decided")
    if decision.outcome not in ("no change", "") and not decision.action.strip():
        found.append("action: say what is to be done")
    if decision.outcome not in ("no change", "") and not decision.owner.strip():
        found.append("owner: say who does it")
    if decision.next_on <= local_day(at):
        found.append("next_on: the next review must be after the day of this one")
    elif decision.next_on > local_day(at) + timedelta(days=LONGEST_DAYS):
        found.append(f"next_on: the next review must be at most {LONGEST_DAYS} days on; SPOs are reviewed monthly")
    return found


@again_if_broken_off
def record_reviews(
    orders: Sequence[Order], decision: Decision, *, at: datetime, by: User | None, form: Form | None = None
) -> list[Event]:
    """Record a decision about one order or several. Raises Refused, PermissionDenied, Changed and Repeated."""
    problems = problems_of(decision, at)
    if not orders:
        problems.append("orders: none is selected; select an order to review")
    if problems:
        raise Refused(problems)
    event = StatuteEvent(
        "REVIEWED",
        at,
        until=local_midnight(decision.next_on),
        until_is_date=True,
        by=decision.board,
        text=decision.words,
    )
    with writing(by=by, action="record review", orders=orders, needs=Action.REVIEWS, form=form) as write:
        stored = []
        for order in orders:
            refuse_unlawful(order, [event], by=by)
            stored += store_events(order, [event], write.recording)
    return stored
