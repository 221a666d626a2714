"""Whether the log is as it was written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from orders.models import AuditSeal
from orders.oversight import seals


class Command(BaseCommand):
    """Exit status 1, and what is wrong, if an entry was removed, altered or slipped in."""

    help = "Verify the seals over the log; exit status 1 if any does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to seal first."""
        parser.add_argument("--seal", action="store_true", help="seal what is not sealed yet, then verify")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was found."""
        if options["seal"]:
            self.stdout.write(f"{seals.seal():,} entries sealed.")
        faults = list(seals.verify())
        for fault in faults:
            self.stdout.write(f"seal {fault.seal}: {fault.words}")
        total = sum(AuditSeal.objects.values_list("count", flat=True))
        self.stdout.write(
            f"{AuditSeal.objects.count():,} seals over {total:,} entries, {len(faults):,} of them broken; "
            f"{seals.unsealed():,} entries not sealed yet."
        )
        if faults:
            raise SystemExit(1)
