"""Reasons for access: when one is asked for, what giving it opens, and for how long.

A reason is asked for only where it earns its place: once a shift for a restricted order, and for an ended order of
somebody with whom the reader's area never had to do; and each time, for minutes, for a secret address. Live orders are
shown to whoever may see them, with a banner outside one's area: safety beats friction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may
from orders.models import AccessGrant, Category, GrantKind, Level, Order, Party, Place, SecretOpening, User

SHIFT = timedelta(hours=8)
SHOWN = timedelta(minutes=10)
"""How long a secret address is shown."""

_ACTIONS = {
    GrantKind.RESTRICTED: "open restricted order",
    GrantKind.HISTORIC: "open historic order",
    GrantKind.SECRET_ADDRESS: "open secret address",
}


class Why(models.TextChoices):
    """What a record is opened for."""

    INCIDENT = "incident", "Live incident"
    COURT = "court", "Court"
    REVIEW = "review", "Review of the order"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    AUDIT = "audit", "Audit"
    OTHER = "other", "Another reason"


def give(
    kind: GrantKind, order: Order, *, by: User, why: Why, words: str = "", address: str | None = None
) -> AccessGrant:
    """Open something with a reason, recorded in the log before anything is shown.

    A reason for an ended order opens all of them against the same respondent, for a shift.
    """
    now = timezone.now()
    secret = kind == GrantKind.SECRET_ADDRESS
    until = now + (SHOWN if secret else SHIFT)
    with transaction.atomic():
        entry = audit.record(
            by=by,
            category=Category.CONSULTATION,
            action=_ACTIONS[kind],
            orders=[order.pk],
            chosen=str(why.label),
            reason=words,
            detail={"until": until.isoformat(timespec="seconds")},
            address=address,
        )
        respondent = respondent_of(order) if kind == GrantKind.HISTORIC else None
        grant = AccessGrant.objects.create(
            user=by,
            kind=kind,
            order=order if respondent is None else None,
            person_id=respondent,
            entry=entry,
            until=until,
        )
        if secret:
            SecretOpening.objects.create(grant=grant)
    return grant


def respondent_of(order: Order) -> int | None:
    """The id of the person whom an order binds."""
    return Party.objects.filter(order=order, role="perpetrator", superseded__isnull=True).values_list(
        "person_id", flat=True
    ).first()  # fmt: skip


def held(user: User, kind: GrantKind, orders: Iterable[int]) -> dict[int, datetime]:
    """Of some orders those that the user has opened with a reason that still holds, with until when."""
    found = AccessGrant.objects.filter(user=user, kind=kind, order__in=list(orders), until__gt=timezone.now())
    return dict(found.order_by("until").values_list("order_id", "until"))


def may_be_told(user: User) -> Q:
    """The condition, on rows with an `order_id`, that a reader may be told what an order says.

    It is not restricted, or they have opened it with a reason that still holds. Whatever finds orders by what they say,
    or by whom they are about, asks it: else what is found would tell what is not shown.
    """
    return Q(_Told(F("order_id"), user=user))


def told(user: User, order_id: str) -> tuple[str, tuple[Any, ...]]:
    """`may_be_told` in SQL and its values, of rows whose order a column of this name, with its table's, tells."""
    sql = f"""(
        NOT EXISTS (SELECT FROM orders_order told WHERE told.id = {order_id} AND told.restricted)
        OR EXISTS (SELECT FROM orders_accessgrant opened
                    WHERE opened.order_id = {order_id} AND opened.user_id = %s AND opened.kind = %s
                      AND opened.until > %s))"""  # noqa: S608 - the name of a column
    return sql, (user.pk, GrantKind.RESTRICTED.value, timezone.now())


class _Told(models.Func):
    """The same as Django writes a condition."""

    output_field = models.BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        """SQL and values."""
        ((sql, _),) = (compiler.compile(one) for one in self.get_source_expressions())
        return told(self.extra["user"], sql)


def historic_until(user: User, order: Order) -> datetime | None:
    """Until when a reason given for an ended order of the same respondent holds; None if there is none."""
    found = AccessGrant.objects.filter(user=user, kind=GrantKind.HISTORIC, until__gt=timezone.now())
    person = respondent_of(order)
    return found.filter(models.Q(order=order) | models.Q(person=person)).order_by("-until").values_list(
        "until", flat=True
    ).first()  # fmt: skip


def is_far(user: User, order: Order) -> bool:
    """Whether an order never had to do with the user's own area, and is not theirs to look after."""
    home = user.home_area
    if home is None or home.level == Level.FORCE or may(user, Action.RECORD, order):
        return False
    return not Place.objects.filter(order=order, area=home, roles__gt=0).exists()
