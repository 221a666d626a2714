"""Measures the import: `bin/bench import --orders 100000`.

A new, an unchanged and two changed bundles of so many orders, whole, committed, on durable settings; each rate beside
the floor of the same run: a bare COPY and INSERT … ON CONFLICT of the same rows into copies of the same tables, with
their indexes and constraints, foreign keys too. Memory is the most that the process held.

`bin/bench import --orders 2000000 --data FOLDER --bundle 100000` imports so many into a register that is kept there,
and rolls it back: all is measured but the last writing to disk, and there is no floor.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

from bench.extracts import write_bundle

TABLES = (
    "orders_order", "orders_person", "orders_party", "orders_residence", "orders_condition", "orders_event",
    "orders_place", "orders_partyname", "orders_nametoken", "orders_sealingkey",
)  # fmt: skip
"""What an import writes."""


def floor() -> float:
    """Seconds for COPY and INSERT … ON CONFLICT of all rows of the tables, into copies like them in all, durably."""
    from django.db import connection, transaction

    from ordersite.database_roles import as_owner

    taken = 0.0
    with as_owner(connection), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                """SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
                     FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'""",
                [table],
            )
            (columns,) = cursor.fetchone()
            cursor.execute(f"DROP TABLE IF EXISTS floor_{table}, load_{table}")
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
                [table],
            )
            for (constraint,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE floor_{table} ADD {constraint}")
            cursor.execute(f"CREATE TEMPORARY TABLE load_{table} AS SELECT {columns} FROM {table} WITH NO DATA")
            with tempfile.TemporaryFile() as file:
                with cursor.copy(f"COPY (SELECT {columns} FROM {table}) TO STDOUT") as copy:
                    for block in copy:
                        file.write(block)
                file.seek(0)
                began = time.perf_counter()
                with transaction.atomic():
                    with cursor.copy(f"COPY load_{table} FROM STDIN") as copy:
                        while block := file.read(1 << 20):
                            copy.write(block)
                    cursor.execute(
                        f"INSERT INTO floor_{table} ({columns}) SELECT {columns} FROM load_{table}"
                        " ON CONFLICT DO NOTHING"
                    )
                    # Foreign keys are looked up at the end of a transaction, which in a test comes much later.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                taken += time.perf_counter() - began
            cursor.execute(f"DROP TABLE floor_{table}, load_{table}")
    return taken


def measure(orders: int, folder: Path, *, with_floor: bool = True) -> list[dict[str, Any]]:
    """Import the bundles and the floor; returns a line for each."""
    from django.core.management import call_command

    from orders.imports.loader import load

    call_command("load_areas", stdout=io.StringIO())
    copies = -(-orders // 12)
    lines = []
    for what, options in (
        ("new", {"day": 20}),
        ("unchanged", {"day": 21}),
        ("a third, court changed", {"day": 22, "court": "Another court"}),
        ("a third, time of service", {"day": 23, "court": "Another court", "later": 5}),
    ):
        bundle = write_bundle(folder, copies, **options)
        began = time.perf_counter()
        outcome = load(bundle, commit=True)
        seconds = time.perf_counter() - began
        counted = outcome.orders
        if not outcome.committed or counted.new + counted.changed + counted.unchanged != copies * 12:
            raise SystemExit(f"the import did not take the bundle whole: {counted}")
        lines.append({"what": what, "rate": copies * 12 / seconds, "memory": memory()})
        if what == "new" and with_floor:
            lines.append({"what": "bare COPY and upsert", "rate": copies * 12 / floor(), "memory": memory()})
    return lines


def measure_rolled_back(orders: int, folder: Path) -> list[dict[str, Any]]:
    """Import the bundles into a register that has orders, and leave it as it was."""
    from django.db import transaction

    with transaction.atomic():
        lines = measure(orders, folder, with_floor=False)
        transaction.set_rollback(True)
    return lines


def memory() -> int:
    """The most memory that this process has held, in MB. One that reads beside it is not in it: it takes about 50."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--bundle", type=int, help="import so many into the register that is kept, and roll it back")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    django.setup()
    began = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        lines = measure_rolled_back(asked.bundle, bundle) if asked.bundle else measure(asked.orders, bundle)
    bare = next((line["rate"] for line in lines if line["what"].startswith("bare")), None)
    print(f"{'bundle':<26}{'orders/s':>10}{'of the floor':>14}{'memory MB':>11}")
    for line in lines:
        share = f"{line['rate'] / bare:.2f}" if bare else ""
        print(f"{line['what']:<26}{line['rate']:>10,.0f}{share:>14}{line['memory']:>11}")
    print(f"other work: load {began:.1f} at the beginning, {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
