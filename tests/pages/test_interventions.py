"""Civil interventions: seen by the few who may, in no count of anybody else; words only after a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import sealing
from orders.access.erasure import erase
from orders.actions.merging import merge
from orders.interventions import find, record
from orders.models import AuditEntry, Intervention, Order, Person, Role, User
from orders.record.writing import Refused, Repeated
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

WORDS = "Told Q of the convictions of 2019"


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    return order_of(areas)


@pytest.fixture
def person(order: Order) -> Person:
    return order.parties.get(role="perpetrator").person


def said(kind: str = "right to know", days: int = 3, words: str = WORDS) -> record.Said:
    return record.Said(kind, timezone.localdate() - timedelta(days=days), "PC 1234 Example", words)


def send(client: Client, path: str, **more: Any) -> Any:
    day = timezone.localdate() - timedelta(days=3)
    data = {
        "kind": "undertaking", "on_day": day.day, "on_month": day.month, "on_year": day.year,
        "on_0": day.day, "on_1": day.month, "on_2": day.year, "by_whom": "PC 1234 Example", "words": WORDS,
        "key": str(uuid4()),
    }  # fmt: skip
    return client.post(path, data | more)


def test_it_is_recorded_read_after_a_reason_corrected_and_withdrawn(areas: Map, person: Person) -> None:
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    page, here = f"/people/{person.public_id}", f"/people/{person.public_id}/interventions"
    assert "None is recorded." in text(team.get(page))
    missing = send(team, f"{here}/add", words="")
    assert missing.status_code == 400
    assert "PC 1234 Example" in missing.content.decode()
    assert send(team, f"{here}/add").status_code == 302
    listed = text(team.get(page))
    assert "Undertaking" in listed
    assert WORDS not in listed
    assert "Give a reason" in text(team.get(here))
    assert team.post(here, {"why": "other", "reason": "short"}).status_code == 400
    assert team.post(here, {"why": "safeguarding"}).status_code == 302
    assert WORDS in text(team.get(here))
    row = Intervention.objects.get()
    assert WORDS not in row.words
    assert "1234" not in row.by_whom
    correct = f"/interventions/{row.ref}/correct"
    assert WORDS in text(team.get(correct))
    assert send(team, correct, words="Told R, not Q").status_code == 400
    assert send(team, correct, words="Told R, not Q", reason="Wrong neighbour").status_code == 302
    shown = text(team.get(here))
    for words in (WORDS, "Told R, not Q", "Wrong neighbour", "No longer held"):
        assert words in shown
    assert team.get(page).context["interventions"][0].pk != row.pk
    done = team.post(f"/interventions/{row.ref}/withdraw", {"reason": "Another person", "key": str(uuid4())})
    assert done.status_code == 302
    assert "None is recorded." in text(team.get(page))
    actions = AuditEntry.objects.filter(user=user, detail__person=str(person.public_id)).values_list(
        "action", flat=True
    )
    assert {
        "record intervention", "open interventions", "read interventions", "correct intervention",
        "withdraw intervention",
    } <= set(actions)  # fmt: skip


def test_nobody_else_learns_that_there_is_one(areas: Map, person: Person, order: Order) -> None:
    everybody = {role: signed_in(areas, role)[0] for role in Role}
    theirs = Client()
    theirs.force_login(make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM))
    before = {role: text(client.get(f"/people/{person.public_id}")) for role, client in everybody.items()}
    row = record.add(person, said(), by=make_user(areas.force, Role.SUPERVISOR))
    assert AuditEntry.objects.filter(action="record intervention").get().orders == []
    for role, client in everybody.items():
        sees = role in (Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM)
        after = client.get(f"/people/{person.public_id}")
        assert ("Civil interventions" in text(after)) is sees, role
        if role is Role.VIEWER:
            assert text(after).split(" – shown to ")[0] == before[role].split(" – shown to ")[0]
        paths = ("/interventions", f"/people/{person.public_id}/interventions", f"/interventions/{row.ref}/correct")
        for path in paths:
            assert (client.get(path).status_code in (200, 302)) is sees, (role, path)
    assert "intervention" not in text(everybody[Role.AUDITOR].get(f"/orders/{order.public_id}/who-looked")).lower()
    assert theirs.get("/interventions").context["count"] == 0
    assert theirs.get(f"/interventions/{row.ref}/correct").status_code == 404
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(PermissionDenied):
            record.add(person, said(), by=make_user(areas.force, role))
        assert find.find(find.Asked(), make_user(areas.force, role)) == []
    with pytest.raises(PermissionDenied):
        record.withdraw(row, reason="x", by=make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM))


def test_it_is_found_by_kind_period_area_and_name(areas: Map, person: Person, order: Order) -> None:
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    record.add(person, said(), by=user)
    record.add(person, said("warning", days=40), by=user)
    victim = order.parties.get(role="victim").person
    record.add(victim, said("right to ask"), by=user)

    def count(**asked: Any) -> int:
        return len(find.find(find.Asked(**asked), user))

    today = timezone.localdate()
    assert count() == 3
    assert count(kind="warning") == 1
    assert count(since=today - timedelta(days=5)) == 2
    assert count(until=today - timedelta(days=5)) == 1
    assert count(area=areas.walsall) == 2
    assert count(area=areas.palfrey, kind="warning") == 1
    assert count(area=areas.pleck) == 0
    assert count(name="respon") == 2
    assert count(name="Respundent") == 2, "as search compares names"
    assert count(name="pondent") == 0
    posted = team.post("/interventions", {"name": "respondent", "kind": "warning"})
    assert posted.context["count"] == 1
    assert WORDS not in text(posted)
    assert team.post("/interventions", {"kind": "nothing"}).status_code == 400
    assert team.post("/interventions", {"kind": "nothing"}).context["count"] == 0
    assert "respondent" not in str(AuditEntry.objects.filter(action="list interventions").values_list("detail")).lower()


def test_a_secret_home_puts_nobody_in_an_area(areas: Map, order: Order) -> None:
    victim = order.parties.get(role="victim").person
    home = make_person("HIDDEN", (areas.radford, "2020-01-01", None), secret=True)
    make_nmo(areas.force, home, victim, until=None)
    user = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    record.add(home, said(), by=user)
    assert find.find(find.Asked(area=areas.radford), user) == []
    assert find.find(find.Asked(area=areas.coventry), user) == []
    sees = make_user(areas.force, Role.CIVIL_ORDERS_TEAM, secret_places=True)
    assert len(find.find(find.Asked(area=areas.radford), sees)) == 1


def test_who_is_known_by_restricted_orders_alone_has_no_name(areas: Map, person: Person, order: Order) -> None:
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    record.add(person, said(), by=user)
    Order.objects.filter(pk=order.pk).update(restricted=True)
    assert "RESPONDENT" not in text(team.get("/interventions"))
    assert find.find(find.Asked(name="respondent"), user) == []
    assert team.get(f"/people/{person.public_id}/interventions").status_code == 404
    assert "Civil interventions" not in text(team.get(f"/people/{person.public_id}"))


def test_as_known_then(areas: Map, person: Person) -> None:
    team, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    held = record.add(person, said(), by=user)
    then = timezone.now()
    record.withdraw(held, reason="In error", by=user)
    known = urlencode({"known_at": timezone.localtime(then).isoformat()})
    assert len(team.get(f"/people/{person.public_id}?{known}").context["interventions"]) == 1
    earlier = urlencode({"at": timezone.localtime(then - timedelta(days=10)).isoformat()})
    assert not team.get(f"/people/{person.public_id}?{earlier}").context["interventions"]


def test_it_follows_a_person_made_one_with_another_and_goes_with_them(areas: Map, person: Person) -> None:
    user = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    other = make_person("RESPONDANT")
    make_nmo(areas.force, other, make_person("P"), made="2016-03-02T11:00", until="2017-03-01")
    row = record.add(other, said(), by=user)
    merge(person, other, by=None, reason="Same PNC ID")
    assert len(find.against(person, user, known_at=None, day=timezone.localdate())) == 1
    assert [one.person for one in find.find(find.Asked(), user)] == [person]
    with pytest.raises(Refused, match="nobody in it can be erased"):
        erase(person, by=None, reason="Retention review")
    assert sealing.unseal([row.words]) == [WORDS]


def test_erasing_the_person_leaves_no_words(areas: Map) -> None:
    user = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    gone = make_person("GONE")
    make_nmo(areas.force, gone, make_person("P"), made="2016-03-02T11:00", until="2017-03-01")
    row = record.add(gone, said(), by=user)
    erase(gone, by=None, reason="Retention review")
    assert sealing.unseal([row.words, row.by_whom]) == [sealing.ERASED] * 2
    with pytest.raises(Refused, match="has been erased"):
        record.add(gone, said(), by=user)


def test_a_form_counts_once_and_the_second_of_two_corrections_is_told(areas: Map, person: Person, user: User) -> None:
    form = record.Form(uuid4())
    held = record.add(person, said(), by=user, form=form)
    with pytest.raises(Repeated):
        record.add(person, said(), by=user, form=form)
    record.correct(held, said(words="Other words"), reason="First", by=user)
    with pytest.raises(Refused, match="somebody else has corrected it"):
        record.correct(held, said(words="Third words"), reason="Second", by=user)
    assert Intervention.objects.filter(superseded__isnull=True).count() == 1
    for change in (lambda: Intervention.objects.update(kind="warning"), lambda: Intervention.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.fixture
def user(areas: Map) -> User:
    return make_user(areas.force, Role.CIVIL_ORDERS_TEAM)


def test_as_many_queries_for_many_as_for_few(areas: Map, person: Person, order: Order, user: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            find.find(find.Asked(name="r"), user)
        return len(asked)

    record.add(person, said(), by=user)
    few = queries()
    victim = order.parties.get(role="victim").person
    for number in range(12):
        someone = make_person(f"R{number}", (areas.pleck, "2020-01-01", None))
        make_nmo(areas.force, someone, victim, until=None)
        record.add(someone, said(), by=user)
    assert queries() == few
