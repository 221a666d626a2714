"""New keys for FIELD_KEYS_FILE."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from orders.access import keyring


class Command(BaseCommand):
    """Prints a key to be put first, and with --index the key of look-ups too."""

    help = "Print a new key for FIELD_KEYS_FILE, to be its first line; with --index a key of look-ups too."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Its name, and whether a new installation."""
        parser.add_argument("--name", default=f"{timezone.localdate():%Y-%m-%d}", help="of a-z, 0-9 and hyphens")
        parser.add_argument("--index", action="store_true", help="for a new installation: a key of look-ups besides")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        self.stdout.write(keyring.made(options["name"]))
        if options["index"]:
            self.stdout.write(keyring.made(keyring.INDEX))
