"""Wrap every key of the database by the first key of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.access import keeping_keys
from orders.access.keyring import KeyringError, keyring
from orders.oversight import own_home
from orders.places import locating


class Command(BaseCommand):
    """After a new key was put first: afterwards the older ones open nothing, and can be destroyed."""

    help = "Wrap every key in the database by the first of FIELD_KEYS; --index: after the key of look-ups changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether look-ups too."""
        parser.add_argument("--index", action="store_true", help="work out anew by what postcodes are found")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; safe to stop and repeat."""
        try:
            wrapped = keeping_keys.wrap_again()
            self.stdout.write(f"{wrapped:,} keys wrapped by {keyring().first}.")
            self.stdout.write(f"{keeping_keys.seal_typed_again():,} texts that users typed sealed by it.")
            if options["index"]:
                self.stdout.write(
                    f"{locating.index_again() + own_home.index_again():,} postcodes are found by the new key."
                )
        except KeyringError as error:
            raise CommandError(str(error)) from None
        left = keeping_keys.wrapped_by_others()
        if left:
            raise CommandError(f"{left:,} keys are still wrapped by others; run it again.")
