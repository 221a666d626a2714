"""Compare what is stored with what the law says, and fail loudly if they differ."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.people import party_names
from orders.places import tally
from orders.record import standing_check

LISTED = 100


class Command(BaseCommand):
    """Exit status 1 and a list when any order's stored places differ from what its events say."""

    help = "Compare stored standing and places with what the events say. Exit status 1 and a list if anything differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        found = 0
        for difference in standing_check.differences():
            found += 1
            if found <= LISTED:
                self.stdout.write(f"{difference.reference} (order {difference.order_id})")
                for row in difference.missing:
                    self.stdout.write(f"  missing: {_words(row)}")
                for row in difference.surplus:
                    self.stdout.write(f"  too many: {_words(row)}")
        for (area, kind, roles, shown), kept, there in tally.differences():
            found += 1
            self.stdout.write(
                f"count of area {area}, {kind}, roles {roles} ({shown} shown): {kept} kept, {there} there"
            )
        if found:
            raise CommandError(
                f"{found:,} orders or counts differ. Run rebuild_standing, and find out how it came about.",
                returncode=1,
            )
        self.stdout.write("Stored standing and places agree with the events.")


def _words(row: Any) -> str:
    """A row in words; of the rows by which people are found, no name and no birth, for this goes into logs."""
    if isinstance(row, party_names.Row):
        return f"{row.role}, person {row.person_id}, found by {len(row.keys)} keys"
    return (
        f"area {row.area_id}, {row.valid_from:%Y-%m-%dT%H:%MZ} to {row.valid_until:%Y-%m-%dT%H:%MZ}, "
        f"live {row.live_from:%Y-%m-%dT%H:%MZ} to {row.live_until:%Y-%m-%dT%H:%MZ}, roles {row.roles}"
    )
