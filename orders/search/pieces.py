"""Pieces of SQL with their values, and conditions on rows written as such.

Django writes one condition as well; but a search page asks fifty of the same rows, and what Django takes to write those
is many times what the database takes to answer them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.lookups import GreaterThan


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of SQL and its values."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: Piece) -> Piece:
        return Piece(f"{self.sql} AND {other.sql}", (*self.values, *other.values))


def joined(by: str, pieces: Sequence[Piece]) -> Piece:
    """Some pieces one after the other, with something between them."""
    return Piece(by.join(piece.sql for piece in pieces), tuple(value for piece in pieces for value in piece.values))


_COLUMN = re.compile(r"_?[a-z]+(_[a-z]+)*(\[\d\])?")
_COMPARED = {"exact": "=", "lte": "<=", "lt": "<", "gte": ">=", "gt": ">"}


def written(condition: Q) -> Piece:
    """A condition on the columns of one table, as `Q` says it; those without a table's name before them.

    Raises ValueError for what it does not know how to write, rather than to leave it out.
    """
    if not condition.children:
        return Piece("true")
    parts = [_one(child) for child in condition.children]
    whole = joined(f" {condition.connector} ", parts)
    return Piece(f"NOT ({whole.sql})" if condition.negated else f"({whole.sql})", whole.values)


def _one(child: Any) -> Piece:
    if isinstance(child, Q):
        return written(child)
    if isinstance(child, tuple):
        return _compared(*child)
    return _expression(child)


def _compared(name: str, value: Any) -> Piece:
    column, _, lookup = name.rpartition("__")
    if not column or lookup not in (*_COMPARED, "in", "isnull"):
        column, lookup = name, "exact"
    first, _, number = column.rpartition("__")
    if first and number.isdigit():
        column = f"{first}[{int(number) + 1}]"
    if not _COLUMN.fullmatch(column):
        raise ValueError(f"{name} cannot be written")
    if lookup == "in":
        return Piece(f"{column} = ANY(%s)", (list(value),))
    if lookup == "isnull":
        return Piece(f"{column} IS {'' if value else 'NOT '}NULL")
    return Piece(f"{column} {_COMPARED[lookup]} %s", (value,))


def _expression(expression: Any) -> Piece:
    match expression:
        case GreaterThan(lhs=left, rhs=right):
            one, other = _expression(left), _expression(right)
            return Piece(f"{one.sql} > {other.sql}", (*one.values, *other.values))
        case CombinedExpression(lhs=left, rhs=right, connector=sign):
            one, other = _expression(left), _expression(right)
            return Piece(f"({one.sql} {sign} {other.sql})", (*one.values, *other.values))
        case F():
            return Piece(str(vars(expression)["name"]))
        case Value(value=value):
            return Piece("%s", (value,))
        case Func(extra={"function": function}):
            given = joined(", ", [_expression(one) for one in expression.get_source_expressions()])
            return Piece(f"{function}({given.sql})", given.values)
        case int():
            return Piece("%s", (expression,))
    raise ValueError(f"{expression!r} cannot be written")
