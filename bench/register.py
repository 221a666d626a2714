"""Fills an empty register with invented orders, fast: `python -m bench.register --orders 100000`.

The database must be migrated and empty, and its user a superuser, because triggers and foreign key checks are left off
while it is filled. Everything is worked out by PostgreSQL from the ids, so the same size, forces and day give the same
register. Half the orders come in pairs of a notice or interim and the order that follows; about 3% are live.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import django
import psycopg

from bench import indexes, names, party_names
from bench.sessions import run_file, session
from orders.statute import DAWN, FAR, Holidays, hearing_latest, local_midnight

CHUNK = 20_000
"""Orders worked out together by one session: what bounds the memory."""

_SHARES = {
    "NMO": 38, "RO": 18, "DVPN": 12, "OCC": 8, "SPO": 6, "SHPO": 5, "PHAI": 4, "DAPO": 2, "SRO": 2, "ISHPO": 1,
    "ISRO": 1, "DAPN": 1, "FMPO": 1, "FGMPO": 1,
}  # fmt: skip
"""How often each kind comes among orders that stand alone."""

TABLES = (
    "orders_place", "orders_placepast", "orders_event", "orders_condition", "orders_residence", "orders_person",
    "orders_party", "orders_order",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How large a register is. `sample`: only every so many orders have events and conditions, to save the disk.

    All have their headings, parties, homes and places: what search reads.
    """

    orders: int
    forces: int
    sample: int = 1

    @classmethod
    def of(cls, orders: int, *, forces: int | None = None, sample: int = 1) -> Size:
        """An even number of orders, and a force for every 46,500 of them, from 2 to the 43 of England and Wales."""
        return cls(orders + orders % 2, forces or min(43, max(2, round(orders / 46_500))), sample)


def fill(size: Size, *, today: date, sessions: int = 2, say: Callable[[str], None] = lambda line: None) -> None:
    """Fill the database that Django uses. `today` is the first local day on which nothing has happened yet.

    Raises ValueError where there are areas or orders already.
    """
    began = time.monotonic()

    def done(what: str) -> None:
        say(f"{time.monotonic() - began:7.1f} s  {what}")

    values = _values(size, today)
    days = _holidays()
    with session() as opened:
        _refuse_unless_empty(opened)
        _prepare(opened, days, today)
        run_file(opened, "areas", values)
        taken = indexes.take_off(opened, TABLES)
    done(f"{size.forces} forces; {len(taken)} indexes taken off")

    def chunks(share: int) -> None:
        with session() as opened:
            _prepare(opened, days, today)
            _postcodes(opened, size.forces)
            for first, after in pairwise([*range(1, size.orders, CHUNK), size.orders + 1]):
                if (first // CHUNK) % sessions != share:
                    continue
                bounds = values | {"first": first, "last": after - 1}
                run_file(opened, "histories", bounds)
                for file in ("facts", "events", "places", "past"):
                    run_file(opened, file, bounds)
                if first // CHUNK % 10 == 0:
                    done(f"{after - 1:,} orders")

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(chunks, range(sessions)))
    done("all rows are in")
    indexes.put_on(taken, sessions=sessions)
    done("indexes are on again")
    party_names.fill(size.orders, sessions=sessions)
    done("parties are found by their names")
    with session() as opened:
        run_file(opened, "tally", {"far": FAR})
        for table in ("orders_area", "orders_recording", "orders_order", "orders_person"):
            opened.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}".encode()
            )
    indexes.tidy((*TABLES, "orders_area", "orders_postcode", "orders_recording"), sessions=sessions)
    done("vacuumed and analysed")


def _refuse_unless_empty(opened: psycopg.Connection[Any]) -> None:
    for table in ("orders_area", "orders_order"):
        if opened.execute(f"SELECT 1 FROM {table} LIMIT 1".encode()).fetchone():
            raise ValueError(f"{table} has rows; a register for measuring is made in an empty, migrated database")


def _prepare(opened: psycopg.Connection[Any], days: Holidays, today: date) -> None:
    """Make a session ready: no triggers, room to sort, the functions, and the clock of hearings by day."""

    opened.execute(
        "SET session_replication_role = replica; SET synchronous_commit = off; SET jit = off;"
        "SET work_mem = '48MB'; SET temp_buffers = '96MB'; SET max_parallel_workers_per_gather = 0"
    )
    run_file(opened, "session", {})
    opened.execute("CREATE TEMP TABLE hearing_day (day date PRIMARY KEY, base timestamptz, runs_on boolean)")
    hour = timedelta(hours=1)
    with opened.cursor() as cursor, cursor.copy("COPY hearing_day FROM STDIN") as copy:
        day = date(days.first_year, 1, 1)
        while day <= today:
            # A clock that starts on a day left out starts when the next one begins, so it does not run on by the hour.
            begins = local_midnight(day)
            early, late = (hearing_latest(begins + hours * hour, days) for hours in (1, 2))
            copy.write_row((day, early - hour if early != late else early, early != late))
            day += timedelta(days=1)


def _postcodes(opened: psycopg.Connection[Any], forces: int) -> None:
    """By what homes are found when their postcode is sealed; the invented words themselves lie there unsealed."""
    from orders.access.sealing import outward_index, postcode_index

    opened.execute("CREATE TEMP TABLE postcode_index (postcode text PRIMARY KEY, whole text, outward text)")
    rows = opened.execute(
        """SELECT DISTINCT pg_temp.postcode(pg_temp.hood_id(f, l, n), number)
             FROM generate_series(0, %s - 1) f, generate_series(0, 9) l, generate_series(0, 29) n,
                  generate_series(0, 7) number""",
        [forces],
    ).fetchall()
    with opened.cursor() as cursor, cursor.copy("COPY postcode_index FROM STDIN") as copy:
        for (postcode,) in rows:
            copy.write_row((postcode, postcode_index(postcode), outward_index(postcode)))
    opened.execute("ANALYZE postcode_index")


def _holidays() -> Holidays:
    from orders.models import BankHoliday
    from orders.record import facts

    path = Path(__file__).resolve().parents[1] / "orders" / "data" / "bank-holidays.csv"
    with path.open(encoding="utf-8", newline="") as file:
        days = [BankHoliday(day=date.fromisoformat(row["day"]), name=row["name"]) for row in csv.DictReader(file)]
    BankHoliday.objects.bulk_create(days, ignore_conflicts=True)
    return facts.holidays()


def _values(size: Size, today: date) -> dict[str, Any]:
    return {
        "forces": size.forces,
        "sample": size.sample,
        "today": today,
        "dawn": DAWN,
        "far": FAR,
        "kinds": [kind for kind, share in _SHARES.items() for _ in range(share)],
        **names.values(),
    }


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.register", description=__doc__)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--forces", type=int, help="43 from 2 million orders; fewer below")
    parser.add_argument("--sample", type=int, default=1, help="only every so many orders have events and conditions")
    parser.add_argument("--day", type=date.fromisoformat, help="the first day without events; today")
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    if settings.PRODUCTION:
        parser.error("this is a production installation: invented orders among real ones could cost a life")
    size = Size.of(options.orders, forces=options.forces, sample=options.sample)
    try:
        fill(size, today=options.day or timezone.localdate(), say=lambda line: print(line, flush=True))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
