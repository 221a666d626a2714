"""Search reads from its indexes what it shows and little more, however large the register."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Area, Order, Place, Residence, Role, User
from orders.places import tally
from orders.search import by_area, onward
from orders.search.by_area import Question
from orders.search.by_person import Answer, find, understand
from orders.search.results import results
from orders.statute import local_midnight
from tests.plans.conftest import TODAY
from tests.plans.explained import explained

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.usefixtures("register")]

THEN = local_midnight(TODAY) - timedelta(days=700)
LARGE = {"orders_place", "orders_order", "orders_event", "orders_person", "orders_residence", "orders_party"}
PLACE_INDEXES = {"place_now", "place_soonest_end", "place_stint"}
PAGE = 25


@pytest.fixture
def force(db: None) -> Area:
    return Area.objects.get(code="B01")


@pytest.fixture
def viewer(force: Area) -> User:
    return User.objects.create_user("viewer", roles=[Role.VIEWER.value], force=force)


def area(code: str) -> Area:
    return Area.objects.get(code=code)


def person(typed: str, user: User, where: Area) -> Answer:
    read = understand(typed, TODAY)
    assert read.person
    return find(Question(where, timezone.now(), person=read.person), user, offset=0, limit=PAGE)


def listed(question: Question, user: User, offset: int = 0) -> list[int]:
    counted = by_area.counts(question, user)
    return by_area.page(question, user, offset=offset, limit=PAGE, counted=counted)


@pytest.mark.parametrize("code", ["B01", "B01-L03", "B01-L03-N12"])
@pytest.mark.parametrize("role", [None, "either", "victim"])
@pytest.mark.parametrize("offset", [0, 150])
def test_a_page_of_an_area_reads_an_index_and_not_the_area(
    code: str, role: str | None, offset: int, viewer: User
) -> None:
    question = Question(area(code), timezone.now(), role=role)
    counted = by_area.counts(question, viewer)
    found = explained(lambda: by_area.page(question, viewer, offset=offset, limit=PAGE, counted=counted))
    assert not found.scanned & LARGE
    assert found.indexes & PLACE_INDEXES
    assert found.sorted <= by_area.FEW
    few = sum(counted.values()) <= by_area.FEW
    assert found.read < (4 * by_area.FEW if few else 12 * (offset + PAGE)), "it walked the area"


@pytest.mark.parametrize("standing", ["live", "ended"])
@pytest.mark.parametrize("filtered", [{}, {"role": "either"}, {"kinds": ("NMO", "DVPO", "RO")}])
def test_going_on_reads_no_more_however_far_on_it_is(standing: str, filtered: dict[str, Any], viewer: User) -> None:
    question = Question(area("B01"), timezone.now(), standings=(standing,), **filtered)
    counted = by_area.counts(question, viewer)
    whole = by_area.page(question, viewer, offset=0, limit=counted[standing], counted=counted)
    assert len(whole) > 8 * PAGE
    # Further on among the live, stints that hold no longer are passed, of orders that had no end and were discharged.
    for shown in (PAGE, len(whole) // 2, len(whole) - 2 * PAGE)[: 2 if standing == "live" else 3]:
        after = onward.reached(question, viewer, whole[shown - PAGE : shown], number=shown)
        assert after is not None

        def on(after: onward.Reached = after) -> list[int]:
            return onward.page(question, viewer, after, limit=PAGE, counted=counted)

        found = explained(on)
        assert not found.scanned & LARGE
        assert found.indexes <= PLACE_INDEXES
        assert found.read < 12 * PAGE, "it walked what had been shown"
        assert on() == whole[shown : shown + PAGE]


@pytest.mark.parametrize("code", ["B01", "B01-L03", "B01-L03-N12"])
def test_counts_read_what_holds_now_and_no_more_ended_than_asked_for(code: str, viewer: User) -> None:
    question = Question(area(code), timezone.now(), role="either")
    found = explained(lambda: by_area.counts(question, viewer, ended_at_most=1_000))
    assert not found.scanned & LARGE
    assert "place_now" in found.indexes
    assert found.indexes <= {"place_now", "place_tally_area", "place_came_after", "place_soonest_end"}
    assert found.read <= 1_100, "it walked the area"


@pytest.mark.parametrize("code", ["B01", "B01-L03", "B01-L03-N12"])
def test_as_at(code: str, viewer: User) -> None:
    question = Question(area(code), THEN, role="either")
    counted = by_area.counts(question, viewer)
    found = explained(lambda: by_area.page(question, viewer, offset=0, limit=PAGE, counted=counted))
    assert not found.scanned & LARGE
    assert found.indexes & PLACE_INDEXES
    assert found.sorted <= by_area.FEW


@pytest.mark.parametrize("code", ["B01", "B01-L03", "B01-L03-N12"])
@pytest.mark.parametrize("as_known", [False, True])
def test_another_time_reads_the_area_in_an_index_and_events_of_the_pending_alone(
    code: str, as_known: bool, viewer: User
) -> None:
    then = timezone.now() - timedelta(days=120)
    question = Question(area(code), then, then if as_known else None, role="either")
    found = explained(lambda: by_area.counts(question, viewer))
    of_places = [node for node in found.nodes if node.get("Relation Name") == "orders_place"]
    assert {node["Node Type"] for node in of_places} == {"Index Only Scan"}
    assert {node["Index Name"] for node in of_places} <= {"place_now", "place_soonest_end"}
    assert found.read <= Place.objects.filter(area__code=code).count(), "it walked other areas"
    waiting = by_area.places(then, question.known_at).in_area(question.area).filter(live_from__gt=then).count()
    events = [node for node in found.nodes if node.get("Relation Name") == "orders_event"]
    assert {node["Index Name"] for node in events} == {"event_order_at"}
    assert all(node["Actual Loops"] <= waiting and node["Actual Rows"] <= 1 for node in events)
    counted = by_area.counts(question, viewer)
    ids = by_area.page(question, viewer, offset=0, limit=sum(counted.values()) + 1, counted=counted)
    assert len(set(ids)) == len(ids) == sum(counted.values())
    assert sorted(ids) == sorted(by_area.rows(question, viewer).values_list("order_id", flat=True))


@pytest.mark.parametrize("at", [None, THEN])
def test_a_reference(at: object, viewer: User, force: Area) -> None:
    order = Order.objects.filter(owner_force=force).order_by("pk")[100]
    typed = order.reference.lower().replace("/", " ")
    question = Question(force, at or timezone.now(), reference=typed)  # type: ignore[arg-type]
    found = explained(lambda: listed(question, viewer))
    assert not found.scanned & LARGE
    assert {"order_reference", "place_stint"} <= found.indexes
    assert found.read <= 10, "it walked the area"
    if at is None:
        assert listed(question, viewer) == [order.pk]


def test_a_postcode(viewer: User, force: Area) -> None:
    home = Residence.objects.filter(neighbourhood__force=force, secret=False, to_on=None).order_by("pk")[50]
    orders = list(home.person.parties.values_list("order_id", flat=True))
    Order.objects.filter(pk__in=orders).update(restricted=False)
    found = explained(lambda: person(home.postcode.lower().replace(" ", ""), viewer, force))
    assert not found.scanned & LARGE
    assert {"residence_postcode_index", "party_name_one", "place_stint"} <= found.indexes
    assert set(orders) <= set(person(home.postcode, viewer, force).order_ids)
    outward = home.postcode.split()[0]
    found = explained(lambda: person(outward, viewer, force))
    assert not found.scanned & LARGE
    assert "residence_outward_index" in found.indexes


@pytest.mark.parametrize("typed", ["husain", "ahmad kahn", "kahn 1986", "wisniewski 23/6/1986", "khan j", "june 1986"])
@pytest.mark.parametrize("code", ["B01", "B01-L03", "B01-L03-N12"])
def test_a_name(typed: str, code: str, viewer: User) -> None:
    found = explained(lambda: person(typed, viewer, area(code)))
    assert not found.scanned & (LARGE | {"orders_partyname", "orders_nametoken"})
    assert "party_name_keys" in found.indexes
    assert "name_token_near" in found.indexes or typed == "june 1986"
    if "N12" in code:  # So few orders that going through them all may be as good.
        return
    assert "place_stint" in found.indexes
    if found.used & {"place_now", "place_soonest_end"}:
        # Many fit: the orders of the area are listed once, instead of asking of each whether it is there.
        assert "L03" in code
        assert found.read <= Place.objects.filter(area=area(code)).count(), "it walked the area more than once"


@pytest.mark.parametrize("typed", ["kahn", "ahmad", "husain"])
def test_a_name_in_an_area_reads_the_parties_of_its_local_policing_area_alone(typed: str, viewer: User) -> None:
    of_force, of_lpa, of_hood = (
        explained(lambda: person(typed, viewer, area(code))).read_of("orders_partyname")  # noqa: B023 - called at once
        for code in ("B01", "B01-L03", "B01-L03-N12")
    )
    assert of_hood == of_lpa
    assert of_lpa < of_force / 4, "it read who lives elsewhere"


def test_a_case_number(viewer: User, force: Area) -> None:
    order = Order.objects.filter(owner_force=force).exclude(case_ref="").order_by("pk")[70]
    found = explained(lambda: person(order.case_ref.lower(), viewer, force))
    assert not found.scanned & LARGE
    assert {"order_case_ref", "place_stint"} <= found.indexes
    assert person(order.case_ref, viewer, force).order_ids == [order.pk]


def test_the_quick_way_and_the_plain_one_agree(viewer: User) -> None:
    """What `order_ids` and `counts_now` merge is the plain answer, stints that end in the future among it."""
    chance, now = random.Random(4), timezone.now()
    codes = list(Area.objects.filter(code__startswith="B01").values_list("code", flat=True))
    soon = [row.pk for row in Place.objects.filter(area__code="B01", live_from__lte=now)[::97]]
    Place.objects.filter(pk__in=soon, valid_until__gt=now).update(valid_until=now + timedelta(days=3))
    tally.mend()
    changing = 0
    for _ in range(60):
        question = Question(
            area(chance.choice([*codes, *["B01", "B01-L03"] * 60])),
            now,
            role=chance.choice([None, "either", "both", "victim", "perpetrator"]),
            kinds=chance.choice([(), ("NMO",), ("DVPN", "DVPO")]),
        )
        rows = by_area.rows(question, viewer)
        counted = rows.counts(now)
        assert by_area.counts(question, viewer) == counted
        assert by_area.counts(question, viewer, ended_at_most=5) == counted, "their number is kept"
        assert rows.counts_now(now, ended_at_most=5) == counted | {"ended": min(counted["ended"], 6)}
        whole: list[int] = []
        for standing in counted:
            plain = list(rows.standing(standing, now).values_list("order_id", flat=True))
            assert rows.order_ids(standing, now, start=0, stop=len(plain), is_now=True) == plain
            assert rows.order_ids(standing, now, start=7, stop=19, is_now=True) == plain[7:19]
            whole += plain
        assert rows.all_order_ids(counted, now, start=0, stop=len(whole) + 1) == whole
        offset = chance.randrange(max(1, len(whole)))
        assert by_area.page(question, viewer, offset=offset, limit=PAGE, counted=counted) == whole[offset:][:PAGE]
        changing += rows.filter(valid_until=now + timedelta(days=3)).count()
    assert changing > 100


def test_three_orders_take_as_many_statements_as_fifty(viewer: User) -> None:
    sizes = (
        Place.objects.filter(area__code__startswith="B01-", area__level="neighbourhood", roles_shown__gt=0)
        .at(timezone.now())
        .values_list("area__code")
        .annotate(orders=Count("order_id"))
        .order_by("orders")
    )
    codes = [code for code, _ in sizes]
    numbers = []
    for question in (
        Question(area(codes[0]), timezone.now(), kinds=("SRO", "ISRO")),
        Question(area(codes[-1]), timezone.now()),
    ):
        with CaptureQueriesContext(connection) as asked:
            ids = listed(question, viewer)
            assert 0 < len(ids) <= PAGE
            results(ids, user=viewer, at=question.at)
        numbers.append((len(ids), len(asked)))
    few, many = numbers
    assert few[0] < 10 < many[0]
    assert few[1] == many[1]
    every = list(by_area.rows(Question(area("B01"), timezone.now()), viewer).values_list("order_id", flat=True)[:50])
    for number in (3, 50):
        with CaptureQueriesContext(connection) as asked:
            assert len(results(every[:number], user=viewer, at=timezone.now())) == number
        numbers.append((number, len(asked)))
    assert numbers[2][1] == numbers[3][1]
