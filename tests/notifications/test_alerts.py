"""Telling the owner of a saved search that an order entered it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications import alerts, delivery, planning
from notifications.models import Delivery, DigestRun, Letter, Mailbox, Status
from notifications.views import access
from orders.access.sealing import unseal
from orders.actions.saving import Sharing, delete_search, save_search, set_alert, update_search
from orders.models import AuditEntry, Order, SavedSearch, User
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def owner(areas: Map) -> User:
    user = make_user(areas.force)
    user.email = "owner@demo.invalid"
    user.save()
    return user


@pytest.fixture
def saved(owner: User) -> SavedSearch:
    return watched(owner, "area=WMP-WAL&standing=live")


def watched(owner: User, query: str, words: str = "", name: str = "SMITH in Walsall") -> SavedSearch:
    saved = save_search(name=name, query=query, text=words, sharing=Sharing(), by=owner)
    set_alert(saved, alert=True, by=owner)
    return saved


def order_in(areas: Map, family: str = "RESPONDENT", **options: object) -> Order:
    return make_nmo(
        areas.force,
        make_person(family, (areas.palfrey, "2020-01-01", None)),
        make_person("PROTECTED", (areas.foleshill, "2020-01-01", None)),
        until=str(timezone.localdate() + timedelta(days=90)),
        **options,  # type: ignore[arg-type]
    )


def look(hours: float = 0) -> int:
    return alerts.check(timezone.now() + timedelta(hours=hours))


def test_what_is_there_already_is_not_told_and_what_enters_is_once(areas: Map, saved: SavedSearch) -> None:
    order_in(areas)
    assert look() == 0
    order = order_in(areas)
    assert look() == 0, "it is looked at only so often"
    assert look(1) == 1
    assert look(2) == 0
    sent = Delivery.objects.get()
    assert (sent.address, sent.run.orders, sent.run.alert_of) == ("owner@demo.invalid", [order.pk], saved)
    letter = sent.letter
    assert letter.subject == "[OFFICIAL-SENSITIVE] Civil orders: 1 order entered a saved search"
    written = unseal([letter.text, letter.html])
    for part in written:
        assert order.reference in part
        assert f"/saved/{saved.key}" in part
        for word in ("RESPONDENT", "PROTECTED", "SMITH", "Palfrey", "Foleshill", "WMP-WAL-01"):
            assert word not in part
    assert all(len(line) <= 78 or "http" in line for line in written[0].splitlines())


def test_it_goes_the_way_of_the_daily_email_and_is_logged_as_a_disclosure(
    areas: Map, saved: SavedSearch, owner: User
) -> None:
    look()
    order = order_in(areas)
    look(1)
    sent = Delivery.objects.get()
    (entry,) = _logged_by(sent)
    assert (entry.category, entry.orders, entry.recipients) == ("disclosure", [order.pk], ["owner@demo.invalid"])
    assert "SMITH" not in str(entry.detail)
    assert not access.deliveries(owner).exists(), "the pages of the daily email are of areas"
    assert not DigestRun.objects.exists()
    assert planning.plan(timezone.now()) == [] or not DigestRun.objects.filter(is_alert=True).exists()


def _logged_by(sent: Delivery) -> list[AuditEntry]:
    delivery._disclose(sent)
    return list(AuditEntry.objects.filter(action="saved search email"))


def test_a_person_looked_for_is_watched(areas: Map, owner: User) -> None:
    watched(owner, "area=WMP", words="Hussain")
    look()
    order_in(areas, "SOMEBODY")
    assert look(1) == 0
    order = order_in(areas, "HUSSEIN")
    assert look(2) == 1
    assert Delivery.objects.get().run.orders == [order.pk]
    assert "uss" not in unseal([Letter.objects.get().text])[0]


def test_a_neighbourhood_is_not_named(areas: Map, owner: User) -> None:
    watched(owner, "area=WMP-WAL-01")
    look()
    order_in(areas)
    look(1)
    letter = Letter.objects.get()
    written = unseal([letter.text, letter.html])
    assert "Demo WMP-WAL," in written[0]
    assert "WMP-WAL-01" not in "".join(written) + letter.subject


class TestNotSent:
    """It is asked again, before it leaves, whether its owner may still be told."""

    @pytest.fixture
    def owed(self, areas: Map, saved: SavedSearch) -> Delivery:
        look()
        order_in(areas)
        assert look(1) == 1
        return Delivery.objects.select_related("run", "letter").get()

    def test_to_who_may_be_told(self, owed: Delivery) -> None:
        assert alerts.permitted(owed)

    @pytest.mark.parametrize(
        "change",
        [{"is_active": False}, {"roles": ["auditor"]}, {"force": None}, {"email": "other@demo.invalid"}],
    )
    def test_to_an_owner_who_has_changed(self, owed: Delivery, owner: User, change: dict[str, object]) -> None:
        User.objects.filter(pk=owner.pk).update(**change)
        owed = Delivery.objects.get()
        assert not alerts.permitted(owed)
        owed.status = Status.SENDING
        owed.claimed_at = timezone.now()
        owed.save()
        status, _ = delivery._send(owed, None)
        assert status == Status.FAILED
        assert not AuditEntry.objects.filter(action="saved search email").exists()

    def test_of_a_search_that_is_deleted_or_switched_off(self, owed: Delivery, saved: SavedSearch, owner: User) -> None:
        set_alert(saved, alert=False, by=owner)
        assert not alerts.permitted(Delivery.objects.get())
        set_alert(saved, alert=True, by=owner)
        assert alerts.permitted(Delivery.objects.get())
        delete_search(saved, by=owner)
        assert not alerts.permitted(Delivery.objects.get())
        SavedSearch.objects.all().delete()
        assert not alerts.permitted(Delivery.objects.get())

    def test_to_domains_that_may_not_be_told(self, owed: Delivery, owner: User) -> None:
        Delivery.objects.update(address="owner@example.com", status=Status.SENDING, claimed_at=timezone.now())
        assert delivery._send(Delivery.objects.get(), None)[0] == Status.FAILED


def test_an_owner_who_may_not_search_is_not_told(areas: Map, saved: SavedSearch, owner: User) -> None:
    look()
    order_in(areas)
    User.objects.filter(pk=owner.pk).update(roles=["auditor"])
    assert look(1) == 0
    assert not Delivery.objects.exists()


def test_a_search_that_asks_something_else_begins_anew(areas: Map, saved: SavedSearch, owner: User) -> None:
    look()
    order_in(areas)
    update_search(saved, query="area=WMP", text="", by=owner)
    assert look(1) == 0
    order_in(areas)
    assert look(2) == 1


def test_too_many_orders_are_not_watched(areas: Map, saved: SavedSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 1)
    look()
    order_in(areas)
    order_in(areas)
    assert look(1) == 0
    saved.refresh_from_db()
    assert saved.too_many
    monkeypatch.setattr(alerts, "MOST", 5)
    assert look(2) == 0, "it begins anew"
    saved.refresh_from_db()
    assert not saved.too_many
    order_in(areas)
    assert look(3) == 1


def test_a_search_whose_area_is_gone_tells_nothing(areas: Map, owner: User) -> None:
    watched(owner, "area=WMP-OLD")
    order_in(areas)
    assert (look(), look(1)) == (0, 0)


def test_one_search_that_fails_keeps_no_other_from_being_looked_at(
    areas: Map, saved: SavedSearch, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(owner, "area=WMP", name="Other")
    look()
    order_in(areas)
    real = alerts._look
    monkeypatch.setattr(alerts, "_look", lambda pk, now: 1 / 0 if pk == saved.pk else real(pk, now))
    assert look(1) == 1


def test_its_owner_sees_what_comes_by_email_and_what_became_of_it(areas: Map, saved: SavedSearch, owner: User) -> None:
    look()
    order_in(areas)
    look(1)
    box = Mailbox.objects.create(area=areas.walsall, address="walsall@demo.invalid")
    client = Client()
    client.force_login(owner)
    shown = client.get("/subscriptions").content.decode()
    assert "SMITH in Walsall" in shown
    assert "Waiting" in shown
    assert box.address not in shown
    User.objects.filter(pk=owner.pk).update(home_area=areas.palfrey)
    assert box.address in client.get("/subscriptions").content.decode()
    other = make_user(areas.force)
    client.force_login(other)
    assert "SMITH" not in client.get("/subscriptions").content.decode()
