"""A register large enough for the planner to choose as it would in use, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from pytest_django import DjangoDbBlocker

from bench.databases import filled_copy
from bench.register import Size

TODAY = date(2026, 6, 1)


@pytest.fixture(scope="package")
def register(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[None]:
    """50,000 orders of two forces; the first day without events is TODAY."""
    with django_db_blocker.unblock(), filled_copy(f"plans_{worker_id}", Size.of(50_000), today=TODAY):
        yield
