"""Every test runs with the rights of the application's role; the database is made by the owner.

The session is opened by the owner and takes the application's role, so that a test that tampers can be the owner for a
moment: `with owner():`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connection
from django.db.backends.postgresql.operations import DatabaseOperations


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Make the database as the owner."""
    if settings.MIGRATION_DATABASE is not None:
        connection.settings_dict["USER"] = settings.MIGRATION_DATABASE["USER"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Test as the application; let the owner clear tables between tests, and drop the database."""
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    usual = DatabaseOperations.execute_sql_flush

    def flush(operations: DatabaseOperations, statements: list[str]) -> None:
        with owner():
            usual(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        if settings.MIGRATION_DATABASE is not None:
            connection.close()
            options["assume_role"] = settings.APPLICATION_ROLE
            patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield
    connection.close()
    options.pop("assume_role", None)


@contextmanager
def owner() -> Iterator[None]:
    """Be the owner of the tables for a moment, in the same session and transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        # In a transaction that has failed the role is the application's again when it is rolled back.
        with suppress(Error), connection.cursor() as cursor:
            role = connection.ops.quote_name(settings.APPLICATION_ROLE)
            cursor.execute(f"SET ROLE {role}")
