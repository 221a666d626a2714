"""A search of one area: the right orders, once each, live first, and nothing that the user may not see."""

from __future__ import annotations

from datetime import datetime

import pytest

from orders.access.permissions import visible_orders
from orders.actions.by_hand import record_event
from orders.models import Order, Role, User
from orders.search import by_area
from orders.search.by_area import Question
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user, on

pytestmark = pytest.mark.django_db

NOON = local("2026-06-01T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


def listed(question: Question, user: User) -> list[int]:
    counted = by_area.counts(question, user)
    ids = by_area.page(question, user, offset=0, limit=100, counted=counted)

    assert len(ids) == len(set(ids)) == by_area.asked_count(question, counted)
    return ids


def simple(areas: Map, **options: object) -> Order:
    return make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
        **options,  # type: ignore[arg-type]
    )


def test_live_first_and_soonest_end_first_then_pending_then_latest_ended(areas: Map) -> None:
    user = make_user(areas.force)
    later = simple(areas, until="2027-03-01")
    sooner = simple(areas, until="2026-06-02")
    open_ended = simple(areas, until=None)
    not_yet = simple(areas, made="2026-06-10T10:00")
    record_event(not_yet, Event("APPLIED", local("2026-05-20T10:00")), by=None)
    ended_long_ago = simple(areas, until="2026-04-01")
    ended = simple(areas, until="2026-05-31")
    assert listed(Question(areas.force, NOON), user) == [
        order.pk for order in (sooner, later, open_ended, not_yet, ended, ended_long_ago)
    ]
    of_nobody_yet = simple(areas, made="2026-06-20T10:00")
    assert of_nobody_yet.pk in listed(Question(areas.force, local("2026-06-20T10:00")), user)
    assert of_nobody_yet.pk not in listed(Question(areas.force, NOON), user), "nothing had happened to it by then"
    assert by_area.counts(Question(areas.walsall, NOON), user) == {
        "live": 3,
        "unconfirmed": 0,
        "pending": 1,
        "ended": 2,
    }


def test_a_page_begins_where_the_one_before_ended(areas: Map) -> None:
    user = make_user(areas.force)
    for until in ("2026-05-01", "2026-05-02", "2026-07-01", "2026-07-02", "2026-07-03"):
        simple(areas, until=until)
    question = Question(areas.force, NOON)
    counted = by_area.counts(question, user)
    whole = listed(question, user)
    pages = [by_area.page(question, user, offset=start, limit=2, counted=counted) for start in (0, 2, 4, 6)]
    assert [order for page in pages for order in page] == whole
    assert [len(page) for page in pages] == [2, 2, 1, 0]


@pytest.mark.parametrize(
    ("role", "area", "expected"),
    [
        ("perpetrator", "walsall", True),
        ("victim", "walsall", False),
        ("either", "walsall", True),
        ("both", "walsall", False),
        ("perpetrator", "coventry", False),
        ("victim", "coventry", True),
        ("both", "force", True),
        ("not placed", "force", False),
        (None, "palfrey", True),
        (None, "pleck", False),
    ],
)
def test_roles(areas: Map, role: str | None, area: str, expected: bool) -> None:
    order = simple(areas)
    assert listed(Question(getattr(areas, area), NOON, role=role), make_user(areas.force)) == [order.pk] * expected


def test_not_placed_is_found_at_the_owning_force(areas: Map) -> None:
    order = make_nmo(areas.force, make_person("NOWHERE"), make_person("VICTIM", (areas.pleck, "2020-01-01", None)))
    user = make_user(areas.force)
    assert listed(Question(areas.force, NOON, role="not placed"), user) == [order.pk]
    assert listed(Question(areas.force, NOON), user) == [order.pk]


def test_a_secret_home_is_found_in_its_neighbourhood_only_by_those_who_may(areas: Map) -> None:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None), secret=True),
    )
    asked, lpa = Question(areas.foleshill, NOON), Question(areas.coventry, NOON)
    viewer, holder = make_user(areas.force), make_user(areas.force, secret_places=True)
    assert listed(asked, viewer) == []
    assert by_area.counts(asked, viewer)["live"] == 0
    assert listed(asked, holder) == [order.pk]
    assert listed(lpa, viewer) == [order.pk]


class TestVisibility:
    """A viewer sees what their force owns and what is placed in it, and nothing else, in any count either."""

    def test_another_forces_order_placed_in_ours_is_seen_also_under_theirs(self, areas: Map) -> None:
        order = make_nmo(
            areas.next_force,
            make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
            make_person("VICTIM", (areas.next_neighbourhood, "2020-01-01", None)),
        )
        user = make_user(areas.force)
        assert listed(Question(areas.palfrey, NOON), user) == [order.pk]
        assert listed(Question(areas.next_force, NOON), user) == [order.pk]
        assert list(visible_orders(user, NOON)) == [order]

    def test_another_forces_own_order_is_as_if_it_did_not_exist(self, areas: Map) -> None:
        make_nmo(
            areas.next_force,
            make_person("PERPETRATOR", (areas.next_neighbourhood, "2020-01-01", None)),
            make_person("VICTIM", (areas.next_neighbourhood, "2020-01-01", None)),
        )
        user = make_user(areas.force)
        assert listed(Question(areas.next_force, NOON), user) == []
        assert by_area.counts(Question(areas.next_neighbourhood, NOON), user)["live"] == 0
        assert not visible_orders(user, NOON).exists()

    @pytest.mark.parametrize("roles", [(Role.AUDITOR,), (Role.ADMINISTRATOR,)])
    def test_auditors_and_administrators_see_no_orders(self, areas: Map, roles: tuple[Role, ...]) -> None:
        simple(areas)
        assert listed(Question(areas.force, NOON), make_user(areas.force, *roles)) == []

    def test_nor_does_a_user_without_a_force_or_one_who_left(self, areas: Map) -> None:
        simple(areas)
        left = make_user(areas.force)
        left.is_active = False
        for user in (make_user(None), left):
            assert listed(Question(areas.force, NOON), user) == []


def test_served_and_pnc_are_asked_at_the_instant(areas: Map) -> None:
    user = make_user(areas.force)
    order = simple(
        areas, events=(Event("SERVED", local("2026-04-01T09:00")), Event("ON_PNC", local("2026-04-02T09:00")))
    )
    before, between = local("2026-03-31T12:00"), local("2026-04-01T12:00")
    ask = Question(areas.force, NOON, served=True, on_pnc=True)
    assert listed(ask, user) == [order.pk]
    assert listed(Question(areas.force, before, served=True), user) == []
    assert listed(Question(areas.force, before, served=False), user) == [order.pk]
    assert listed(Question(areas.force, between, served=True, on_pnc=False), user) == [order.pk]
    assert listed(Question(areas.force, between, on_pnc=True), user) == []


def test_a_reference_is_found_as_typed(areas: Map) -> None:
    user, order = make_user(areas.force), simple(areas)
    typed = order.reference.lower().replace("/", " ")
    assert listed(Question(areas.force, NOON, reference=typed), user) == [order.pk]
    assert listed(Question(areas.force, NOON, reference="NMO/1999/1"), user) == []


def test_what_was_known_then_is_answered_from_what_was_stored_then(areas: Map) -> None:
    user, order = make_user(areas.force), simple(areas)
    known_before = order.first_recording.recorded_at
    assert known_before is not None
    record_event(order, Event("DISCHARGED", local("2026-05-01T12:00"), text="at the hearing"), by=None)
    assert by_area.counts(Question(areas.force, NOON), user)["ended"] == 1
    then = Question(areas.force, NOON, known_at=known_before)
    assert by_area.counts(then, user) == {"live": 1, "unconfirmed": 0, "pending": 0, "ended": 0}
    assert listed(then, user) == [order.pk]
    assert listed(Question(areas.force, NOON, known_at=datetime(2000, 1, 1, tzinfo=NOON.tzinfo)), user) == []


def test_a_later_discharge_does_not_show_before_it_took_effect(areas: Map) -> None:
    user, order = make_user(areas.force), simple(areas)
    record_event(order, Event("DISCHARGED", local("2026-05-01T12:00")), by=None)
    for at, standing in ((local("2026-05-01T11:59"), "live"), (local("2026-05-01T12:00"), "ended")):
        assert by_area.counts(Question(areas.force, at), user)[standing] == 1
    assert on("2026-05-01") < NOON
