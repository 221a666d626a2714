"""Whom an order can bind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from orders.statute import KINDS, Event, OrderFacts, age_error, age_on, began_on, followed_errors, following_error
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


@pytest.mark.parametrize(
    ("kind", "followed", "says"),
    [
        ("DVPO", "DVPN", ""),
        ("DAPO", "DAPN", ""),
        ("SPO", "ISPO", ""),
        ("ISPO", "ISPO", ""),
        ("NMO", "NMO", ""),
        ("RO", "SPO", ""),
        ("SPO", "DVPN", "An SPO does not follow a DVPN, which leads to a DVPO (Crime and Security Act 2010 ss.24-26)"),
        ("DVPN", "DVPN", "A DVPN does not follow a DVPN, which leads to a DVPO (Crime and Security Act 2010 ss.24-26)"),
        ("NMO", "ISPO", "An NMO does not follow an ISPO, which leads to an SPO (Stalking Protection Act 2019 s.5)"),
        ("DVPO", "DVPO", "A DVPO follows a DVPN, not a DVPO (Crime and Security Act 2010 s.27(1))"),
    ],
)
def test_a_notice_and_an_interim_are_followed_by_the_order_they_stand_for(kind: str, followed: str, says: str) -> None:
    assert following_error(kind, followed) == says


@pytest.mark.parametrize(("followed", "refused"), [("DVPN", True), ("ISPO", False)])
def test_what_a_notice_leads_to_is_not_heard_before_it_was_given(followed: str, *, refused: bool) -> None:
    """An interim is made where the application is heard, so that it comes after that."""
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    heard = Event("HEARING", noon - timedelta(hours=1), ref="1")
    begun = Event("SERVED" if followed == "DVPN" else "MADE", noon, ref="2")
    own = OrderFacts("DVPO" if followed == "DVPN" else "SPO", "X/1", (heard,))
    assert bool(followed_errors(own, heard, OrderFacts(followed, "X/0", (begun,)))) is refused
