"""What somebody did by hand stands until somebody decides otherwise, whatever the next extract says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orders.actions.by_hand import NewHome
from orders.actions.headings import correct_heading, vary
from orders.actions.merging import merge, undo_merge
from orders.actions.people import correct_person, move
from orders.imports.corrections import NONE
from orders.imports.loader import Asked, load
from orders.imports.outcome import Outcome
from orders.imports.preview import Listed, read_preview, write_preview
from orders.imports.undo import undo
from orders.models import Area, Condition, ImportRun, LastRead, Order, Party, Person, PutRight, Residence
from orders.record import standing_check
from orders.record.storing import NewCondition
from orders.statute import Event, parse_local
from tests.imports.bundles import Draft, sample


class Extracts:
    """Imports one later extract after another, each a day after the one before and read whole."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._day = folder, 24
        self.hand: list[Listed] = []

    def load(self, draft: Draft) -> Outcome:
        """Import it; `hand` is what its preview lists as put right by hand."""
        LastRead.objects.all().delete()
        self._day += 1
        path, shown = self._folder / f"{self._day}", self._folder / f"{self._day}.jsonl"
        draft.later(f"2026-11-{self._day}T04:00:00+00:00").write(path)
        asked = Asked(name="later", planned=lambda bundle: write_preview(shown, bundle, NONE))
        outcome = load(path, commit=True, asked=asked)
        self.hand = [one for one in read_preview(shown)[0] if one.sort == "hand"]
        assert list(standing_check.differences()) == []
        return outcome


@pytest.fixture
def extracts(imported: Outcome, tmp_path: Path) -> Extracts:
    return Extracts(tmp_path)


def order(ref: str) -> Order:
    return Order.objects.get(source_ref=ref)


def person(ref: str) -> Person:
    return Person.objects.get(source_ref=ref)


def orders_of(one: Person) -> set[str]:
    return set(Party.objects.filter(person=one, superseded=None).values_list("order__source_ref", flat=True))


def homes_of(one: Person) -> set[tuple[str, str]]:
    homes = Residence.objects.filter(person=one, superseded=None)
    return {(home.source_ref, str(home.to_on or "")) for home in homes}


def test_a_heading_put_right_stays_and_the_preview_says_so(extracts: Extracts) -> None:
    correct_heading(order("CN-100004"), {"court": "Right Court"}, by=None, reason="misread")
    outcome = extracts.load(sample())
    assert (outcome.orders.changed, outcome.orders.unchanged) == (0, 12)
    assert order("CN-100004").court == "Right Court"
    (listed,) = extracts.hand
    assert (listed.ref, listed.changes[0].what, listed.changes[0].before) == ("CN-100004", "court", "Right Court")
    assert listed.changes[0].after.endswith("the source still says Coventry Magistrates' Court")


def test_what_else_the_source_changes_is_taken_and_its_other_word_kept_beside(extracts: Extracts) -> None:
    correct_heading(order("CN-100004"), {"court": "Right Court"}, by=None, reason="misread")
    news = sample().change("orders.csv", {"order_ref": "CN-100004"}, court="Third Court", team="Another team")
    assert extracts.load(news).orders.changed == 1
    assert (order("CN-100004").court, order("CN-100004").team) == ("Right Court", "Another team")
    assert extracts.hand[0].changes[0].after.endswith("the source now says Third Court")
    assert PutRight.objects.get(superseded=None).source_says == "Third Court"
    assert extracts.load(news).orders.changed == 0


def test_the_matter_is_settled_when_the_source_agrees_or_its_word_is_put_back(extracts: Extracts) -> None:
    correct_heading(order("CN-100004"), {"court": "Right Court"}, by=None, reason="misread")
    extracts.load(sample().change("orders.csv", {"order_ref": "CN-100004"}, court="Right Court"))
    assert not PutRight.objects.filter(superseded=None).exists()
    correct_heading(order("CN-100004"), {"court": "Wrong Court"}, by=None, reason="a slip")
    correct_heading(order("CN-100004"), {"court": "Right Court"}, by=None, reason="back")
    assert not PutRight.objects.filter(superseded=None).exists()
    extracts.load(sample().change("orders.csv", {"order_ref": "CN-100004"}, court="Moved Court"))
    assert order("CN-100004").court == "Moved Court"
    assert extracts.hand == []


def test_a_person_put_right_stays(extracts: Extracts) -> None:
    changes = {"given_names": "Gary", "date_of_birth": date(1974, 3, 4), "aliases": [["CLERK", "G"]], "pnc_id": ""}
    correct_person(person("P-5"), changes, by=None, reason="misheard")
    assert extracts.load(sample()).people.changed == 0
    extracts.load(sample().change("people.csv", {"person_ref": "P-5"}, sex="X"))
    found = person("P-5")
    assert (found.given_names, found.date_of_birth, found.aliases, found.pnc_id, found.sex) == (
        "Gary", date(1974, 3, 4), [["CLERK", "G"]], "", "X",
    )  # fmt: skip
    assert {change.what for change in extracts.hand[0].changes} == {
        "given names", "date of birth", "aliases", "pnc id",
    }  # fmt: skip


def test_undoing_an_import_gives_back_what_the_source_said_before_it(extracts: Extracts) -> None:
    correct_heading(order("CN-100004"), {"court": "Right Court"}, by=None, reason="misread")
    extracts.load(sample().change("orders.csv", {"order_ref": "CN-100004"}, court="Third Court"))
    undo([ImportRun.objects.latest("pk")], by=None, reason="the wrong extract")
    assert PutRight.objects.get(superseded=None).source_says == "Coventry Magistrates' Court"
    assert order("CN-100004").court == "Right Court"


def test_somebody_moved_by_hand_stays_moved(extracts: Extracts) -> None:
    home = NewHome(date(2026, 11, 21), neighbourhood=Area.objects.get(code="WMP-SAN-03"))
    move(person("P-5"), home, by=None)
    before = homes_of(person("P-5"))
    assert extracts.load(sample()).people.changed == 0
    assert homes_of(person("P-5")) == before
    # The source now says of the home that was put away something else: that is kept, and changes nothing here.
    extracts.load(sample().change("addresses.csv", {"address_ref": "A-6"}, address="10 Instance Lane"))
    assert homes_of(person("P-5")) == before
    assert extracts.load(sample()).people.changed == 1
    assert homes_of(person("P-5")) == before


def test_a_condition_added_by_hand_stays(extracts: Extracts) -> None:
    varied = Event("VARIED", parse_local("2026-11-21T10:00"))
    before = Condition.objects.filter(order=order("CN-100007"), superseded=None)
    vary(order("CN-100007"), varied, by=None, ended=[before.first()], added=[NewCondition("B", "No contact.")])  # type: ignore[list-item]
    stands = set(before.values_list("pk", flat=True))
    assert extracts.load(sample()).orders.changed == 0
    assert set(before.values_list("pk", flat=True)) == stands


def test_after_a_merge_extracts_go_to_the_person_who_was_kept(extracts: Extracts) -> None:
    kept, other = person("P-3"), person("P-5")
    together, apart = orders_of(kept) | orders_of(other), orders_of(other)
    alone = homes_of(other)
    merged = merge(kept, other, by=None, reason="one and the same")
    assert extracts.load(sample()).orders.changed == 0
    assert (orders_of(kept), orders_of(other)) == (together, set())

    news = sample().add("orders.csv", order_ref="CN-9", kind="RO", force="WMP", reference="RO/9")
    news.add("parties.csv", order_ref="CN-9", person_ref="P-5", role="perpetrator")
    news.add("parties.csv", order_ref="CN-9", person_ref="P-6", role="victim")
    news.change("addresses.csv", {"address_ref": "A-6"}, to="2026-11-01")
    news.add("addresses.csv", person_ref="P-5", address_ref="A-99", status="home", from_="2026-11-01",
             neighbourhood="WMP-SAN-03")  # fmt: skip
    outcome = extracts.load(news)
    assert (outcome.orders.new, outcome.people.changed) == (1, 1)
    assert (orders_of(kept), orders_of(other)) == (together | {"CN-9"}, set())
    assert {("A-6", "2026-11-01"), ("A-99", "")} <= homes_of(kept)
    assert ("A-6", "") not in homes_of(kept)
    assert extracts.load(news).orders.changed == 0
    assert ["CLARKE", "Gavin"] in person("P-3").aliases

    undo_merge(merged, by=None, reason="two after all")
    assert orders_of(other) == apart | {"CN-9"}
    assert orders_of(kept) == together - apart
    assert homes_of(other) == {("A-6", "2026-11-01"), ("A-99", "")}
    assert homes_of(other) != alone
    outcome = extracts.load(news)
    assert (outcome.orders.changed, outcome.people.changed) == (0, 0)
    assert not PutRight.objects.filter(superseded=None).exists()
    extracts.load(sample())
    assert homes_of(other) == alone


def test_an_order_of_both_names_the_person_who_was_kept_once(extracts: Extracts) -> None:
    kept, other = person("P-4"), person("P-6")
    merge(kept, other, by=None, reason="one and the same")
    news = sample().add("orders.csv", order_ref="CN-9", kind="RO", force="WMP", reference="RO/9")
    news.add("parties.csv", order_ref="CN-9", person_ref="P-1", role="perpetrator")
    for ref in ("P-4", "P-6"):
        news.add("parties.csv", order_ref="CN-9", person_ref=ref, role="victim")
    extracts.load(news)
    assert Party.objects.filter(order__source_ref="CN-9", superseded=None).count() == 2
    extracts.load(news)
    assert Party.objects.filter(order__source_ref="CN-9", superseded=None).count() == 2
