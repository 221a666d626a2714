"""What each choice of each facet asks of a row, as SQL that is written once.

A search page asks some sixty such conditions, and all that differs from one page to the next are a few instants. Those
stand in a row of their own (`moment`) with names, and the conditions name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Q

from orders.models.place import CONDITION_BITS
from orders.querysets import ROLES, lives_there
from orders.search.narrowing import (
    EVER,
    NEVER,
    ONE_DAY,
    ONLY,
    asks_content,
    ends_within,
    has_condition,
    is_breached,
    is_on_pnc,
    is_served,
    needs,
)
from orders.search.pieces import Piece, written
from orders.statute import KINDS, local_day, local_midnight

BREACHED_DAYS = (7, 30, 90, 365)
ENDING_DAYS = (7, 14, 28)


def _before(days: int) -> Callable[[datetime], date]:
    return lambda at: at - timedelta(days=days)


def _over(days: int) -> Callable[[datetime], date]:
    return lambda at: local_midnight(local_day(at) + timedelta(days=days + 1))


_INSTANTS: dict[str, Callable[[datetime], date]] = {
    "at": lambda at: at,
    "today": local_day,
    "yesterday": lambda at: local_midnight(local_day(at) - ONE_DAY),
    **{f"before_{days}": _before(days) for days in BREACHED_DAYS},
    **{f"over_{days}": _over(days) for days in ENDING_DAYS},
}
"""What of the instant asked about the conditions speak of; `today` is a date, all others are instants."""


def moment(at: datetime) -> Piece:
    """The row of instants that the conditions name."""
    named = ", ".join(f"%s::{'date' if name == 'today' else 'timestamptz'} AS {name}" for name in _INSTANTS)
    return Piece(f"(SELECT {named}) AS moment", tuple(find(at) for find in _INSTANTS.values()))


def choices(at: datetime, *, whole_force: bool) -> dict[str, dict[str, Q]]:
    """The choices of each facet, by filter and value as they stand in an address, with what they ask at an instant."""
    roles = [role for role in ROLES if whole_force or role != "not placed"]
    return {
        "role": {"": lives_there(None, whole_force=whole_force)}
        | {role: lives_there(role, whole_force=whole_force) for role in roles},
        "kind": {code: Q(kind=code) for code in KINDS},
        "served": {"Y": is_served(True, at), "N": is_served(False, at)},
        "on_pnc": {"Y": is_on_pnc(True, at), "N": is_on_pnc(False, at)},
        "only": {name: needs(name, at) for name in ONLY},
        "ending": {str(days): ends_within(days, at) for days in ENDING_DAYS},
        "breached": {"ever": is_breached(EVER, at), "never": is_breached(NEVER, at)}
        | {str(days): is_breached(days, at) for days in BREACHED_DAYS},
        "condition": {code: has_condition([code]) for code in CONDITION_BITS},
    }


@cache
def columns(*, whole_force: bool, narrowed: frozenset[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The counts of all choices as columns of a SELECT, and whose they are, as (filter, value), in the same order.

    `narrowed`: the filters in use, which hold of a row where its column `fits_` with their name does. A facet leaves
    out its own. What an order says counts only where its column `told` holds.
    """
    counts, names = [], []
    for facet, asked in choices(_ONCE, whole_force=whole_force).items():
        others = [f"fits_{name}" for name in sorted(narrowed) if name != facet]
        for choice, condition in asked.items():
            told = ["told"] if asks_content([facet], choice) else []
            counts.append(f"count(*) FILTER (WHERE {' AND '.join([*others, *told, _named(written(condition))])})")
            names.append((facet, choice))
    return ", ".join(counts), tuple(names)


_ONCE = datetime(2021, 7, 7, 12, 34, 56, 789012, tzinfo=UTC)
"""An instant at which no two of the instants are the same."""

_NAMES = {find(_ONCE): f"moment.{name}" for name, find in _INSTANTS.items()}


def _named(piece: Piece) -> str:
    """A condition of the instant `_ONCE` with the names of instants, and with everything else as it stands in SQL."""
    texts = piece.sql.split("%s")
    return "".join(
        text + word for text, word in zip(texts, [*(_word(value) for value in piece.values), ""], strict=True)
    )


_PLAIN = re.compile(r"[A-Za-z0-9/-]+")


def _word(value: Any) -> str:
    """A value in SQL. Raises ValueError for one that no condition of a facet has: none of them comes from a reader."""
    match value:
        case int():
            return str(value)
        case date() if value in _NAMES:
            return _NAMES[value]
        case datetime() if value.year == 9999:
            return f"'{value.isoformat()}'::timestamptz"
        case str() if _PLAIN.fullmatch(value):
            return f"'{value}'"
        case [_, *_]:
            return f"ARRAY[{', '.join(_word(one) for one in value)}]"
    raise ValueError(f"{value!r} is no value of a facet")
