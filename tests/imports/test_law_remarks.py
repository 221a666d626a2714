"""What an import remarks on of orders beside their people and the orders they follow, and applies all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.imports.loader import load
from orders.imports.outcome import Outcome
from tests.imports.bundles import Draft, sample
from tests.imports.large import write_large

pytestmark = pytest.mark.django_db

DVPN, DVPO, SPO, INTERIM = "CN-100001", "CN-100002", "CN-100006", "CN-100005"


@pytest.fixture
def read(areas: None, tmp_path: Path) -> Callable[[Draft], Outcome]:
    """Import a draft, each as the next bundle."""
    folders = iter(range(1_000))

    def read(draft: Draft) -> Outcome:
        number = next(folders)
        draft.later(f"2026-11-2{1 + number}T04:00:00+00:00")
        return load(draft.write(tmp_path / str(number)), commit=True)

    return read


def test_the_sample_deserves_no_such_word(read: Callable[[Draft], Outcome]) -> None:
    said = read(sample()).warnings
    assert not [words for words in said if "follows" in words or "aged" in words or "birth" in words]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda draft: draft.change("people.csv", {"person_ref": "P-1"}, date_of_birth="2006-03-29"),
            [
                (f"order {DVPN}: A DVPN binds only somebody aged 18 or over (Crime and Security Act 2010 s.24(2)); "
                "look at the date of birth")
            ],
        ),
        (
            lambda draft: draft.change("people.csv", {"person_ref": "P-5"}, date_of_birth="2026-07-01"),
            [
                "order CN-100005: Date of birth is after the ISPO began, on 3 June 2026; look at the date of birth",
                "order CN-100008: Date of birth is after the NMO began, on 20 January 2026; look at the date of birth",
            ],
        ),
        (
            lambda draft: draft.change("events.csv", {"event_ref": "E-5"}, at="2024-03-28T21:00", until="2024-04-24"),
            [
                (f"order {DVPO}: made at 21:00 on Thursday 28 March 2024, before the DVPN that it follows was served "
                "at 22:00 on Thursday 28 March 2024; one of the two is wrong")
            ],
        ),
        (
            lambda draft: draft.add("events.csv", order_ref=DVPO, event_ref="E-90", event="HEARING", at="2024-03-28T21:30"),
            [
                (f"order {DVPO}: heard at 21:30 on Thursday 28 March 2024, before the DVPN that it follows was served "
                "at 22:00 on Thursday 28 March 2024; one of the two is wrong")
            ],
        ),
        (
            lambda draft: draft.change("events.csv", {"event_ref": "E-21"}, at="2026-06-02"),
            [
                (f"order {SPO}: made on Tuesday 2 June 2026 (time not recorded), before the ISPO that it follows was "
                "made at 14:00 on Wednesday 3 June 2026; one of the two is wrong")
            ],
        ),
        (
            lambda draft: draft.change("orders.csv", {"order_ref": SPO}, replaces_ref="CN-100012"),
            [
                (f"order {SPO} names CN-100012 as what it follows: An SPO does not follow a DVPN, which leads to "
                "a DVPO (Crime and Security Act 2010 ss.24-26)"),
                f"order {SPO} names CN-100012 as what it follows, which binds another person",
                (
                    f"order {SPO}: made at 15:00 on Wednesday 22 July 2026, before the DVPN that it follows was "
                    "authorised at 22:15 on Thursday 19 November 2026; one of the two is wrong"
                ),
            ],
        ),
        (
            lambda draft: draft.change("orders.csv", {"order_ref": DVPO}, replaces_ref="CN-100008"),
            [
                (f"order {DVPO} names CN-100008 as what it follows: A DVPO follows a DVPN, not an NMO "
                "(Crime and Security Act 2010 s.27(1))"),
                f"order {DVPO} names CN-100008 as what it follows, which binds another person",
            ],
        ),
    ],
    ids=["too young", "not born", "made before", "heard before", "before the interim", "kind and person", "no notice"],
)  # fmt: skip
def test_what_may_be_wrong_is_said_and_applied(
    read: Callable[[Draft], Outcome], spoil: Callable[[Draft], object], says: list[str]
) -> None:
    draft = sample()
    spoil(draft)
    outcome = read(draft)
    said = [words for words in outcome.warnings if any(words.startswith(one[:14]) for one in says)]
    assert said == says
    assert (outcome.orders.new, outcome.orders.quarantined) == (12, 0)
    assert outcome.errors == []


def test_the_day_of_the_eighteenth_birthday_is_old_enough(read: Callable[[Draft], Outcome]) -> None:
    draft = sample().change("people.csv", {"person_ref": "P-1"}, date_of_birth="2006-03-28")
    assert not [words for words in read(draft).warnings if "aged" in words]


def test_what_was_taken_back_and_a_day_without_a_time_contradict_nothing(read: Callable[[Draft], Outcome]) -> None:
    draft = sample().change("events.csv", {"event_ref": "E-5"}, at="2024-03-28")
    draft.add("events.csv", order_ref=DVPO, event_ref="E-90", event="HEARING", at="2024-03-27T10:00")
    draft.add("events.csv", order_ref=DVPO, event_ref="E-91", event="RETRACTED", at="2024-03-27", text="E-90")
    assert not [words for words in read(draft).warnings if "follows" in words]


@pytest.mark.parametrize(
    ("changed", "changes", "says"),
    [
        (
            "events.csv",
            ({"event_ref": "E-2"}, {"at": "2024-04-02T11:30"}),
            "before the DVPN that it follows was served",
        ),
        ("people.csv", ({"person_ref": "P-1"}, {"date_of_birth": "2008-01-01"}), "binds only somebody aged 18 or over"),
    ],
)
def test_what_is_news_of_the_one_is_held_against_what_is_held_of_the_other(
    read: Callable[[Draft], Outcome], changed: str, changes: tuple[dict[str, str], dict[str, str]], says: str
) -> None:
    """The order itself is as it was, so that the bundle's rows of it are not even read."""
    read(sample())
    draft = sample().change(changed, changes[0], **changes[1], updated_at="2026-11-22T03:00:00+00:00")
    for _ in range(2):  # it is said again as long as it stands
        assert [words for words in read(draft).warnings if says in words]
    right = sample().change(changed, changes[0], updated_at="2026-11-23T03:00:00+00:00")
    assert not [words for words in read(right).warnings if says in words]


def test_who_binds_whom_is_found_in_as_many_statements_for_many_orders(areas: None, tmp_path: Path) -> None:
    asked = []
    for times in (1, 30):
        with CaptureQueriesContext(connection) as queries:
            load(write_large(tmp_path / str(times), times), commit=False)
        asked.append(len([one for one in queries if "law_" in one["sql"]]))
    assert asked[0] == asked[1] > 0
