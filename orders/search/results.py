"""What a list of orders shows of each: worked out for a page of them in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from orders.access import permissions
from orders.models import Area, Condition, Order, Party, User
from orders.querysets import HOMES
from orders.record import facts
from orders.record.as_known import described, held, places
from orders.statute import Assessment, Deadline, Event, OrderFacts, assess, effective


@dataclass(frozen=True, slots=True)
class Perpetrator:
    """Who the order binds, as shown in lists."""

    family_name: str
    given_names: str
    date_of_birth: date | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InArea:
    """An area under which the order is found, and who lives there."""

    code: str
    name: str
    level: str
    roles: tuple[str, ...]


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
    current = Order.objects.in_bulk(ids)
    orders = described(current.values(), known_at)
    known = facts.load(ids, known_at=known_at)
    days = facts.holidays()
    perpetrators = _perpetrators(ids, known_at)
    areas = areas_of(ids, user=user, at=at, known_at=known_at)
    forbidden = _conditions(ids, at, known_at)
    found = []
    for pk in ids:
        if pk not in known or pk not in orders:
            continue
        assessment = assess(known[pk], at, days)
        starts, ends = interval(assessment)
        hidden = current[pk].restricted and pk not in opened
        found.append(
            Result(
                order=orders[pk],
                assessment=assessment,
                in_force_from=starts,
                in_force_until=ends,
                perpetrator=None if hidden else perpetrators.get(pk),
                areas=() if hidden else areas.get(pk, ()),
                conditions=() if hidden else forbidden.get(pk, ()),
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


def _perpetrators(ids: list[int], known_at: datetime | None) -> dict[int, Perpetrator]:
    rows = Party.objects.filter(order_id__in=ids, role="perpetrator").select_related("person")
    parties = list(held(rows, known_at))
    people = described((party.person for party in parties), known_at)
    return {
        party.order_id: Perpetrator(
            person.family_name, person.given_names, person.date_of_birth, tuple(person.warnings)
        )
        for party in parties
        if (person := people.get(party.person_id)) is not None
    }


CONDITION_WORDS = {
    "A": "violence or threats",
    "B": "contact",
    "C": "enter premises",
    "D": "enter a zone",
    "E": "leave or stay as told",
    "F": "surrender or notify",
    "G": "must do something",
    "H": "electronic means",
    "I": "weapons",
    "Z": "other",
}
"""In a list a condition is its code in a word or two: the text, which may name a place, stands on the order's page."""


def _conditions(ids: list[int], at: datetime, known_at: datetime | None) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    # Without its words, which lie sealed.
    rows = held(Condition.objects.filter(order_id__in=ids), known_at).defer("text")
    for condition in rows.order_by("order_id", "code"):
        if condition_runs(condition, at):
            found.setdefault(condition.order_id, {})[CONDITION_WORDS.get(condition.code, "other")] = None
    return {pk: tuple(words) for pk, words in found.items()}


def condition_runs(condition: Condition, at: datetime) -> bool:
    """Whether a condition runs at an instant, as far as its own dates go; a date-only end runs through its day."""
    over = condition.over
    return (condition.begins is None or condition.begins <= at) and (over is None or at < over)


_ROLES: tuple[tuple[str, ...], ...] = ((), ("perpetrator",), ("victim",), ("perpetrator", "victim"))
"""By the bits of HOMES."""


def areas_of(ids: list[int], *, user: User, at: datetime, known_at: datetime | None) -> dict[int, tuple[InArea, ...]]:
    """Under which areas each order is found at an instant, and who of it lives there, as far as the user may know."""
    rows = places(at, known_at).filter(order_id__in=ids)
    bits = "roles" if permissions.sees_secret_places(user) else "roles_shown"
    # Both read an index or few rows; sorted and named by the database they would take several times as long.
    held = list(rows.values_list("order_id", "area_id", bits))
    named = Area.objects.filter(pk__in={area for _, area, _ in held}).values_list("pk", "code", "name", "level")
    areas = {pk: (code, name, level) for pk, code, name, level in named}
    found: dict[int, list[InArea]] = {}
    for order_id, area_id, roles in sorted(held, key=lambda row: areas[row[1]]):
        words = _ROLES[roles & HOMES]
        if words:
            found.setdefault(order_id, []).append(InArea(*areas[area_id], words))
    return {pk: tuple(listed) for pk, listed in found.items()}
