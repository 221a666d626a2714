"""Django's `migrate`, as the owner of the tables; afterwards the application gets its rights on what there is."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from ordersite.database_roles import as_owner, grant


class Command(migrate.Command):
    """Migrate as the role of MIGRATION_DATABASE_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant."""
        connection = connections[options["database"]]
        with as_owner(connection):
            super().handle(*args, **options)
            if not (options["check_unapplied"] or options["plan"]):
                grant(connection)
