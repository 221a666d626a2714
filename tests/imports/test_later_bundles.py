"""What a second bundle may change, and what it may not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from orders.imports.loader import load
from orders.imports.outcome import Outcome
from orders.models import Event, Order, Place, QuarantinedOrder
from orders.record import standing_check
from orders.record.explain import explain, matching
from orders.statute import parse_local
from tests.imports.bundles import Draft, sample


def standing_now(ref: str) -> dict[str, Any]:
    (order,) = matching(f"connect-wmp:{ref}")
    return explain(order, at=parse_local("2026-11-20T12:00"))


class TestLaterBundles:
    """What a second bundle may change, and what it may not."""

    def later(self, draft: Draft, tmp_path: Path, mode: str = "changes") -> Outcome:
        folder = draft.later("2026-11-24T04:00:00+00:00", mode).write(tmp_path / "later")
        outcome = load(folder, commit=True)
        assert list(standing_check.differences()) == []
        return outcome

    @pytest.mark.parametrize(
        ("file", "column", "value", "moved"),
        [
            ("orders.csv", "court", "Another court", False),
            ("orders.csv", "team", "Another team", False),
            ("orders.csv", "officer", "Another officer", False),
            ("orders.csv", "reference", "OTHER/1", False),
            ("orders.csv", "case_ref", "99XX", False),
            ("orders.csv", "power_of_arrest", "Y", True),
            ("people.csv", "ethnicity", "Z9", False),
            ("people.csv", "warnings", "VIOLENT", False),
            ("people.csv", "family_name", "OTHERWISE", True),
            ("people.csv", "date_of_birth", "1971-02-03", True),
        ],
    )
    def test_places_are_worked_out_again_only_for_what_they_rest_on(
        self, imported: Outcome, tmp_path: Path, file: str, column: str, value: str, moved: bool
    ) -> None:
        draft = sample().later("2026-11-24T04:00:00+00:00", "changes")
        (order,) = matching("connect-wmp:CN-100008")
        party = order.parties.get(role="perpetrator")
        key = {"order_ref": "CN-100008"} if file == "orders.csv" else {"person_ref": party.person.source_ref}
        assert draft.row(file, **key)[column] != value
        draft.change(file, key, **{column: value}, updated_at="2026-11-23T03:00:00+00:00")
        steps: Counter[str] = Counter()
        outcome = load(
            draft.write(tmp_path / "later"),
            commit=True,
            advance=lambda step, done, total=None: steps.update({step: done}),
        )
        changed = outcome.orders if file == "orders.csv" else outcome.people
        assert changed.changed == 1
        assert (steps["places"] > 0) == moved
        assert list(standing_check.differences()) == []

    def test_an_order_finds_the_one_it_follows_also_where_only_its_court_changes(
        self, areas: None, tmp_path: Path
    ) -> None:
        interim_is_faulty = sample().change("orders.csv", {"order_ref": "CN-100005"}, kind="NONE")
        assert load(interim_is_faulty.write(tmp_path / "first"), commit=True).orders.quarantined == 1
        assert matching("connect-wmp:CN-100006")[0].replaces is None
        both = sample().change(
            "orders.csv", {"order_ref": "CN-100006"}, court="Another court", updated_at="2026-11-23T03:00:00+00:00"
        )
        assert self.later(both, tmp_path).orders.changed == 1
        assert matching("connect-wmp:CN-100006")[0].replaces == matching("connect-wmp:CN-100005")[0]

    def test_an_event_that_is_new_changes_the_order(self, imported: Outcome, tmp_path: Path) -> None:
        draft = sample().add(
            "events.csv", order_ref="CN-100008", event_ref="E-50", event="DISCHARGED", at="2026-11-19T12:00"
        )
        outcome = self.later(draft, tmp_path)
        assert (outcome.orders.changed, outcome.orders.unchanged) == (1, 11)
        assert standing_now("CN-100008")["ended_by"] == "discharged"

    def test_an_event_no_longer_carried_is_retracted_and_history_keeps_it(
        self, imported: Outcome, tmp_path: Path
    ) -> None:
        (order,) = matching("connect-wmp:CN-100007")
        known = order.first_recording.recorded_at
        outcome = self.later(sample().drop("events.csv", event_ref="E-26"), tmp_path)
        assert outcome.orders.changed == 1
        assert standing_now("CN-100007")["facets"]["service"] == "not served"
        then = explain(order, at=parse_local("2026-11-20T12:00"), known_at=known)
        assert then["facets"]["service"] == "told"
        assert Event.objects.filter(order=order, text="no longer at source").count() == 1

    def test_a_correction_retracts_the_old_and_records_the_new(self, imported: Outcome, tmp_path: Path) -> None:
        self.later(sample().change("events.csv", {"event_ref": "E-35"}, until="2026-11-29"), tmp_path)
        assert standing_now("CN-100010")["in_force"] == [["2026-11-16T11:05:00Z", "2026-11-30T00:00:00Z"]]
        assert Event.objects.filter(source_ref="E-35").count() == 2

    def test_an_order_missing_from_a_full_bundle_is_reported_and_kept(self, imported: Outcome, tmp_path: Path) -> None:
        outcome = self.later(sample().only("CN-100004"), tmp_path, "full")
        assert (outcome.orders.unchanged, outcome.orders.missing_at_source) == (1, 11)
        assert Order.objects.count() == 12

    def test_a_quarantined_update_puts_the_order_in_doubt_until_a_good_one_comes(
        self, imported: Outcome, tmp_path: Path
    ) -> None:
        bad = sample().change("events.csv", {"event_ref": "E-21"}, at="never")
        outcome = self.later(bad, tmp_path / "bad")
        assert outcome.orders.quarantined == 1
        (order,) = matching("connect-wmp:CN-100006")
        assert order.doubt_since is not None
        now = explain(order, at=order.doubt_since)
        assert now["standing"] == "unconfirmed"
        good = sample().later("2026-11-25T04:00:00+00:00", "changes").write(tmp_path / "good")
        assert load(good, commit=True).orders.changed == 1
        order.refresh_from_db()
        assert order.doubt_since is None
        assert explain(order, at=parse_local("2026-11-24T12:00"))["standing"] == "live"
        assert not QuarantinedOrder.objects.filter(resolved_by__isnull=True).exists()

    def test_an_older_row_never_overwrites_a_newer_one(self, imported: Outcome, tmp_path: Path) -> None:
        older = sample()
        for table in older.tables.values():
            for row in table:
                if "updated_at" in row:
                    row["updated_at"] = "2026-11-01T03:00:00+00:00"
        older.change("orders.csv", {"order_ref": "CN-100004"}, court="Elsewhere")
        outcome = self.later(older, tmp_path)
        assert outcome.orders.changed == 0
        assert Order.objects.get(source_ref="CN-100004").court == "Coventry Magistrates' Court"

    def test_a_move_changes_where_the_order_is_found(self, imported: Outcome, tmp_path: Path) -> None:
        draft = sample().change("addresses.csv", {"address_ref": "A-6"}, neighbourhood="WMP-SAN-03")
        assert self.later(draft, tmp_path).people.changed == 1
        found = Place.objects.filter(order__source_ref="CN-100006", area__code="WMP-SAN-03")
        assert found.exists()
        assert not Place.objects.filter(order__source_ref="CN-100006", area__code="WMP-WAL").exists()
