"""What an area is to be told, as plain data, in a constant number of queries.

It carries rows, not a window: new is what is recorded and not yet carried to the area. Nothing that describes a
protected person is ever loaded here, and a home that may be secret is told of at area level only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from notifications.carried import not_carried
from notifications.models import Digest
from orders import facts
from orders.models import Area, ImportRun, Order, Party, Place, QuarantinedOrder
from orders.results import interval
from orders.statute import EVENT_KINDS, FAR, KINDS, Assessment, OrderFacts, assess, local_day
from orders.statute.why import when

ENDING_DAYS = 14
UNRESULTED_AFTER = timedelta(hours=72)
_STARTS = frozenset({"MADE", "AUTHORISED", "APPLIED"})
_QUIET = frozenset({"RETRACTED", "PNC_REQUESTED", "ATTEMPTED", "LISTED"})


@dataclass(frozen=True, slots=True)
class Line:
    """One order in a digest. `who` is surname and initial of the perpetrator; `where` a neighbourhood or blank."""

    order_id: int
    public_id: str
    reference: str
    kind: str
    who: str
    where: tuple[str, ...]
    roles: tuple[str, ...]
    standing: str
    until: datetime | None
    note: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list. Empty is said, because silence must not look like failure."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class News:
    """All that one area is told on one day."""

    area: Area
    day: date
    at: datetime
    since: datetime | None
    extracted_at: datetime | None
    not_applied: int
    sections: tuple[Section, ...]
    by_neighbourhood: tuple[Section, ...]
    counts: dict[str, int]
    orders: tuple[int, ...]
    live: tuple[int, ...]
    events: tuple[int, ...]


@dataclass(slots=True)
class _Found:
    """An order while the digest is put together."""

    facts: OrderFacts
    assessment: Assessment
    line: Line
    events: list[tuple[int, str]] = field(default_factory=list)


def build(area: Area, day: date, at: datetime) -> News:
    """The news of a local policing area at an instant."""
    last = Digest.objects.filter(area=area, deliveries__status="sent").order_by("-built_at").first()
    rows = {row.order_id: row for row in Place.objects.in_area(area).at(at).filter(roles__gt=0)}
    listed_before = set(last.live) if last else set()
    news = not_carried(area.pk, rows)
    wanted = [pk for pk, row in rows.items() if pk in news or pk in listed_before or row.ended_from > at] + sorted(
        listed_before - rows.keys()
    )
    found = _find(wanted, area, at)
    for pk, events in news.items():
        if pk in found:
            found[pk].events = events
    here = [item for item in found.values() if item.line.order_id in rows]
    live = [item for item in here if item.assessment.standing == "live"]
    arrived = [item for item in here if item.events and _is_new(item)]
    moved_in = [
        item for item in here
        if last is not None and item not in arrived and item.assessment.standing == "live"
        and item.line.order_id not in listed_before and len(item.events) == len(_stored(item))
    ]  # fmt: skip
    known_here = [item for item in here if item not in arrived and item not in moved_in]
    sections = (
        Section("Do first: deadlines", _deadlines(here, at)),
        Section("New since the last email", tuple(item.line for item in arrived)),
        Section("Changed since the last email", _changed(known_here, moved_in, found, set(rows), listed_before)),
        Section("Breaches since the last email", _with_event(here, "BREACHED")),
        Section("Live and not known to be served", tuple(
            item.line for item in live if item.assessment.service == "not served")),
        Section("Live and not on PNC", tuple(item.line for item in live if item.assessment.pnc == "awaiting")),
        Section(f"Ending within {ENDING_DAYS} days", _ending(live, at)),
        Section("Unconfirmed: do not rely on these for an arrest", tuple(
            item.line for item in here if item.assessment.standing == "unconfirmed")),
        Section("Reviews due", tuple(
            _noted(item.line, f"review due {item.assessment.review.due_on}")
            for item in here if item.assessment.review is not None and item.assessment.review.overdue)),
    )  # fmt: skip
    by_neighbourhood = _by_neighbourhood(live)
    return News(
        area=area,
        day=day,
        at=at,
        since=last.built_at if last else None,
        extracted_at=ImportRun.objects.order_by("-extracted_at").values_list("extracted_at", flat=True).first(),
        not_applied=QuarantinedOrder.objects.filter(resolved_by__isnull=True, owner_force_id=area.force_id).count(),
        sections=sections,
        by_neighbourhood=by_neighbourhood,
        counts={
            "new": len(arrived),
            "expiring": len(sections[6].lines),
            "deadlines": len(sections[0].lines),
            "unserved": len(sections[4].lines),
            "live": len(live),
        },
        orders=tuple(sorted(found)),
        live=tuple(sorted(item.line.order_id for item in live)),
        events=tuple(sorted(event for events in news.values() for event, _ in events)),
    )


def _find(ids: list[int], area: Area, at: datetime) -> dict[int, _Found]:
    orders = Order.objects.in_bulk(ids)
    known, days = facts.load(ids), facts.holidays()
    who = {
        party.order_id: party.person
        for party in Party.objects.filter(order_id__in=ids, role="perpetrator", superseded__isnull=True).select_related(
            "person"
        )
    }
    wards: dict[int, list[str]] = {}
    roles: dict[int, int] = {}
    for order_id, area_id, level, name, emailed in (
        Place.objects.at(at)
        .filter(order_id__in=ids, area__in=[area.pk, *area.children.values_list("pk", flat=True)], roles_emailed__gt=0)
        .order_by("area__code")
        .values_list("order_id", "area_id", "area__level", "area__name", "roles_emailed")
    ):
        if area_id == area.pk:
            roles[order_id] = emailed
        elif level == "neighbourhood":
            wards.setdefault(order_id, []).append(name)
    found = {}
    for pk in ids:
        if pk not in known:
            continue
        order, assessment = orders[pk], assess(known[pk], at, days)
        person = who.get(pk)
        name = "" if person is None else f"{person.family_name.upper()}, {person.given_names[:1]}".rstrip(", ")
        flags = []
        if assessment.standing == "live" and assessment.service == "not served":
            flags.append("NOT SERVED")
        if any(event.kind == "BREACHED" and event.at <= at for event in known[pk].events):
            flags.append("BREACHED")
        line = Line(
            order_id=pk,
            public_id=str(order.public_id),
            reference=order.reference,
            kind=order.kind,
            who="Restricted" if order.restricted else name,
            where=() if order.restricted else tuple(wards.get(pk, ())),
            roles=() if order.restricted else _roles(roles.get(pk, 0)),
            standing=assessment.standing,
            until=interval(assessment)[1],
            flags=tuple(flags),
        )
        found[pk] = _Found(known[pk], assessment, line)
    return found


def _roles(bits: int) -> tuple[str, ...]:
    return tuple(word for bit, word in ((1, "subject lives here"), (2, "protected person lives here")) if bits & bit)


def _stored(item: _Found) -> list[str]:
    return [event.kind for event in item.facts.events]


def _is_new(item: _Found) -> bool:
    """Whether the area has been told nothing of the order, and it began since: not one that only moved here."""
    kinds = {kind for _, kind in item.events}
    if not kinds & _STARTS:
        return False
    stored = item.facts.events
    began = max((event.at for event in stored if event.kind in _STARTS), default=item.assessment.at)
    return len(item.events) == len(stored) and item.assessment.at - began < timedelta(days=28)


def _noted(line: Line, note: str) -> Line:
    return Line(
        line.order_id, line.public_id, line.reference, line.kind, line.who, line.where, line.roles, line.standing,
        line.until, note, line.flags,
    )  # fmt: skip


def _deadlines(here: list[_Found], at: datetime) -> tuple[Line, ...]:
    """Clocks that run or ran out without a word, the soonest first; after three days they are unresulted, not first."""
    due = []
    for item in here:
        for deadline in item.assessment.deadlines:
            open_clock = deadline.met is None or (deadline.met is False and item.assessment.standing == "unconfirmed")
            if open_clock and at - deadline.due < UNRESULTED_AFTER:
                passed = "was due" if deadline.due <= at else "by"
                due.append((deadline.due, _noted(item.line, f"{_rule(deadline.rule)} {passed} {when(deadline.due)}")))
    return tuple(line for _, line in sorted(due, key=lambda pair: (pair[0], pair[1].order_id)))


def _rule(name: str) -> str:
    if "hearing" in name:
        return "hearing"
    return "before the court" if "custody" in name else "subject to notify police"


def _changed(
    known_here: list[_Found],
    moved_in: list[_Found],
    found: dict[int, _Found],
    here: set[int],
    listed_before: set[int],
) -> tuple[Line, ...]:
    lines = [_noted(item.line, "now lives in this area") for item in moved_in]
    for item in known_here:
        words = [EVENT_KINDS[kind].label.lower() for _, kind in item.events if kind not in _QUIET]
        if words:
            lines.append(_noted(item.line, ", ".join(dict.fromkeys(words))))
        elif item.line.order_id in listed_before and item.assessment.standing != "live":
            ended = item.assessment.ended_by or item.assessment.standing
            lines.append(_noted(item.line, f"no longer live: {ended}"))
        elif any(kind == "RETRACTED" for _, kind in item.events):
            lines.append(_noted(item.line, "corrected"))
    gone = [found[pk] for pk in sorted(listed_before) if pk in found and pk not in here]
    lines += [_noted(item.line, "nobody in it lives in this area any longer") for item in gone]
    return tuple(lines)


def _with_event(items: list[_Found], kind: str) -> tuple[Line, ...]:
    return tuple(item.line for item in items if any(event == kind for _, event in item.events))


def _ending(live: list[_Found], at: datetime) -> tuple[Line, ...]:
    soon = sorted(
        (item.line.until, item.line.order_id, item.line)
        for item in live
        if item.line.until is not None
        and item.line.until <= at + timedelta(days=ENDING_DAYS)
        and not KINDS[item.line.kind].is_notice
    )
    lines = []
    for until, _, line in soon:
        left = (local_day(until - timedelta(microseconds=1)) - local_day(at)).days
        lines.append(_noted(line, "today" if left == 0 else f"in {left} day{'' if left == 1 else 's'}"))
    return tuple(lines)


def _by_neighbourhood(live: list[_Found]) -> tuple[Section, ...]:
    """All live orders, by neighbourhood, kind and end. One whose homes may be secret stands under no neighbourhood."""
    groups: dict[str, list[Line]] = {}
    for item in live:
        for where in item.line.where or ("Neighbourhood not shown",):
            groups.setdefault(where, []).append(item.line)
    return tuple(
        Section(name, tuple(sorted(lines, key=lambda line: (line.kind, line.until or FAR, line.order_id))))
        for name, lines in sorted(groups.items(), key=lambda pair: (pair[0] == "Neighbourhood not shown", pair[0]))
    )
