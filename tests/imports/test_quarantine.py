"""What is said of an order of which nothing could be applied, and what ends the doubt about it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from orders.imports.loader import load
from orders.imports.outcome import Outcome
from orders.models import Order, Person, QuarantinedOrder
from tests.imports.bundles import SAMPLE, Draft, sample

pytestmark = pytest.mark.django_db
LATER, LATEST = "2026-11-24T04:00:00+00:00", "2026-11-25T04:00:00+00:00"


@pytest.fixture
def imported() -> Outcome:
    call_command("load_areas", stdout=io.StringIO())
    return load(SAMPLE, commit=True)


def test_errors_of_the_law_say_what_the_row_said(imported: Outcome, tmp_path: Path) -> None:
    draft = sample().later(LATER)
    draft.change("events.csv", {"event_ref": "E-15"}, at="2025-02-01T09:30")
    draft.change("events.csv", {"event_ref": "E-39"}, event="MADE")
    draft.change("events.csv", {"event_ref": "E-30"}, at="2026-01-10")
    errors = load(draft.write(tmp_path / "b"), commit=False).errors
    assert {(error.line, error.column, error.value, error.order_ref) for error in errors} == {
        (16, "at", "2025-02-01T09:30:00+00:00", "CN-100004"),
        (40, "event", "MADE", "CN-100012"),
        (31, "at", "2026-01-10", "CN-100008"),
    }


def test_a_fault_of_a_person_is_told_on_every_order_they_are_in(imported: Outcome, tmp_path: Path) -> None:
    draft = sample().only("CN-100006").later(LATER, "changes")
    draft.change("people.csv", {"person_ref": "P-5"}, date_of_birth="3 March")
    outcome = load(draft.write(tmp_path / "b"), commit=True)
    assert outcome.orders.quarantined == 3
    found = {row.source_ref: row for row in QuarantinedOrder.objects.all()}
    assert set(found) == {"CN-100005", "CN-100006", "CN-100008"}
    for row in found.values():
        assert row.reasons == ["people.csv line 2: date_of_birth is not a date (YYYY-MM-DD)"]
        assert row.order is not None
        assert row.order.doubt_since is not None
    assert Person.objects.get(source_ref="P-5").date_of_birth is not None


def test_only_a_good_row_of_a_bundle_that_is_not_older_ends_the_doubt(imported: Outcome, tmp_path: Path) -> None:
    def in_doubt() -> bool:
        return Order.objects.get(source_ref="CN-100004").doubt_since is not None

    def put(draft: Draft, name: str) -> Outcome:
        return load(draft.write(tmp_path / name), commit=True)

    put(sample().change("events.csv", {"event_ref": "E-14"}, at="soon").later(LATEST, "changes"), "bad")
    assert in_doubt()
    # Taken before the one that could not be read: whatever it says, the newest is still missing.
    older = sample().later(LATER, "changes")
    older.change("orders.csv", {"order_ref": "CN-100004"}, court="Elsewhere", updated_at="2026-11-23T03:00:00+00:00")
    assert put(older, "older").orders.changed == 1
    assert Order.objects.get(source_ref="CN-100004").court == "Elsewhere"
    assert in_doubt()
    assert QuarantinedOrder.objects.filter(resolved_by__isnull=True).count() == 1
    good = sample().later("2026-11-26T04:00:00+00:00", "changes")
    good.change("orders.csv", {"order_ref": "CN-100004"}, updated_at="2026-11-25T03:00:00+00:00")
    put(good, "good")
    assert not in_doubt()
    assert not QuarantinedOrder.objects.filter(resolved_by__isnull=True).exists()


def test_an_order_that_waits_for_the_one_it_follows_finds_it_later(imported: Outcome, tmp_path: Path) -> None:
    full = sample().add("orders.csv", order_ref="CN-2", kind="SPO", force="WMP", replaces_ref="CN-1")
    full.add("orders.csv", order_ref="CN-1", kind="ISPO", force="Nowhere")
    for ref in ("CN-1", "CN-2"):
        full.add("parties.csv", order_ref=ref, person_ref="P-5", role="perpetrator")
        full.add("parties.csv", order_ref=ref, person_ref="P-6", role="victim")
    outcome = load(full.later(LATER).write(tmp_path / "first"), commit=True)
    assert (outcome.orders.new, outcome.orders.quarantined) == (1, 1)
    assert Order.objects.get(source_ref="CN-2").replaces is None
    full.change("orders.csv", {"order_ref": "CN-1"}, force="WMP")
    load(full.later(LATEST).write(tmp_path / "second"), commit=True)
    follower = Order.objects.get(source_ref="CN-2")
    assert follower.replaces is not None
    assert follower.replaces.source_ref == "CN-1"


def test_people_in_no_order_are_named_and_not_kept(imported: Outcome, tmp_path: Path) -> None:
    draft = sample().later(LATER).add("people.csv", person_ref="P-77", family_name="NOBODY")
    outcome = load(draft.write(tmp_path / "b"), commit=True)
    assert outcome.warnings == ["people.csv line 12: P-77 is in no order and was not stored"]
    assert not Person.objects.filter(source_ref="P-77").exists()
