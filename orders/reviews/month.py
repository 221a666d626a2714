"""What is to be reviewed in an area in a month: due, overdue, done; and how much of it was done on time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from orders.models import Area, Order, User
from orders.querysets import standing_is
from orders.record import facts
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.results import Result, results
from orders.statute import (
    KINDS,
    Effective,
    Holidays,
    OrderFacts,
    assess,
    effective,
    end_of_local_day,
    local_day,
    local_midnight,
    review_due_on,
)

REVIEWED_KINDS = tuple(code for code, rules in KINDS.items() if rules.review_months == 1)
"""The kinds that the tactical board reviews monthly."""

_NOT_CHANGES = frozenset({"REVIEWED", "BREACHED", "RETRACTED"})


def following(month: date) -> date:
    """The first day of the month after the one that a first day begins."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Review:
    """An order on a month's list. `due_on` is the day of the review that this month asks for.

    `state` is "overdue", "due" or "done"; `late_days` how many days an overdue one is late. `breaches` and `changes`
    tell what has happened since the last review before it.
    """

    result: Result
    due_on: date | None
    state: str
    late_days: int
    last: Effective | None
    breaches: int
    changes: tuple[Effective, ...]


@dataclass(frozen=True, slots=True)
class OnTime:
    """Of the reviews that fell due in a month, how many were held by the day they were due."""

    due: int
    on_time: int

    @property
    def share(self) -> float | None:
        """The share on time; None where none was due."""
        return self.on_time / self.due if self.due else None

    @property
    def percent(self) -> int | None:
        """The same in whole hundredths, never 100 where one was missed."""
        return None if self.share is None else int(self.share * 100)


def orders_of_month(area: Area, user: User, month: date, now: datetime) -> list[int]:
    """The ids of the orders of the month: in force, or unconfirmed, at some time of it that is over."""
    ends = min(local_midnight(following(month)) - timedelta(microseconds=1), now)
    starts = local_midnight(month)
    if starts > now:
        return []
    found: set[int] = set()
    for at in (starts, ends):
        rows = by_area.rows(Question(area, at, kinds=REVIEWED_KINDS), user)
        rows = rows.filter(standing_is("live", at) | standing_is("unconfirmed", at))
        found |= set(rows.order_by().values_list("order_id", flat=True))
    return sorted(found)


def list_of_month(area: Area, user: User, month: date, now: datetime, *, opened: Iterable[int] = ()) -> list[Review]:
    """The month's list of an area: overdue first, the longest overdue at the top, then due, then done."""
    ids = orders_of_month(area, user, month, now)
    shown = {one.order.pk: one for one in results(ids, user=user, at=now, opened=frozenset(opened))}
    known, days = facts.load(ids), facts.holidays()
    found = [
        review
        for pk in ids
        if pk in known and pk in shown and (review := _review(shown[pk], known[pk], days, month, now)) is not None
    ]
    rank = {"overdue": 0, "due": 1, "done": 2}
    return sorted(_in_words(found), key=lambda one: (rank[one.state], one.due_on or date.max, one.result.order.pk))


def _in_words(found: Sequence[Review]) -> list[Review]:
    """The same with what was said at the last review unsealed, of those that are not hidden, in one query."""
    shown = [one for one in found if one.last is not None and not one.result.hidden]
    told = iter(facts.in_words([one.last.event for one in shown if one.last is not None]))
    return [
        replace(one, last=one.last._replace(event=next(told)))
        if one.last is not None and not one.result.hidden
        else one
        for one in found
    ]


def _review(result: Result, known: OrderFacts, days: Holidays, month: date, now: datetime) -> Review | None:
    starts, over = local_midnight(month), local_midnight(following(month))
    effects = [effect for effect in effective(known.kind, known.events) if effect.at <= now]
    held = [effect for effect in effects if effect.kind == "REVIEWED" and effect.at < over]
    in_month = [effect for effect in held if effect.at >= starts]
    if in_month:
        state, due_on = "done", review_due_on(known.kind, _until(effects, in_month[0].at))
    else:
        due_on = review_due_on(known.kind, _until(effects, over))
        if due_on is None or due_on >= following(month) or result.assessment.standing not in ("live", "unconfirmed"):
            return None
        state = "overdue" if due_on < local_day(now) else "due"
    last = held[-1] if held else None
    before = in_month[0].at if in_month else over
    earlier = [effect for effect in held if effect.at < before]
    since = earlier[-1].at if earlier else effects[0].at if effects else starts
    later = [effect for effect in effects if effect.at > since]
    return Review(
        result=result,
        due_on=due_on,
        state=state,
        late_days=max(0, (local_day(now) - due_on).days) if due_on is not None and state == "overdue" else 0,
        last=last,
        breaches=sum(effect.kind == "BREACHED" for effect in later),
        changes=tuple(effect for effect in later if effect.kind not in _NOT_CHANGES),
    )


def _until(effects: Sequence[Effective], at: datetime) -> list[Effective]:
    """The effects before an instant."""
    return [effect for effect in effects if effect.at < at]


def on_time(areas: Sequence[Area], user: User, month: date, now: datetime) -> dict[int, OnTime]:
    """The share reviewed on time of each of some areas, by area id.

    Counted are reviews that were overdue when the month began or fell due in it, of orders in force or unconfirmed on
    the day they were due; on time is by the end of that day. One whose day is not over is not counted.
    """
    ids_of = {area.pk: orders_of_month(area, user, month, now) for area in areas}
    known = facts.load(sorted({pk for ids in ids_of.values() for pk in ids}))
    days = facts.holidays()
    held = {pk: _held_on_time(one, days, month, now) for pk, one in known.items()}
    found = {}
    for area, ids in ids_of.items():
        counted = [held[pk] for pk in ids if held.get(pk) is not None]
        found[area] = OnTime(len(counted), sum(bool(one) for one in counted))
    return found


def _held_on_time(known: OrderFacts, days: Holidays, month: date, now: datetime) -> bool | None:
    """Whether the review that the month asked for was held by its day; None if it asked for none."""
    starts = local_midnight(month)
    effects = effective(known.kind, known.events)
    due_on = review_due_on(known.kind, _until(effects, starts)) or review_due_on(
        known.kind, [effect for effect in effects if effect.at <= now and effect.kind != "REVIEWED"]
    )
    if due_on is None or due_on >= following(month):
        return None
    over = end_of_local_day(due_on)
    if over > now or assess(known, max(local_midnight(due_on), starts), days).standing not in ("live", "unconfirmed"):
        return None
    if over <= starts:
        return False
    return any(effect.kind == "REVIEWED" and starts <= effect.at < over for effect in effects)


def public_ids(ids: Iterable[int]) -> dict[str, Order]:
    """Orders by the id that stands in addresses."""
    return {str(order.public_id): order for order in Order.objects.filter(pk__in=list(ids))}
