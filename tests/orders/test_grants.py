"""When a reason is asked for, and what giving one opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from orders.access import audit, grants
from orders.actions.by_hand import settle_residence
from orders.models import AccessGrant, AuditEntry, GrantKind, Order, Role, SecretOpening, User
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

ASKED = "What do you need it for?"
SAID = {"why": "safeguarding", "reason": "The school asked"}


@pytest.fixture
def areas() -> Map:
    return make_map()


def officer_of(areas: Map, area: str, *roles: Role, **options: bool) -> tuple[Client, User]:
    client, user = signed_in(areas, *roles, **options)
    user.home_area = getattr(areas, area)
    user.save()
    return client, user


def ended(areas: Map, person: object = None) -> Order:
    """An order that ended, of somebody in Walsall who is to keep away from somebody in Coventry."""
    return make_nmo(
        areas.force,
        person or make_person("RESPONDENT", (areas.palfrey, "2020-01-01", None)),  # type: ignore[arg-type]
        make_person("PROTECTED", (areas.palfrey, "2020-01-01", None)),
        made="2024-03-02T11:00",
        until="2025-03-01",
    )


class TestHistoric:
    """Ended and of another area: asked once a shift; everything else of the kind is not."""

    def test_it_is_asked_once_and_opens_the_ended_orders_of_that_person_for_a_shift(self, areas: Map) -> None:
        client, user = officer_of(areas, "coventry")
        order = ended(areas)
        other = ended(areas, order.parties.get(role="perpetrator").person)
        page = f"/orders/{order.public_id}"
        shown = text(client.get(page))
        assert ASKED in shown
        assert "has ended and is outside Demo WMP-COV" in shown
        assert "RESPONDENT" not in shown
        assert client.post(page, {"reason": "nothing chosen"}).status_code == 400
        assert client.post(page, {"why": "other", "reason": "short"}).status_code == 400
        assert client.post(page, SAID)["Location"] == page
        shown = text(client.get(page))
        assert "RESPONDENT" in shown
        grant = AccessGrant.objects.get()
        assert f"shown to you until {timezone.localtime(grant.until):%H:%M}" in shown
        assert timedelta(hours=7) < grant.until - timezone.now() <= timedelta(hours=8)
        assert (audit.readable([grant.entry])[0].reason, grant.entry.user) == ("Safeguarding: The school asked", user)
        assert ASKED not in text(client.get(f"/orders/{other.public_id}/history"))
        assert ASKED in text(client.get(f"/orders/{ended(areas).public_id}"))

    def test_another_user_and_a_later_shift_are_asked_again(self, areas: Map) -> None:
        client, _ = officer_of(areas, "coventry")
        order = ended(areas)
        page = f"/orders/{order.public_id}"
        client.post(page, SAID)
        assert ASKED in text(officer_of(areas, "coventry")[0].get(page))
        grant = AccessGrant.objects.get()
        later = grant.until + timedelta(seconds=1)
        assert grants.historic_until(grant.user, order) == grant.until
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timezone, "now", lambda: later)
            assert grants.historic_until(grant.user, order) is None

    def test_it_is_not_asked_in_one_s_area_for_a_live_order_or_of_the_team(self, areas: Map) -> None:
        order = ended(areas)
        page = f"/orders/{order.public_id}"
        for client, _ in (
            officer_of(areas, "walsall"),
            officer_of(areas, "force"),
            officer_of(areas, "coventry", Role.CIVIL_ORDERS_TEAM),
        ):
            assert ASKED not in text(client.get(page))
        coventry, _ = officer_of(areas, "coventry")
        live = make_nmo(
            areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("P"), until=None
        )
        shown = text(coventry.get(f"/orders/{live.public_id}"))
        assert ASKED not in shown
        assert "outside Demo WMP-COV" in shown


class TestSecretAddresses:
    """Opened by those with the right, for an order, with a reason, for minutes; and told."""

    def test_it_is_recorded_before_it_is_shown_and_somebody_is_told(self, areas: Map) -> None:
        order = order_of(areas, secret=True)
        page, opening = f"/orders/{order.public_id}", f"/orders/{order.public_id}/secret-addresses"
        client, user = signed_in(areas, secret_places=True)
        before = client.get(page).content.decode()
        assert "Secret address" in before
        assert opening in before
        assert "77 Hidden Street" not in before
        assert client.get(opening).status_code == 200
        assert client.post(opening, {"why": ""}).status_code == 400
        assert not AuditEntry.objects.filter(action="open secret address").exists()
        assert client.post(opening, SAID)["Location"] == page
        entry = AuditEntry.objects.get(action="open secret address")
        assert (entry.user, entry.orders, audit.readable([entry])[0].reason) == (
            user,
            [order.pk],
            "Safeguarding: The school asked",
        )
        assert SecretOpening.objects.get().grant.entry == entry
        shown = client.get(page).content.decode()
        assert "77 Hidden Street" in shown
        assert "Secret addresses shown" in shown
        assert AuditEntry.objects.filter(action="view order").latest("pk").detail["secret_addresses_shown"] is True
        victim = order.parties.get(role="victim").person
        assert "77 Hidden Street" not in client.get(f"/people/{victim.public_id}").content.decode()

    def test_it_is_shown_for_minutes_for_that_order_and_to_that_user(self, areas: Map) -> None:
        order, other = order_of(areas, secret=True), order_of(areas, secret=None)
        client, _ = signed_in(areas, secret_places=True)
        client.post(f"/orders/{order.public_id}/secret-addresses", SAID)
        grant = AccessGrant.objects.get(kind=GrantKind.SECRET_ADDRESS)
        assert grant.until - timezone.now() <= grants.SHOWN <= timedelta(minutes=10)
        assert "77 Hidden Street" not in client.get(f"/orders/{other.public_id}").content.decode()
        another, _ = signed_in(areas, secret_places=True)
        assert "77 Hidden Street" not in another.get(f"/orders/{order.public_id}").content.decode()

    def test_who_loses_the_right_sees_nothing_more(self, areas: Map) -> None:
        order = order_of(areas, secret=True)
        client, user = signed_in(areas, secret_places=True)
        client.post(f"/orders/{order.public_id}/secret-addresses", SAID)
        User.objects.filter(pk=user.pk).update(may_see_secret_places=False)
        assert "77 Hidden Street" not in client.get(f"/orders/{order.public_id}").content.decode()

    def test_without_the_right_there_is_no_link_and_no_page(self, areas: Map) -> None:
        order = order_of(areas, secret=True)
        client, _ = signed_in(areas)
        assert "secret-addresses" not in client.get(f"/orders/{order.public_id}").content.decode()
        assert client.post(f"/orders/{order.public_id}/secret-addresses", SAID).status_code == 403
        assert not AccessGrant.objects.exists()

    def test_of_an_order_that_cannot_be_seen_nothing_opens(self, areas: Map) -> None:
        home = (areas.next_neighbourhood, "2020-01-01", None)
        hidden = make_nmo(areas.next_force, make_person("R", home), make_person("P", home))
        client, _ = signed_in(areas, secret_places=True)
        assert client.post(f"/orders/{hidden.public_id}/secret-addresses", SAID).status_code == 404

    def test_a_restricted_order_asks_for_its_own_reason_first(self, areas: Map) -> None:
        order = order_of(areas, secret=True)
        Order.objects.filter(pk=order.pk).update(restricted=True)
        client, _ = signed_in(areas, secret_places=True)
        answer = client.post(f"/orders/{order.public_id}/secret-addresses", SAID)
        assert answer["Location"] == f"/orders/{order.public_id}"
        assert not AccessGrant.objects.exists()

    def test_unknown_is_secret_for_a_victim_and_not_for_a_respondent(self, areas: Map) -> None:
        order = order_of(areas, secret=None)
        respondent = order.parties.get(role="perpetrator").person
        settle_residence(respondent, from_on=timezone.localdate() - timedelta(days=30), address="5 Open Road", by=None)
        client, _ = signed_in(areas)
        shown = client.get(f"/orders/{order.public_id}").content.decode()
        assert "5 Open Road" in shown
        assert "77 Hidden Street" not in shown


def test_what_was_given_cannot_be_changed(areas: Map) -> None:
    order = order_of(areas)
    _, user = signed_in(areas)
    grants.give(GrantKind.RESTRICTED, order, by=user, why=grants.Why.COURT)
    for change in (
        lambda: AccessGrant.objects.update(until=timezone.now()),
        lambda: AccessGrant.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
