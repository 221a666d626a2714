"""The register that is filled in one go for measuring is one that the register itself would have made."""

from __future__ import annotations

import random

import pytest
from django.db.models import Count, F, Q

from bench.register import Size, fill
from notifications.models import Mailbox
from orders.models import Area, Order, Party, PartyName, Person, Place, Residence, Role, User
from orders.people import party_names
from orders.places import projection
from orders.search import by_area
from orders.search.by_area import Question
from orders.statute import EVENT_KINDS, Event, event_errors, local_midnight
from tests.bench.conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

NOW = local_midnight(TODAY)


def test_its_places_are_those_that_the_law_and_the_homes_give() -> None:
    sample = random.Random(1).sample(range(1, 3_001), 2_000)
    assert list(projection.differences(sample)) == []


def test_its_parties_are_found_by_the_names_they_have() -> None:
    sample = random.Random(2).sample(range(1, 3_001), 2_000)
    assert party_names.differences(sample) == {}
    assert PartyName.objects.count() == Party.objects.count()


def test_a_place_that_is_wrong_would_be_noticed() -> None:
    row = Place.objects.filter(order_id=17).first()
    assert row is not None
    Place.objects.filter(pk=row.pk).update(roles=F("roles") + 1)
    assert [pk for pk, _, _ in projection.differences([16, 17, 18])] == [17]


def test_it_is_as_varied_as_a_register() -> None:
    assert Order.objects.count() == 3_000
    counted = [
        by_area.counts(Question(force, NOW), User(roles=[Role.VIEWER], force=force))
        for force in Area.objects.filter(level="force")
    ]
    total = {standing: sum(found[standing] for found in counted) for standing in counted[0]}
    assert 0.015 < total["live"] / 3_000 < 0.05
    assert all(total.values()), "each standing comes"
    assert Order.objects.values("kind").distinct().count() >= 14
    assert Order.objects.filter(replaces__isnull=False).count() > 400
    homes = Person.objects.annotate(homes=Count("residences"))
    assert 0.25 < homes.filter(homes__gt=1).count() / homes.count() < 0.4
    assert Residence.objects.filter(neighbourhood=None, status="home").exists(), "some are placed by postcode alone"
    assert Person.objects.annotate(orders=Count("parties", filter=Q(parties__role="perpetrator"))).filter(orders__gt=2)
    assert not Order.objects.exclude(pk__in=Party.objects.filter(role="perpetrator").values("order")).exists()
    assert Mailbox.objects.filter(address="b01-l03@lpa.demo.invalid", area__code="B01-L03").exists()
    assert Area.objects.filter(code="B02-L10-N30", parent__code="B02-L10", force__code="B02").exists()


def test_its_events_are_ones_that_their_orders_can_have() -> None:
    seen = set()
    for order in Order.objects.filter(pk__lte=600).prefetch_related("events"):
        for event in order.events.all():
            seen.add(event.kind)
            assert event.at <= NOW
            told = Event(event.kind, event.at, event.at_is_date, event.until, event.until_is_date, text=event.text)
            assert event_errors(order.kind, told) == []
    assert len(seen) > 12
    assert seen <= set(EVENT_KINDS)


def test_the_next_order_gets_a_free_number() -> None:
    last = Order.objects.order_by("-pk").values_list("pk", flat=True)[0]
    order = Order.objects.get(pk=1)
    copy = Order.objects.create(
        source="test", source_ref="1", kind="NMO", reference="NMO/1", owner_force=order.owner_force,
        recording=order.recording, first_recording=order.recording,
    )  # fmt: skip
    assert copy.pk > last


def test_it_refuses_a_database_that_is_not_empty() -> None:
    with pytest.raises(ValueError, match="has rows"):
        fill(Size.of(10), today=TODAY)
