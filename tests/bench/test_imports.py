"""The bench of the import, small: it imports what it says, and compares with a floor over the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from bench.imports import measure, measure_rolled_back
from bench.postcodes import measure as measure_postcodes
from orders.models import Event, Order, Place, Postcode
from ordersite import database_roles
from tests.as_application import owner

pytestmark = pytest.mark.django_db


def test_it_measures_each_bundle_and_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests are the owner in the session they have; the bench opens one of the owner's own.
    monkeypatch.setattr(database_roles, "as_owner", lambda connection: owner())
    lines = measure(24, tmp_path / "bundle")
    assert [line["what"] for line in lines] == [
        "new",
        "bare COPY and upsert",
        "unchanged",
        "a third, court changed",
        "a third, time of service",
    ]
    assert all(line["rate"] > 0 and line["memory"] > 0 for line in lines)
    assert Order.objects.count() == 24
    assert Order.objects.filter(court="Another court").count() == 12
    assert Event.objects.filter(text="corrected at source").exists()


def test_a_register_that_is_kept_is_left_as_it_was(tmp_path: Path) -> None:
    lines = measure_rolled_back(24, tmp_path / "bundle")
    assert all(line["rate"] > 0 for line in lines)
    assert len(lines) == 4
    assert not Order.objects.exists()
    assert not Place.objects.exists()


def test_the_bench_of_postcodes_reads_applies_and_undoes(tmp_path: Path, settings: LazySettings) -> None:
    settings.IMPORT_DIR = str(tmp_path)
    lines = measure_postcodes(300, tmp_path)
    assert [line["what"] for line in lines] == ["read and compared", "applied", "undone"]
    assert Postcode.objects.count() == 782
