"""The bench of the import, small: it imports what it says, and compares with a floor over the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.imports import measure
from orders.models import Order

pytestmark = pytest.mark.django_db


def test_it_measures_each_bundle_and_the_floor(tmp_path: Path) -> None:
    lines = measure(24, tmp_path / "bundle")
    assert [line["what"] for line in lines] == ["new", "bare COPY and upsert", "unchanged", "changed, a third"]
    assert all(line["rate"] > 0 and line["memory"] > 0 for line in lines)
    assert Order.objects.count() == 24
    assert Order.objects.filter(court="Another court").count() == 12
