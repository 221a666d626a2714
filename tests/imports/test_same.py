"""What is the same as when it was last read is left out, and nothing is missed by that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from orders.access import keyring
from orders.access.erasure import erase
from orders.actions.by_hand import NewHome, retract_event
from orders.actions.headings import correct_heading, restrict
from orders.actions.merging import merge
from orders.actions.people import correct_person, move
from orders.imports import same
from orders.imports.loader import Asked, load
from orders.imports.outcome import Outcome
from orders.imports.undo import undo
from orders.models import Area, Event, ImportRun, LastRead, Order, Person
from orders.record import standing_check
from tests.imports.bundles import Draft, sample

pytestmark = pytest.mark.long
LATER = "2026-11-24T04:00:00+00:00"


@pytest.fixture
def left_out(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many orders and people each import left out."""
    found: list[tuple[int, int]] = []
    keep = same.keep_digests

    def counted(**how: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM same_order), (SELECT count(*) FROM same_person)")
            found.append(cursor.fetchone())
        keep(**how)

    monkeypatch.setattr(same, "keep_digests", counted)
    return found


def order(ref: str) -> Order:
    return Order.objects.get(source_ref=ref)


def person(ref: str) -> Person:
    return Person.objects.get(source_ref=ref)


def nothing() -> None:
    """Nobody does anything between the two extracts."""


def someone_retracts() -> None:
    retract_event(Event.objects.get(source_ref="E-26"), by=None, reason="not this order")


def someone_corrects_a_heading() -> None:
    correct_heading(order("CN-100004"), {"court": "Another court"}, by=None, reason="misread")


def someone_corrects_a_person() -> None:
    correct_person(person("P-5"), {"given_names": "Gary"}, by=None, reason="misheard")


def someone_moves() -> None:
    home = NewHome(date(2026, 11, 21), neighbourhood=Area.objects.get(code="WMP-SAN-03"))
    move(person("P-5"), home, by=None)


def someone_restricts() -> None:
    restrict(order("CN-100004"), by=None, reason="asked to")


def someone_merges() -> None:
    merge(person("P-3"), person("P-5"), by=None, reason="one and the same")


def an_area_is_renamed() -> None:
    Area.objects.filter(code="WMP-WAL-04").update(code="WMP-WAL-99")


def an_order_is_in_doubt() -> None:
    Order.objects.filter(source_ref="CN-100006").update(doubt_since="2026-11-21T00:00Z")


def changed(name: str, where: dict[str, str], **what: str) -> Callable[[Draft], Draft]:
    return lambda draft: draft.change(name, where, **what)


def two_orders_share(name: str, key: str, one: str, other: str) -> Callable[[Draft], Draft]:
    return lambda draft: draft.change(name, {key: one}, **{key: other})


def as_it_was(draft: Draft) -> Draft:
    return draft


BUNDLES: dict[str, Callable[[Draft], Draft]] = {
    "as it was": as_it_was,
    "an event more": lambda draft: draft.add(
        "events.csv", order_ref="CN-100008", event_ref="E-50", event="DISCHARGED", at="2026-11-19T12:00"
    ),
    "an event less": lambda draft: draft.drop("events.csv", event_ref="E-26"),
    "another end": changed("events.csv", {"event_ref": "E-35"}, until="2026-11-29"),
    "a bad event": changed("events.csv", {"event_ref": "E-21"}, at="never"),
    "a bad home": changed("addresses.csv", {"address_ref": "A-6"}, from_="never"),
    "a move": changed("addresses.csv", {"address_ref": "A-6"}, neighbourhood="WMP-SAN-03"),
    "a home less": lambda draft: draft.drop("addresses.csv", address_ref="A-2"),
    "a person less": lambda draft: draft.drop("people.csv", person_ref="P-5"),
    "a name": changed("people.csv", {"person_ref": "P-5"}, family_name="CLARK"),
    "a court": changed("orders.csv", {"order_ref": "CN-100004"}, court="Elsewhere"),
    "another kind": changed("orders.csv", {"order_ref": "CN-100004"}, kind="OCC"),
    "some orders only": lambda draft: draft.only("CN-100004", "CN-100006"),
    "an event of another order": two_orders_share("events.csv", "event_ref", "E-35", "E-1"),
    "a condition of another order": two_orders_share("conditions.csv", "condition_ref", "C-1", "C-5"),
    "a home of another person": two_orders_share("addresses.csv", "address_ref", "A-1", "A-6"),
    "an order twice": lambda draft: draft.add("orders.csv", order_ref="CN-100004", kind="SPO", force="WMP"),
    "follows what is not there": changed("orders.csv", {"order_ref": "CN-100004"}, replaces_ref="CN-9"),
    "in a ring": changed("orders.csv", {"order_ref": "CN-100005"}, replaces_ref="CN-100006"),
    "a remark": changed("addresses.csv", {"address_ref": "A-6"}, neighbourhood="WMP-WAL-77"),
}

SOME = ("as it was", "an event more", "a bad home", "a move", "a court")


def told(draft: Draft, folder: Path, **how: Any) -> dict[str, Any]:
    """What a dry run says."""
    asked = Asked(name="later", **how)
    return load(draft.later(LATER).write(folder), commit=False, asked=asked).as_json()


@pytest.mark.parametrize(
    "between",
    [
        nothing, someone_retracts, someone_corrects_a_heading, someone_corrects_a_person, someone_moves,
        someone_restricts, someone_merges, an_area_is_renamed, an_order_is_in_doubt,
    ],
)  # fmt: skip
def test_whatever_happened_between_the_answer_is_that_of_reading_everything(
    imported: Outcome, tmp_path: Path, between: Callable[[], None]
) -> None:
    between()
    asked = BUNDLES if between is nothing else {name: BUNDLES[name] for name in SOME}
    quick = {name: told(change(sample()), tmp_path / f"a{n}") for n, (name, change) in enumerate(asked.items())}
    LastRead.objects.all().delete()
    whole = {name: told(change(sample()), tmp_path / f"b{n}") for n, (name, change) in enumerate(asked.items())}
    for name, answer in whole.items():
        assert {**quick[name], "warnings": sorted(quick[name]["warnings"])} == {
            **answer,
            "warnings": sorted(answer["warnings"]),
        }, name


def test_only_what_changed_is_read(imported: Outcome, tmp_path: Path, left_out: list[tuple[int, int]]) -> None:
    remarked = 12 - LastRead.objects.filter(is_person=False, digest__isnull=False).count()
    told(sample(), tmp_path / "same")
    told(BUNDLES["a court"](sample()), tmp_path / "court")
    told(BUNDLES["a move"](sample()), tmp_path / "move")
    whole, court, move_ = left_out
    assert remarked <= 2
    assert whole[0] == 12 - remarked
    assert (court[0], court[1]) == (whole[0] - 1, whole[1])
    assert move_[1] == whole[1] - 1
    assert move_[0] < whole[0]


def test_what_was_written_to_by_hand_is_read_again_once(
    imported: Outcome, tmp_path: Path, left_out: list[tuple[int, int]]
) -> None:
    told(sample(), tmp_path / "before")
    someone_restricts()
    told(sample(), tmp_path / "after")
    load(sample().later(LATER).write(tmp_path / "read"), commit=True)
    load(sample().later("2026-11-25T04:00:00+00:00").write(tmp_path / "again"), commit=False)
    before, after, _, again = left_out
    assert after[0] < before[0]
    assert again == before


def test_a_mark_left_while_the_import_runs_outlasts_it(imported: Outcome, tmp_path: Path) -> None:
    # Whoever writes between the comparison and the end of the import is not known to it.
    asked = Asked(name="later", planned=lambda bundle: someone_restricts())
    draft = BUNDLES["another end"](BUNDLES["a court"](sample())).later(LATER)
    load(draft.write(tmp_path / "later"), commit=True, asked=asked)
    touched = LastRead.objects.get(is_person=False, owner_id=order("CN-100004").pk)
    assert touched.digest is None
    assert touched.touched_id is not None
    settled = Order.objects.get(pk=Event.objects.filter(source_ref="E-35").latest("pk").order_id)
    assert LastRead.objects.get(is_person=False, owner_id=settled.pk).digest is not None


def test_another_release_reads_everything(
    imported: Outcome, tmp_path: Path, left_out: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same, "rules", lambda: "of another release")
    told(sample(), tmp_path / "later")
    assert left_out == [(0, 0)]


def test_after_an_undo_everything_is_read(imported: Outcome, tmp_path: Path, left_out: list[tuple[int, int]]) -> None:
    undo(list(ImportRun.objects.all()), by=None, reason="the wrong extract")
    outcome = load(sample().later(LATER).write(tmp_path / "later"), commit=True)
    assert left_out == [(0, 0)]
    assert outcome.orders.changed == 12
    assert list(standing_check.differences()) == []


def test_what_is_erased_is_not_taken_for_unchanged(imported: Outcome, tmp_path: Path) -> None:
    erase(person("P-1"), by=None, reason="the time is over")
    quick = told(sample(), tmp_path / "quick")
    LastRead.objects.all().delete()
    assert told(sample(), tmp_path / "whole") == quick


def test_digests_tell_nothing_without_the_key(imported: Outcome, tmp_path: Path, settings: Any) -> None:
    before = set(LastRead.objects.exclude(digest=None).values_list("digest", flat=True))
    LastRead.objects.all().delete()
    settings.FIELD_KEYS = [
        entry if not entry.startswith("index:") else keyring.made("index") for entry in settings.FIELD_KEYS
    ]
    load(sample().later(LATER).write(tmp_path / "later"), commit=True)
    after = set(LastRead.objects.exclude(digest=None).values_list("digest", flat=True))
    assert len(before) == len(after) > 0
    assert not before & after
