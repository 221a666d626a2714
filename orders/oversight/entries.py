"""Searching the log: who looked at this order, what did this person look at; within what an auditor answers for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import QuerySet

from orders.access import audit
from orders.models import AuditEntry, Order, User
from orders.search.by_area import fold_reference
from orders.statute import local_midnight


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the log; blank is all. `first` and `last` are local days, both counted in."""

    reference: str = ""
    username: str = ""
    category: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None


def orders_named(reference: str, auditor: User) -> list[int]:
    """The ids of the orders of the auditor's force that a reference may mean."""
    folded = fold_reference(reference)
    if not folded or auditor.force_id is None:
        return []
    return list(
        Order.objects.filter(reference_folded=folded, owner_force_id=auditor.force_id).values_list("pk", flat=True)
    )


def entries(asked: Asked, auditor: User) -> QuerySet[AuditEntry]:
    """The entries that answer, the latest first: of people of the auditor's force, and of anybody about its orders.

    What the register did by itself is told of a named order only. An auditor without a force sees nothing.
    """
    if auditor.force_id is None:
        return AuditEntry.objects.none()
    found = AuditEntry.objects.all()
    if asked.reference:
        ids = orders_named(asked.reference, auditor)
        # The log of an order has everybody in it, of other forces and the register itself too.
        found = found.filter(orders__overlap=ids) if ids else found.none()
    else:
        found = found.filter(user__force_id=auditor.force_id)
    if asked.username:
        found = found.filter(user_name=asked.username)
    if asked.category:
        found = found.filter(category=asked.category)
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.first is not None:
        found = found.filter(at__gte=local_midnight(asked.first))
    if asked.last is not None:
        found = found.filter(at__lt=local_midnight(asked.last + timedelta(days=1)))
    return found.select_related("user").order_by("-at", "-pk")


_ACTIONS = """
    WITH RECURSIVE found AS (
        (SELECT action FROM orders_auditentry ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT action FROM orders_auditentry e WHERE e.action > found.action ORDER BY action LIMIT 1)
          FROM found WHERE found.action IS NOT NULL)
    SELECT action FROM found WHERE action IS NOT NULL"""


def actions_there_are() -> list[str]:
    """The actions that stand in the log, by a walk over its index from one to the next."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [row[0] for row in cursor.fetchall()]


def references(found: list[AuditEntry], auditor: User) -> dict[int, Order]:
    """The orders of the auditor's force that some entries are about, by id; an auditor reads references only."""
    ids = {pk for entry in found for pk in entry.orders[:MOST_REFERENCES]}
    return {
        order.pk: order
        for order in Order.objects.filter(pk__in=ids, owner_force_id=auditor.force_id).only(
            "pk", "reference", "public_id", "kind", "owner_force_id"
        )
    }


MOST_REFERENCES = 10
"""So many orders of one entry are named on a page; of the others the number is told."""

COLUMNS = ("at (UTC)", "category", "action", "who", "orders", "recipients", "reason", "what was asked", "from")


def lines(found: QuerySet[AuditEntry], auditor: User) -> Iterator[list[str]]:
    """The cells of each entry for the Information Commissioner: in full, the references of all orders of the force."""
    batch: list[AuditEntry] = []
    for entry in found.iterator(chunk_size=500):
        batch.append(entry)
        if len(batch) == 500:
            yield from _lines(batch, auditor)
            batch = []
    yield from _lines(batch, auditor)


def _lines(batch: list[AuditEntry], auditor: User) -> Iterator[list[str]]:
    ids = {pk for entry in batch for pk in entry.orders}
    batch = audit.readable(batch)
    known = dict(Order.objects.filter(pk__in=ids, owner_force_id=auditor.force_id).values_list("pk", "reference"))
    for entry in batch:
        yield [
            f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.category, entry.action, entry.user_name or "the register",
            "; ".join(known[pk] for pk in entry.orders if pk in known), "; ".join(entry.recipients), entry.reason,
            "; ".join(f"{name}: {value}" for name, value in entry.detail.items()), entry.address or "",
        ]  # fmt: skip
