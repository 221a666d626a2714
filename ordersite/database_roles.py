"""Two roles in the database: the owner changes tables, the application uses them and cannot change what only grows.

What the application may not do follows from the triggers that the models declare: a table whose rows no trigger lets
anybody delete is granted without DELETE, one that may change in some columns only is granted UPDATE of those. The
triggers stop a mistake; the missing grants stop whoever has taken over the application, who could switch triggers off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

_SERVER_WITH_MAINTAIN = 170000
_READ_ONLY = ("django_migrations",)
_FUNCTIONS = ("orders_erase_people(bigint[], bigint[])",)
"""What the application may have done with the rights of the owner."""


_IGNORE = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    BEGIN
        -- What any session may set counts for the owner of the tables alone: for migrations, and for the function that
        -- erases people, which runs with the owner's rights.
        RETURN current_setting('pgtrigger.ignore', true) <> ''
           AND trigger_name = ANY(current_setting('pgtrigger.ignore', true)::text[])
           AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class
                                WHERE oid = 'public.orders_event'::regclass);
    END
    $$ LANGUAGE plpgsql SET search_path = pg_catalog, public"""
"""By this django-pgtrigger lets a trigger be passed over; its own function believes whoever sets `pgtrigger.ignore`."""


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Use a connection as the owner of the tables (MIGRATION_DATABASE_URL), then as the application again."""
    usual = {key: connection.settings_dict.get(key) for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    if settings.MIGRATION_DATABASE is None:
        yield
        return
    connection.close()
    connection.settings_dict.update({key: settings.MIGRATION_DATABASE.get(key, "") for key in usual})
    connection.settings_dict["OPTIONS"] = dict(settings.MIGRATION_DATABASE.get("OPTIONS") or {})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


def kept() -> dict[str, list[str] | None]:
    """By table whose rows are never deleted: the columns that may change, None for all, empty for none."""
    found: dict[str, list[str] | None] = {}
    for model, trigger in pgtrigger.registered():
        table = model._meta.db_table
        if isinstance(trigger, pgtrigger.ReadOnly):
            columns = {field.column for field in model._meta.concrete_fields}
            exclude = {model._meta.get_field(name).column for name in trigger.exclude or ()}
            fixed = {model._meta.get_field(name).column for name in trigger.fields or ()}
            found[table] = sorted(columns - fixed if fixed else exclude)
        elif isinstance(trigger, pgtrigger.Protect) and trigger.condition is None:
            operations = str(trigger.operation)
            if "DELETE" in operations:
                found.setdefault(table, None)
            if "UPDATE" in operations:
                found[table] = []
    return found


def grant(connection: BaseDatabaseWrapper) -> list[str]:
    """Grant the application its rights on every table there is; returns the tables it may only add to.

    Must run as the owner. Does nothing, and returns nothing, where application and owner are one role.
    """
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('server_version_num')::int, current_database()")
        owner, version, database = cursor.fetchone()
        if not role or role == owner:
            return []
        to = sql.Identifier(role)
        cursor.execute(
            "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm') AND relowner = current_user::regrole ORDER BY relname"
        )
        tables, rules = cursor.fetchall(), kept()
        if any(table == "orders_event" for table, _ in tables):
            cursor.execute(_IGNORE)
        run = _runner(cursor)
        run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        run("GRANT USAGE ON SCHEMA public TO {}", to)
        run("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", sql.Identifier(database), to)
        run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", to)
        # What a migration adds is at least readable until this has run again.
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {}", to)
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}", to)
        for table, kind in tables:
            name = sql.Identifier(table)
            run("REVOKE ALL ON {} FROM {}", name, to)
            run("GRANT SELECT ON {} TO {}", name, to)
            if kind in ("v", "m") or table in _READ_ONLY:
                continue
            run("GRANT INSERT ON {} TO {}", name, to)
            if table not in rules:
                run("GRANT UPDATE, DELETE ON {} TO {}", name, to)
            elif rules[table] is None:
                run("GRANT UPDATE ON {} TO {}", name, to)
            elif rules[table]:
                columns = sql.SQL(", ").join(sql.Identifier(column) for column in rules[table] or ())
                run("GRANT UPDATE ({}) ON {} TO {}", columns, name, to)
            if version >= _SERVER_WITH_MAINTAIN:
                # ANALYZE after an import; it changes no row.
                run("GRANT MAINTAIN ON {} TO {}", name, to)
        for function in _FUNCTIONS:
            cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
            if cursor.fetchone()[0]:
                run(f"GRANT EXECUTE ON FUNCTION {function} TO {{}}", to)
    return sorted(table for table, kind in tables if table in rules)


def _runner(cursor: Any) -> Any:
    def run(statement: str, *names: sql.Composable) -> None:
        cursor.execute(sql.SQL(statement).format(*names))

    return run
