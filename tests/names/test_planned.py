"""A statement asked again with other values is one statement to the database, and is planned once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from orders.search import planned
from orders.search.planned import fetched

pytestmark = pytest.mark.django_db

ASKED = "SELECT one + %s::bigint FROM unnest(%s::bigint[]) AS one WHERE one <= %s"


def kept() -> list[tuple[Any, ...]]:
    """How often ASKED was run by the one plan that the database keeps of it, and by one of its own."""
    with connection.cursor() as cursor:
        text = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s"
        cursor.execute(text, ["SELECT one + $1::bigint%"])
        return cursor.fetchall()


def test_values_of_whatever_size_go_to_one_statement_with_one_plan() -> None:
    for number in (1, 40_000, 5_000_000_000):
        assert fetched(ASKED, [number, [0, number, number + 1], number]) == [(number,), (2 * number,)]
    assert kept() == [(2, 0)], "the first time it was not kept"


def test_a_statement_of_very_many_values_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "MOST", 2)
    assert [fetched(ASKED, [1, [1, 2], 1]) for _ in range(3)] == [[(2,)]] * 3
    assert kept() == []


def test_it_is_seen_and_its_mistakes_are_named_as_those_of_any_statement() -> None:
    with CaptureQueriesContext(connection) as seen:
        fetched(ASKED, [1, [1], 2])
    assert len(seen) == 1
    with pytest.raises(DataError):
        fetched(ASKED, ["x", [1], 2])
