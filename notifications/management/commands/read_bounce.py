"""Take in a message that came back, as a mail server pipes it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from notifications import bounces


class Command(BaseCommand):
    """For a mail server that can start a program with each message."""

    help = "Read a delivery report (RFC 3464) from standard input and note it on its mailbox."

    def handle(self, *args: Any, **options: Any) -> None:
        """Note it; exit status 1 if it is no report about a message of ours."""
        delivery = bounces.take(sys.stdin.buffer.read())
        if delivery is None:
            sys.exit(1)
        self.stdout.write(f"{delivery.address}: came back")
