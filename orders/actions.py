"""Writing by hand, the only way in besides an import: atomic, `by=` somebody, logged, and places worked out again.

Every action checks what the law's code says of an event before it stores it, and refuses with messages that name the
field and the remedy.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from orders import audit, places
from orders.models import Area, Category, Event, Order, Party, Person, Recording, Residence, User
from orders.recording import recording
from orders.statute import KINDS, event_errors
from orders.statute import Event as StatuteEvent

SOURCE = "register"


class Refused(ValueError):
    """An action that was not carried out. `messages` say why, each naming the field and the remedy."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is needed to register an order: its heading, its one perpetrator, and at least one victim."""

    kind: str
    reference: str
    owner_force: Area
    perpetrator: Person
    victims: Sequence[Person]
    events: Sequence[StatuteEvent] = ()
    replaces: Order | None = None
    court: str = ""
    case_ref: str = ""
    without_notice: bool | None = None
    power_of_arrest: bool | None = None
    relationships: dict[int, str] = field(default_factory=dict)


def register(new: NewOrder, *, by: User | None, reason: str = "") -> Order:
    """Store a new order with its parties and first events. Raises Refused."""
    problems = [] if new.kind in KINDS else [f"kind: {new.kind!r} is no kind of order the register knows"]
    if not new.reference.strip():
        problems.append("reference: is missing; give the number that officers quote")
    if not new.victims:
        problems.append("victims: an order protects somebody; name at least one person")
    if new.perpetrator in new.victims:
        problems.append("victims: the perpetrator cannot also be protected by the order")
    if not problems:
        problems = [problem for event in new.events for problem in event_errors(new.kind, event)]
    if problems:
        raise Refused(problems)
    with recording(by=by, action="register order", source=SOURCE, reason=reason) as opened:
        order = Order.objects.create(
            source=SOURCE,
            source_ref=f"R-{secrets.token_hex(8)}",
            kind=new.kind,
            reference=new.reference.strip(),
            owner_force=new.owner_force,
            court=new.court,
            case_ref=new.case_ref,
            without_notice=new.without_notice,
            power_of_arrest=new.power_of_arrest,
            replaces=new.replaces,
            replaces_ref=new.replaces.source_ref if new.replaces and new.replaces.source == SOURCE else "",
            recording=opened,
            first_recording=opened,
        )
        Party.objects.bulk_create(
            Party(
                order=order,
                person=person,
                role=role,
                relationship=new.relationships.get(person.pk, ""),
                recording=opened,
            )
            for role, person in [("perpetrator", new.perpetrator), *(("victim", victim) for victim in new.victims)]
        )
        _store_events(order, new.events, opened)
        _settle([order.pk], opened, by=by, action="register order", reason=reason)
    return order


def record_event(order: Order, event: StatuteEvent, *, by: User | None, reason: str = "") -> Event:
    """Add what has happened to an order. `event.ref` and `event.retracts` are not used. Raises Refused."""
    problems = event_errors(order.kind, event)
    if event.kind == "RETRACTED":
        problems = ["event: take an event back with retract_event, which says what and why"]
    if problems:
        raise Refused(problems)
    with recording(by=by, action="record event", source=SOURCE, reason=reason) as opened:
        (stored,) = _store_events(order, [event], opened)
        _settle([order.pk], opened, by=by, action="record event", reason=reason)
    return stored


def retract_event(event: Event, *, by: User | None, reason: str) -> Event:
    """Take back an event that was recorded in error. It stays readable, and has no effect at any instant."""
    if not reason.strip():
        raise Refused(["reason: is missing; say what was wrong, for whoever reads the order next"])
    with recording(by=by, action="retract event", source=SOURCE, reason=reason) as opened:
        if event.retractions.exists():
            raise Refused(["event: has already been taken back"])
        stored = Event.objects.create(
            order_id=event.order_id,
            kind="RETRACTED",
            at=event.at,
            at_is_date=event.at_is_date,
            text=reason,
            retracts=event,
            recording=opened,
        )
        _settle([event.order_id], opened, by=by, action="retract event", reason=reason)
    return stored


def settle_residence(
    person: Person,
    *,
    from_on: date,
    by: User | None,
    status: str = "home",
    to_on: date | None = None,
    address: str = "",
    postcode: str = "",
    neighbourhood: Area | None = None,
    secret: bool | None = None,
    replacing: Residence | None = None,
    reason: str = "",
) -> Residence:
    """Store where a person lives from a day on; `replacing` corrects an earlier entry, which is kept as it was."""
    if to_on is not None and to_on <= from_on:
        raise Refused(["to_on: is not after from_on; it is the first day no longer lived there"])
    with recording(by=by, action="settle residence", source=SOURCE, reason=reason) as opened:
        if replacing is not None:
            Residence.objects.filter(pk=replacing.pk, superseded__isnull=True).update(superseded=opened)
        residence = Residence.objects.create(
            person=person,
            source_ref=replacing.source_ref if replacing else f"R-{secrets.token_hex(8)}",
            address=address,
            postcode=_spaced(postcode),
            neighbourhood_code=neighbourhood.code if neighbourhood else "",
            neighbourhood=neighbourhood,
            status=status,
            from_on=from_on,
            to_on=to_on,
            secret=secret,
            recording=opened,
        )
        _settle(orders_of([person.pk]), opened, by=by, action="settle residence", reason=reason)
    return residence


def _spaced(postcode: str) -> str:
    """A postcode as it is written: capitals, one space before the last three."""
    bare = postcode.replace(" ", "").upper()
    return f"{bare[:-3]} {bare[-3:]}" if bare else ""


def orders_of(people: Iterable[int]) -> list[int]:
    """The ids of the orders that people are now party to."""
    return list(
        Party.objects.filter(person_id__in=people, superseded__isnull=True)
        .order_by("order_id")
        .values_list("order_id", flat=True)
        .distinct()
    )


def _store_events(order: Order, events: Sequence[StatuteEvent], opened: Recording) -> list[Event]:
    return Event.objects.bulk_create(
        Event(
            order=order,
            kind=event.kind,
            at=event.at,
            at_is_date=event.at_is_date,
            until=event.until,
            until_is_date=event.until_is_date,
            until_open=event.until_open,
            by_whom=event.by,
            text=event.text,
            recording=opened,
        )
        for event in events
    )


def _settle(order_ids: Sequence[int], opened: Recording, *, by: User | None, action: str, reason: str) -> None:
    """Work out the places of the orders that were written to, and of those they follow; and log the change."""
    touched = {*order_ids}
    touched |= set(
        Order.objects.filter(followers__in=order_ids).values_list("pk", flat=True)
    )  # what an order does may end the one before it
    touched |= set(Order.objects.filter(replaces__in=order_ids).values_list("pk", flat=True))
    places.project(sorted(touched), opened)
    audit.record(by=by, category=Category.ALTERATION, action=action, orders=order_ids, reason=reason)
