"""Erasing a person: by a human decision with a reason, complete, and itself recorded. Nothing is erased by a timer.

Their description goes, in the present and in every version; by which names they were found; their key, and the keys of
every order in which they were a party and of whatever told of it, so that addresses, events, conditions, documents and
archived emails can be read by nobody. What stays carries no person: that there was an order of a kind, in which areas
and when it was in force, and who was told of it by what number. docs/decisions/0091-erasure.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from orders.access import audit, sealing
from orders.access.permissions import Action, may
from orders.access.sealing import erased_people
from orders.models import Category, ImportRun, Order, Party, Person, PutRight, QuarantinedOrder, Upload, User
from orders.people.same_person import all_records
from orders.record import facts
from orders.record.writing import Refused, again_if_broken_off, writing
from orders.statute import assess


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: people (with the records that had been merged), their orders, and how many keys."""

    people: tuple[int, ...]
    orders: tuple[int, ...]
    keys: int


@again_if_broken_off
def erase(person: Person, *, by: User | None, reason: str) -> Erased:
    """Erase a person and the words of their orders, for good. Raises Refused, and PermissionDenied.

    Every order in which they are or were a party must have ended and belong to the force of `by`.
    """
    if not reason.strip():
        raise Refused(["reason: is missing; say who decided it and under which rule"])
    people = sorted(all_records([person.pk]))
    with writing(
        by=by,
        action="erase person",
        reason=reason,
        people=people,
        needs=Action.RETENTION,
        category=Category.ERASURE,
    ) as write:
        if erased_people([person.pk]):
            raise Refused(["person: has already been erased"])
        orders = sorted(set(Party.objects.filter(person__in=people).values_list("order_id", flat=True)))
        _refuse_unless_over(orders, by)
        _redact_imports(orders)
        PutRight.objects.filter(Q(person__in=people) | Q(order__in=orders)).delete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT orders_erase_people(%s, %s)", [people, orders])
            (keys,) = cursor.fetchone() or (0,)
        audit.record(
            by=by,
            category=Category.ERASURE,
            action="destroy keys",
            orders=orders,
            reason=reason,
            outlives=True,
            detail={"people": [str(one) for one in _public(people)], "keys": keys},
        )
        write.touched.update(orders)
    person.refresh_from_db()
    return Erased(tuple(people), tuple(orders), keys)


def _refuse_unless_over(order_ids: list[int], by: User | None) -> None:
    now, days = timezone.now(), facts.holidays()
    known = facts.load(order_ids)
    problems = []
    for order in Order.objects.filter(pk__in=order_ids).order_by("pk"):
        if by is not None and not may(by, Action.RETENTION, order):
            problems.append(f"person: is in {order.reference}, an order of another force; that force decides")
        standing = assess(known[order.pk], now, days).standing
        if standing != "ended":
            problems.append(f"person: {order.reference} is {standing}; nobody in it can be erased until it has ended")
    if problems:
        raise Refused(problems)


def _redact_imports(order_ids: list[int]) -> None:
    """What imports quoted from faulty rows of these orders, and why somebody mended such rows."""
    refs: dict[str, set[str]] = {}
    for pk, source, ref in Order.objects.filter(pk__in=order_ids).values_list("pk", "source", "source_ref"):
        refs.setdefault(source, set()).add(ref)
        # An order that was mended may have come with another bundle than that of which it was said.
        for reason in Upload.objects.filter(about__contains=[ref]).values_list("reason", flat=True):
            sealing.tell_more(reason, [pk])
    for source, of_source in refs.items():
        QuarantinedOrder.objects.filter(source=source, source_ref__in=of_source).update(reasons=[])
        for run in ImportRun.objects.filter(source=source).exclude(outcome__errors=[]):
            errors = run.outcome.get("errors", [])
            quoted = [error for error in errors if error.get("order_ref") in of_source and error.get("value")]
            if quoted:
                for error in quoted:
                    error["value"] = None
                run.save(update_fields=["outcome"])


def _public(people: Iterable[int]) -> list[object]:
    return list(Person.objects.filter(pk__in=list(people)).order_by("pk").values_list("public_id", flat=True))
