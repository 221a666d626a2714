"""Sessions with the register's database beside Django's own, to fill it from several at once and to measure raw SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

SQL = Path(__file__).parent / "sql"


def session(database: str | None = None) -> psycopg.Connection[Any]:
    """A session of its own with the database that Django uses, or another of that server.

    Each statement commits by itself.
    """
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings = connection.settings_dict
    values: dict[str, Any] = {name: settings[key] for name, key in named.items() if settings.get(key)}
    # An address such as postgres://user@/name?host=/folder has the folder of the socket among its options.
    values |= {name: value for name, value in settings["OPTIONS"].items() if name in ("host", "port", "sslmode")}
    if database is not None:
        values["dbname"] = database
    return psycopg.connect(**values, autocommit=True)


def run_file(opened: psycopg.Connection[Any], name: str, values: dict[str, Any]) -> None:
    """Run all statements of a file beside this one as one transaction, with values put in by name."""
    with psycopg.ClientCursor(opened) as cursor:
        # The files are ours, so their text is no value of anybody's.
        cursor.execute((SQL / f"{name}.sql").read_text().encode(), values)
