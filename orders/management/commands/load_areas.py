"""Load areas, postcodes and bank holidays: the ones that come with the register, or the force's own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from orders.access import audit
from orders.models import Area, BankHoliday, Category, Level, Order, Postcode

DATA = Path(__file__).resolve().parents[2] / "data"


class Command(BaseCommand):
    """Add and change by code; nothing is deleted, because orders were found under it. Safe to repeat."""

    help = (
        "Load areas (code,name,level,parent,ons_code,vintage), postcodes (postcode,neighbourhood) and bank "
        "holidays (day,name) from CSV. Without options, those that come with the register, where wards stand in "
        "as demonstration neighbourhoods."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One option a file."""
        parser.add_argument("--areas", type=Path, help="CSV with code,name,level,parent,ons_code,vintage")
        parser.add_argument("--postcodes", type=Path, help="CSV with postcode,neighbourhood")
        parser.add_argument("--holidays", type=Path, help="CSV with day,name: complete years, England and Wales")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, all or nothing."""
        own = any(options[name] for name in ("areas", "postcodes", "holidays"))
        files = {
            name: options[name] or (None if own else DATA / f"{default}.csv")
            for name, default in (("areas", "areas"), ("postcodes", "postcodes"), ("holidays", "bank-holidays"))
        }
        with transaction.atomic():
            if files["areas"]:
                self.stdout.write(f"{_areas(files['areas'], is_demonstration=not own):,} areas")
            if files["postcodes"]:
                self.stdout.write(f"{_postcodes(files['postcodes'], is_demonstration=not own):,} postcodes")
            if files["holidays"]:
                self.stdout.write(f"{_holidays(files['holidays']):,} bank holidays")
            audit.record(
                by=None,
                category=Category.ALTERATION,
                action="load areas",
                detail={name: str(path) for name, path in files.items() if path},
            )
        if own:
            self.stdout.write("Now run rebuild_standing, so that orders are found under these areas.")


def _read(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise CommandError(f"{path} lacks the column {missing[0]}; it needs {', '.join(columns)}.")
            for row in reader:
                yield reader.line_num, {column: (row[column] or "").strip() for column in columns}
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _areas(path: Path, *, is_demonstration: bool) -> int:
    rows = list(_read(path, ("code", "name", "level", "parent", "ons_code", "vintage")))
    codes: set[str] = set()
    for line, row in rows:
        if row["level"] not in Level.values:
            raise CommandError(f"{path} line {line}: level is {row['level']!r}, not force, lpa or neighbourhood.")
        if row["code"] in codes:
            raise CommandError(f"{path} line {line}: the code {row['code']!r} stands in it twice.")
        codes.add(row["code"])
    known = {area.code: area for area in Area.objects.all()}
    # From above, because an area is stored under its parent.
    for level in (Level.FORCE, Level.LPA, Level.NEIGHBOURHOOD):
        found = []
        for line, row in rows:
            if row["level"] != level:
                continue
            if row["parent"] if level == Level.FORCE else row["parent"] not in known:
                raise CommandError(f"{path} line {line}: parent {row['parent']!r} is not the code of an area above.")
            parent = known.get(row["parent"])
            before = known.get(row["code"])
            if before is not None and before.parent_id != (parent and parent.pk) and Order.objects.exists():
                raise CommandError(
                    f"{path} line {line}: {row['code']} would move to {row['parent'] or 'no area'}. Move it under "
                    "Reference data, which works the orders in it out again."
                )
            found.append(
                Area(
                    code=row["code"],
                    name=row["name"],
                    level=level,
                    parent=parent,
                    force_id=None if parent is None else parent.force_or_self_id,
                    ons_code=row["ons_code"],
                    vintage=row["vintage"],
                    is_demonstration=is_demonstration and level == Level.NEIGHBOURHOOD,
                )
            )
        Area.objects.bulk_create(
            found,
            batch_size=1_000,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "level", "parent", "force", "ons_code", "vintage", "is_demonstration"],
        )
        known |= {area.code: area for area in found}
    return len(rows)


def _postcodes(path: Path, *, is_demonstration: bool) -> int:
    neighbourhoods = dict(Area.objects.filter(level=Level.NEIGHBOURHOOD).values_list("code", "pk"))
    found = []
    for line, row in _read(path, ("postcode", "neighbourhood")):
        if row["neighbourhood"] not in neighbourhoods:
            raise CommandError(f"{path} line {line}: {row['neighbourhood']!r} is not the code of a neighbourhood.")
        found.append(
            Postcode(
                postcode=row["postcode"].replace(" ", "").upper(),
                neighbourhood_id=neighbourhoods[row["neighbourhood"]],
                is_demonstration=is_demonstration,
            )
        )
    Postcode.objects.bulk_create(
        found,
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["postcode"],
        update_fields=["neighbourhood", "is_demonstration"],
    )
    return len(found)


def _holidays(path: Path) -> int:
    found = []
    for line, row in _read(path, ("day", "name")):
        try:
            found.append(BankHoliday(day=date.fromisoformat(row["day"]), name=row["name"]))
        except ValueError:
            raise CommandError(f"{path} line {line}: {row['day']!r} is not a date (YYYY-MM-DD).") from None
    # The list is complete for its years: a day withdrawn by proclamation must go.
    years = {holiday.day.year for holiday in found}
    BankHoliday.objects.filter(day__year__in=years).delete()
    BankHoliday.objects.bulk_create(found)
    return len(found)
