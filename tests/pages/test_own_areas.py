"""The areas that a search page lists are kept by each process, and never shown as they no longer are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Area, Order, Role
from orders.search.own_areas import own
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def test_they_are_read_once_until_one_changes(areas: Map) -> None:
    user = make_user(areas.force)
    first = own(user).areas
    with CaptureQueriesContext(connection) as asked:
        assert own(user).areas is first
    assert len(asked) == 1
    changes = (
        {"name": "Palfrey & Caldmore"}, {"code": "WMP-WAL-09"}, {"parent": areas.coventry},
        {"level": "lpa", "parent": areas.force},
    )  # fmt: skip
    for change in changes:
        before = own(user).areas
        Area.objects.filter(pk=areas.palfrey.pk).update(**change)
        assert own(user).areas.rows != before.rows, change
    gone = own(user).areas
    Area.objects.filter(pk=areas.palfrey.pk).update(force=areas.next_force)
    assert gone.of_id(areas.palfrey.pk) is not None
    assert own(user).areas.of_id(areas.palfrey.pk) is None
    Area.objects.create(code="WMP-NEW", name="New", level="lpa", parent=areas.force, force=areas.force)
    assert ("WMP-NEW", "New") in own(user).areas.names


def test_a_change_that_was_undone_is_forgotten(areas: Map) -> None:
    from django.db import transaction

    user = make_user(areas.force)
    before = own(user).areas.names
    with transaction.atomic():
        Area.objects.filter(pk=areas.pleck.pk).update(name="For a moment")
        assert ("WMP-WAL-02", "For a moment") in own(user).areas.names
        transaction.set_rollback(True)
    assert own(user).areas.names == before


def test_they_are_those_of_the_readers_force_alone(areas: Map) -> None:
    ours, theirs = own(make_user(areas.force)).areas, own(make_user(areas.next_force)).areas
    assert {code for code, _ in theirs.names} == {"STF", "STF-NOR", "STF-NOR-01"}
    assert ours.area("STF-NOR") is None
    for user in (make_user(None), make_user(areas.force, Role.ADMINISTRATOR)):
        assert own(user).areas.names == ()
        assert own(user).areas.choices == ()


def test_an_area_knows_those_it_lies_in_and_belongs_to_who_asked(areas: Map) -> None:
    found = own(make_user(areas.force)).areas
    with CaptureQueriesContext(connection) as asked:
        area = found.area("WMP-WAL-01")
        assert area is not None
        assert area.parent is not None
        assert area.force is not None
        assert (area.parent.name, area.force.code, area.parent.force_id) == ("Demo WMP-WAL", "WMP", areas.force.pk)
    assert not asked
    assert area == areas.palfrey
    area.name = "Mine"
    assert found.of_id(area.pk) == area
    assert found.names[2] == ("WMP-COV-01", "Demo WMP-COV-01")
    again = found.area("WMP-WAL-01")
    assert again is not None
    assert again.name == "Demo WMP-WAL-01"


def test_teams_are_those_that_own_orders(areas: Map) -> None:
    order = make_nmo(areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("P"))
    Order.objects.filter(pk=order.pk).update(team="Walsall DA")
    assert own(make_user(areas.force)).teams == ["Walsall DA"]
    assert own(make_user(areas.next_force)).teams == []
