"""`import_extract BUNDLE [--commit] [--json]`: take an extract bundle into the register, or say what would happen."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orders.imports.loader import import_bundle
from orders.imports.outcome import Outcome
from orders.imports.progress import Advance, silent

REFUSED = 2


class Command(BaseCommand):
    """Exit status 0 when the bundle was read (orders may be quarantined), 2 when it was refused."""

    help = "Import an extract bundle (a folder or a .zip). Without --commit nothing is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The bundle, and the two switches of the contract."""
        parser.add_argument("bundle", type=Path, help="the folder or .zip that holds manifest.json")
        parser.add_argument("--commit", action="store_true", help="keep the result; otherwise a dry run")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print, and set the exit status."""
        outcome = self._import(options["bundle"], commit=options["commit"])
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
        else:
            for line in outcome.lines():
                self.stdout.write(line)
        if outcome.bundle == "refused":
            raise SystemExit(REFUSED)

    def _import(self, path: Path, *, commit: bool) -> Outcome:
        if not sys.stderr.isatty():
            return import_bundle(path, commit=commit, advance=silent)
        # The bar goes to the error stream, so that --json leaves nothing but the object on standard output.
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as progress:
            return import_bundle(path, commit=commit, advance=_advance_on(progress))


def _advance_on(progress: Progress) -> Advance:
    """A bar for each step of the import, made when the step is first heard of."""
    bars: dict[str, Any] = {}

    def advance(step: str, done: int, total: int | None = None) -> None:
        if step not in bars:
            bars[step] = progress.add_task(step, total=total)
        progress.advance(bars[step], done)

    return advance
