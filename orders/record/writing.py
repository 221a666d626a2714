"""How every action by hand writes: rows locked in one order, a form carried out once, the change logged, places redone.

Two people can act on one order at once. Who comes second waits at the lock, and is then told what changed since they
opened their page (`Changed`) unless nothing did. Locks are always taken people first, then orders, each by id, so that
two actions cannot wait for each other; should the import, which locks as it goes, make a ring all the same, the
database breaks it and the action is done again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction

from orders.access import audit, permissions, reasons
from orders.access.allowed import Action
from orders.models import Category, Order, Party, Person, Recording, SentForm, User
from orders.places import projection
from orders.record import last_read
from orders.record.recording import recording
from orders.record.versions import version_of

P = ParamSpec("P")
R = TypeVar("R")
SOURCE = "register"
TRIES = 4
_BROKEN_OFF = frozenset({"40P01", "40001"})  # deadlock detected, serialization failure


class Refused(ValueError):
    """An action that was not carried out. `messages` say why, each naming the field and the remedy."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


class Changed(Exception):
    """The order is not as it was when the page was opened: somebody else wrote to it since. Nothing was stored."""


class Repeated(Exception):
    """The form was carried out before. Nothing was stored; `leads_to` is the page that came of it then."""

    def __init__(self, leads_to: str) -> None:
        super().__init__(leads_to)
        self.leads_to = leads_to


@dataclass(frozen=True, slots=True)
class Form:
    """What a page sends with an action: `key` made with the page, the `version` of the order that it showed."""

    key: UUID
    version: str = ""
    leads_to: str = ""


@dataclass(slots=True)
class Write:
    """An open recording, and the orders whose places it may change: those it was opened with, and what is added."""

    recording: Recording
    touched: set[int] = field(default_factory=set)
    logged: set[int] = field(default_factory=set)

    def add(self, order_ids: Iterable[int]) -> None:
        """Orders that come to be written to besides."""
        ids = list(order_ids)
        self.touched.update(ids)
        self.logged.update(ids)


def again_if_broken_off(action: Callable[P, R]) -> Callable[P, R]:
    """Do an action again that the database broke off to free others; not inside somebody else's transaction."""

    @wraps(action)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            if connection.in_atomic_block:
                break
            try:
                return action(*args, **kwargs)
            except OperationalError as problem:
                if getattr(problem.__cause__, "sqlstate", "") not in _BROKEN_OFF:
                    raise
        return action(*args, **kwargs)

    return tried


@contextmanager
def writing(
    *,
    by: User | None,
    action: str,
    reason: str = "",
    orders: Iterable[Order | int] = (),
    people: Iterable[int] = (),
    needs: Action = Action.RECORD,
    form: Form | None = None,
    category: Category = Category.ALTERATION,
) -> Iterator[Write]:
    """Lock, check, record, log, work out the places, commit: all of it, or on any error nothing.

    `orders` are those written to, the one that the form showed first; `people` those whose orders are.
    `reason` is stored sealed, under the key of what is written to. `by` None is the register itself. Raises Changed,
    Repeated, and PermissionDenied if `by` may not do `needs` to one.
    """
    ids, people = [order if isinstance(order, int) else order.pk for order in orders], list(people)
    with transaction.atomic():
        _lock_people(people)
        of_people = orders_of(people) if people else []
        _lock_orders([*ids, *of_people])
        if by is not None:
            _permit(by, needs, ids)
        if form is not None:
            only_once(form, ids)
        with recording(by=by, action=action, source=SOURCE, reason=reason) as opened:
            write = Write(opened)
            write.add([*ids, *of_people])
            if form is not None:
                SentForm.objects.create(key=form.key, user=by, recording=opened, leads_to=form.leads_to)
            yield write
            last_read.touch({*write.touched, *write.logged}, people, opened)
            projection.project(neighbours(write.touched), opened)
            outlives = category == Category.ERASURE
            opened.reason = reasons.sealed(reason, orders=write.logged, people=people, outlives=outlives)
            audit.record(by=by, category=category, action=action, orders=write.logged, reason=opened.reason)


def neighbours(order_ids: Iterable[int]) -> list[int]:
    """These orders, those they follow and those that follow them: what an order does may end the one before it."""
    ids = set(order_ids)
    found = Order.objects.filter(followers__in=ids).values_list("pk", flat=True)
    following = Order.objects.filter(replaces__in=ids).values_list("pk", flat=True)
    return sorted(ids | set(found) | set(following))


def orders_of(people: Iterable[int]) -> list[int]:
    """The ids of the orders that people are now party to."""
    return list(
        Party.objects.filter(person_id__in=list(people), superseded__isnull=True)
        .order_by("order_id")
        .values_list("order_id", flat=True)
        .distinct()
    )


def new_ref() -> str:
    """A key of the register's own for a fact that no source has a key for."""
    return f"R-{secrets.token_hex(8)}"


def _lock_people(people: Iterable[int]) -> None:
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=list(people)).order_by("pk").values_list("pk"))


def _lock_orders(order_ids: Iterable[int]) -> None:
    """Also those that follow or are followed; again, if while waiting somebody linked another."""
    held: set[int] = set()
    while wanted := set(neighbours(order_ids)) - held:
        rows = Order.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        list(rows.values_list("pk", flat=True))
        held |= wanted


def _permit(by: User, needs: Action, order_ids: Sequence[int]) -> None:
    if not permissions.may(by, needs):
        raise PermissionDenied
    for order in Order.objects.filter(pk__in=order_ids).only("owner_force_id"):
        if not permissions.may(by, needs, order):
            raise PermissionDenied


def permit_person(by: User | None, write: Write) -> None:
    """Raises PermissionDenied unless the user's force owns an order of the people written to, if any has one."""
    if by is None or not write.touched:
        return
    if not Order.objects.filter(pk__in=write.touched, owner_force_id=by.force_id).exists():
        raise PermissionDenied


def only_once(form: Form, order_ids: Sequence[int]) -> None:
    """Whoever sends the same form at the same moment waits here until the first has been carried out, or refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(form.key)])
    sent = SentForm.objects.filter(key=form.key).first()
    if sent is not None:
        raise Repeated(sent.leads_to)
    if form.version and order_ids and version_of(order_ids[0]) != form.version:
        raise Changed
