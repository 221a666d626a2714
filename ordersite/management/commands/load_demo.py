"""Invent orders and import them like any other extract."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from notifications import telling
from notifications.models import Mailbox
from orders.demo import SIGN_INS
from orders.demo.contacts import say_safe_contacts
from orders.demo.plan import Demonstration
from orders.imports.loader import load
from orders.models import Area, Level, User
from orders.record import facts


class Command(BaseCommand):
    """Areas, accounts, mailboxes and orders for trying the register. Refuses to run in production."""

    help = "Load invented orders of invented people, with accounts to sign in and mailboxes. Not in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and which."""
        parser.add_argument("--orders", type=int, default=5_000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate two bundles, import the first, take it as told, import the second."""
        if settings.PRODUCTION:
            raise CommandError("This is a production installation: invented orders among real ones could cost a life.")
        if options["orders"] < 100:
            raise CommandError("--orders must be at least 100, so that there is one of each kind.")
        began = time.monotonic()
        call_command("load_areas", stdout=self.stderr if options["verbosity"] > 1 else _Silent())
        accounts()
        demonstration = Demonstration(
            orders=options["orders"], seed=options["seed"], now=timezone.now(), holidays=facts.holidays()
        )
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        with tempfile.TemporaryDirectory() as folder, bar:
            self.stderr.write("Inventing orders …")
            for number, bundle in enumerate(demonstration.write(Path(folder))):
                tasks: dict[str, TaskID] = {}

                def advance(step: str, done: int, total: int | None = None, tasks: dict[str, TaskID] = tasks) -> None:
                    if step not in tasks:
                        tasks[step] = bar.add_task(step, total=total)
                    bar.advance(tasks[step], done)

                self.stderr.write("Importing what there was until yesterday …" if number == 0 else "Importing today …")
                outcome = load(bundle, commit=True, advance=advance)
                if outcome.bundle != "accepted" or outcome.errors:
                    raise CommandError(f"The demonstration data were not taken: {outcome.reason or outcome.errors[:3]}")
                if number == 0:
                    # Everybody has been told of the past, so that the first emails carry today's news.
                    telling.set_baseline(Area.objects.filter(level=Level.LPA), before=timezone.now())
        say_safe_contacts(User.objects.get(username="team"))
        self.stdout.write(f"{options['orders']:,} invented orders loaded in {time.monotonic() - began:.0f} s.")


class _Silent:
    def write(self, text: str) -> None:
        """Say nothing."""


def accounts() -> None:
    """The demonstration accounts and a mailbox for each local policing area of the force."""
    areas = {area.code: area for area in Area.objects.exclude(level=Level.NEIGHBOURHOOD)}
    for one in SIGN_INS:
        user = User.objects.filter(username=one.username).first() or User(username=one.username)
        user.full_name = f"{one.username.capitalize()} (demonstration)"
        user.roles, user.force, user.home_area = list(one.roles), areas[one.force], areas[one.area]
        user.may_see_secret_places = one.sees_secret_places
        user.set_password(one.password)
        user.save()
    for area in areas.values():
        if area.level == Level.LPA and area.force is not None and area.force.code == "WMP":
            Mailbox.objects.get_or_create(area=area, address=f"{area.name.lower()}@lpa.demo.invalid")
