"""The order page: is it in force and until when, what they must not do, what breach is, who, where, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orders.access import permissions
from orders.access.permissions import Action
from orders.access.sealing import unsealed
from orders.models import Condition, Level, Order, Party, Person
from orders.people.homes import Home, homes
from orders.people.safe_contacts import Contact, safe_contacts, sees_where
from orders.record import facts
from orders.record.as_known import described, held
from orders.record.doubles import doubles_of
from orders.record.foresight import clocks
from orders.record.writing import SOURCE
from orders.search.cards import InArea, areas_of, condition_runs
from orders.search.results import breaches, interval
from orders.statute import age_error, began_on, effective, local_day
from orders.views.access import permitted
from orders.views.order_record import Record, happened, head, open_record
from orders.views.restricted import opened

LATEST = 3


@dataclass(frozen=True, slots=True)
class Someone:
    """A party as then described, with their homes and, if protected, what was said of how to reach them."""

    party: Party
    person: Person
    homes: list[Home]
    contacts: list[Contact]


@permitted(Action.OPEN_ORDER)
def order_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One order. What the user may not see is as if it did not exist."""
    record = open_record(request, public_id, "summary")
    if isinstance(record, HttpResponse):
        return record
    then = record.then
    starts, ends = interval(record.assessment)
    people = _people(record)
    conditions = unsealed(
        held(Condition.objects.filter(order=record.current), then.known_at).order_by("code", "source_ref"), "text"
    )
    timeline = happened(record)
    return render(
        request,
        "orders/order.html",
        {
            **head(record, "summary"),
            "starts": starts,
            "by_hand": record.order.source == SOURCE,
            "ends": ends,
            "age_flags": _age_flags(record, people),
            "respondents": [someone for someone in people if someone.party.role == "perpetrator"],
            "protected": [someone for someone in people if someone.party.role == "victim"],
            "can_open": permissions.may(record.user, Action.SEE_SECRET_PLACES)
            and any(
                any(home.withheld for home in someone.homes) or any(contact.withheld for contact in someone.contacts)
                for someone in people
            ),
            "places": _places(record),
            "conditions": [condition for condition in conditions if condition_runs(condition, then.at)],
            "past_conditions": [condition for condition in conditions if not condition_runs(condition, then.at)],
            "latest": timeline[:LATEST],
            "first": _first(record),
            "doubt_since": _doubt_since(record),
            "followers": _followers(request, record),
            "before": _before(request, record),
            "doubles": _doubles(request, record) if not then.past else [],
            "clocks": [
                clock
                for clock in clocks(record.known, record.assessment, record.days)
                if clock.deadline.met is None and clock.deadline.due > then.at
            ],
            "breaches": breaches(record.known, then.at),
        },
    )


def _places(record: Record) -> list[InArea]:
    """Where it is found. Of what was known before no neighbourhood: a home that was open then may be secret now."""
    then, pk = record.then, record.order.pk
    found = areas_of([pk], user=record.user, at=then.at, known_at=then.known_at).get(pk, ())
    return [area for area in found if then.known_at is None or area.level != Level.NEIGHBOURHOOD]


def _people(record: Record) -> list[Someone]:
    then, day = record.then, local_day(record.then.at)
    rows = held(Party.objects.filter(order=record.current), then.known_at)
    parties = unsealed(rows.select_related("person").order_by("role", "pk"), "relationship")
    people = described((party.person for party in parties), then.known_at)
    shown = record.secret_until is not None
    found = homes(
        {party.person_id: party.role == "victim" for party in parties},
        sees_secret=permissions.sees_secret_places(record.user),
        opened=shown,
        known_at=then.known_at,
    )
    protected = [party.person_id for party in parties if party.role == "victim"]
    contacts = safe_contacts(
        protected,
        sees_kept_back={pk for pk in protected if sees_where(found.get(pk, []), opened=shown, past=then.past)},
        at=then.at if then.past else None,
        known_at=then.known_at,
    )
    return [
        Someone(
            party,
            people[party.person_id],
            [
                home
                for home in found.get(party.person_id, [])
                if (home.is_on(day) if then.past else not home.is_over(day))
            ],
            contacts.get(party.person_id, []),
        )
        for party in parties
        if party.person_id in people
    ]


def _age_flags(record: Record, people: list[Someone]) -> list[str]:
    """Why the order cannot bind whom it is recorded to bind: a source may say so, and a date of birth be put right."""
    kind, began = record.known.kind, began_on(record.known.kind, record.known.events)
    if began is None or began > local_day(record.then.at):
        return []
    bound = [someone.person for someone in people if someone.party.role == "perpetrator"]
    found = (age_error(kind, person.date_of_birth, began) for person in bound)
    return [words for words in found if words]


def _first(record: Record) -> dict[str, object]:
    """The events that say since when it has been served, told of and on PNC."""
    found: dict[str, object] = {}
    for effect in effective(record.known.kind, record.known.events):
        if effect.at <= record.then.at:
            if effect.kind == "ON_PNC":
                found[effect.kind] = effect.event
            else:
                found.setdefault(effect.kind, effect.event)
    return found


def _doubt_since(record: Record) -> object:
    since = record.known.doubt_since
    return since if since is not None and since <= record.then.at else None


def _open(request: HttpRequest, orders: Iterable[Order]) -> list[Order]:
    """Of other orders those that the reader may be told of beside this one: a link would say whom they are about."""
    found = list(orders)
    told = opened(request, found)
    return [order for order in found if order.pk in told]


def _doubles(request: HttpRequest, record: Record) -> list[tuple[Order, str]]:
    found = doubles_of(record.current, record.user, record.then.at)
    told = opened(request, (order for order, _ in found))
    return [(order, why) for order, why in found if order.pk in told]


def _followers(request: HttpRequest, record: Record) -> list[Order]:
    """The orders that follow it, of which something had happened by then."""
    then = record.then
    if not record.known.followers:
        return []
    seen = permissions.visible_orders(record.user, then.at, then.known_at).filter(replaces=record.current)
    found = described(_open(request, seen), then.known_at)
    if not then.past:
        return list(found.values())
    known = facts.load(found, known_at=then.known_at)
    return [found[pk] for pk in known if any(event.at <= then.at for event in known[pk].events)]


def _before(request: HttpRequest, record: Record) -> Order | None:
    then, pk = record.then, record.order.replaces_id
    if pk is None:
        return None
    seen = permissions.visible_orders(record.user, then.at, then.known_at).filter(pk=pk)
    return next(iter(described(_open(request, seen), then.known_at).values()), None)
