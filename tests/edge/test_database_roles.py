"""Logged in as web server and worker are: what they cannot do to the tables, to events and to the log."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection

from ordersite.database_roles import kept
from tests.as_application import owner

APPEND_ONLY = ["orders_event", "orders_auditentry", "orders_orderversion", "orders_personversion"]
FACTS = ["orders_party", "orders_condition", "orders_residence"]


@pytest.fixture
def application(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A session that the application's own role has opened, as from a taken-over web server."""
    address = re.sub(r"@/\w+", f"@/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    with psycopg.connect(address.replace("postgres://", "postgresql://", 1), autocommit=True) as opened:
        assert opened.execute("SELECT current_user, session_user").fetchone() == ("register_app", "register_app")
        yield opened


def refused(opened: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        opened.execute(statement.encode())


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_only_grows_cannot_be_changed(application: psycopg.Connection[Any], table: str) -> None:
    refused(application, f"UPDATE {table} SET id = id")
    refused(application, f"DELETE FROM {table}")
    refused(application, f"TRUNCATE {table} CASCADE")
    refused(application, f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    refused(application, f"DROP TABLE {table} CASCADE")
    application.execute(f"SELECT 1 FROM {table} LIMIT 1".encode())


@pytest.mark.parametrize("table", FACTS)
def test_a_fact_can_be_superseded_and_nothing_else(application: psycopg.Connection[Any], table: str) -> None:
    application.execute(f"UPDATE {table} SET superseded_id = superseded_id".encode())
    refused(application, f"UPDATE {table} SET id = id")
    refused(application, f"DELETE FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE other (id int)",
        "CREATE SCHEMA other",
        "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE orders_order ADD COLUMN other int",
        "ALTER TABLE orders_order DISABLE TRIGGER ALL",
        "CREATE INDEX ON orders_order (id)",
        "DROP TABLE orders_place",
        "TRUNCATE orders_place",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
        "CREATE ROLE other",
        "COPY orders_area TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "UPDATE django_migrations SET name = name",
    ],
)
def test_the_tables_cannot_be_altered(application: psycopg.Connection[Any], statement: str) -> None:
    refused(application, statement)


def test_no_setting_of_a_session_switches_a_trigger_off(application: psycopg.Connection[Any]) -> None:
    """Where the application may change a column, a trigger alone says when: as the instant of a recording."""
    row = application.execute(
        "INSERT INTO orders_recording (source, action, reason, recorded_at) VALUES ('register', 'test', '', now())"
        " RETURNING id"
    ).fetchone()
    assert row
    application.execute(
        "SELECT set_config('pgtrigger.ignore', (SELECT array_agg(tgname)::text FROM pg_trigger WHERE NOT tgisinternal), false)"
    )
    with pytest.raises(psycopg.errors.RaiseException, match="Cannot update"):
        application.execute("UPDATE orders_recording SET recorded_at = '2020-01-01' WHERE id = %s", row)
    refused(application, "DELETE FROM orders_recording")


def test_the_application_cannot_grant_itself_more(application: psycopg.Connection[Any]) -> None:
    # PostgreSQL answers with a warning and grants nothing.
    application.execute("GRANT DELETE ON orders_event TO register_app")
    refused(application, "DELETE FROM orders_event")


def test_what_the_import_needs_is_there(application: psycopg.Connection[Any]) -> None:
    application.execute("CREATE TEMPORARY TABLE stage (id int)")
    application.execute("SET work_mem = '8MB'")
    notices: list[str] = []
    application.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    application.execute("ANALYZE orders_order")
    application.execute("ANALYZE stage")
    assert notices == []


def test_every_append_only_table_is_known_from_its_trigger() -> None:
    rules = kept()
    for table in APPEND_ONLY:
        assert rules[table] == []
    for table in FACTS:
        # Besides, by what a sealed postcode is found: it is made anew when the key of look-ups is changed.
        found_by = {"found_in_id", "outward_index", "postcode_index"} if table == "orders_residence" else set()
        assert set(rules[table] or ()) == {"superseded_id"} | found_by
    assert rules["orders_recording"] is None


@pytest.mark.django_db
def test_the_application_has_rights_on_every_table_of_every_model() -> None:
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in there or not model._meta.managed:
                continue
            cursor.execute(
                "SELECT has_table_privilege(current_user, %s, 'SELECT') AND has_table_privilege(current_user, %s, 'INSERT'),"
                " has_table_privilege(current_user, %s, 'DELETE') OR has_table_privilege(current_user, %s, 'TRUNCATE')",
                [table] * 4,
            )
            usable, deletable = cursor.fetchone()
            assert usable, table
            assert deletable is (table not in kept()), table


@pytest.mark.django_db
def test_the_tests_themselves_run_with_the_rights_of_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.APPLICATION_ROLE,)


@pytest.mark.django_db
def test_the_check_of_an_installation_finds_a_role_that_is_too_strong() -> None:
    def found() -> list[str]:
        return [one.id or "" for one in run_checks(include_deployment_checks=True, databases=["default"])]

    assert "ordersite.E001" not in found()
    with owner():
        assert "ordersite.E001" in found()
