"""The bench of the import, small: it imports what it says, and compares with a floor over the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.imports import measure
from orders.models import Order
from ordersite import database_roles
from tests.as_application import owner

pytestmark = pytest.mark.django_db


def test_it_measures_each_bundle_and_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests are the owner in the session they have; the bench opens one of the owner's own.
    monkeypatch.setattr(database_roles, "as_owner", lambda connection: owner())
    lines = measure(24, tmp_path / "bundle")
    assert [line["what"] for line in lines] == ["new", "bare COPY and upsert", "unchanged", "changed, a third"]
    assert all(line["rate"] > 0 and line["memory"] > 0 for line in lines)
    assert Order.objects.count() == 24
    assert Order.objects.filter(court="Another court").count() == 12
