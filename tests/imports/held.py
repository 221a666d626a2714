"""Staging a draft against a register that holds another, without a register: what is held is a copy of stage tables.

What was staged first is held under the keys that were made for it, as it would be in a register.
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from django.db import connection

from orders.imports import sealed
from orders.imports.bundle import opened_bundle
from orders.imports.checks import check_across_files, quarantine
from orders.imports.compare import compare
from orders.imports.progress import silent
from orders.imports.remarks import Remarks
from orders.imports.staging import stage
from tests.imports.bundles import Draft, sample

_HELD = {
    "order": "line AS order_id, false AS in_doubt",
    "person": "line AS person_id",
    "party": "line AS fact_id",
    "condition": "line AS fact_id",
    "event": "line AS fact_id",
    "address": "line AS fact_id",
}


def load(draft: Draft, folder: Path) -> Remarks:
    """Stage a draft; returns what was remarked on."""
    remarks = Remarks()
    with opened_bundle(draft.write(folder)) as bundle:
        bundle.check_hashes()
        stage(bundle, remarks, silent)
    return remarks


def judge(draft: Draft, folder: Path, *, held: Draft | None = None, older: bool = False) -> Remarks:
    """Stage a draft, check it and compare it with what the register is said to hold (nothing, unless `held`)."""
    load(held or sample(), folder / "held")
    with connection.cursor() as cursor:
        for name, ids in _HELD.items():
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.held_{name}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE held_{name} ON COMMIT DROP AS SELECT {ids}, * FROM stage_{name} WHERE %s",
                [held is not None],
            )
        cursor.execute("DROP TABLE IF EXISTS pg_temp.held_force")
        cursor.execute("CREATE TEMPORARY TABLE held_force ON COMMIT DROP AS SELECT 'WMP' AS code")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.kept_key")
        cursor.execute("CREATE TEMPORARY TABLE kept_key ON COMMIT DROP AS SELECT * FROM stage_key")
    with patch.object(sealed, "_TABLE", "CREATE TEMPORARY TABLE stage_key ON COMMIT DROP AS SELECT * FROM kept_key"):
        remarks = load(draft, folder / "bundle")
    check_across_files()
    quarantine()
    compare(bundle_is_older=older)
    return remarks


def rows(query: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
