"""Measures the import: `bin/bench import --orders 100000`.

A new, an unchanged and a changed bundle of so many orders, whole, committed, on durable settings; each rate beside
the floor of the same run: a bare COPY and INSERT … ON CONFLICT of the same rows into copies of the same tables, indexes
included. Memory is the most that the process held.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "sample-extract"
_REFS = ("order_ref", "person_ref", "address_ref", "condition_ref", "event_ref", "replaces_ref")
TABLES = (
    "orders_order", "orders_person", "orders_party", "orders_residence", "orders_condition", "orders_event",
    "orders_place", "orders_partyname",
)  # fmt: skip
"""What an import writes."""


def write_bundle(folder: Path, copies: int, *, day: int, court: str = "") -> Path:
    """The sample extract so many times over under other keys, taken on a day of November; a third of courts renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = json.loads(SAMPLE.joinpath("manifest.json").read_text())
    listed = {}
    for name in manifest["files"]:
        with SAMPLE.joinpath(name).open(newline="") as file:
            reader = csv.DictReader(file)
            rows, header = list(reader), list(reader.fieldnames or ())
        path = folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            for copy in range(copies):
                for row in rows:
                    told = row | {key: f"{row[key]}-{copy}" for key in _REFS if row.get(key)}
                    if court and name == "orders.csv" and copy % 3 == 0:
                        told["court"] = court
                    writer.writerow(told)
        listed[name] = {"rows": len(rows) * copies, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest |= {"files": listed, "extracted_at": f"2026-11-{day:02}T04:00:00+00:00"}
    folder.joinpath("manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def floor() -> float:
    """Seconds for COPY and INSERT … ON CONFLICT of all rows of the tables, into copies with their indexes, durably."""
    from django.db import connection

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
            cursor.execute(f"CREATE TEMPORARY TABLE load_{table} AS SELECT {columns} FROM {table} WITH NO DATA")
            with tempfile.TemporaryFile() as file:
                with cursor.copy(f"COPY (SELECT {columns} FROM {table}) TO STDOUT") as copy:
                    for block in copy:
                        file.write(block)
                file.seek(0)
                began = time.perf_counter()
                with cursor.copy(f"COPY load_{table} FROM STDIN") as copy:
                    while block := file.read(1 << 20):
                        copy.write(block)
                cursor.execute(
                    f"INSERT INTO floor_{table} ({columns}) SELECT {columns} FROM load_{table} ON CONFLICT DO NOTHING"
                )
                taken += time.perf_counter() - began
            cursor.execute(f"DROP TABLE floor_{table}, load_{table}")
    return taken


def measure(orders: int, folder: Path) -> list[dict[str, Any]]:
    """Import the three bundles and the floor; returns a line for each."""
    from django.core.management import call_command

    from orders.imports.loader import load
    from orders.models import Order

    call_command("load_areas", stdout=io.StringIO())
    copies = -(-orders // 12)
    lines = []
    for what, options in (
        ("new", {"day": 20}),
        ("unchanged", {"day": 21}),
        ("changed, a third", {"day": 22, "court": "Another court"}),
    ):
        bundle = write_bundle(folder, copies, **options)
        began = time.perf_counter()
        outcome = load(bundle, commit=True)
        seconds = time.perf_counter() - began
        counted = outcome.orders
        if not outcome.committed or counted.new + counted.changed + counted.unchanged != copies * 12:
            raise SystemExit(f"the import did not take the bundle whole: {counted}")
        lines.append({"what": what, "rate": copies * 12 / seconds, "memory": memory()})
        if what == "new":
            bare = floor()
            lines.append({"what": "bare COPY and upsert", "rate": Order.objects.count() / bare, "memory": memory()})
    return lines


def memory() -> int:
    """The most memory that this process has held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(asked.orders, Path(folder) / "bundle")
    bare = next(line["rate"] for line in lines if line["what"].startswith("bare"))
    print(f"{'bundle':<22}{'orders/s':>10}{'of the floor':>14}{'memory MB':>11}")
    for line in lines:
        print(f"{line['what']:<22}{line['rate']:>10,.0f}{line['rate'] / bare:>14.2f}{line['memory']:>11}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
