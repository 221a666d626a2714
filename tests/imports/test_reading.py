"""Reading a bundle in a process beside: the same rows, the same refusals, and nothing to give away."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from orders.imports import reading
from orders.imports.bundle import opened_bundle
from orders.imports.corrections import Corrections
from orders.imports.loader import load
from orders.imports.manifest import BundleRefused
from orders.models import Order
from tests.imports.bundles import Draft, sample


@pytest.fixture
def faulty() -> Draft:
    """A bundle in which something is remarked on, something dated later than it was taken, and something wrong."""
    draft = sample().change("orders.csv", {"order_ref": "CN-100002"}, kind="XYZ")
    draft.change("addresses.csv", {"address_ref": "A-1"}, postcode="ASTON")
    return draft.change("events.csv", {"event_ref": "E-5"}, at="2030-01-01T10:00")


def test_it_reads_the_same_beside(faulty: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 5)
    corrections = Corrections({"people.csv": {2: None}})
    with opened_bundle(faulty.write(tmp_path)) as bundle:
        here = list(reading.parts(bundle, corrections))
        beside = list(reading.parts_beside(bundle, corrections))
    assert _together(beside) == _together(here)
    assert {"stage_error", "stage_remarked", "stage_event"} <= {table for part in beside for table in part.tuples}
    assert any(part.remarks for part in beside)


def _together(parts: list[reading.Part]) -> tuple[dict[str, int], dict[str, list[Any]], list[Any]]:
    read: dict[str, int] = {}
    tuples: dict[str, list[Any]] = {}
    for part in parts:
        read[part.file] = read.get(part.file, 0) + part.read
        for table, rows in part.tuples.items():
            tuples.setdefault(table, []).extend(rows)
    return read, tuples, [remark for part in parts for remark in part.remarks]


def test_what_refuses_the_bundle_here_refuses_it_beside(tmp_path: Path) -> None:
    draft = sample()
    draft.replace_bytes("events.csv", lambda content: content.replace(b"E-5,", b'"E-5"x,'))
    with opened_bundle(draft.write(tmp_path)) as bundle:
        with pytest.raises(BundleRefused) as here:
            list(reading.parts(bundle))
        with pytest.raises(BundleRefused) as beside:
            list(reading.parts_beside(bundle))
    assert str(beside.value) == str(here.value)


def test_another_bundle_in_its_place_is_refused(tmp_path: Path) -> None:
    with opened_bundle(sample().write(tmp_path)) as bundle:
        sample().change("orders.csv", {"order_ref": "CN-100001"}, court="Elsewhere").write(tmp_path)
        with pytest.raises(BundleRefused, match="replaced"):
            list(reading.parts_beside(bundle))


def test_a_process_that_ends_early_is_no_bundle_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.sys, "executable", "/bin/false")
    with opened_bundle(sample().write(tmp_path)) as bundle, pytest.raises(RuntimeError, match="ended before its end"):
        list(reading.parts_beside(bundle))


def test_it_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    begin = subprocess.Popen

    def watched(*command: Any, **options: Any) -> Any:
        given.append(options["env"])
        return begin(*command, **options)

    monkeypatch.setattr(reading.subprocess, "Popen", watched)
    with opened_bundle(sample().write(tmp_path)) as bundle:
        assert sum(part.read for part in reading.parts_beside(bundle)) == 106
    assert [set(env) for env in given] == [{"PYTHONPATH"}]


@pytest.mark.django_db
def test_a_large_bundle_is_imported_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_areas", verbosity=0)
    monkeypatch.setattr(reading, "BESIDE_FROM", 1)
    begun: list[object] = []
    beside = reading.parts_beside
    monkeypatch.setattr(reading, "parts_beside", lambda *told: begun.append(told) or beside(*told))
    assert load(sample().write(tmp_path), commit=True).orders.new == 12
    assert begun
    assert Order.objects.count() == 12
