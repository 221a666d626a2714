"""A database of its own for a register that is measured, beside the one that Django has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection
from psycopg import sql

from bench.register import Size, fill
from bench.sessions import session


@contextmanager
def filled_copy(name: str, size: Size, *, today: date) -> Iterator[None]:
    """Copy the empty, migrated database that Django uses, fill the copy, and let Django use it; drop it at the end."""
    usual = connection.settings_dict["NAME"]
    copy = sql.Identifier(name)
    connection.close()
    with session(database="postgres") as opened:
        opened.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy))
        opened.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, sql.Identifier(usual)))
    try:
        connection.settings_dict["NAME"] = name
        fill(size, today=today)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        with session(database="postgres") as opened:
            opened.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy))
