"""Conditions written for statements of our own select the rows that Django's statement of the same condition selects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q

from orders.models import Place
from orders.querysets import STANDINGS, standing_is
from orders.search.narrowing import (
    EVER,
    NEVER,
    ONLY,
    ends_within,
    has_condition,
    is_breached,
    is_on_pnc,
    is_served,
    needs,
)
from orders.search.pieces import Piece, joined, written
from orders.statute import KINDS, local_midnight
from tests.bench.conftest import TODAY

AT = local_midnight(TODAY)
CONDITIONS = {
    **{f"standing {name}": standing_is(name, AT) for name in STANDINGS},
    **{f"only {name}": needs(name, AT) for name in ONLY},
    **{f"breached {days}": is_breached(days, AT) for days in (EVER, NEVER, 7, 3660)},
    "served": is_served(True, AT),
    "not on PNC": is_on_pnc(False, AT),
    "ending": ends_within(28, AT),
    "conditions": has_condition(["A", "Z"]),
    "kinds": Q(kind__in=list(KINDS)[:3]),
    "nothing": Q(),
    "either": Q(kind="NMO") | ~Q(kind="DVPN", live_from__lte=AT),
}


def _ids(condition: Piece) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM orders_place WHERE {condition.sql}", condition.values)
        return {pk for (pk,) in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_selects_what_django_selects(name: str) -> None:
    condition = CONDITIONS[name]
    found = _ids(written(condition))
    assert found
    assert found == set(Place.objects.filter(condition).values_list("pk", flat=True))


@pytest.mark.parametrize("condition", [Q(kind__icontains="x"), Q(**{"kind; drop": 1}), Q(("breaches__overlap", [AT]))])
def test_what_is_not_known_is_refused_and_not_left_out(condition: Q) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        written(condition)


def test_pieces_keep_the_order_of_their_values() -> None:
    one, other = Piece("a = %s", (1,)), Piece("b < %s", (timedelta(1),))
    assert joined(" OR ", [one, other]) == Piece("a = %s OR b < %s", (1, timedelta(1)))
    assert one & other == Piece("a = %s AND b < %s", (1, timedelta(1)))
