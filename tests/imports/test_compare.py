"""What a bundle would change in a register that holds the sample extract."""

from __future__ import annotations

from pathlib import Path

import pytest

from orders.imports.compare import CARRIED, plan_tables
from tests.imports.bundles import Draft, sample
from tests.imports.held import judge, rows

pytestmark = pytest.mark.django_db

OLDER, NEWER = "2026-11-19T03:00:00+00:00", "2026-11-20T22:00:00+00:00"


def planned() -> dict[str, int]:
    """How many facts of each sort would be recorded or superseded, where any."""
    found = {}
    for facts in CARRIED:
        for table in plan_tables(facts):
            ((count,),) = rows(f"SELECT count(*) FROM {table}")
            assert isinstance(count, int)
            if count:
                found[table.removeprefix("plan_")] = count
    for table in ("order", "person"):
        for own, count in rows(f"SELECT own, count(*) FROM plan_{table} WHERE own <> 'same' GROUP BY own"):
            assert isinstance(count, int)
            found[f"{table} {own}"] = count
    return found


def test_nothing_held_everything_is_new(tmp_path: Path) -> None:
    judge(sample(), tmp_path)
    assert planned() == {
        "order new": 12, "person new": 10, "party_new": 24, "condition_new": 10, "event_new": 39, "address_new": 11,
    }  # fmt: skip


def test_the_same_again_plans_nothing(tmp_path: Path) -> None:
    judge(sample(), tmp_path, held=sample())
    assert planned() == {}


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (sample().change("events.csv", {"event_ref": "E-21"}, at="2026-07-23"), {"event_new": 1, "event_old": 1}),
        (sample().drop("events.csv", event_ref="E-29"), {"event_old": 1}),
        (
            sample().add("events.csv", order_ref="CN-100006", event_ref="E-90", event="REVIEWED", at="2026-11-19"),
            {"event_new": 1},
        ),
        (
            sample().change("conditions.csv", {"condition_ref": "C-1"}, code="B"),
            {"condition_new": 1, "condition_old": 1},
        ),
        (sample().drop("conditions.csv", condition_ref="C-1"), {"condition_old": 1}),
        (
            sample().change("parties.csv", {"order_ref": "CN-100001", "role": "victim"}, relationship="sister"),
            {"party_new": 1, "party_old": 1},
        ),
        (
            sample()
            .change("addresses.csv", {"address_ref": "A-1"}, to="2026-11-01")
            .add("addresses.csv", person_ref="P-1", address_ref="A-90", from_="2026-11-01", neighbourhood="WMP-COV-01"),
            {"address_new": 2, "address_old": 1},
        ),
        (sample().drop("addresses.csv", address_ref="A-2"), {"address_old": 1}),
        (sample().change("orders.csv", {"order_ref": "CN-100001"}, court="Elsewhere"), {"order changed": 1}),
        (sample().change("people.csv", {"person_ref": "P-1"}, aliases=""), {"person changed": 1}),
        # Older rows never overwrite newer ones.
        (sample().change("events.csv", {"event_ref": "E-21"}, at="2026-07-23", updated_at=OLDER), {}),
        (sample().change("orders.csv", {"order_ref": "CN-100001"}, court="Elsewhere", updated_at=OLDER), {}),
        (sample().change("people.csv", {"person_ref": "P-1"}, sex="X", updated_at=OLDER), {}),
        (sample().change("addresses.csv", {"address_ref": "A-1"}, secret="Y", updated_at=OLDER), {}),
        # An order whose own row is older takes nothing back, whatever it lacks.
        (
            sample()
            .change("orders.csv", {"order_ref": "CN-100002"}, updated_at=OLDER)
            .drop("events.csv", event_ref="E-9")
            .drop("conditions.csv", condition_ref="C-1"),
            {},
        ),
    ],
)
def test_only_differences_are_planned(tmp_path: Path, draft: Draft, expected: dict[str, int]) -> None:
    judge(draft, tmp_path, held=sample())
    assert planned() == expected


def test_a_bundle_taken_earlier_takes_nothing_back_but_may_know_newer_rows(tmp_path: Path) -> None:
    draft = sample().drop("events.csv", event_ref="E-29").drop("addresses.csv", address_ref="A-2")
    draft.change("events.csv", {"event_ref": "E-30"}, at="2026-01-24")
    draft.change("events.csv", {"event_ref": "E-28"}, at="2026-01-23", updated_at=NEWER)
    judge(draft, tmp_path, held=sample(), older=True)
    assert planned() == {"event_new": 1, "event_old": 1}


def test_people_outside_every_applied_order_are_not_stored(tmp_path: Path) -> None:
    draft = sample().add("people.csv", person_ref="P-99", family_name="NOBODY")
    draft.add("addresses.csv", person_ref="P-99", address_ref="A-99", from_="2026-01-01")
    draft.change("events.csv", {"event_ref": "E-13"}, at="?")
    judge(draft, tmp_path)
    assert rows("SELECT person_ref FROM plan_person WHERE person_ref = 'P-99'") == []
    assert planned()["address_new"] == 11


def test_a_person_without_a_carried_order_keeps_addresses(tmp_path: Path) -> None:
    draft = sample().only("CN-100006").add("people.csv", person_ref="P-1", family_name="HUSSAIN-KHAN")
    judge(draft, tmp_path, held=sample())
    assert planned() == {"person changed": 1}


def test_an_order_with_another_in_quarantine_is_still_applied(tmp_path: Path) -> None:
    draft = sample().change("events.csv", {"event_ref": "E-18"}, at="?")
    draft.change("events.csv", {"event_ref": "E-23"}, at="2026-07-24")
    judge(draft, tmp_path, held=sample())
    assert planned() == {"event_new": 1, "event_old": 1}
    assert rows("SELECT order_ref FROM stage_bad_order") == [("CN-100005",)]
