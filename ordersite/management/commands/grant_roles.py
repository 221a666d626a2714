"""Grant the application's role its rights again, for example after a restore; `migrate` does it by itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from ordersite.database_roles import as_owner, grant


class Command(BaseCommand):
    """As the owner, grant the application what it needs and no more."""

    help = "Grant the role of DATABASE_URL what it needs, as the role of MIGRATION_DATABASE_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant and say what the role may only add to."""
        if settings.MIGRATION_DATABASE is None:
            raise CommandError("MIGRATION_DATABASE_URL is not set. Give the address with the owner of the tables.")
        with as_owner(connection):
            only_added_to = grant(connection)
        if not only_added_to:
            raise CommandError("DATABASE_URL and MIGRATION_DATABASE_URL name one role. Make two.")
        self.stdout.write(
            f"{settings.APPLICATION_ROLE} has its rights. It deletes nothing in {', '.join(only_added_to)}."
        )
