"""What PostgreSQL did for the statements of a call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


@dataclass
class Explained:
    """The nodes of the plans of all statements, as they were run."""

    nodes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def indexes(self) -> set[str]:
        """The indexes that the plans name."""
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    @property
    def used(self) -> set[str]:
        """Those of them that were read: a part of a plan may not have been needed."""
        return {node["Index Name"] for node in self.nodes if "Index Name" in node and node["Actual Loops"]}

    @property
    def scanned(self) -> set[str]:
        """The tables that were read from end to end."""
        return {node["Relation Name"] for node in self.nodes if node["Node Type"] == "Seq Scan"}

    @property
    def sorted(self) -> int:
        """The most rows that went into one sort."""
        sorts = [node for node in self.nodes if node["Node Type"] in ("Sort", "Incremental Sort")]
        return max((int(row["Actual Rows"]) for node in sorts for row in node["Plans"]), default=0)

    @property
    def read(self) -> int:
        """The most rows that one scan of places read, those that it left out again counted."""
        return self.read_of("orders_place")

    def read_of(self, table: str) -> int:
        """The same of any table."""
        return max(
            (
                int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
                for node in self.nodes
                if node.get("Relation Name") == table
            ),
            default=0,
        )


def explained(run: Callable[[], object]) -> Explained:
    """Run a call, and again with an explanation each of its SELECTs."""
    asked: list[tuple[str, Any, bool]] = []

    def listen(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((sql, values, isinstance(context["cursor"].cursor, ServerBindingCursor)))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(listen):
        run()
    found = Explained()
    with connection.cursor() as cursor:
        for sql, values, is_planned in asked:
            if not sql.lstrip(" \n(").startswith(("SELECT", "WITH")):
                continue
            if is_planned:
                # Its plan is the one for all values.
                numbers = count(1)
                cursor.execute(f"PREPARE planned AS {re.sub('%s', lambda _: f'${next(numbers)}', sql)}")  # noqa: B023
                sql = f"EXECUTE planned ({', '.join(['%s'] * len(values))})"
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
            plan = cursor.fetchone()[0]
            found.nodes += _below((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])
            if is_planned:
                cursor.execute("DEALLOCATE planned")
    assert found.nodes, "nothing was asked of the database"
    return found


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)
