"""A bearer token for another system."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders import audit
from orders.models import ApiToken, Category, User


class Command(BaseCommand):
    """Print a new token once; only its hash is stored."""

    help = "Issue a bearer token by which another system reads with a user's permissions. It is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, for what, how long."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the system that will use it")
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue it."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        expires_at = timezone.now() + timedelta(days=options["days"])
        token, text = ApiToken.issue(user=user, name=options["name"], expires_at=expires_at)
        audit.record(
            by=None,
            category=Category.ALTERATION,
            action="issue API token",
            detail={"user": user.username, "name": token.name, "expires_at": expires_at.isoformat()},
        )
        self.stdout.write(text)
