"""Migrations that would lock or break a register in use are found before they are run."""

from __future__ import annotations

from pathlib import Path

import pytest
from django_migration_linter import MigrationLinter

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db(transaction=True)  # an index made concurrently cannot be made inside one
def test_no_migration_locks_or_breaks_a_register_in_use() -> None:
    linter = MigrationLinter(
        path=str(PROJECT),
        include_apps=["orders", "notifications", "signin"],
        # Drops the tables of days that all areas shared, which no release has had.
        # One run an area and day stays the rule; the new index only leaves out runs that are of no day, and the table is
        # small, so that it is built in no time.
        # Lets short texts grow into texts of any length, which PostgreSQL does without touching a row.
        # Makes an import unique for as long as it is not undone, where it was unique for good: the old index goes, so that no
        # row can stand against the new one.
        # Takes away columns whose words must not stay; the tables have few rows.
        ignore_name=[
            "0002_no_day_for_all",
            "0010_alerts_of_saved_searches",
            "0080_uploads",
            "0092_room_for_sealed_words",
            "0162_unsealed_words_go",
        ],
        no_cache=True,
        quiet=["ok", "ignore", "warning"],
    )
    linter.lint_all_migrations()
    assert linter.nb_total >= 3
    assert not linter.has_errors
