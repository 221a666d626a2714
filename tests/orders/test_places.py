"""Where a person lives decides which areas an order is found under, at the instant asked about."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from orders.actions.by_hand import settle_residence
from orders.models import Area, Order, Place, PlacePast, Postcode, Residence
from tests.orders.build import Map, local, make_map, make_nmo, make_person

pytestmark = pytest.mark.django_db

NOON = local("2026-06-01T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


def found(order: Order, at: datetime, mask: str = "roles") -> dict[str, int]:
    """The areas under which an order is found at an instant, with the bits of one mask."""
    rows = Place.objects.filter(order=order).at(at).values_list("area__code", mask)
    assert len(rows) == len({code for code, _ in rows}), "an order stands twice in an area"
    return dict(rows)


def test_an_order_is_found_where_each_party_lives_and_above(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
    )
    assert found(order, NOON) == {"WMP": 3, "WMP-WAL": 1, "WMP-WAL-01": 1, "WMP-COV": 2, "WMP-COV-01": 2}


def test_a_move_takes_effect_at_local_midnight_of_the_day_of_the_move(areas: Map) -> None:
    # The victim moves from Walsall to Coventry on 1 May: summer time, so midnight is 23:00 UTC of 30 April.
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.pleck, "2020-01-01", "2026-05-01"), (areas.radford, "2026-05-01", None)),
    )
    before, after = local("2026-04-30T23:59"), local("2026-05-01T00:00")
    assert found(order, before) == {"WMP": 3, "WMP-WAL": 3, "WMP-WAL-01": 1, "WMP-WAL-02": 2}
    assert found(order, after) == {"WMP": 3, "WMP-WAL": 1, "WMP-WAL-01": 1, "WMP-COV": 2, "WMP-COV-02": 2}


def test_two_homes_at_once_both_count(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None), (areas.foleshill, "2026-01-01", None)),
        make_person("VICTIM", (areas.palfrey, "2020-01-01", None)),
    )
    assert found(order, NOON) == {"WMP": 3, "WMP-WAL": 3, "WMP-WAL-01": 3, "WMP-COV": 1, "WMP-COV-01": 1}


@pytest.mark.parametrize("status", ["no fixed abode", "custody", "out of force", "unknown"])
def test_without_a_home_an_order_stays_findable_as_not_placed(areas: Map, status: str) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (None, "2020-01-01", None), status=status),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
    )
    assert found(order, NOON) == {"WMP": 4 | 2, "WMP-COV": 2, "WMP-COV-01": 2}


def test_with_nobody_placed_the_owning_force_still_has_the_order(areas: Map) -> None:
    order = make_nmo(areas.force, make_person("PERPETRATOR"), make_person("VICTIM"))
    assert found(order, NOON) == {"WMP": 4 | 8}


def test_one_victim_of_two_without_a_home_is_said(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("FIRST", (areas.foleshill, "2020-01-01", None)),
        make_person("SECOND"),
    )
    assert found(order, NOON)["WMP"] == 1 | 2 | 8


def test_a_home_in_another_force_is_found_there_and_the_owner_keeps_the_order(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.next_neighbourhood, "2020-01-01", None)),
        make_person("VICTIM", (areas.next_neighbourhood, "2020-01-01", None)),
    )
    assert found(order, NOON) == {"WMP": 0, "STF": 3, "STF-NOR": 3, "STF-NOR-01": 3}


def test_a_secret_home_is_shown_and_emailed_at_lpa_and_force_only(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None), secret=True),
    )
    assert found(order, NOON)["WMP-COV-01"] == 2
    shown, emailed = found(order, NOON, "roles_shown"), found(order, NOON, "roles_emailed")
    assert (shown["WMP-COV-01"], shown["WMP-COV"], shown["WMP"]) == (0, 2, 3)
    assert (emailed["WMP-COV-01"], emailed["WMP-COV"]) == (0, 2)


def test_when_nobody_said_a_victims_home_is_shown_to_users_and_not_emailed(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None), secret=None),
    )
    assert found(order, NOON, "roles_shown")["WMP-COV-01"] == 2
    assert found(order, NOON, "roles_emailed")["WMP-COV-01"] == 0
    emailed = found(order, NOON, "roles_emailed")
    assert (emailed["WMP-COV-01"], emailed["WMP-WAL-01"]) == (0, 0), "the order is told of at area level only"
    assert (emailed["WMP-COV"], emailed["WMP-WAL"]) == (2, 1)


def test_an_order_is_emailed_by_neighbourhood_when_no_victims_home_may_be_secret(areas: Map) -> None:
    victim = make_person("VICTIM", (areas.foleshill, "2020-01-01", "2026-04-01"), secret=True)
    settle_residence(victim, neighbourhood=areas.radford, from_on=date(2026, 4, 1), secret=False, by=None)
    order = make_nmo(areas.force, make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)), victim)
    assert found(order, NOON, "roles_emailed")["WMP-COV-02"] == 2
    assert found(order, NOON, "roles_emailed")["WMP-WAL-01"] == 1
    assert found(order, local("2026-03-05T12:00"), "roles_emailed")["WMP-WAL-01"] == 0


def test_a_postcode_places_a_home_whose_neighbourhood_nobody_gave(areas: Map) -> None:
    Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.pleck)
    perpetrator = make_person("PERPETRATOR")
    order = make_nmo(areas.force, perpetrator, make_person("VICTIM"))
    settle_residence(perpetrator, from_on=date(2020, 1, 1), postcode="ws1 1aa", by=None)
    assert found(order, NOON) == {"WMP": 1 | 8, "WMP-WAL": 1, "WMP-WAL-02": 1}


def test_a_corrected_residence_moves_the_old_rows_to_the_past(areas: Map) -> None:
    perpetrator = make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None))
    order = make_nmo(areas.force, perpetrator, make_person("VICTIM"))
    wrong = Residence.objects.get(person=perpetrator)
    settle_residence(perpetrator, from_on=date(2020, 1, 1), neighbourhood=areas.foleshill, replacing=wrong, by=None)
    assert set(found(order, NOON)) == {"WMP", "WMP-COV", "WMP-COV-01"}
    past = PlacePast.objects.filter(order=order, area=areas.palfrey).get()
    assert past.superseded.recorded_at is not None
    assert past.recording.recorded_at is not None
    assert past.recording.recorded_at < past.superseded.recorded_at


def test_deep_history_and_the_far_future_are_covered(areas: Map) -> None:
    order = make_nmo(areas.force, make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)), make_person("V"))
    for at in ("1950-01-01T00:00", "2019-12-31T23:59", "2020-01-01T00:00", "2199-01-01T00:00"):
        assert "WMP" in found(order, local(at)), at
    assert Area.objects.get(code="WMP-WAL").code not in found(order, local("2019-12-31T23:59"))
