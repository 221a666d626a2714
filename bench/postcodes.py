"""Measures a change of all postcodes: `bin/bench postcodes --rows 2700000`.

A made-up file in the columns of NSPL, every row in a ward that the register knows, is read and compared, applied and
undone, as the worker does it. With each step the memory that the process has held and the disk that the database takes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import django

from bench.imports import memory

ROWS = 2_700_000
"""About as many as the whole country has, those included that have ended."""

_COLUMNS = (
    "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,cty,ced,laua,osward,hlthau,ctry,rgn,pcon,eer,"
    "ttwa,itl,park,lsoa21,msoa21,wz11,ccg,bua24,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,nhser"
)
_REST = (
    ",0,400000,300000,1,E00000001,E99999999,E99999999,E08000030,{ward}" + ",E18000001" * 15 + ",52.5,-1.9" + ",E38" * 6
)


def write(path: Path, rows: int, wards: list[str]) -> None:
    """A file of so many postcodes, one in twenty of which has ended, over the wards in turn."""
    letters = [letter for letter in ascii_uppercase if letter not in "CIKMOV"]
    rests = [_REST.format(ward=ward) for ward in wards]
    units = product(letters, letters, range(1, 10), range(10), range(10), letters, letters)
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{_COLUMNS}\n")
        for number, (one, two, district, more, sector, unit, last) in zip(range(rows), units, strict=False):
            outward, inward = f"{one}{two}{district}{more or ''}", f"{sector}{unit}{last}"
            ended, rest = "201506" if number % 20 == 0 else "", rests[number % len(rests)]
            file.write(f"{outward:<4}{inward},{outward} {inward},{outward} {inward},199806,{ended}{rest}\n")


def measure(rows: int, folder: Path) -> list[dict[str, Any]]:
    """Read, apply and undo a change of so many postcodes; a line for each step."""
    from django.core.management import call_command
    from django.db import connection

    from orders.models import Area, Postcode, ReferenceChange, ReferenceKind, ReferenceState, User
    from orders.reference import work

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        call_command("load_areas", stdout=nowhere)
    by = User.objects.create_user("bench")
    wards = [f"E05{pk:06}" for pk in Area.objects.filter(level="neighbourhood").values_list("pk", flat=True)]
    for ward in wards:
        Area.objects.filter(pk=int(ward[3:])).update(ons_code=ward)
    held = Postcode.objects.count()
    change = ReferenceChange.objects.create(
        kind=ReferenceKind.POSTCODES, state=ReferenceState.TO_READ, name="made up", reason="bench", whole=True, by=by
    )
    write(folder / "nspl.csv", rows, wards)
    lines = []

    def step(what: str, then: ReferenceState, stored: int, do: Callable[[], object]) -> None:
        began = time.perf_counter()
        do()
        seconds = time.perf_counter() - began
        change.refresh_from_db()
        if change.state != then or Postcode.objects.count() != stored:
            raise SystemExit(f"{what}: {change.state} {change.problem}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database()) >> 20")
            (disk,) = cursor.fetchone() or (0,)
        lines.append({"what": what, "seconds": seconds, "memory": memory(), "disk": disk})

    def asked(state: ReferenceState) -> None:
        change.state = state
        change.save(update_fields=["state"])
        work.work_on_all()

    with (folder / "nspl.csv").open("rb") as file:
        work.keep(change, iter(lambda: file.read(1 << 20), b""))
    step("read and compared", ReferenceState.PROPOSED, held, work.work_on_all)
    step("applied", ReferenceState.APPLIED, rows, lambda: asked(ReferenceState.TO_APPLY))
    step("undone", ReferenceState.UNDONE, held, lambda: asked(ReferenceState.TO_UNDO))
    return lines


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--orders", type=int, help="as every suite is told; here it plays no part")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    django.setup()
    from django.conf import settings

    with tempfile.TemporaryDirectory() as folder:
        settings.IMPORT_DIR = folder
        lines = measure(asked.rows, Path(folder))
    print(f"{asked.rows:,} postcodes\n{'step':<22}{'seconds':>9}{'memory MB':>11}{'disk MB':>9}")
    for line in lines:
        print(f"{line['what']:<22}{line['seconds']:>9.1f}{line['memory']:>11}{line['disk']:>9}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
