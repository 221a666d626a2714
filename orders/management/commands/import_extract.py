"""Import an extract bundle from the records system, or say what importing it would do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from orders.imports.loader import load

REFUSED = 2


class Command(BaseCommand):
    """Exit status 0: the bundle was read, though orders may be quarantined. 2: it was refused and nothing changed."""

    help = "Import an extract bundle (a folder or a .zip). Without --commit it only says what would happen."

    def add_arguments(self, parser: CommandParser) -> None:
        """The contract's arguments."""
        parser.add_argument("bundle", type=Path)
        parser.add_argument("--commit", action="store_true", help="keep the result")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, with a bar on a terminal, and print the answer."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            tasks: dict[str, TaskID] = {}

            def advance(step: str, done: int, total: int | None = None) -> None:
                if step not in tasks:
                    tasks[step] = bar.add_task(step, total=total)
                bar.advance(tasks[step], done)

            outcome = load(options["bundle"], commit=options["commit"], advance=advance)
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), indent=2))
        else:
            for line in outcome.lines():
                self.stdout.write(line)
        if outcome.bundle == "refused":
            sys.exit(REFUSED)
