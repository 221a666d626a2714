"""The rows of people, homes, orders, conditions and events under an open recording, from plain descriptions.

Words are sealed here, under the key of the person or order; whoever copies from a row unseals its words first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.access import sealing
from orders.models import Area, Condition, Event, Order, Party, Person, Recording, Residence
from orders.places.locating import neighbourhoods
from orders.record.writing import SOURCE, new_ref
from orders.statute import Event as StatuteEvent


@dataclass(frozen=True, slots=True)
class NewHome:
    """Where somebody lives from a local day on. `secret` None: nobody said."""

    from_on: date
    status: str = "home"
    to_on: date | None = None
    address: str = ""
    postcode: str = ""
    neighbourhood: Area | None = None
    secret: bool | None = None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person whom the register does not hold yet. `aliases` are pairs of family name and given names."""

    family_name: str
    given_names: str = ""
    date_of_birth: date | None = None
    sex: str = ""
    ethnicity: str = ""
    pnc_id: str = ""
    warnings: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    homes: tuple[NewHome, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCondition:
    """What an order forbids or requires, with dates of its own if it has any."""

    code: str
    text: str
    begins: datetime | None = None
    begins_is_date: bool = False
    until: datetime | None = None
    until_is_date: bool = False


def store_person(new: NewPerson, opened: Recording) -> Person:
    """A new person with their homes."""
    person = Person.objects.create(
        source=SOURCE,
        source_ref=new_ref(),
        family_name=new.family_name.strip(),
        given_names=new.given_names.strip(),
        date_of_birth=new.date_of_birth,
        sex=new.sex,
        ethnicity=new.ethnicity,
        pnc_id=new.pnc_id,
        warnings=list(new.warnings),
        aliases=[list(pair) for pair in new.aliases],
        recording=opened,
    )
    for home in new.homes:
        store_home(person, home, opened)
    return person


def store_home(person: Person, home: NewHome, opened: Recording, *, source_ref: str = "") -> Residence:
    """A home; `source_ref` is that of the entry it takes the place of, which has been superseded."""
    key, postcode = sealing.of_person(person.pk), spaced(home.postcode)
    located = neighbourhoods([postcode])
    return Residence.objects.create(
        person=person,
        source_ref=source_ref or new_ref(),
        address=key.seal(home.address),
        postcode=key.seal(postcode),
        postcode_index=sealing.postcode_index(postcode),
        outward_index=sealing.outward_index(postcode),
        found_in_id=located.get(sealing.bare_postcode(postcode)),
        neighbourhood_code=home.neighbourhood.code if home.neighbourhood else "",
        neighbourhood=home.neighbourhood,
        status=home.status,
        from_on=home.from_on,
        to_on=home.to_on,
        secret=home.secret,
        recording=opened,
    )


def spaced(postcode: str) -> str:
    """A postcode as it is written: capitals, one space before the last three."""
    bare = postcode.replace(" ", "").upper()
    return f"{bare[:-3]} {bare[-3:]}" if bare else ""


def store_parties(
    order: Order, parties: Iterable[tuple[str, Person, str]], opened: Recording
) -> None:  # fmt: skip
    """Parties of an order: role, person, relationship."""
    key = sealing.of_order(order.pk)
    Party.objects.bulk_create(
        Party(order=order, person=person, role=role, relationship=key.seal(relationship), recording=opened)
        for role, person, relationship in parties
    )


def store_conditions(order: Order, conditions: Iterable[NewCondition], opened: Recording) -> None:
    """Conditions that run beside those the order has."""
    key = sealing.of_order(order.pk)
    Condition.objects.bulk_create(
        Condition(
            order=order,
            source_ref=new_ref(),
            code=new.code,
            text=key.seal(new.text.strip()),
            begins=new.begins,
            begins_is_date=new.begins_is_date,
            until=new.until,
            until_is_date=new.until_is_date,
            recording=opened,
        )
        for new in conditions
    )


def store_events(order: Order, events: Sequence[StatuteEvent], opened: Recording) -> list[Event]:
    """What happened to an order, as it was told. `ref` and `retracts` are not used."""
    key = sealing.of_order(order.pk)
    return Event.objects.bulk_create(
        Event(
            order=order,
            kind=event.kind,
            at=event.at,
            at_is_date=event.at_is_date,
            until=event.until,
            until_is_date=event.until_is_date,
            until_open=event.until_open,
            by_whom=key.seal(event.by),
            text=key.seal(event.text),
            recording=opened,
        )
        for event in events
    )


def take_back(event: Event, reason: str, opened: Recording) -> Event:
    """The event that takes another back."""
    return Event.objects.create(
        order_id=event.order_id,
        kind="RETRACTED",
        at=event.at,
        at_is_date=event.at_is_date,
        text=sealing.of_order(event.order_id).seal(reason),
        retracts=event,
        recording=opened,
    )
