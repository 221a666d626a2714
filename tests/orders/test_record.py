"""The record keeps everything: the database itself refuses to change or delete what was recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, models, transaction

from orders.access import audit
from orders.actions.by_hand import NewOrder, Refused, record_event, register, retract_event, settle_residence
from orders.models import (
    AuditEntry,
    Category,
    Condition,
    Event,
    Order,
    Party,
    Person,
    Place,
    Recording,
    Residence,
    Role,
)
from orders.places import projection
from orders.record import facts, standing_check
from orders.record.explain import explain, matching
from orders.record.recording import recording
from orders.statute import Event as StatuteEvent
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db

NOON = local("2026-06-01T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    order = make_nmo(
        areas.force,
        make_person("PERPETRATOR", (areas.palfrey, "2020-01-01", None)),
        make_person("VICTIM", (areas.foleshill, "2020-01-01", None)),
    )
    with recording(by=None, action="add condition") as opened:
        Condition.objects.create(order=order, source_ref="C-1", code="A", text="Must not go there.", recording=opened)
        projection.project([order.pk], opened)
    audit.record(by=None, category=Category.CONSULTATION, action="look", orders=[order.pk])
    return order


def refused(change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("model", [Event, AuditEntry, Residence, Party, Condition, Recording])
def test_nothing_recorded_is_ever_deleted(order: Order, model: type[models.Model]) -> None:
    kept = model._default_manager.count()
    assert kept
    assert refused(lambda: model._default_manager.all()._raw_delete("default"))  # type: ignore[attr-defined]
    assert model._default_manager.count() == kept


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Event, {"text": "something else"}),
        (Event, {"kind": "DISCHARGED"}),
        (AuditEntry, {"user_name": "somebody else"}),
        (Residence, {"address": "elsewhere"}),
        (Party, {"role": "victim"}),
        (Condition, {"text": "may go anywhere"}),
        (Recording, {"recorded_at": NOON}),
    ],
)
def test_nor_changed(order: Order, model: type[models.Model], change: dict[str, object]) -> None:
    assert refused(lambda: model._default_manager.update(**change))


def test_a_changed_heading_keeps_the_one_before(order: Order) -> None:
    before = order.first_recording.recorded_at
    with recording(by=None, action="correct") as opened:
        Order.objects.filter(pk=order.pk).update(without_notice=True, reference="NMO/CORRECTED", recording=opened)
    assert facts.load([order.pk])[order.pk].without_notice is True
    then = facts.load([order.pk], known_at=before)[order.pk]
    assert (then.without_notice, then.reference) == (None, order.reference)


def test_before_anything_was_stored_nothing_is_known(order: Order) -> None:
    assert facts.load([order.pk], known_at=local("2020-01-01T00:00")) == {}
    assert explain(order, at=NOON, known_at=local("2020-01-01T00:00"))["standing"] is None


def test_a_retracted_event_has_no_effect_and_stays_readable(order: Order) -> None:
    wrong = record_event(order, StatuteEvent("DISCHARGED", local("2026-05-01T12:00")), by=None)
    known = wrong.recording.recorded_at
    assert explain(order, at=NOON)["standing"] == "ended"
    retract_event(wrong, by=None, reason="another order was meant")
    assert explain(order, at=NOON)["standing"] == "live"
    assert explain(order, at=NOON, known_at=known)["standing"] == "ended"
    assert Event.objects.filter(pk=wrong.pk).exists()
    with pytest.raises(Refused, match="already been taken back"):
        retract_event(wrong, by=None, reason="again")


def test_facts_of_many_orders_take_a_constant_number_of_queries(
    areas: Map, django_assert_num_queries: Callable[[int], object]
) -> None:
    ids = [make_nmo(areas.force, make_person("P"), make_person("V")).pk for _ in range(12)]
    for some in (ids[:2], ids):
        with django_assert_num_queries(2):  # type: ignore[attr-defined]
            assert len(facts.load(some)) == len(some)


def test_a_tampered_place_is_found_and_healed(order: Order) -> None:
    assert list(standing_check.differences()) == []
    Place.objects.filter(order=order, area__code="WMP-WAL").update(live_until=NOON)
    (difference,) = standing_check.differences()
    assert difference.order_id == order.pk
    assert [row.live_until for row in difference.surplus] == [NOON]
    assert standing_check.rebuild(lambda done: None) == 1
    assert list(standing_check.differences()) == []
    assert standing_check.rebuild(lambda done: None) == 0


def test_a_lost_and_an_invented_place_are_found(order: Order) -> None:
    row = Place.objects.get(order=order, area__code="WMP-COV")
    Place.objects.filter(pk=row.pk).update(
        area=Place.objects.get(order=order, area__code="WMP-WAL-01").area_id, valid_from=NOON
    )
    of_places, of_names = standing_check.differences()
    assert len(of_places.missing) == len(of_places.surplus) == 1
    # A name is kept with the areas of the places: those of both people are now others.
    assert len(of_names.missing) == len(of_names.surplus) == 2
    standing_check.rebuild(lambda done: None)
    assert list(standing_check.differences()) == []


def test_a_lost_row_of_the_force_is_told_like_any_other(order: Order) -> None:
    Place.objects.filter(order=order, area__level="force").delete()
    of_places = next(iter(standing_check.differences()))
    assert {row.area_id for row in of_places.missing} == {order.owner_force_id}
    assert not of_places.surplus
    standing_check.rebuild(lambda done: None)
    assert list(standing_check.differences()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "XYZ"}, "kind: 'XYZ' is no kind"),
        ({"reference": " "}, "reference: is missing"),
        ({"victims": ()}, "victims: an order protects somebody"),
    ],
)
def test_a_wrong_order_is_refused_with_the_field_and_the_remedy(
    areas: Map, changes: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {
        "kind": "NMO",
        "reference": "NMO/1",
        "owner_force": areas.force,
        "perpetrator": make_person("P"),
        "victims": (make_person("V"),),
    }
    with pytest.raises(Refused, match=message):
        register(NewOrder(**{**good, **changes}), by=None)  # type: ignore[arg-type]
    assert not Order.objects.exists()


def test_a_residence_that_ends_before_it_begins_is_refused(areas: Map) -> None:
    day = NOON.date()
    person = make_person("P")
    with pytest.raises(Refused, match="to_on"):
        settle_residence(person, from_on=day, to_on=day, by=None)
    assert not Residence.objects.filter(person=person).exists()
    assert Person.objects.count() == 1


def test_every_change_is_logged_with_who(areas: Map) -> None:
    user = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    order = make_nmo(areas.force, make_person("P"), make_person("V"))
    record_event(order, StatuteEvent("SERVED", local("2026-03-03T10:00")), by=user, reason="phoned in")
    entry = AuditEntry.objects.latest("pk")
    (entry,) = audit.readable([entry])
    assert (entry.user, entry.category, entry.orders, entry.reason) == (user, "alteration", [order.pk], "phoned in")


def test_a_reference_matches_exactly_before_it_matches_folded(order: Order) -> None:
    assert matching(order.reference) == [order]
    assert matching(order.reference.lower().replace("/", "-")) == [order]
    assert matching(f"register:{order.source_ref}") == [order]
    assert matching("nothing/like/it") == []
