"""What `bin/run` does after migrating: load the demonstration the first time, nothing afterwards."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from orders.models import ImportRun
from orders.record import freshness


class Command(BaseCommand):
    """Load demonstration data into an empty register."""

    help = "Load demonstration data if nothing has ever been imported."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many orders."""
        parser.add_argument("--orders", type=int, default=5_000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load once."""
        if freshness.names_are_missing():
            # A register of an earlier version, in which people could not be searched for.
            call_command("rebuild_standing", stdout=self.stdout, stderr=self.stderr)
        if not ImportRun.objects.exists():
            call_command("load_demo", orders=options["orders"], stdout=self.stdout, stderr=self.stderr)
