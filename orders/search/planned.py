"""Statements that the database keeps planned: what is asked all day, and takes longer to plan than to answer.

Django writes values into the text of a statement, so that each is new to the database. Here they go beside it, and a
text that comes again is not read and planned again: settings.DATABASES has after how many times, and that the plan is
one for all values. So use it for statements whose plan should not depend on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

MOST = 500
"""Statements with more values, as the orders of a list may be, do not come again, and have no room for all of them."""


def fetched(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement with `%s` for each value. The database must be able to tell what type a value has."""
    with connection.cursor() as cursor:
        if len(values) > MOST:
            return _run(cursor, sql, values)
        binding: Any = _BINDING(cursor.connection)
        wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
        with wrap(binding) as beside:
            return _run(beside, sql, [_as_text(value) for value in values])


_BINDING: Any = ServerBindingCursor  # whose types are those of the other driver


def _run(cursor: CursorWrapper, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    cursor.execute(sql, values)
    return list(cursor.fetchall())


def _as_text(value: Any) -> Any:
    """Whole numbers without a type: by their size they would have one or another, and each makes a new statement."""
    if type(value) is int:
        return str(value)
    if isinstance(value, list) and all(type(one) is int for one in value):
        return f"{{{','.join(map(str, value))}}}"
    return value
