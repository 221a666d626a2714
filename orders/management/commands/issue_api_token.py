"""A bearer token for another system."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders.access import audit
from orders.models import ApiToken, Area, Category, User

LONGEST = 366
"""Days for which a token can be good: one that nobody renews should not outlive its purpose by years."""


class Command(BaseCommand):
    """Print a new token once; only its hash is stored."""

    help = "Issue a bearer token by which another system reads with a user's permissions. It is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, for what, how long."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the system that will use it")
        parser.add_argument(
            "--area", help="code of the area beyond which it reads nothing; all of the user's without it"
        )
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue it."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        area = None
        if options["area"]:
            area = Area.objects.filter(code=options["area"]).first()
            if area is None or area.force_or_self_id != user.force_id:
                raise CommandError(f"{options['area']!r} is no area of {user.username}'s force.")
        if not 1 <= options["days"] <= LONGEST:
            raise CommandError(f"A token is good for 1 to {LONGEST} days.")
        expires_at = timezone.now() + timedelta(days=options["days"])
        token, text = ApiToken.issue(user=user, name=options["name"], expires_at=expires_at, area=area)
        audit.record(
            by=None,
            category=Category.ALTERATION,
            action="issue API token",
            detail={
                "user": user.username,
                "name": token.name,
                "area": area.code if area else "",
                "expires_at": expires_at.isoformat(),
            },
        )
        self.stdout.write(text)
