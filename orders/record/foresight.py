"""What recording something would come to: asked of the law before it is stored, and told to who is about to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from orders.models import Order
from orders.record import facts
from orders.statute import (
    Assessment,
    Deadline,
    Event,
    Follower,
    Holidays,
    HolidaysNotKnown,
    OrderFacts,
    Reason,
    assess,
    cautions,
    days_left_out,
    effective,
)
from orders.statute.why import until_when, when

STANDING_WORDS = {
    "live": "in force",
    "pending": "not in force",
    "unconfirmed": "unconfirmed: not to be relied on for an arrest",
    "ended": "ended",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline with the days that it leaves out."""

    deadline: Deadline
    left_out: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would follow. `lines` are sentences with their sources, `cautions` what to look at twice."""

    after: Assessment
    lines: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    clocks: tuple[Clock, ...]


def foresee(
    known: OrderFacts, new: Sequence[Event], now: datetime, *, instead_of: OrderFacts | None = None
) -> Foresight:
    """Of an order and what is about to be recorded of it; `known` without it. Instants UTC.

    `instead_of`: the order as it is recorded now, where something is taken back besides.
    """
    days = facts.holidays()
    marked = tuple(replace(event, ref=f"new {number}", retracts="") for number, event in enumerate(new))
    at = max([now, *(event.at for event in marked if event.at <= now)])
    before = assess(instead_of or known, at, days)
    changed = replace(known, events=(*known.events, *marked))
    after = assess(changed, at, days)
    lines = [Reason(_standing_line(before, after), "")] if _turns(before, after) else []
    lines += [reason for reason in after.why if reason not in before.why]
    ended_at = before.in_force[-1][1] if before.standing == "ended" and before.in_force else None
    return Foresight(
        after, tuple(lines), (*cautions(known, marked, ended_at, now=now), *_flags(before, after)),
        clocks(changed, after, days, without=before),
    )  # fmt: skip


def without(known: OrderFacts, ref: str) -> OrderFacts:
    """An order as if one of its events had not been recorded."""
    return replace(known, events=tuple(event for event in known.events if event.ref != ref))


def foresee_before(order: Order, new: Sequence[Event], now: datetime) -> list[Reason]:
    """What the same would do to the notice or interim that the order follows: "This ends the notice at 10:15"."""
    if order.replaces_id is None:
        return []
    known = facts.load([order.replaces_id, order.pk])
    return _of_followed(known[order.replaces_id], known[order.pk], new, now)


def foresee_followed(followed: Order, new_order: OrderFacts, new: Sequence[Event], now: datetime) -> list[Reason]:
    """What an order that is about to be entered would do to the notice or interim that it follows."""
    known = facts.load([followed.pk])[followed.pk]
    joined = replace(known, followers=(*known.followers, Follower(new_order.kind, new_order.reference, ())))
    return _of_followed(joined, new_order, new, now)


def _of_followed(followed: OrderFacts, own: OrderFacts, new: Sequence[Event], now: datetime) -> list[Reason]:
    days = facts.holidays()
    marked = tuple(replace(event, ref=f"new {number}") for number, event in enumerate(new))
    followers = list(followed.followers)
    for place, follower in enumerate(followers):
        if (follower.kind, follower.reference, follower.events) == (own.kind, own.reference, own.events):
            followers[place] = replace(follower, events=(*follower.events, *marked))
    before = assess(followed, now, days)
    after = assess(replace(followed, followers=tuple(followers)), now, days)
    if before.standing == after.standing:
        return []
    ends = after.in_force[-1][1] if after.in_force else None
    at = f" at {until_when(ends)}" if ends is not None else ""
    return [Reason(f"This ends {followed.kind} {followed.reference}{at} ({after.ended_by}).", "")]


def clocks(
    known: OrderFacts, assessment: Assessment, days: Holidays, *, without: Assessment | None = None
) -> tuple[Clock, ...]:
    """The deadlines of an assessment with the days they leave out; only those that `without` does not have."""
    old = {(deadline.rule, deadline.due) for deadline in without.deadlines} if without else set()
    starts = {
        "custody": [effect.event.at for effect in effective(known.kind, known.events) if effect.kind == "ARRESTED"],
        "hearing": [effect.event.at for effect in effective(known.kind, known.events) if effect.kind == "SERVED"][:1],
    }
    found = []
    for deadline in assessment.deadlines:
        if (deadline.rule, deadline.due) in old:
            continue
        began = next((at for name, at in _starting(starts, deadline) if at <= deadline.due), None)
        left_out: list[date] = []
        if began is not None:
            try:
                left_out = days_left_out(began, deadline.due, days, bank_holidays=known.kind != "OCC")
            except HolidaysNotKnown:
                left_out = []
        found.append(Clock(deadline, tuple(left_out)))
    return tuple(found)


def _starting(starts: dict[str, list[datetime]], deadline: Deadline) -> list[tuple[str, datetime]]:
    """What may have started a deadline's clock, the latest before it first."""
    return [(name, at) for name, found in starts.items() if name in deadline.rule for at in sorted(found, reverse=True)]


def _turns(before: Assessment, after: Assessment) -> bool:
    return before.standing != after.standing or before.in_force != after.in_force


def _standing_line(before: Assessment, after: Assessment) -> str:
    was, becomes = STANDING_WORDS[before.standing], STANDING_WORDS[after.standing]
    ends = after.in_force[-1][1] if after.in_force else None
    if after.standing == "live":
        starts = after.in_force[-1][0]
        until = "until further order" if ends is None else f"until {until_when(ends)}"
        return f"It {'stays' if before.standing == 'live' else 'is'} in force, from {when(starts)} {until}."
    if after.standing == "ended":
        at = f" at {until_when(ends)}" if ends is not None else ""
        return f"This ends it{at}: {after.ended_by}."
    return f"It was {was}; it becomes {becomes}."


def _flags(before: Assessment, after: Assessment) -> list[Reason]:
    return [flag for flag in after.flags if flag not in before.flags]
