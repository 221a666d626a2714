"""Files of a bundle checked against each other and against the register, and which orders that quarantines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.imports.bundles import Draft, sample
from tests.imports.held import judge, rows

pytestmark = pytest.mark.django_db

SPO, INTERIM = "CN-100006", "CN-100005"


def test_the_sample_has_no_fault(tmp_path: Path) -> None:
    judge(sample(), tmp_path)
    assert rows("SELECT * FROM stage_error") == []
    assert rows("SELECT own, count(*) FROM plan_order GROUP BY own") == [("new", 12)]


def _twice(name: str, **where: str) -> Callable[[Draft], object]:
    return lambda draft: draft.tables[name].append(dict(draft.row(name, **where)))


def _change(name: str, where: dict[str, str], **changes: str) -> Callable[[Draft], object]:
    return lambda draft: draft.change(name, where, **changes)


def _add(name: str, **values: str) -> Callable[[Draft], object]:
    return lambda draft: draft.add(name, **values)


def _drop(name: str, **where: str) -> Callable[[Draft], object]:
    return lambda draft: draft.drop(name, **where)


@pytest.mark.parametrize(
    ("spoil", "quarantined", "says"),
    [
        (_change("orders.csv", {"order_ref": INTERIM}, replaces_ref=SPO), {INTERIM, SPO}, "circle"),
        (_twice("orders.csv", order_ref=SPO), {SPO}, "stands twice"),
        (_twice("events.csv", event_ref="E-21"), {SPO}, "stands twice"),
        (_twice("conditions.csv", condition_ref="C-5"), {SPO}, "stands twice"),
        (_twice("people.csv", person_ref="P-5"), {INTERIM, SPO, "CN-100008"}, "stands twice"),
        (_twice("addresses.csv", address_ref="A-7"), {INTERIM, SPO, "CN-100008"}, "stands twice"),
        (_change("events.csv", {"event_ref": "E-1"}, event_ref="E-21"), {"CN-100001", SPO}, "stands twice"),
        (_change("orders.csv", {"order_ref": SPO}, replaces_ref="CN-999"), {SPO}, "neither in this bundle nor"),
        (_change("orders.csv", {"order_ref": SPO}, force="XYZ"), {SPO}, "known force"),
        (_drop("parties.csv", order_ref=SPO, role="victim"), {SPO}, "no victim"),
        (_drop("parties.csv", order_ref=SPO, role="perpetrator"), {SPO}, "no perpetrator"),
        (_add("parties.csv", order_ref=SPO, person_ref="P-1", role="perpetrator"), {SPO}, "2 perpetrators"),
        (_add("parties.csv", order_ref=SPO, person_ref="P-5", role="victim"), {SPO}, "twice in this order"),
        (_add("parties.csv", order_ref=SPO, person_ref="P-99", role="victim"), {SPO}, "neither in people.csv"),
        (
            _add("events.csv", order_ref="CN-9", event_ref="E-90", event="TOLD", at="2026-01-01"),
            {"CN-9"},
            "not an order",
        ),
        (_add("conditions.csv", order_ref="CN-9", condition_ref="C-90", text="x"), {"CN-9"}, "not an order"),
        (
            _add("events.csv", order_ref=SPO, event_ref="E-90", event="RETRACTED", at="2026-11-01", text="E-1"),
            {SPO},
            "nothing to retract",
        ),
        (
            _add("events.csv", order_ref=SPO, event_ref="E-90", event="RETRACTED", at="2026-11-01", text="E-90"),
            {SPO},
            "retracts itself",
        ),
        (_change("events.csv", {"event_ref": "E-21"}, at="2026-10-25T01:30"), {SPO}, "ambiguous"),
        (_change("people.csv", {"person_ref": "P-6"}, date_of_birth="?"), {INTERIM, SPO, "CN-100008"}, "not a date"),
        (_change("addresses.csv", {"address_ref": "A-7"}, from_="?"), {INTERIM, SPO, "CN-100008"}, "not a date"),
    ],
)
def test_what_contradicts_itself_quarantines_the_order(
    tmp_path: Path, spoil: Callable[[Draft], object], quarantined: set[str], says: str
) -> None:
    draft = sample()
    spoil(draft)
    judge(draft, tmp_path)
    assert {ref for (ref,) in rows("SELECT order_ref FROM stage_bad_order")} == quarantined
    reasons = [str(reason) for (reason,) in rows("SELECT reason FROM stage_error")]
    assert reasons
    assert all(says in reason for reason in reasons)
    applied = {ref for (ref,) in rows("SELECT order_ref FROM plan_order")}
    assert applied == {row["order_ref"] for row in draft.tables["orders.csv"]} - quarantined


def test_what_the_register_holds_may_be_followed_retracted_and_named(tmp_path: Path) -> None:
    draft = sample().only(SPO)
    draft.tables["people.csv"] = []
    draft.tables["addresses.csv"] = []
    draft.drop("events.csv", event_ref="E-22")
    draft.add("events.csv", order_ref=SPO, event_ref="E-90", event="RETRACTED", at="2026-11-01", text="E-22")
    judge(draft, tmp_path, held=sample())
    assert rows("SELECT * FROM stage_error") == []


def test_a_ring_closed_by_an_order_outside_the_bundle_is_found(tmp_path: Path) -> None:
    held = sample()
    judge(sample().only(INTERIM).change("orders.csv", {"order_ref": INTERIM}, replaces_ref=SPO), tmp_path, held=held)
    assert [ref for (ref,) in rows("SELECT order_ref FROM stage_error WHERE reason LIKE '%circle%'")] == [INTERIM]


def test_a_key_does_not_pass_to_another_order_or_person(tmp_path: Path) -> None:
    draft = sample().only(SPO).add("events.csv", order_ref=SPO, event_ref="E-1", event="REVIEWED", at="2026-11-01")
    draft.change("addresses.csv", {"address_ref": "A-7"}, address_ref="A-1")
    judge(draft, tmp_path, held=sample())
    reasons = {str(reason) for (reason,) in rows("SELECT reason FROM stage_error")}
    assert reasons == {
        "event_ref is known as an event of order CN-100001",
        "address_ref is known as an address of person P-1",
    }


def test_a_faulty_person_falls_on_held_orders_that_the_bundle_does_not_carry(tmp_path: Path) -> None:
    draft = sample().only(SPO).change("people.csv", {"person_ref": "P-5"}, sex="male")
    judge(draft, tmp_path, held=sample())
    assert {ref for (ref,) in rows("SELECT order_ref FROM stage_bad_order")} == {SPO, INTERIM, "CN-100008"}


def test_a_hearing_after_the_extract_is_a_listing_and_other_future_events_are_remarked(tmp_path: Path) -> None:
    draft = sample().add("events.csv", order_ref=SPO, event_ref="E-90", event="HEARING", at="2027-01-05T10:00")
    draft.add("events.csv", order_ref=SPO, event_ref="E-91", event="DISCHARGED", at="2027-01-06")
    remarks = judge(draft, tmp_path)
    assert rows("SELECT event FROM stage_event WHERE event_ref = 'E-90'") == [("LISTED",)]
    assert any("DISCHARGED is dated after" in sentence for sentence in remarks.sentences())
