"""Search rows are kept by statements over all orders concerned, in the transaction that records the fact."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.actions.by_hand import record_event
from orders.actions.people import move
from orders.imports.loader import load
from orders.models import Person, Place
from orders.record.storing import NewHome
from orders.statute import Event
from tests.as_application import owner
from tests.imports.large import write_large
from tests.orders.build import Map, make_map, make_nmo, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def bound(areas: Map, orders: int) -> Person:
    """Somebody whom so many orders bind."""
    person = make_person("BOUND", (areas.palfrey, "2020-01-01", None))
    for _ in range(orders):
        make_nmo(areas.force, person, make_person("VICTIM", (areas.foleshill, "2020-01-01", None)), until=None)
    return person


def test_moving_somebody_takes_as_many_statements_for_thirty_orders_as_for_three(areas: Map) -> None:
    few, many = bound(areas, 3), bound(areas, 30)
    home = NewHome(date(2026, 6, 1), neighbourhood=areas.radford)
    move(bound(areas, 1), home, by=None)
    of_few, of_many = statements(lambda: move(few, home, by=None)), statements(lambda: move(many, home, by=None))
    assert of_few == of_many < 60
    assert Place.objects.filter(area=areas.radford).values("order").distinct().count() == 34


def test_varying_an_order_does_not_depend_on_how_many_there_are(areas: Map) -> None:
    def vary() -> int:
        order = make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"))
        event = Event("VARIED", datetime(2026, 6, 1, tzinfo=UTC), until=datetime(2027, 6, 1, tzinfo=UTC))
        return statements(lambda: record_event(order, event, by=None))

    vary()
    before = vary()
    bound(areas, 30)
    assert vary() == before < 60


def test_what_is_recorded_and_its_search_rows_are_one_transaction(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    person = bound(areas, 3)
    before = list(Place.objects.order_by("pk").values_list())

    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("the places cannot be worked out")

    monkeypatch.setattr("orders.places.projection.project", fail)
    with pytest.raises(RuntimeError):
        move(person, NewHome(date(2026, 6, 1), neighbourhood=areas.radford), by=None)
    assert person.residences.filter(neighbourhood=areas.radford).count() == 0
    assert list(Place.objects.order_by("pk").values_list()) == before


def planner_believes(orders: int) -> None:
    """How many orders the planner takes the register to have: what was counted last, undone transactions too."""
    with owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = %s WHERE oid = 'orders_order'::regclass", [orders])


def counts_places_again(folder: Path) -> bool:
    """Whether an import tells the planner how many search rows there are now."""
    with CaptureQueriesContext(connection) as queries:
        load(folder, commit=True)
    return any(str(query["sql"]) == "ANALYZE orders_place" for query in queries.captured_queries)


def bundle(folder: Path, copies: int) -> Path:
    """A bundle of a source that is named as its folder."""
    write_large(folder, copies)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"connect-wmp"', f'"connect-{folder.name}"'))
    return folder


def test_an_import_takes_as_many_statements_for_twelve_times_the_orders(tmp_path: Path) -> None:
    call_command("load_areas", stdout=io.StringIO())
    planner_believes(0)
    taken = []
    for name, copies in (("warm", 1), ("few", 2), ("many", 24)):
        folder = bundle(tmp_path / name, copies)
        taken.append(statements(lambda: load(folder, commit=True)))  # noqa: B023 - called at once
    assert taken[1] == taken[2]


def test_the_planner_is_told_of_an_import_that_is_large_for_the_register(tmp_path: Path) -> None:
    call_command("load_areas", stdout=io.StringIO())
    planner_believes(100_000)
    assert not counts_places_again(bundle(tmp_path / "small", 1))
    planner_believes(0)
    assert counts_places_again(bundle(tmp_path / "large", 1))
