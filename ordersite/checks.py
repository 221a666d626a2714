"""Checks of an installation: `python manage.py check --deploy --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, register
from django.core.checks.registry import Tags
from django.db import connections


@register(Tags.database, deploy=True)
def the_application_owns_nothing(databases: Sequence[str] | None = None, **options: Any) -> list[Error]:
    """The role of web server and worker neither owns tables nor may do anything."""
    found = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolcreaterole OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid)"
                " FROM pg_roles WHERE rolname = current_user"
            )
            if cursor.fetchone()[0]:
                found.append(
                    Error(
                        "The role of DATABASE_URL is a superuser or owns tables, so it could alter the log.",
                        hint="Make a role for the application and set MIGRATION_DATABASE_URL: docs/operations.md.",
                        id="ordersite.E001",
                    )
                )
    return found
