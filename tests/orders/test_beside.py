"""Work of the database beside work of Python: in one transaction, and nothing that fails passes for done."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DataError, connection

from orders.imports.loader import load
from orders.models import BankHoliday, Place
from orders.places import projection
from orders.record import standing_check
from orders.record.beside import beside
from orders.record.instants import remember_instants
from tests.imports.bundles import SAMPLE

pytestmark = pytest.mark.django_db


def test_a_job_runs_in_the_transaction_of_who_began_it() -> None:
    told: list[object] = []

    def job() -> None:
        BankHoliday.objects.create(day="2031-01-01", name="A test")
        told.append(threading.current_thread())

    with beside() as thread:
        thread.start(job)
        thread.wait()
    assert told != [threading.current_thread()]
    assert BankHoliday.objects.filter(name="A test").exists()


def test_what_a_job_raises_is_raised_where_it_is_waited_for() -> None:
    def job() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with beside() as thread:
        thread.start(job)
        with pytest.raises(DataError):
            thread.wait()


def test_batches_stored_beside_are_those_that_the_facts_say(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_areas", stdout=StringIO())
    monkeypatch.setattr(projection, "BATCH", 5)
    assert load(SAMPLE, commit=True).orders.new == 12
    assert Place.objects.exists()
    assert list(standing_check.differences()) == []


def test_instants_are_read_as_django_reads_them() -> None:
    instants = (
        "VALUES (timestamptz '2026-11-20 14:30:00+00'), ('1900-01-01 00:00:00.000001+00'), ('9999-12-30'), (NULL)"
    )
    with connection.cursor() as cursor:
        cursor.execute(instants)
        usual = cursor.fetchall()
    for _ in range(2):
        with connection.cursor() as cursor:
            remember_instants(cursor)
            cursor.execute(instants)
            assert cursor.fetchall() == usual
    assert usual[0] == (datetime(2026, 11, 20, 14, 30, tzinfo=UTC),)
