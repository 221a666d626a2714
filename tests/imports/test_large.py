"""A large bundle: taken whole, again without a change, and in memory that does not grow with it."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import call_command

from orders.imports import law_checks, reading
from orders.imports.loader import load
from orders.models import Event, Order, Place
from orders.places import projection
from orders.record import standing_check
from tests.imports.large import write_large

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def areas() -> None:
    call_command("load_areas", stdout=io.StringIO())


def test_a_large_bundle_again_at_a_later_time_changes_nothing(tmp_path: Path) -> None:
    folder = write_large(tmp_path / "b", 60)
    assert load(folder, commit=True).orders.new == 720
    before = (Order.objects.count(), Event.objects.count(), Place.objects.count())
    assert before[:2] == (720, 60 * 39)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("2026-11-20T04:00", "2026-11-21T04:00"))
    again = load(folder, commit=True)
    assert (again.bundle, again.orders.unchanged, again.orders.changed, again.orders.new) == ("accepted", 720, 0, 0)
    assert (again.people.unchanged, again.people.changed) == (600, 0)
    assert (Order.objects.count(), Event.objects.count(), Place.objects.count()) == before
    assert list(standing_check.differences()) == []


def test_memory_does_not_grow_with_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Batches are made small, so that both bundles are many times their size and the test is quick.
    monkeypatch.setattr(reading, "CHUNK", 200)
    monkeypatch.setattr(law_checks, "_CHUNK", 200)
    monkeypatch.setattr(projection, "BATCH", 60)
    peaks = []
    for copies in (15, 75):
        folder = write_large(tmp_path / str(copies), copies)
        tracemalloc.start()
        assert load(folder, commit=False).orders.new == copies * 12
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
