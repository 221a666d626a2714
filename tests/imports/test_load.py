"""The whole import, from a bundle on disk to what is found and explained."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from orders.imports.bundle import Limits
from orders.imports.loader import load
from orders.imports.outcome import Outcome
from orders.models import (
    Area,
    AuditEntry,
    Condition,
    Event,
    ImportRun,
    Order,
    Party,
    Person,
    Place,
    QuarantinedOrder,
    Recording,
    Residence,
    Role,
    User,
)
from orders.record import standing_check
from orders.record.explain import explain, matching
from orders.search import by_area
from orders.search.by_area import Question
from orders.statute import parse_local
from tests.imports.bundles import SAMPLE, Draft, sample
from tests.statute.sample_answers import ANSWERS, INSTANTS, Answer

pytestmark = pytest.mark.long
TABLES = (Order, Person, Residence, Party, Condition, Event, Place, Recording, ImportRun, QuarantinedOrder)


def sizes() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in TABLES}


def standing_now(ref: str) -> dict[str, Any]:
    (order,) = matching(f"connect-wmp:{ref}")
    return explain(order, at=parse_local("2026-11-20T12:00"))


def test_a_dry_run_says_everything_and_changes_nothing(areas: None) -> None:
    before = sizes()
    outcome = load(SAMPLE, commit=False)
    assert (outcome.bundle, outcome.committed, outcome.orders.new, outcome.people.new) == ("accepted", False, 12, 10)
    assert sizes() == before


def test_the_sample_is_taken_whole_and_a_second_time_changes_nothing(imported: Outcome) -> None:
    assert (imported.orders.new, imported.people.new, imported.errors, imported.committed) == (12, 10, [], True)
    before = sizes()
    again = load(SAMPLE, commit=True)
    assert (again.bundle, again.orders.new, again.committed) == ("already imported", 12, True)
    assert sizes() == before
    assert list(standing_check.differences()) == []
    assert AuditEntry.objects.filter(action="import extract", category="collection").count() == 1


def as_answer(order: str, at: str, said: dict[str, Any]) -> Answer:
    """What `explain` said, in the form of the table."""
    review = said["facets"]["review"]
    return Answer(
        order,
        at,
        said["standing"],
        said["ended_by"],
        tuple((starts, ends) for starts, ends in said["in_force"]),
        said["offence_provable"],
        said["facets"]["service"],
        said["facets"]["pnc"],
        None if review is None else (review["due_on"], review["overdue"]),
        tuple((deadline["rule"], deadline["due"], deadline["met"]) for deadline in said["deadlines"]),
    )


@pytest.mark.parametrize("ref", sorted({answer.order for answer in ANSWERS}))
def test_each_order_of_the_sample_is_explained_as_worked_out_by_hand(imported: Outcome, ref: str) -> None:
    (order,) = matching(f"connect-wmp:{ref}")
    expected = [answer for answer in ANSWERS if answer.order == ref]
    said = {answer.at: explain(order, at=parse_local(answer.at)) for answer in expected}
    assert [as_answer(ref, at, answered) for at, answered in said.items()] == expected
    reasons = [reason for answered in said.values() for reason in answered["why"]]
    assert len(reasons) >= len(expected)
    assert all(reason["text"] and reason["source"] for reason in reasons)


def test_there_is_an_answer_for_every_order_and_instant() -> None:
    refs = {row["order_ref"] for row in sample().tables["orders.csv"]}
    assert {(answer.order, answer.at) for answer in ANSWERS} == {(ref, at) for ref in refs for at in INSTANTS}


@pytest.mark.parametrize(
    ("area", "role", "live", "all_of_them"),
    [
        # Live on 20 November 2026: 4 (O'Neill: Coventry; Baker-Smith: Solihull), 6 and 8 (Clarke: Walsall; Nowak:
        # Wolverhampton), 7 and 11 (MacDonald: no fixed abode; Adeyemi: Birmingham), 10 (Thomas: Dudley; Begum: Dudley).
        ("WMP", None, 6, 12),
        ("WMP", "perpetrator", 4, 10),
        ("WMP", "victim", 6, 12),
        ("WMP", "either", 6, 12),
        ("WMP", "both", 4, 10),
        ("WMP", "not placed", 2, 2),
        ("WMP-WAL", "perpetrator", 2, 3),
        ("WMP-WAL", "victim", 0, 0),
        ("WMP-WAL", "either", 2, 3),
        ("WMP-WAL", "both", 0, 0),
        ("WMP-WOL", "victim", 2, 3),
        ("WMP-WOL", "perpetrator", 0, 0),
        ("WMP-COV", "perpetrator", 1, 2),
        ("WMP-COV", "victim", 0, 2),
        ("WMP-COV", "either", 1, 4),
        ("WMP-DUD", "both", 1, 3),
        ("WMP-BHM", "perpetrator", 0, 2),
        ("WMP-BHM", "victim", 2, 2),
        ("WMP-SOL", "victim", 1, 2),
        ("WMP-SAN", None, 0, 0),
        ("WMP-WAL-04", "perpetrator", 2, 3),
        ("WMP-WAL-04", "victim", 0, 0),
        ("WMP-WOL-16", "victim", 2, 3),
        ("WMP-COV-14", "victim", 0, 0),  # secret, so in no neighbourhood
        ("WMP-DUD-05", "victim", 0, 0),  # secret
        ("WMP-DUD-10", "perpetrator", 1, 3),
        ("WMP-BHM-03", "victim", 2, 2),
        ("WMP-SOL-07", "either", 1, 2),
        ("WMP-SOL-07", "both", 0, 0),
    ],
)
def test_force_lpa_and_neighbourhood_by_role_as_counted_by_hand(
    imported: Outcome, area: str, role: str | None, live: int, all_of_them: int
) -> None:
    user = User.objects.create_user("u", roles=[Role.VIEWER.value], force=Area.objects.get(code="WMP"))
    asked = Question(Area.objects.get(code=area), parse_local("2026-11-20T12:00"), role=role)
    counted = by_area.counts(asked, user)
    assert (counted["live"], sum(counted.values())) == (live, all_of_them)


def test_a_victim_who_moved_is_found_where_she_lived_then(imported: Outcome) -> None:
    user = User.objects.create_user("u", roles=[Role.VIEWER.value], force=Area.objects.get(code="WMP"))

    def found(area: str, at: str) -> int:
        asked = Question(Area.objects.get(code=area), parse_local(at), role="victim")
        return sum(by_area.counts(asked, user).values())

    assert (found("WMP-WAL", "2024-04-30T23:59"), found("WMP-COV", "2024-04-30T23:59")) == (2, 0)
    assert (found("WMP-WAL", "2024-05-01T00:00"), found("WMP-COV", "2024-05-01T00:00")) == (0, 2)


Change = Callable[[Draft], Draft]


@pytest.mark.parametrize(
    ("change", "order", "message"),
    [
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, by="a\0b"), "CN-100004", "NUL"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, by="x" * 10_000_000), "CN-100004", "characters"),
        (lambda d: d.change("orders.csv", {"order_ref": "CN-100004"}, kind="XPO"), "CN-100004", "not a code"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, at="2024-10-27T01:30"), "CN-100004", "clock"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, at="2024-03-31T01:30"), "CN-100004", "clock"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, at="31/03/2025"), "CN-100004", "at"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, at="2025-02-01T09:30"), "CN-100004",
         "before the order exists"),
        (lambda d: d.change("events.csv", {"event_ref": "E-15"}, event_ref="E-14"), "CN-100004", "stands twice"),
        (lambda d: d.change("events.csv", {"event_ref": "E-14"}, event="AUTHORISED", until=""), "CN-100004",
         "does not happen"),
        (lambda d: d.add("events.csv", order_ref="CN-100010", event_ref="E-X", event="VARIED", at="2026-11-17"),
         "CN-100010", "varied or renewed"),
        (lambda d: d.add("events.csv", order_ref="CN-100010", event_ref="E-X", event="DISCHARGED", at="2026-11-17"),
         "CN-100010", "text"),
        (lambda d: d.add("events.csv", order_ref="CN-100004", event_ref="E-X", event="RETRACTED", at="2026-11-17",
                         text="E-99"), "CN-100004", "nothing to retract"),
        (lambda d: d.change("orders.csv", {"order_ref": "CN-100004"}, replaces_ref="CN-999"), "CN-100004",
         "neither in this bundle"),
        (lambda d: d.drop("parties.csv", order_ref="CN-100004", person_ref="P-4"), "CN-100004", "no victim"),
        (lambda d: d.change("people.csv", {"person_ref": "P-3"}, pnc_id="1998/0000001A"), None, "PNC"),
    ],
)  # fmt: skip
def test_a_faulty_row_quarantines_its_order_and_nothing_else(
    areas: None, tmp_path: Path, change: Change, order: str | None, message: str
) -> None:
    outcome = load(change(sample()).write(tmp_path / "b"), commit=True)
    assert outcome.bundle == "accepted"
    told = [error for error in outcome.errors if message in error.reason]
    assert told, [error.reason for error in outcome.errors]
    assert all(error.file and error.line > 0 for error in told)
    held = set(Order.objects.values_list("source_ref", flat=True))
    quarantined = {f"CN-1000{number:02}" for number in range(1, 13)} - held
    assert outcome.orders.quarantined == len(quarantined)
    assert quarantined == ({order} if order else {"CN-100003", "CN-100004"})
    assert set(QuarantinedOrder.objects.values_list("source_ref", flat=True)) == quarantined
    assert list(standing_check.differences()) == []


def test_a_ring_of_orders_is_quarantined(areas: None, tmp_path: Path) -> None:
    draft = sample().change("orders.csv", {"order_ref": "CN-100001"}, replaces_ref="CN-100002")
    outcome = load(draft.write(tmp_path / "b"), commit=True)
    assert {error.order_ref for error in outcome.errors} == {"CN-100001", "CN-100002"}
    assert all("circle" in error.reason for error in outcome.errors)


def test_a_dvpo_of_29_days_is_accepted_flagged_and_capped(areas: None, tmp_path: Path) -> None:
    draft = sample().change("events.csv", {"event_ref": "E-35"}, until="2026-12-14")
    outcome = load(draft.write(tmp_path / "b"), commit=True)
    assert outcome.errors == []
    assert any("29 days" in warning for warning in outcome.warnings)
    said = standing_now("CN-100010")
    assert said["in_force"] == [["2026-11-16T11:05:00Z", "2026-12-14T00:00:00Z"]]
    assert "29 days" in said["flags"][0]["text"]


def test_a_formula_in_a_name_is_a_name(areas: None, tmp_path: Path) -> None:
    draft = sample().change("people.csv", {"person_ref": "P-3"}, family_name="=cmd|' /C calc'!A0")
    assert load(draft.write(tmp_path / "b"), commit=True).errors == []
    assert Person.objects.get(source_ref="P-3").family_name == "=cmd|' /C calc'!A0"


def truncated(folder: Path) -> None:
    path = folder / "events.csv"
    path.write_bytes(path.read_bytes()[:-20])


def wrong_count(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["events.csv"]["rows"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def file_missing(folder: Path) -> None:
    (folder / "people.csv").unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (truncated, "SHA-256"),
        (wrong_count, "rows"),
        (no_manifest, "manifest"),
        (file_missing, "people.csv"),
    ],
)
def test_a_faulty_bundle_is_refused_whole(
    areas: None, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = sample().write(tmp_path / "b")
    spoil(folder)
    before = sizes()
    outcome = load(folder, commit=True)
    assert outcome.bundle == "refused"
    assert message in (outcome.reason or "")
    assert sizes() == before


def test_latin_1_is_refused(areas: None, tmp_path: Path) -> None:
    draft = sample().replace_bytes("people.csv", lambda content: content.replace("á".encode(), b"\xe1"))
    outcome = load(draft.write(tmp_path / "b"), commit=True)
    assert outcome.bundle == "refused"
    assert "UTF-8" in (outcome.reason or "")


def test_a_zip_is_read_and_a_hostile_one_refused(areas: None, tmp_path: Path) -> None:
    good = sample().write_zip(tmp_path / "good.zip")
    assert load(good, commit=False).orders.new == 12
    bomb, outside = tmp_path / "bomb.zip", tmp_path / "outside.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"{}")
        archive.writestr("events.csv", b"\0" * 200_000_000)
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../manifest.json", b"{}")
    for path, message in ((bomb, "zip"), (outside, "outside the bundle")):
        outcome = load(path, commit=True)
        assert outcome.bundle == "refused"
        assert message in (outcome.reason or "")
    assert not Order.objects.exists()
    assert Limits().file_size > 0


def test_the_command_answers_in_json_and_with_its_exit_status(areas: None, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("import_extract", str(SAMPLE), "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert set(said) == {"bundle", "reason", "warnings", "orders", "people", "errors", "committed"}
    with pytest.raises(SystemExit) as stopped:
        call_command("import_extract", str(tmp_path / "nothing"), "--json", stdout=io.StringIO())
    assert stopped.value.code == 2


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_leaves_nothing() -> None:
    call_command("load_areas", stdout=io.StringIO())
    program = textwrap.dedent(
        f"""
        import django, os, signal
        django.setup()
        from pathlib import Path
        from orders.places import projection
        def die(*args, **kwargs):
            os.kill(os.getpid(), signal.SIGKILL)
        projection.project = die
        from orders.imports.loader import load
        load(Path({str(SAMPLE)!r}), commit=True)
        """
    )
    url = re.sub(r"@/\w+", f"@/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ordersite.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()
    assert load(SAMPLE, commit=True).orders.new == 12
