"""What a list of orders shows of each: worked out for a page of them in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Order, User
from orders.record import facts
from orders.search.cards import InArea, Perpetrator, cards
from orders.statute import Assessment, Deadline, Event, OrderFacts, assess, effective


@dataclass(frozen=True, slots=True)
class Result:
    """One order in a list. `in_force_from` and `in_force_until` are the interval holding the instant, else the latest.

    `hidden` says that the order is restricted: kind and standing only, the rest after a recorded reason.
    """

    order: Order
    assessment: Assessment
    in_force_from: datetime | None
    in_force_until: datetime | None
    perpetrator: Perpetrator | None
    areas: tuple[InArea, ...]
    conditions: tuple[str, ...]
    breaches: int
    hidden: bool

    @property
    def in_court(self) -> Deadline | None:
        """The soonest clock still running by which somebody must be in court; of a restricted order none."""
        running = (
            deadline
            for deadline in self.assessment.deadlines
            if deadline.last_sitting is not None and deadline.due > self.assessment.at
        )
        return None if self.hidden else next(running, None)


def results(
    order_ids: Iterable[int],
    *,
    user: User,
    at: datetime,
    known_at: datetime | None = None,
    opened: Collection[int] = (),
) -> list[Result]:
    """The orders of these ids, in their order. The caller has made sure that the user may see them.

    `opened`: ids of restricted orders for which the user has given a reason.
    """
    ids = list(order_ids)
    shown = cards(ids, user=user, at=at, known_at=known_at)
    known, days = facts.load(ids, known_at=known_at), facts.holidays()
    found = []
    for pk in ids:
        if pk not in known or pk not in shown:
            continue
        card, assessment = shown[pk], assess(known[pk], at, days)
        starts, ends = interval(assessment)
        hidden = card.restricted and pk not in opened
        found.append(
            Result(
                order=card.order,
                assessment=assessment,
                in_force_from=starts,
                in_force_until=ends,
                perpetrator=None if hidden else card.perpetrator,
                areas=() if hidden else card.areas,
                conditions=() if hidden else card.conditions,
                breaches=len(breaches(known[pk], at)),
                hidden=hidden,
            )
        )
    return found


def interval(assessment: Assessment) -> tuple[datetime | None, datetime | None]:
    """The interval in force that holds the instant, else the latest; neither, if the order never was."""
    for starts, ends in assessment.in_force:
        if starts <= assessment.at and (ends is None or assessment.at < ends):
            return starts, ends
    return assessment.in_force[-1] if assessment.in_force else (None, None)


def breaches(known: OrderFacts, at: datetime) -> list[Event]:
    """The breaches that count at an instant, the earliest first: those recorded in error do not."""
    return [
        effect.event for effect in effective(known.kind, known.events) if effect.kind == "BREACHED" and effect.at <= at
    ]
