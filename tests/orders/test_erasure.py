"""Erasing a person is complete, by a decision, and recorded; what stays carries nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from orders.access import audit, sealing
from orders.access.erasure import erase
from orders.actions.by_hand import record_event, settle_residence
from orders.actions.merging import merge
from orders.actions.people import correct_person
from orders.imports.loader import load
from orders.models import AuditEntry, Event, Order, Party, Person, Role, SealingKey, Upload
from orders.record import facts
from orders.record.standing_check import differences
from orders.record.writing import Refused
from orders.search import by_area
from orders.statute import Event as StatuteEvent
from orders.statute import assess
from tests.imports.bundles import sample
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db

MARKS = ("Zebedee", "Zenobia", "77 Zinnia Close", "ZE9 9ZZ", "in the zoo", "2001/0123456Z")


@pytest.fixture
def areas() -> Map:
    return make_map()


def everything() -> str:
    """All that any table of the register holds, as PostgreSQL writes it."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


def ended(areas: Map, person: Person, *, force: str = "force") -> Order:
    home = (areas.palfrey, "2020-01-01", None)
    order = make_nmo(
        getattr(areas, force), person, make_person("VICTIM", home), made="2016-03-02T11:00", until="2017-03-01"
    )
    record_event(order, StatuteEvent("BREACHED", local("2016-05-01T10:00"), text="Seen in the zoo"), by=None)
    return order


def marked(areas: Map) -> Person:
    person = make_person("Zebedee")
    correct_person(person, {"given_names": "Zenobia", "pnc_id": "2001/0123456Z"}, by=None, reason="Test")
    correct_person(person, {"given_names": "Z"}, by=None, reason="Test")
    settle_residence(
        person, from_on=date(2015, 1, 1), address="77 Zinnia Close", postcode="ZE9 9ZZ",
        neighbourhood=areas.palfrey, by=None,
    )  # fmt: skip
    return person


def test_nothing_of_the_person_is_left_in_any_table(areas: Map) -> None:
    person = marked(areas)
    order = ended(areas, person)
    token = Event.objects.get(order=order, kind="BREACHED").text
    assert [mark for mark in MARKS if mark in everything()] == ["Zebedee", "Zenobia", "2001/0123456Z"]
    assert "zebedee" in everything().lower()
    team = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    done = erase(person, by=team, reason="Retention review of 1 June: group 4, decided by the panel")
    assert (done.people, done.orders) == ((person.pk,), (order.pk,))
    held = everything().lower()
    for mark in MARKS:
        assert mark.lower() not in held, mark
    assert sealing.unseal([token]) == [sealing.ERASED]
    assert str(Person.objects.get(pk=person.pk)) == "(erased)"
    entries = AuditEntry.objects.filter(user=team, category="erasure")
    assert {entry.action for entry in entries} == {"erase person", "destroy keys"}
    assert all(entry.orders == [order.pk] and "group 4" in entry.reason for entry in audit.readable(entries))
    with pytest.raises(Refused, match="already been erased"):
        erase(person, by=team, reason="Again")


def test_the_order_stays_in_every_figure_and_what_is_stored_still_agrees(areas: Map) -> None:
    person = marked(areas)
    ended(areas, person)
    viewer = make_user(areas.force)
    question = by_area.Question(areas.force, local("2016-06-01T10:00"))
    before = by_area.counts(question, viewer)
    erase(person, by=None, reason="Retention review")
    assert by_area.counts(question, viewer) == before
    assert not list(differences())


def test_the_other_people_of_the_order_stay(areas: Map) -> None:
    person = marked(areas)
    order = ended(areas, person)
    victim = order.parties.get(role="victim").person
    erase(person, by=None, reason="Retention review")
    victim.refresh_from_db()
    assert victim.family_name == "VICTIM"
    assert not sealing.erased_people([victim.pk])


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_who_may_decide_erases(areas: Map, role: Role) -> None:
    person = marked(areas)
    ended(areas, person)
    with pytest.raises(PermissionDenied):
        erase(person, by=make_user(areas.force, role), reason="Because")
    assert Person.objects.get(pk=person.pk).family_name == "Zebedee"


def test_it_is_refused_while_an_order_has_not_ended_and_for_another_force(areas: Map) -> None:
    team = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    person = marked(areas)
    ended(areas, person)
    live = make_nmo(areas.force, person, make_person("P"), made="2026-03-02T11:00", until=None)
    with pytest.raises(Refused, match=f"{live.reference} is live"):
        erase(person, by=team, reason="Retention review")
    with pytest.raises(Refused, match="reason: is missing"):
        erase(person, by=team, reason="  ")
    theirs = marked(areas)
    order = ended(areas, theirs, force="next_force")
    with pytest.raises(Refused, match=f"{order.reference}, an order of another force"):
        erase(theirs, by=team, reason="Retention review")
    assert SealingKey.objects.filter(destroyed_at__isnull=False).count() == 0


def test_records_that_had_been_merged_go_together(areas: Map) -> None:
    kept, other = marked(areas), make_person("Zebedee")
    ended(areas, other)
    merge(kept, other, by=None, reason="Same PNC ID")
    done = erase(kept, by=None, reason="Retention review")
    assert set(done.people) == {kept.pk, other.pk}
    assert "zebedee" not in everything().lower()


def test_what_told_of_the_order_goes_too_and_what_told_of_others_stays(areas: Map) -> None:
    person = marked(areas)
    order = ended(areas, person)
    letter, another = sealing.for_letters([[order.pk, 9], [9]])
    words = [letter.seal("Zebedee and others"), another.seal("others")]
    erase(person, by=None, reason="Retention review")
    assert sealing.unseal(words) == [sealing.ERASED, "others"]


def test_what_was_erased_never_comes_back_by_an_import(areas: Map, tmp_path: Path) -> None:
    assert load(sample().write(tmp_path / "one"), commit=True).committed
    known = facts.load(Order.objects.values_list("pk", flat=True))
    over = [pk for pk in known if assess(known[pk], timezone.now(), facts.holidays()).standing == "ended"]
    party = Party.objects.filter(order__in=over, role="perpetrator").exclude(
        person__in=Party.objects.exclude(order__in=over).values("person")
    ).select_related("person", "order").order_by("pk")[0]  # fmt: skip
    person, name, ref = party.person, party.person.family_name, party.order.source_ref
    orders = set(Party.objects.filter(person=person).values_list("order__source_ref", flat=True))
    erase(person, by=None, reason="Retention review")
    before = Event.objects.count()
    again = sample().change("orders.csv", {"order_ref": ref}, team="Another").later("2026-11-24T04:00:00+00:00")
    outcome = load(again.write(tmp_path / "two"), commit=True)
    assert outcome.committed
    assert not [error for error in outcome.errors if error.order_ref in orders]
    assert any("have been erased; left out" in warning for warning in outcome.warnings)
    assert outcome.orders.missing_at_source == 0
    assert Event.objects.count() == before
    assert not Person.objects.filter(family_name=name, parties__order__source_ref__in=orders).exists()
    assert Order.objects.get(source_ref=ref).team != "Another"


def test_the_function_is_the_only_way(areas: Map) -> None:
    """The application can neither switch triggers off for itself nor give a destroyed key back."""
    person = marked(areas)
    ended(areas, person)
    version = "UPDATE orders_personversion SET family_name = ''"
    for statement in (version, "DELETE FROM orders_sealingkey", "UPDATE orders_sealingkey SET person_id = NULL"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    erase(person, by=None, reason="Retention review")
    with pytest.raises(sealing.ErasedKeyError):
        settle_residence(person, from_on=date(2026, 1, 1), address="anew", by=None)


def test_why_rows_of_an_order_were_mended_goes_with_it_though_it_came_with_another_bundle(areas: Map) -> None:
    person = marked(areas)
    order = ended(areas, person)
    (key,) = sealing.for_letters([[]])
    upload = Upload.objects.create(
        name="day.zip", digest="0" * 64, size=1, about=[order.source_ref], reason=key.seal("Zebedee's clerk said so")
    )
    erase(person, by=None, reason="Schedule 4")
    upload.refresh_from_db()
    assert sealing.unseal([upload.reason]) == [sealing.ERASED]
