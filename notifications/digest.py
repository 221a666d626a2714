"""The news of many areas at once, in a number of queries that grows neither with orders nor with areas.

It carries rows, not a window: new is what is recorded and not yet carried to the area. What is live, unserved, ending
and the rest are the places that search reads, by search's own conditions, so that every figure is what a search says.
Nothing that describes a protected person is ever loaded here.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from govuk_forms.turning import straight
from notifications import rows
from notifications.changes import Changes, changes
from notifications.models import DigestRun
from notifications.news import Figure, Line, News, Section
from notifications.rows import Heading, Here, Ward
from notifications.telling import not_carried, only
from orders.models import Area
from orders.models.listing import new_key
from orders.record import facts
from orders.search.results import interval
from orders.statute import KINDS, Assessment, Deadline, Form, assess
from orders.statute.why import until_when

WRITTEN_OUT = 25
"""Lines of a section that may be cut; deadlines, new and changed are written out whole."""

LIVE_WRITTEN_OUT = 60
ENDING_DAYS = (0, 2, 7, 14)
UNRESULTED_AFTER = timedelta(hours=72)
NOTICES = frozenset(code for code, rules in KINDS.items() if rules.is_notice)
INTERIMS = frozenset(code for code, rules in KINDS.items() if rules.form is Form.INTERIM)

RESTRICTED = "Restricted"
GAP = "interim: nobody is protected after it unless it is renewed or the full order made"


class Owed(NamedTuple):
    """An area, the local days its email is to cover (the last is its own), and the last email that reached it."""

    area: Area
    days: tuple[date, ...]
    before: DigestRun | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A section before its lines are written: which orders, in what order, with what notes, found by what search."""

    title: str
    ids: Sequence[int]
    notes: Mapping[int, str]
    query: dict[str, str]
    whole: bool = False
    most: int = WRITTEN_OUT

    @property
    def shown(self) -> Sequence[int]:
        return self.ids if self.whole else self.ids[: self.most]


def build(
    owed: Sequence[Owed], at: datetime, *, all_live: bool = False, carrying: Collection[int] | None = None
) -> dict[int, News]:
    """The news of each area, by its id, at an instant (UTC). Nothing is stored.

    `all_live`: load a line for every live order, for a spreadsheet, not only for as many as are written out.
    `carrying`: tell of these events alone, though others are untold too.
    """
    with _nothing_to_collect():
        return _built(owed, at, all_live=all_live, carrying=carrying)


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """All that is made is kept to the end: looking for garbage meanwhile takes a third of the time and finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _built(owed: Sequence[Owed], at: datetime, *, all_live: bool, carrying: Collection[int] | None) -> dict[int, News]:
    ids = [one.area.pk for one in owed]
    known_here = rows.here({one.area.pk: one.before.at if one.before and one.before.at else at for one in owed}, at)
    untold = not_carried(ids, at)
    if carrying is not None:
        untold = only(untold, carrying)
    missing = {
        one.area.pk: set(one.before.listed) - known_here[one.area.pk].keys() - untold.get(one.area.pk, {}).keys()
        for one in owed if one.before
    }  # fmt: skip
    gone = rows.seen_by_force(
        ((one.area.pk, one.area.force_or_self_id, order) for one in owed for order in missing.get(one.area.pk, ())),
        at,
    )
    happened = changes(owed, known_here, untold, gone)
    clocked = rows.lately_clocked(at)
    assessed = _assessed(known_here, happened, clocked, at)
    drafts = {
        pk: _draft(one, known_here[pk], happened[pk], assessed, clocked, at, all_live=all_live)
        for one in owed for pk in (one.area.pk,)
    }  # fmt: skip
    shown = {order for parts in drafts.values() for part in parts for order in part.shown}
    heads = rows.headings(shown, shown - {order for here in known_here.values() for order in here}, at)
    wards, live_in = _by_neighbourhood(rows.neighbourhoods(ids), known_here, shown, at)
    forces = {one.area.force_or_self_id for one in owed}
    not_placed, not_applied, extracted_at = rows.not_placed(forces, at), rows.not_applied(), rows.extracted_at()
    found = {}
    for one in owed:
        pk, area = one.area.pk, one.area
        force = area.force or area
        *sections, live = [
            Section(
                part.title,
                len(part.ids),
                tuple(
                    _line(heads[order], known_here[pk].get(order), assessed.get(order), wards.get((pk, order), ()),
                          part.notes.get(order, ""))
                    for order in part.shown
                ),
                part.query,
                part.whole,
            )
            for part in drafts[pk]
        ]  # fmt: skip
        listed = tuple(order for order, row in known_here[pk].items() if row.standing != "ended")
        mine = known_here[pk].values()
        lines = [line for section in (*sections, live) for line in section.lines]
        found[pk] = News(
            area=area,
            day=one.days[-1],
            at=at,
            since=one.before.at if one.before else None,
            covers=one.days,
            extracted_at=extracted_at,
            not_applied=not_applied.get(force.pk, 0),
            counts={
                "new": len(happened[pk].new),
                "changed": len(happened[pk].changed),
                "deadlines": sections[0].count,
                "unserved": sum(row.standing == "live" and not row.served for row in mine),
                "off-pnc": sum(row.standing == "live" and not row.on_pnc for row in mine),
                "ending": sum(_ends_within(row, 7) for row in mine),
                "unconfirmed": sum(row.standing == "unconfirmed" for row in mine),
                "review": sum(row.review_due for row in mine),
                "live": live.count,
            },
            ending=tuple(
                Figure(
                    sum(_ends_within(row, days) for row in mine),
                    "today" if days == 0 else f"within {days} days",
                    {"area": area.code, "ending": str(days)},
                )
                for days in ENDING_DAYS
            ),
            sections=tuple(sections),
            neighbourhoods=tuple(
                Figure(count, ward.name, {"area": ward.code, "standing": "live", "homes": "open"})
                for ward, count in live_in[pk]
            ),
            live=live,
            not_placed=Figure(
                not_placed.get(force.pk, 0),
                "not placed",
                {"area": force.code, "role": "not placed", "standing": "live"},
            ),
            lists={part.query["list"]: part.title for part in drafts[pk] if "list" in part.query},
            list_orders={part.query["list"]: tuple(part.ids) for part in drafts[pk] if "list" in part.query},
            orders=tuple(sorted({*listed, *happened[pk].told})),
            listed=listed,
            events=tuple(sorted(event for items in untold.get(pk, {}).values() for event, _ in items)),
            named=tuple({line.order_id for line in lines if line.who != RESTRICTED}),
            placed=tuple({line.order_id for line in lines if line.where}),
        )
    return found


def _by_neighbourhood(
    neighbourhoods: Mapping[int, Ward], known_here: Mapping[int, Mapping[int, Here]], shown: set[int], at: datetime
) -> tuple[dict[tuple[int, int], tuple[str, ...]], dict[int, list[tuple[Ward, int]]]]:
    """By area and order where it may be shown; and by area each neighbourhood with its number of live orders."""
    live = {pk: {order for order, row in here.items() if row.standing == "live"} for pk, here in known_here.items()}
    placed: dict[int, list[int]] = defaultdict(list)
    for place, order in rows.emailed(shown.union(*live.values()), at):
        if place in neighbourhoods:
            placed[place].append(order)
    where: dict[tuple[int, int], tuple[str, ...]] = {}
    counts: dict[int, list[tuple[Ward, int]]] = {pk: [] for pk in known_here}
    for place, ward in neighbourhoods.items():
        orders, here = placed.get(place, ()), live[ward.area_id]
        counts[ward.area_id].append((ward, sum(order in here for order in set(orders))))
        for order in orders:
            if order in shown:
                where[ward.area_id, order] = (*where.get((ward.area_id, order), ()), ward.name)
    return where, counts


def _assessed(
    known_here: Mapping[int, Mapping[int, Here]],
    happened: Mapping[int, Changes],
    clocked: set[int],
    at: datetime,
) -> dict[int, Assessment]:
    """What the law says of every order that needs more words than its place has."""
    wanted = {order for found in happened.values() for order in (*found.new, *found.changed, *found.breached)}
    for here in known_here.values():
        wanted |= {pk for pk, row in here.items() if row.kind in NOTICES and row.standing in ("live", "unconfirmed")}
        wanted |= clocked & here.keys()
    days = facts.holidays()
    return {pk: assess(known, at, days) for pk, known in facts.load(sorted(wanted)).items()}


def _ends_within(row: Here, days: int) -> bool:
    """As `search.Question.ending` says it."""
    return row.standing == "live" and row.days_left <= days and row.kind not in NOTICES


def _draft(
    one: Owed,
    here: Mapping[int, Here],
    happened: Changes,
    assessed: Mapping[int, Assessment],
    clocked: set[int],
    at: datetime,
    *,
    all_live: bool,
) -> list[_Part]:
    """The sections in the order in which they matter, all live at the end."""
    area, force = one.area.code, (one.area.force or one.area).code

    def searched(title: str, ids: Sequence[int], notes: Mapping[int, str] | None = None, **query: str) -> _Part:
        return _Part(title, ids, notes or {}, {"area": area, **query})

    def listed(title: str, ids: Sequence[int], notes: Mapping[int, str] | None = None, *, whole: bool = True) -> _Part:
        query = {"area": force, "list": new_key()} if ids else {"area": area}
        return _Part(title, ids, notes or {}, query, whole=whole)

    due = _deadlines(here, assessed, clocked, at)
    live = [pk for pk, row in here.items() if row.standing == "live"]
    ending = [pk for pk in live if _ends_within(here[pk], 14)]
    gaps = {pk: GAP for pk in ending[:WRITTEN_OUT] if here[pk].kind in INTERIMS}
    changed = {
        pk: f"ended: {assessed[pk].ended_by}" if note == "ended" and pk in assessed else note
        for pk, note in happened.changed.items()
    }
    parts = [
        listed("Do first: deadlines", list(due), due),
        listed("New since the last email", happened.new),
        listed("Changed since the last email", list(changed), changed),
        listed("Breached since the last email", happened.breached),
        searched("Live and not known to be served", [pk for pk in live if not here[pk].served], only="unserved"),
        searched("Live and not on PNC", [pk for pk in live if not here[pk].on_pnc], only="off-pnc"),
        searched("Ending within 14 days", ending, gaps, ending="14"),
        searched(
            "Unconfirmed: do not rely on these for an arrest",
            [pk for pk, row in here.items() if row.standing == "unconfirmed"],
            standing="unconfirmed",
        ),
        searched(
            "Reviews due: for the tactical board", [pk for pk, row in here.items() if row.review_due], only="review"
        ),
        listed("Recorded for the first time, but ended before", happened.history, whole=False),
    ]
    return [
        *parts,
        _Part("All live", live, {}, {"area": area, "standing": "live"}, whole=all_live, most=LIVE_WRITTEN_OUT),
    ]


def _deadlines(
    here: Mapping[int, Here], assessed: Mapping[int, Assessment], clocked: set[int], at: datetime
) -> dict[int, str]:
    """Orders with a clock that runs or ran out without a word, hearings first, soonest first; not after three days."""
    due: dict[int, list[tuple[int, datetime, str]]] = {}
    for pk, row in here.items():
        if pk not in assessed or not (row.kind in NOTICES or pk in clocked):
            continue
        for deadline in assessed[pk].deadlines:
            open_clock = deadline.met is None or (deadline.met is False and row.standing == "unconfirmed")
            if open_clock and at - deadline.due < UNRESULTED_AFTER:
                rank = next(rank for rank, (part, _) in enumerate(RULES) if part in deadline.rule)
                due.setdefault(pk, []).append((rank, deadline.due, _due_words(deadline, RULES[rank][1], at)))
    ordered = sorted(due, key=lambda pk: (min(due[pk]), pk))
    return {pk: "; ".join(words for *_, words in sorted(due[pk])) for pk in ordered}


RULES = (("hearing", "hearing"), ("custody", "before the court"), ("notification", "subject to notify police"))
"""Parts of the names of the clocks with what they ask for, in the order in which an email tells of them."""


def _due_words(deadline: Deadline, what: str, at: datetime) -> str:
    """A midnight is the end of the day before; a court that does not sit until the deadline is told too."""
    if deadline.due <= at:
        return f"{what} was due by {until_when(deadline.due)}"
    words, last = f"{what} by {until_when(deadline.due)}", deadline.last_sitting
    if last is None or last >= deadline.due:
        return words
    return f"{words}, court last sits until {until_when(last)}" if last > at else f"{words}, no court sits before that"


def _line(
    head: Heading, row: Here | None, assessment: Assessment | None, wards: tuple[str, ...], note: str
) -> Line:  # fmt: skip
    standing = row.standing if row else assessment.standing if assessment else "ended"
    if row is not None and standing == "live":
        until = None if row.live_until.year == 9999 or row.kind in NOTICES else row.live_until
    else:
        until = interval(assessment)[1] if assessment else None
    if head.restricted:
        # That there is one, its kind and its standing: the rest is for who has said why they ask.
        return Line(
            order_id=head.order_id, public_id=head.public_id, reference=head.reference, kind=head.kind,
            who=RESTRICTED, where=(), roles=(), standing=standing, until=None, note="", flags=(),
        )  # fmt: skip
    flags = [
        *(["NOT SERVED"] if row is not None and standing == "live" and not row.served else []),
        *(["BREACHED"] if (row.breached if row is not None else head.breached) else []),
    ]
    who = straight(f"{head.family_name.upper()}, {head.initial}").rstrip(", ") if head.family_name else ""
    words = ((1, "subject lives here"), (2, "protected person lives here"))
    return Line(
        order_id=head.order_id,
        public_id=head.public_id,
        reference=head.reference,
        kind=head.kind,
        who=who,
        where=wards,
        roles=() if row is None else tuple(word for bit, word in words if row.roles & bit),
        standing=standing,
        until=until,
        note=note,
        flags=tuple(flags),
    )
