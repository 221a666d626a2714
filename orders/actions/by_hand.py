"""Writing by hand, the only way in besides an import: atomic, `by=` somebody, logged, and places worked out again.

Every action checks what the law's code says of an event before it stores it, and refuses with messages that name the
field and the remedy. More is refused to a person (`by`), who can mend it, than to the register itself (`by` None).
Who corrects, merges or restricts finds the other actions beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils import timezone

from orders.access.permissions import Action
from orders.models import Area, Event, Order, Person, Residence, User
from orders.record import facts
from orders.record.storing import (
    NewCondition,
    NewHome,
    NewPerson,
    store_conditions,
    store_events,
    store_home,
    store_parties,
    store_person,
    take_back,
)
from orders.record.writing import SOURCE, Form, Refused, again_if_broken_off, new_ref, orders_of, permit_person, writing
from orders.statute import KINDS, OrderFacts, age_error, began_on, event_errors, following_error, hand_errors
from orders.statute import Event as StatuteEvent

__all__ = [
    "NewCondition",
    "NewHome",
    "NewOrder",
    "NewPerson",
    "Refused",
    "correct_event",
    "orders_of",
    "record_event",
    "record_events",
    "refuse_unlawful",
    "register",
    "retract_event",
    "settle_residence",
]


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is needed to register an order: its heading, its one perpetrator, and at least one victim.

    A person that the register does not hold is a NewPerson. `relationships` are by the victim's place in `victims`.
    """

    kind: str
    reference: str
    owner_force: Area
    perpetrator: Person | NewPerson
    victims: Sequence[Person | NewPerson]
    events: Sequence[StatuteEvent] = ()
    replaces: Order | None = None
    court: str = ""
    case_ref: str = ""
    without_notice: bool | None = None
    power_of_arrest: bool | None = None
    team: str = ""
    officer: str = ""
    conditions: Sequence[NewCondition] = ()
    relationships: dict[int, str] = field(default_factory=dict)


def register_errors(new: NewOrder, *, by_hand: bool = True) -> list[str]:
    """Why a new order cannot be registered as it is; empty if it can. `by_hand`: by a person, who can mend it."""
    problems = [] if new.kind in KINDS else [f"kind: {new.kind!r} is no kind of order the register knows"]
    if not new.reference.strip():
        problems.append("reference: is missing; give the number that officers quote")
    if not new.victims:
        problems.append("victims: an order protects somebody; name at least one person")
    if new.perpetrator in new.victims:
        problems.append("victims: the perpetrator cannot also be protected by the order")
    if problems:
        return problems
    if not by_hand:
        return [problem for event in new.events for problem in event_errors(new.kind, event)]
    known = OrderFacts(new.kind, new.reference, follows=new.replaces.kind if new.replaces else None)
    followed = facts.load([new.replaces.pk])[new.replaces.pk] if new.replaces else None
    wrong = age_error(new.kind, new.perpetrator.date_of_birth, began_on(new.kind, new.events))
    misplaced = following_error(new.kind, new.replaces.kind) if new.replaces else ""
    return [
        *([f"kind: {misplaced}"] if misplaced else []),
        *hand_errors(known, new.events, timezone.now(), followed=followed),
        *([f"perpetrator: {wrong}"] if wrong else []),
    ]


@again_if_broken_off
def register(new: NewOrder, *, by: User | None, reason: str = "", form: Form | None = None) -> Order:
    """Store a new order with its parties, conditions and first events. Raises Refused, and Repeated with a form."""
    problems = register_errors(new, by_hand=by is not None)
    if problems:
        raise Refused(problems)
    people = [person.pk for person in (new.perpetrator, *new.victims) if isinstance(person, Person)]
    before = [new.replaces] if new.replaces else []
    with writing(
        by=by, action="register order", reason=reason, people=people, orders=before, form=form
    ) as write:  # fmt: skip
        opened = write.recording
        order = Order.objects.create(
            source=SOURCE,
            source_ref=new_ref(),
            kind=new.kind,
            reference=new.reference.strip(),
            owner_force=new.owner_force,
            court=new.court,
            case_ref=new.case_ref,
            without_notice=new.without_notice,
            power_of_arrest=new.power_of_arrest,
            team=new.team,
            officer=new.officer,
            replaces=new.replaces,
            replaces_ref=new.replaces.source_ref if new.replaces and new.replaces.source == SOURCE else "",
            recording=opened,
            first_recording=opened,
        )
        found = [
            person if isinstance(person, Person) else store_person(person, opened)
            for person in (new.perpetrator, *new.victims)
        ]
        roles = ["perpetrator"] + ["victim"] * len(new.victims)
        words = ["", *(new.relationships.get(number, "") for number in range(len(new.victims)))]
        store_parties(order, zip(roles, found, words, strict=True), opened)
        store_conditions(order, new.conditions, opened)
        store_events(order, new.events, opened)
        write.touched, write.logged = {order.pk}, {order.pk}
    return order


def record_event(
    order: Order, event: StatuteEvent, *, by: User | None, reason: str = "", form: Form | None = None
) -> Event:
    """Add what has happened to an order. `event.ref` and `event.retracts` are not used. Raises as `record_events`."""
    (stored,) = record_events(order, [event], by=by, reason=reason, form=form)
    return stored


@again_if_broken_off
def record_events(
    order: Order,
    events: Sequence[StatuteEvent],
    *,
    by: User | None,
    reason: str = "",
    form: Form | None = None,
    conditions: Sequence[NewCondition] = (),
    needs: Action = Action.RECORD,
) -> list[Event]:
    """Add what has happened to an order, at once, and conditions that came with it.

    Raises Refused; and with a form Changed, if the order is no longer the one it showed, and Repeated.
    """
    if any(event.kind == "RETRACTED" for event in events):
        raise Refused(["event: take an event back with retract_event, which says what and why"])
    with writing(by=by, action="record event", reason=reason, orders=[order], form=form, needs=needs) as write:
        refuse_unlawful(order, events, by=by)
        stored = store_events(order, events, write.recording)
        store_conditions(order, conditions, write.recording)
    return stored


@again_if_broken_off
def retract_event(event: Event, *, by: User | None, reason: str, form: Form | None = None) -> Event:
    """Take back an event that was recorded in error. It stays readable, and has no effect at any instant."""
    _needs_reason(reason)
    with writing(
        by=by, action="retract event", reason=reason, orders=[event.order_id], needs=Action.CORRECT, form=form
    ) as write:
        _refuse_retracted(event)
        return take_back(event, reason, write.recording)


@again_if_broken_off
def correct_event(
    event: Event, right: StatuteEvent, *, by: User | None, reason: str, form: Form | None = None
) -> Event:
    """Take an event back and record in its place what happened, in one step. Both stay readable. Raises Refused."""
    _needs_reason(reason)
    with writing(
        by=by, action="correct event", reason=reason, orders=[event.order_id], needs=Action.CORRECT, form=form
    ) as write:
        _refuse_retracted(event)
        order = Order.objects.get(pk=event.order_id)
        refuse_unlawful(order, [right], by=by, without=event)
        take_back(event, reason, write.recording)
        (stored,) = store_events(order, [right], write.recording)
    return stored


@again_if_broken_off
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
    form: Form | None = None,
) -> Residence:
    """Store where a person lives from a day on; `replacing` corrects an earlier entry, which is kept as it was."""
    if to_on is not None and to_on <= from_on:
        raise Refused(["to_on: the day they leave must be after the day from which they live there"])
    home = NewHome(from_on, status, to_on, address, postcode, neighbourhood, secret)
    with writing(by=by, action="settle residence", reason=reason, people=[person.pk], form=form) as write:
        permit_person(by, write)
        if replacing is not None:
            Residence.objects.filter(pk=replacing.pk, superseded__isnull=True).update(superseded=write.recording)
        return store_home(person, home, write.recording, source_ref=replacing.source_ref if replacing else "")


def refuse_unlawful(
    order: Order, events: Sequence[StatuteEvent], *, by: User | None, without: Event | None = None
) -> None:
    """Raises Refused if the order, as it now is, cannot have these events; `without` one that is being taken back."""
    known = facts.load([order.pk])[order.pk]
    if without is not None:
        left = tuple(event for event in known.events if event.ref != str(without.pk))
        known = replace(known, events=left)
    problems = [problem for event in events for problem in event_errors(known.kind, event)]
    if not problems and by is not None:
        problems = hand_errors(known, events, timezone.now(), followed=facts.followed(order))
        problems += [f"at: {words}" for words in too_young(order, order.kind, events)]
    if problems:
        raise Refused(problems)


def too_young(order: Order, kind: str, events: Sequence[StatuteEvent]) -> list[str]:
    """Why an order, were it of a kind and begun by these events, could not bind whom it binds."""
    began = began_on(kind, events)
    if began is None:
        return []
    bound = Person.objects.filter(parties__order=order, parties__role="perpetrator", parties__superseded=None)
    wrong = (age_error(kind, born, began) for born in bound.values_list("date_of_birth", flat=True))
    return [words for words in wrong if words]


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(["reason: is missing; say what was wrong, for whoever reads the order next"])


def _refuse_retracted(event: Event) -> None:
    if event.kind == "RETRACTED":
        raise Refused(["event: says that another was recorded in error; record that other again instead"])
    if not Event.objects.filter(pk=event.pk).not_taken_back().exists():
        raise Refused(["event: has already been taken back"])
