"""Checks of an installation: `python manage.py check --deploy --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
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


@register(Tags.security)
def documents_are_kept_safely(**options: Any) -> list[CheckMessage]:
    """Documents are scanned in production, and lie where no web server serves them."""
    found: list[CheckMessage] = []
    if settings.PRODUCTION and not settings.DOCUMENT_SCAN_COMMAND:
        found.append(
            checks.Warning(
                "DOCUMENT_SCAN_COMMAND is not set: documents are kept without being scanned for viruses.",
                hint="Name a program that reads a file from its standard input: docs/operations.md.",
                id="ordersite.W001",
            )
        )
    if Path(settings.DOCUMENT_DIR).resolve().is_relative_to(Path(str(settings.STATIC_ROOT)).resolve()):
        found.append(
            Error(
                "DOCUMENT_DIR lies in STATIC_ROOT, which is served to anybody.",
                hint="Give documents a directory of their own that only the register's account can read.",
                id="ordersite.E002",
            )
        )
    return found
