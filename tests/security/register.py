"""A register whose every secret is a marker, and everything it says to everybody, to be searched for them.

A marker is a string that stands nowhere else. Each is in one place; the tests say who may be shown it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone

from orders.actions.by_hand import NewCondition, NewOrder, record_event, register, settle_residence
from orders.actions.headings import restrict
from orders.actions.safe_contact import Said, say_safe_contact
from orders.models import ApiToken, Area, Order, Person, Role, User
from orders.statute import Event
from signin import codes
from tests.access.addresses import Address, addresses
from tests.orders.build import Map, make_person, make_user, on

PASSWORD = "marker-of-a-password-QXPASS"
TOTP = "QXTOTPQXTOTPQXTOTPQXTOTPQXTOTPQX"

SECRET_PLACES = (
    "QXSECRETSTREET", "CV7 7QX", "QXUNKNOWNSTREET", "CV6 6QX", "QXHIDINGSTREET", "WS3 3QX",
    "QXSECRETNUMBER", "QXUNKNOWNNUMBER",
)  # fmt: skip
"""Addresses and postcodes that their source calls secret, or of which nobody said that they are not; numbers there."""
RESTRICTED = (
    "QXRESTRICTEDMAN", "QXRESTRICTEDVICTIM", "QXRESTRICTEDTEXT", "QXRESTRICTEDBAN", "QXRESTRICTEDCOURT",
    "QXRESTRICTEDNEVER",
)  # fmt: skip
"""What only a reason opens: parties, events, conditions and heading of a restricted order."""
WHY_RESTRICTED = "QXWHYRESTRICTED"
ELSEWHERE = ("QXELSEWHEREMAN", "QXELSEWHEREVICTIM", "QXELSEWHERETEXT", "QXELSEWHEREREF", "QXELSEWHEREPLACE")
"""An order of another force that touches no area of ours."""
VICTIMS = ("QXPLAINVICTIM", "QXSECRETVICTIM", "QXUNKNOWNVICTIM", "QXRESTRICTEDVICTIM", "QXSAFECONTACT")
"""Protected people, and how to reach one: on their orders' pages, never in an email, an export or an answer of the API."""
OPEN = "QXPLAINMAN"
"""A respondent that everybody who searches may see: what is driven is driven in earnest."""


@dataclass
class Register:
    """The orders, users and tokens of it."""

    areas: Map
    plain: Order
    secret: Order
    unknown: Order
    restricted: Order
    elsewhere: Order
    tokens: dict[str, str] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    @property
    def orders(self) -> tuple[Order, ...]:
        """All of them."""
        return self.plain, self.secret, self.unknown, self.restricted, self.elsewhere

    def never(self) -> list[str]:
        """What is nowhere, for nobody."""
        keys = [entry.partition(":")[2] for entry in getattr(settings, "FIELD_KEYS", [])]
        return [PASSWORD, TOTP, settings.SECRET_KEY, *self.tokens.values(), *keys]


def _order(force: Area, reference: str, man: Person, victim: Person, text: str, ban: str, court: str) -> Order:
    made = timezone.now() - timedelta(days=5)
    until = on((timezone.localdate() + timedelta(days=200)).isoformat())
    order = register(
        NewOrder(
            kind="NMO", reference=reference, owner_force=force, perpetrator=man, victims=(victim,), court=court,
            events=(Event("MADE", made, until=until, until_is_date=True),),
            conditions=(NewCondition(code="B", text=ban),),
        ),
        by=None,
    )  # fmt: skip
    happened = timezone.now() - timedelta(days=2)
    record_event(order, Event("BREACHED", happened, text=text, by=text), by=None)
    return order


def _victim(name: str, area: Area, street: str, postcode: str, secret: bool | None) -> Person:
    person = make_person(name)
    settle_residence(
        person, from_on=date(2020, 1, 1), neighbourhood=area, address=street, postcode=postcode, secret=secret, by=None
    )
    return person


def make_register(areas: Map) -> Register:
    """Fill one, with a user of every sort, each with a password, a secret of an app and a token of the API."""
    palfrey, here, there = areas.palfrey, areas.force, areas.next_neighbourhood
    hiding = _victim("QXSECRETMAN", palfrey, "3 QXHIDINGSTREET", "WS3 3QX", True)
    man = make_person(OPEN, (palfrey, "2020-01-01", None))
    found = Register(
        areas,
        plain=_order(here, "NMO/PLAIN/1", man,
                     _victim("QXPLAINVICTIM", areas.foleshill, "2 QXOPENSTREET", "CV5 5QX", False), "seen", "no", "A"),
        secret=_order(here, "NMO/SECRET/1", hiding,
                      _victim("QXSECRETVICTIM", areas.foleshill, "7 QXSECRETSTREET", "CV7 7QX", True), "x", "y", "B"),
        unknown=_order(here, "NMO/UNKNOWN/1", make_person("QXOTHERMAN", (palfrey, "2020-01-01", None)),
                       _victim("QXUNKNOWNVICTIM", areas.radford, "6 QXUNKNOWNSTREET", "CV6 6QX", None), "x", "y", "C"),
        restricted=_order(here, "NMO/RESTRICTED/1", make_person("QXRESTRICTEDMAN", (palfrey, "2020-01-01", None)),
                          make_person("QXRESTRICTEDVICTIM", (palfrey, "2020-01-01", None)),
                          "QXRESTRICTEDTEXT", "QXRESTRICTEDBAN", "QXRESTRICTEDCOURT"),
        elsewhere=_order(areas.next_force, "QXELSEWHEREREF", make_person("QXELSEWHEREMAN", (there, "2020-01-01", None)),
                         _victim("QXELSEWHEREVICTIM", there, "QXELSEWHEREPLACE", "ST1 1QX", False),
                         "QXELSEWHERETEXT", "z", "D"),
    )  # fmt: skip
    for order, told in (
        (found.plain, Said(safe="QXSAFECONTACT")),
        (found.secret, Said(kept_back="QXSECRETNUMBER")),
        (found.unknown, Said(kept_back="QXUNKNOWNNUMBER")),
        (found.restricted, Said(never="QXRESTRICTEDNEVER")),
    ):
        say_safe_contact(order.parties.get(role="victim").person, told, by=None)
    restrict(found.restricted, by=None, reason=WHY_RESTRICTED)
    sorts: dict[str, User | None] = {role.label: make_user(here, role) for role in Role}
    sorts["holder"] = make_user(here, Role.VIEWER, secret_places=True)
    sorts["everything"] = make_user(here, *Role, secret_places=True)
    sorts["no role"] = make_user(here)
    User.objects.filter(pk=sorts["no role"].pk).update(roles=[])
    for who, user in sorts.items():
        user = User.objects.get(pk=user.pk)
        user.set_password(PASSWORD)
        user.home_area = areas.walsall
        user.save()
        codes.add(user, TOTP, 0)
        _, found.tokens[who] = ApiToken.issue(user=user, name=who, expires_at=timezone.now() + timedelta(days=1))
        found.users[who] = user
    return found


def client_of(user: User | None) -> Client:
    """Signed in, or not, and told of an error as a browser is."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def path_of(address: Address, values: dict[str, str]) -> str | None:
    """A path of an address with values for its parameters; None if there is none for one of them."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", address.route).replace("^", "").replace("$", "")
    for name in re.findall(r"<(?:\w+:)?(\w+)>", route):
        if name not in values:
            return None
        route = re.sub(rf"<(?:\w+:)?{name}>", values[name], route)
    return f"/{route}"


def paths(register: Register, orders: Sequence[Order] = ()) -> Iterator[tuple[str, str]]:
    """Every address by name, as paths with the ids of some orders (all, if none is named) and the people in them."""
    orders = orders or register.orders
    person_of = {order.pk: order.parties.order_by("role", "pk") for order in orders}
    slugs = {"draft-page": "heading", "order-record": "served", "worklist": "not-served"}
    for address in addresses():
        about = "public_id" in address.converters
        for order in orders if about else orders[:1]:
            ids: list[UUID] = [order.public_id]
            if about and address.route.startswith("people"):
                ids = [party.person.public_id for party in person_of[order.pk]]
            event = order.events.order_by("-pk").first()
            for public_id in ids:
                name = address.name.rpartition(":")[2]
                path = path_of(address, {
                    "public_id": str(public_id), "other": str(register.plain.public_id), "code": "WMP-WAL", "pk": "1",
                    "event": str(event.pk if event else 0), "merge": "1", "key": str(public_id), "what": "delete",
                    "kind": "areas", "slug": slugs.get(name, "served"), "page": slugs.get(name, "heading"),
                    "name": slugs.get(name, "orders"), "object_id": "1", "content_type_id": "1", "app_label": "orders",
                    "url": "x", "person": str(public_id), "number": "1", "session": "1", "day": "2026-01-01",
                })  # fmt: skip
                if path is not None:
                    yield address.name, path


SEARCHES = (
    "area=WMP", "area=WMP-WAL&role=either", "area=WMP-COV&role=victim&standing=ended", "area=STF", "area=STF-NOR",
    "reference=QXELSEWHEREREF", "reference=NMO%2FRESTRICTED%2F1", "reference=NMO%2FSECRET%2F1",
    "area=WMP-COV-01&role=victim", "area=WMP-WAL&breached=ever", "area=WMP&condition=B",
)  # fmt: skip
"""What is asked of pages that take a search."""

TYPED: tuple[dict[str, str], ...] = (
    {"postcode": "CV7 7QX"}, {"postcode": "CV6 6QX"}, {"postcode": "WS3 3QX"}, {"name": "QXRESTRICTEDMAN"},
    {"name": "QXELSEWHEREMAN"}, {"name": OPEN}, {"name": "QXSECRETVICTIM"},
)  # fmt: skip
"""What is typed of people; it never stands in an address of a page."""


def said(response: Any) -> str:
    """Everything that an answer says: its head and its body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{head}\n{body.decode('utf-8', 'replace')}"
