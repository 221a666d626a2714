"""Work out again under which areas every order is found and from when until when it is live."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from rich.progress import Progress

from orders.models import Order
from orders.record import standing_check


class Command(BaseCommand):
    """Rebuild the places of every order from its events; stores only what differs."""

    help = "Work out again where and until when every order is live, from its events. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, with a bar on a terminal."""
        with Progress(transient=True, disable=not self.stdout.isatty()) as bar:
            task = bar.add_task("Orders", total=Order.objects.count())
            changed = standing_check.rebuild(lambda done: bar.advance(task, done))
        self.stdout.write(f"{changed:,} orders changed.")
