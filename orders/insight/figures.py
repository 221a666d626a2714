"""The figures that a force watches, by month and area, as plain data. Definitions: domain brief, section 8.

Everything is counted in the month in which it happened, by local time, in every area in which the order then was, as it
is now known. An order counts once in the force, and in each local policing area in which either of its people lived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from statistics import median

from orders.insight.events import History, Told, histories
from orders.insight.period import Period, next_month
from orders.insight.where import Where, standing_counts
from orders.models import Area, ArrestCount, Level
from orders.statute import KINDS, local_midnight

DVPN, DVPO = "DVPN", "DVPO"
SERIES = ("SPO", "ISPO", "NMO")
BAND = (Fraction(5, 100), Fraction(16, 100))
"""The share of arrests for violent domestic abuse that should lead to a DVPN being served (the force, March 2024)."""

FEW = 5
"""Fewer than so many are marked: a share or a middle of them says little."""

NAMES = (
    "dvpn_served", "dvpo_made", "granted", "refused", "withdrawn", *(f"breached_{kind}" for kind in KINDS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duration:
    """How long something took, of the orders of a month: how many it is known of, the middle and the longest in hours.

    `waiting`: of how many orders of that month it has not happened, or is not known.
    """

    known: int
    middle: float | None
    longest: float | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts and durations of a period in some areas: `counts[name][month, area id]`, 0 where nothing is there.

    `live[kind][month, area id]` is a snapshot at the month's end, or now in a month that is not over; `undecided` is
    likewise the notices whose application had no recorded decision. `arrests` holds only what was counted and told:
    a month that is not there is not known.
    """

    period: Period
    areas: tuple[Area, ...]
    counts: dict[str, dict[tuple[date, int], int]]
    live: dict[str, dict[tuple[date, int], int]]
    undecided: dict[tuple[date, int], int]
    arrests: dict[tuple[date, int], int]
    durations: dict[str, dict[tuple[date, int], Duration]]

    def total(self, name: str, area: Area) -> int:
        """The sum of a count over the period. A live count has none: it is a snapshot."""
        return sum(self.counts[name].get((month, area.pk), 0) for month in self.period)

    def months_known(self, area: Area) -> list[date]:
        """The months of the period of which the arrests in an area are known."""
        return [month for month in self.period if (month, area.pk) in self.arrests]

    def arrests_in(self, area: Area, months: Iterable[date]) -> int | None:
        """The arrests of some months; None where any is not known, since a part would be taken for the whole."""
        found = [self.arrests.get((month, area.pk)) for month in months]
        known = [count for count in found if count is not None]
        return sum(known) if known and len(known) == len(found) else None

    def share_served(self, area: Area, months: Iterable[date]) -> Fraction | None:
        """DVPNs served as a share of arrests for violent domestic abuse; None (n/a) without arrests, never 0."""
        months = list(months)
        served = sum(self.counts["dvpn_served"].get((month, area.pk), 0) for month in months)
        return share(served, self.arrests_in(area, months))

    def share_not_granted(self, area: Area, months: Iterable[date]) -> Fraction | None:
        """DVPO applications refused as a share of those granted or refused; withdrawn ones are in neither."""
        months = list(months)
        granted, refused = (
            sum(self.counts[name].get((month, area.pk), 0) for month in months) for name in ("granted", "refused")
        )
        return share(refused, granted + refused)


_OUTCOMES = {"MADE": "granted", "REFUSED": "refused", "WITHDRAWN": "withdrawn"}

DURATIONS = ("to_hearing", "to_service", "to_pnc")


def share(part: int, whole: int | None) -> Fraction | None:
    """A part of a whole; None where the whole is not known or nothing."""
    return Fraction(part, whole) if whole else None


def figures(force: Area, areas: Sequence[Area], period: Period, now: datetime) -> Figures:
    """All figures of a period in a force and areas of it (which the caller has made sure may be seen).

    A constant number of statements. `now`: what is dated later has not happened.
    """
    happened = histories(force, period, now)
    where = Where(force, areas, happened)
    counts: dict[str, dict[tuple[date, int], int]] = {name: defaultdict(int) for name in NAMES}
    took: dict[str, dict[tuple[date, int], list[float | None]]] = {name: defaultdict(list) for name in DURATIONS}

    def add(name: str, history: History, told: Told | None) -> None:
        for key in _keys(history, told, where, period):
            counts[name][key] += 1

    def measure(name: str, history: History, begun: Told | None, done: Told | None) -> None:
        for key in _keys(history, begun, where, period):
            took[name][key].append(_hours(begun, done))

    followers = _followers(happened)
    for history in happened.values():
        for told in history.told:
            if told.kind == "BREACHED":
                add(f"breached_{history.kind}", history, told)
        if history.kind == DVPN:
            served = history.first("SERVED")
            add("dvpn_served", history, served)
            measure("to_hearing", history, served, _heard(history, served, followers))
        if history.kind == DVPO:
            add("dvpo_made", history, history.first("MADE"))
        # An application that is decided on the record of the order that follows is not counted on the notice's too.
        if history.kind == DVPO or (history.kind == DVPN and not any(map(_decision, followers[history.order]))):
            decision = _decision(history)
            if decision is not None:
                add(_OUTCOMES[decision.kind], history, decision)
        made = None if KINDS[history.kind].is_notice else history.first("MADE")
        if made is not None:
            measure("to_service", history, made, history.first("SERVED"))
            measure("to_pnc", history, made, history.first("ON_PNC"))
    ends = {min(local_midnight(next_month(month)), now): month for month in period if local_midnight(month) <= now}
    return Figures(
        period,
        tuple(areas),
        counts,
        _by_kind(SERIES, standing_counts(force, areas, SERIES, ends), ends),
        _by_kind((DVPN,), standing_counts(force, areas, (DVPN,), ends, unconfirmed=True), ends)[DVPN],
        _arrests(force, areas, period),
        {name: {key: _duration(hours) for key, hours in found.items()} for name, found in took.items()},
    )


def _keys(history: History, told: Told | None, where: Where, period: Period) -> list[tuple[date, int]]:
    """Under which month and areas something counts."""
    if told is None or not period.first <= told.month <= period.last:
        return []
    return [(told.month, area) for area in where.areas(history.order, told.at)]


def _decision(history: History) -> Told | None:
    """What became of an application: that the order was made, at whatever attempt, else how it ended."""
    return history.first("MADE") or history.first("REFUSED", "WITHDRAWN")


def _followers(happened: dict[int, History]) -> dict[int, list[History]]:
    """The DVPOs that follow each notice, by the notice's order id."""
    found: dict[int, list[History]] = defaultdict(list)
    for one in happened.values():
        if one.kind == DVPO and one.replaces is not None:
            found[one.replaces].append(one)
    return found


def _heard(notice: History, served: Told | None, followers: dict[int, list[History]]) -> Told | None:
    """When the application that follows a notice first came before a court: a hearing, else its decision."""
    if served is None:
        return None
    heard = [one.first("HEARING", "MADE", "REFUSED", since=served.at) for one in (notice, *followers[notice.order])]
    return min((one for one in heard if one is not None), key=lambda one: one.at, default=None)


def _arrests(force: Area, areas: Sequence[Area], period: Period) -> dict[tuple[date, int], int]:
    """The arrests told of each month and area; of the force, if it told none, those of all its local policing areas."""
    lpas = [area.pk for area in areas if area.level == Level.LPA]
    rows = ArrestCount.objects.filter(area__in=[force.pk, *lpas], month__gte=period.first, month__lte=period.last)
    found = {(month, area): count for month, area, count in rows.values_list("month", "area_id", "count")}
    for month in period:
        if (month, force.pk) not in found and lpas and all((month, lpa) in found for lpa in lpas):
            found[month, force.pk] = sum(found[month, lpa] for lpa in lpas)
    return found


def _hours(begun: Told | None, done: Told | None) -> float | None:
    """How long something took; what came no later than its beginning took no time."""
    if begun is None or done is None:
        return None
    return max(0.0, (done.at - begun.at).total_seconds() / 3600)


def _duration(hours: list[float | None]) -> Duration:
    known = [one for one in hours if one is not None]
    return Duration(
        len(known), median(known) if known else None, max(known, default=None), waiting=len(hours) - len(known)
    )


def _by_kind(
    kinds: Iterable[str], found: dict[tuple[datetime, int, str], int], ends: dict[datetime, date]
) -> dict[str, dict[tuple[date, int], int]]:
    return {
        wanted: {(ends[at], area): count for (at, area, kind), count in found.items() if kind == wanted}
        for wanted in kinds
    }
