"""Let emails be sent again after a restored backup."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notifications import hold
from notifications.models import DEFAULT_TIME
from notifications.service_day import latest
from orders.models import User


class Command(BaseCommand):
    """A person names the first day owed; days before it are taken as sent."""

    help = "Send the daily email again after a restored backup, from a local day on. --hold holds it by hand."

    def add_arguments(self, parser: CommandParser) -> None:
        """From which day, and who says so."""
        parser.add_argument("--first-day", type=date.fromisoformat, help="local day, YYYY-MM-DD")
        parser.add_argument("--hold", action="store_true", help="hold sending, for example before a restore")
        parser.add_argument("--by", required=True, help="user name of the administrator who says so")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold, or release."""
        now = timezone.now()
        by = User.objects.filter(username=options["by"]).first()
        if by is None or not by.is_staff:
            raise CommandError("--by: name an administrator, by user name.")
        if options["hold"]:
            hold.hold(hold.state(now), now, f"{options['reason']} (by {by.username}).")
            self.stdout.write("Held. Nothing is sent until a first day owed is named.")
            return
        day = options["first_day"]
        if day is None:
            raise CommandError("--first-day: name the first local day whose email is owed.")
        if day > latest(now, DEFAULT_TIME):
            raise CommandError("--first-day: lies ahead; from the next tick on it would be owed anyway.")
        hold.release(now, first_day=day, by=by, reason=options["reason"])
        self.stdout.write(f"Emails are sent again, from {day} on.")
