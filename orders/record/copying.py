"""Many rows at once into a table of the register, by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of the named fields (a foreign key as its id). Unnamed columns take their default."""
    column_of = {field.name: field.column for field in model._meta.concrete_fields}
    column_of |= {field.attname: field.column for field in model._meta.concrete_fields}
    columns = [sql.Identifier(str(column_of[name])) for name in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
