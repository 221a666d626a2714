"""Whom an order can bind."""

from __future__ import annotations

from datetime import date

import pytest

from orders.statute import KINDS, age_error, age_on, began_on
from tests.statute.build import event

BEGAN = date(2026, 3, 3)


@pytest.mark.parametrize("kind", ["DVPN", "DVPO", "DAPN", "DAPO"])
def test_domestic_abuse_notices_and_orders_bind_adults_only(kind: str) -> None:
    assert age_error(kind, date(2008, 3, 3), BEGAN) == "", "18 on that day"
    wrong = age_error(kind, date(2008, 3, 4), BEGAN)
    assert wrong.startswith(f"A {kind} binds only somebody aged 18 or over ({KINDS[kind].age_source}); born on 4 March")
    assert wrong.endswith("they were 17 on 3 March 2026")
    assert age_error(kind, None, BEGAN) == ""
    assert age_error(kind, date(2010, 1, 1), None) == ""


def test_others_bind_the_young_but_nobody_unborn() -> None:
    assert age_error("SPO", date(2010, 3, 3), BEGAN) == ""
    assert age_error("NMO", date(2026, 3, 4), BEGAN).startswith("Date of birth is after the NMO began")


def test_somebody_born_on_29_february_is_a_year_older_on_1_march() -> None:
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_a_notice_begins_with_its_authorisation_an_order_with_its_making() -> None:
    authorised, served = event("AUTHORISED", "2026-03-03T23:30"), event("SERVED", "2026-03-04T00:30")
    assert began_on("DVPN", [served, authorised]) == BEGAN
    assert began_on("DVPN", [served]) == date(2026, 3, 4)
    assert began_on("SPO", [event("APPLIED", "2026-03-01")]) is None
