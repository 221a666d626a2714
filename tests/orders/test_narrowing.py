"""What narrows a search: breaches, conditions, teams; the counts beside the filters, and the counts that are kept."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.access import grants
from orders.actions.by_hand import record_event, settle_residence
from orders.models import Condition, GrantKind, Order, PlaceTally, Residence, User
from orders.places import projection, tally
from orders.record import standing_check
from orders.record.recording import recording
from orders.search import area_figures, by_area
from orders.search.by_area import Question
from orders.search.facet_counts import NOT_ENDED, facet_counts
from orders.search.narrowing import EVER, NEVER
from orders.search.own_areas import own
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db

NOON = local("2026-06-01T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


def simple(areas: Map, **options: object) -> Order:
    return make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
        **options,  # type: ignore[arg-type]
    )


def listed(question: Question, user: User) -> list[int]:
    counted = by_area.counts(question, user)
    return by_area.page(question, user, offset=0, limit=100, counted=counted)


def forbid(order: Order, code: str, begins: str | None = None, until: str | None = None) -> None:
    with recording(by=None, action="add condition") as opened:
        Condition.objects.create(
            order=order, source_ref=f"C-{code}-{begins}", code=code, text="Must not (invented).", recording=opened,
            begins=begins and local(begins), until=until and local(until), until_is_date=until is not None,
        )  # fmt: skip
        projection.project([order.pk], opened)


class TestBreached:
    """Ever, never, or in so many days: at any instant, whatever came after it."""

    @pytest.mark.parametrize(
        ("at", "breached", "found"),
        [
            ("2026-04-30T12:00", EVER, False),
            ("2026-04-30T12:00", NEVER, True),
            ("2026-05-01T10:00", EVER, True),
            ("2026-05-01T10:00", NEVER, False),
            ("2026-05-08T09:59", 7, True),
            ("2026-05-08T10:00", 7, False),
            ("2026-06-02T12:00", 7, True),
            ("2026-06-02T12:00", EVER, True),
        ],
    )
    def test_it(self, areas: Map, at: str, breached: int, found: bool) -> None:
        order = simple(areas)
        for when in ("2026-05-01T10:00", "2026-06-01T10:00"):
            record_event(order, Event("BREACHED", local(when)), by=None)
        question = Question(areas.walsall, local(at), breached=breached)
        assert listed(question, make_user(areas.force)) == [order.pk] * found


class TestConditions:
    """Of a code, while they run."""

    def test_one_of_the_codes_is_enough(self, areas: Map) -> None:
        order, other = simple(areas), simple(areas)
        forbid(order, "B")
        forbid(order, "I")
        forbid(other, "Q")
        user = make_user(areas.force)
        asked = Question(areas.walsall, NOON)
        assert listed(replace(asked, conditions=("B",)), user) == [order.pk]
        assert listed(replace(asked, conditions=("I", "A")), user) == [order.pk]
        assert listed(replace(asked, conditions=("A",)), user) == []
        assert listed(replace(asked, conditions=("Z",)), user) == [other.pk], "a code without a meaning is another"

    def test_it_counts_while_it_runs_by_its_own_dates(self, areas: Map) -> None:
        order = simple(areas)
        forbid(order, "D", begins="2026-05-01T00:00", until="2026-05-31T00:00")
        user = make_user(areas.force)
        for at, found in (
            ("2026-04-30T23:59", False), ("2026-05-01T00:00", True), ("2026-05-31T23:59", True),
            ("2026-06-01T00:00", False),
        ):  # fmt: skip
            question = Question(areas.walsall, local(at), conditions=("D",))
            assert listed(question, user) == [order.pk] * found, at
            assert listed(replace(question, conditions=()), user) == [order.pk], at
        assert list(standing_check.differences()) == []


def test_teams_are_those_of_the_force_and_find_their_orders(areas: Map) -> None:
    orders = [simple(areas) for _ in range(3)]
    for order, team in zip(orders, ("North", "South", "North"), strict=True):
        Order.objects.filter(pk=order.pk).update(team=team)
    home = (areas.next_neighbourhood, "2020-01-01", None)
    theirs = make_nmo(areas.next_force, make_person("R", home), make_person("P", home))
    Order.objects.filter(pk=theirs.pk).update(team="Elsewhere")
    user = make_user(areas.force)
    assert own(user).teams == ["North", "South"]
    assert own(make_user(None)).teams == []
    assert set(listed(Question(areas.force, NOON, team="North"), user)) == {orders[0].pk, orders[2].pk}


def a_mixed_register(areas: Map, chance: random.Random, number: int) -> None:
    hoods = [areas.palfrey, areas.pleck, areas.foleshill, areas.radford]
    for _ in range(number):
        day = timezone.localdate() - timedelta(days=chance.randrange(20, 400))
        order = make_nmo(
            areas.force,
            make_person("PERPETRATOR", (chance.choice(hoods), "2020-01-01", None)),
            make_person(
                "VICTIM", (chance.choice(hoods), "2020-01-01", None), secret=chance.choice([True, False, None])
            ),
            made=f"{day}T10:00",
            until=str(day + timedelta(days=chance.randrange(10, 500))),
            kind=chance.choice(["NMO", "RO", "OCC"]),
        )
        for kind in chance.sample(["SERVED", "BREACHED", "ON_PNC"], chance.randrange(4)):
            record_event(order, Event(kind, local(f"{day + timedelta(days=3)}T10:00")), by=None)
        forbid(order, chance.choice("ABCHIZ"))


@pytest.mark.parametrize("secret_places", [False, True])
def test_the_number_beside_a_choice_is_what_a_search_with_it_finds(areas: Map, secret_places: bool) -> None:
    chance = random.Random(7)
    a_mixed_register(areas, chance, 14)
    user, now = make_user(areas.force, secret_places=secret_places), timezone.now()
    for area in (areas.force, areas.walsall, areas.foleshill):
        for asked in (
            Question(area, now),
            Question(area, now, standings=("live",), served=True),
            Question(area, now, role="victim", breached=EVER),
            Question(area, now - timedelta(days=60), kinds=("NMO", "RO"), conditions=("A", "B")),
        ):
            facets = facet_counts(asked, user)
            for facet, choices in facets.items():
                for choice, number in choices.items():
                    chosen = replace(asked, **_with(facet, choice))
                    chosen = replace(chosen, standings=asked.standings or NOT_ENDED)
                    assert number == by_area.asked_count(chosen, by_area.counts(chosen, user)), (area, facet, choice)


def _with(facet: str, choice: str) -> dict[str, object]:
    match facet:
        case "role":
            return {"role": choice or None}
        case "kind":
            return {"kinds": (choice,)}
        case "condition":
            return {"conditions": (choice,)}
        case "breached":
            return {"breached": {"ever": EVER, "never": NEVER}.get(choice) if not choice.isdigit() else int(choice)}
        case "ending":
            return {"ending": int(choice)}
        case "only":
            return {"only": choice}
    return {facet: choice == "Y"}


def test_where_only_ended_orders_are_asked_for_nothing_is_counted(areas: Map) -> None:
    simple(areas)
    facets = facet_counts(Question(areas.force, timezone.now(), standings=("ended",)), make_user(areas.force))
    assert not any(number for choices in facets.values() for number in choices.values())


class TestKeptCounts:
    """Ended orders of an area by kind: the same as counted, after whatever was done."""

    def test_they_are_those_of_the_places_after_many_actions(self, areas: Map) -> None:
        chance = random.Random(3)
        a_mixed_register(areas, chance, 10)
        hoods = [areas.palfrey, areas.pleck, areas.foleshill, areas.radford]
        for residence in Residence.objects.all()[:12]:
            moved = timezone.localdate() + timedelta(days=chance.randrange(-300, 60))
            settle_residence(
                residence.person, from_on=moved, neighbourhood=chance.choice(hoods), secret=chance.choice([True, False]),
                by=None, replacing=chance.choice([None, residence]),
            )  # fmt: skip
        assert tally.differences() == []
        assert PlaceTally.objects.count() > tally.fold() > 0
        assert tally.differences() == []
        now = timezone.now()
        for user in (make_user(areas.force), make_user(areas.force, secret_places=True)):
            for area in (areas.force, areas.walsall, areas.coventry, *hoods):
                for role in (None, "either", "both", "victim"):
                    for kinds in ((), ("NMO",), ("RO", "OCC")):
                        question = Question(area, now, role=role, kinds=kinds)
                        assert by_area.all_are_counted(question, user)
                        assert by_area.counts(question, user, ended_at_most=0) == by_area.counts(question, user)
                        asked = by_area.plain(question, user, by_area.holds(now))
                        with connection.cursor() as cursor:
                            cursor.execute(f"SELECT order_id FROM ({asked.sql}) asked", asked.values)
                            found = sorted(order for (order,) in cursor.fetchall())
                        assert found == sorted(by_area.rows(question, user).values_list("order_id", flat=True))

    def test_whoever_moves_in_later_is_not_counted_yet(self, areas: Map) -> None:
        perpetrator = make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None))
        make_nmo(areas.force, perpetrator, make_person("V"), made="2025-01-02T10:00", until="2025-06-01")
        settle_residence(
            perpetrator, from_on=timezone.localdate() + timedelta(days=5), neighbourhood=areas.radford, by=None
        )
        user = make_user(areas.force)
        for days, ended in ((0, 0), (6, 1)):
            question = Question(areas.radford, timezone.now() + timedelta(days=days))
            assert by_area.counts(question, user, ended_at_most=0)["ended"] == ended

    def test_a_wrong_count_is_found_and_mended(self, areas: Map) -> None:
        simple(areas)
        PlaceTally.objects.filter(area=areas.walsall).update(stints=5)
        ((key, kept, there),) = tally.differences()
        assert (key[0], kept, there) == (areas.walsall.pk, 5, 1)
        assert standing_check.rebuild(lambda done: None) == 0
        assert tally.differences() == []

    def test_what_is_narrowed_otherwise_is_not_kept(self, areas: Map) -> None:
        user, asked = make_user(areas.force), Question(areas.force, timezone.now())
        assert by_area.all_are_counted(replace(asked, standings=("ended",)), user)
        for other in (
            replace(asked, served=True), replace(asked, at=NOON), replace(asked, team="A"), replace(asked, breached=7),
            replace(asked, area=areas.next_lpa),
        ):  # fmt: skip
            assert not by_area.all_are_counted(other, user)

    def test_another_forces_numbers_stay_unseen(self, areas: Map) -> None:
        home = (areas.next_neighbourhood, "2020-01-01", None)
        make_nmo(
            areas.next_force,
            make_person("R", home),
            make_person("P", home),
            made="2025-01-02T10:00",
            until="2025-06-01",
        )
        user = make_user(areas.force)
        counted = by_area.counts(Question(areas.next_lpa, timezone.now()), user, ended_at_most=0)
        assert counted["ended"] == 0


class TestRestricted:
    """What a restricted order says is not told by the filters either: not by a list, a count or a facet."""

    CONTENT = (
        {"served": False}, {"served": True}, {"on_pnc": False}, {"on_pnc": True}, {"breached": NEVER}, {"ending": 3660},
        {"conditions": ("B",)}, {"only": "unserved"}, {"only": "off-pnc"}, {"team": "Walsall"},
    )  # fmt: skip

    @pytest.fixture
    def order(self, areas: Map) -> Order:
        order = simple(areas, until="2026-12-01")
        forbid(order, "B")
        Order.objects.filter(pk=order.pk).update(restricted=True, team="Walsall")
        return order

    @pytest.mark.parametrize("asked", CONTENT, ids=str)
    def test_it_matches_no_filter_that_asks_what_it_says(self, areas: Map, order: Order, asked: dict[str, Any]) -> None:
        other = simple(areas, until="2026-12-01")
        user, question = make_user(areas.force), Question(areas.force, NOON)
        assert set(listed(question, user)) == {order.pk, other.pk}
        assert order.pk not in listed(replace(question, **asked), user)
        grants.give(GrantKind.RESTRICTED, order, by=user, why=grants.Why.COURT)
        Order.objects.filter(pk=order.pk).update(restricted=False)
        open_to_all = listed(replace(question, **asked), user)
        Order.objects.filter(pk=order.pk).update(restricted=True)
        assert listed(replace(question, **asked), user) == open_to_all, "opened with a reason"
        assert order.pk not in listed(replace(question, **asked), make_user(areas.force))

    def test_no_number_tells_of_it(self, areas: Map, order: Order) -> None:
        user, question = make_user(areas.force), Question(areas.force, NOON)
        facets = facet_counts(question, user)
        for facet in ("served", "on_pnc", "ending", "breached", "condition"):
            assert set(facets[facet].values()) == {0}, facet
        assert facets["kind"]["NMO"] == 1, "its kind is no secret"
        assert area_figures.needing(question, user)["unserved"] == area_figures.needing(question, user)["off-pnc"] == 0
        assert area_figures.of_areas(question, user, [areas.force])[areas.force.pk]["live"] == 1
        assert area_figures.of_areas(question, user, [areas.force])[areas.force.pk]["unserved"] == 0

    def test_what_follows_from_kind_and_standing_is_told(self, areas: Map, order: Order) -> None:
        user = make_user(areas.force)
        for asked in ({"kinds": ("NMO",)}, {"standings": ("live",)}, {"role": "either"}):
            assert listed(Question(areas.force, NOON, **asked), user) == [order.pk], asked  # type: ignore[arg-type] # parametrised
