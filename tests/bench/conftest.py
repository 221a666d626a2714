"""A register of 3,000 invented orders, filled as for measuring, in a database of its own."""

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
    """Two forces; the first day without events is TODAY."""
    with django_db_blocker.unblock(), filled_copy(f"bench_{worker_id}", Size.of(3_000), today=TODAY):
        yield
