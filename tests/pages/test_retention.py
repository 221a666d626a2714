"""Retention: when a review is due, who decides, what is erased; nothing by a timer."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import audit, sealing
from orders.models import AuditEntry, Order, Person, RetentionDecision, Role, SealingKey, User
from orders.record.writing import Refused
from orders.retention import decide
from orders.retention.due import YEARS, first_review, review_of, reviews_due
from tests.orders.build import Map, describe, local, make_map, make_nmo, make_person, make_user
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def team(areas: Map) -> User:
    return make_user(areas.force, Role.CIVIL_ORDERS_TEAM)


def ended(areas: Map, until: str = "2015-03-01", name: str = "OLD", force: str = "force") -> Person:
    person = make_person(name, (areas.palfrey, "2010-01-01", None))
    year = int(until[:4])
    make_nmo(getattr(areas, force), person, make_person(f"{name}VICTIM"), made=f"{year - 1}-03-02T11:00", until=until)
    return person


def due(areas: Map, at: datetime | None = None) -> set[str]:
    found, count = reviews_due(areas.force, at or timezone.now(), limit=100)
    assert count == len(found)
    names = Person.objects.in_bulk([one.person_id for one in found])
    return {names[one.person_id].family_name for one in found}


@pytest.mark.parametrize(
    ("group", "ended_on", "born", "expected"),
    [
        ("", "2015-03-02", None, "2025-03-02"),
        ("2", "2015-03-02", None, "2025-03-02"),
        ("3", "2015-03-02", None, "2021-03-02"),
        ("1", "2015-03-02", None, "2025-03-02"),
        ("1", "2015-03-02", "1990-01-01", "2025-03-02"),
        ("1", "2015-03-02", "1920-06-05", "2020-06-05"),
        ("1", "2015-03-02", "1910-06-05", "2015-03-02"),
        ("3", "2016-02-29", None, "2022-02-28"),
        ("2", "2016-02-29", "1916-02-29", "2026-02-28"),
    ],
)
def test_the_first_review_follows_the_group_and_the_list_agrees(
    areas: Map, team: User, group: str, ended_on: str, born: str | None, expected: str
) -> None:
    day = date.fromisoformat(ended_on)
    birth = date.fromisoformat(born) if born else None
    assert first_review(group, day, birth).isoformat() == expected
    person = ended(areas, (day - timedelta(days=1)).isoformat())
    describe(person, date_of_birth=birth)
    if group:
        decide.set_group(person, group, reason="Test", by=team)
    review = review_of(person, areas.force, timezone.now())
    assert review is not None
    assert (review.ended_on, review.group, str(review.due_on)) == (day, group, expected)
    the_day = local(f"{expected}T12:00")
    assert "OLD" in due(areas, the_day)
    assert "OLD" not in due(areas, the_day - timedelta(days=1))


def test_nobody_is_due_while_an_order_has_not_ended(areas: Map) -> None:
    person = ended(areas)
    assert {"OLD", "OLDVICTIM"} <= due(areas)
    make_nmo(areas.force, person, make_person("P"), made="2026-03-02T11:00", until=None)
    assert "OLD" not in due(areas)
    review = review_of(person, areas.force, timezone.now())
    assert review is not None
    assert (review.ended_on, review.due_on) == (None, None)


def test_another_force_has_a_list_of_its_own(areas: Map, team: User) -> None:
    theirs = ended(areas, name="THEIRS", force="next_force")
    assert due(areas) == set()
    with pytest.raises(PermissionDenied):
        decide.set_group(theirs, "1", reason="Test", by=team)
    with pytest.raises(PermissionDenied):
        decide.erase(theirs, typed="THEIRS", reason="Test", by=team)
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert client.get(f"/people/{theirs.public_id}/retention").status_code == 404


def test_who_is_kept_comes_back_on_the_day_and_anew_when_another_order_ends(areas: Map, team: User) -> None:
    person = ended(areas)
    today = timezone.localdate()
    for until, words in ((today, "must be after today"), (date(today.year + 11, 1, 1), "at most 10 years")):
        with pytest.raises(Refused, match=words):
            decide.keep(person, until, reason="Test", by=team)
    with pytest.raises(Refused, match="reason: is missing"):
        decide.keep(person, today + timedelta(days=9), reason=" ", by=team)
    held = decide.keep(person, today + timedelta(days=400), reason="Still a risk to Q", by=team)
    assert "OLD" not in due(areas)
    assert "OLD" in due(areas, timezone.now() + timedelta(days=401))
    assert "Still a risk" not in held.reason
    assert sealing.unseal([held.reason]) == ["Still a risk to Q"]
    make_nmo(areas.force, person, make_person("P"), until=(today + timedelta(days=30)).isoformat())
    later = timezone.now() + timedelta(days=401)
    assert "OLD" not in due(areas, later)
    assert "OLD" in due(areas, later + timedelta(days=3653))
    with pytest.raises(Refused, match="has not ended"):
        decide.keep(person, today + timedelta(days=9), reason="Test", by=team)


def test_erasing_takes_their_name_a_reason_and_orders_that_have_ended(areas: Map, team: User) -> None:
    person = ended(areas)
    kept = decide.set_group(person, "3", reason="Group 3 of Q", by=team)
    with pytest.raises(Refused, match="typed: is not their family name"):
        decide.erase(person, typed="ODL", reason="Review", by=team)
    with pytest.raises(Refused, match="reason: is missing"):
        decide.erase(person, typed="old", reason=" ", by=team)
    live = make_nmo(areas.force, person, make_person("P"), until=None)
    with pytest.raises(Refused, match=f"{live.reference} is live"):
        decide.erase(person, typed="old", reason="Review", by=team)
    assert not RetentionDecision.objects.filter(step="erase").exists()
    other = ended(areas, name="GONE")
    decide.erase(other, typed=" gone ", reason="Panel of 1 June", by=team)
    assert sealing.unseal([RetentionDecision.objects.get(step="erase").reason]) == ["Panel of 1 June"]
    (entry,) = audit.readable(AuditEntry.objects.filter(action="erase person", user=team))
    assert entry.reason == "Panel of 1 June"
    assert "(erased)" not in due(areas)
    assert review_of(other, areas.force, timezone.now()) is None
    with pytest.raises(Refused):
        decide.set_group(other, "1", reason="Late", by=team)
    for change in (lambda: RetentionDecision.objects.update(group="1"), RetentionDecision.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert sealing.unseal([kept.reason]) == ["Group 3 of Q"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_else_decides(areas: Map, role: Role) -> None:
    person, (client, user) = ended(areas), signed_in(areas, role)
    for action in (
        lambda: decide.set_group(person, "1", reason="Test", by=user),
        lambda: decide.keep(person, timezone.localdate() + timedelta(days=9), reason="Test", by=user),
        lambda: decide.erase(person, typed="OLD", reason="Test", by=user),
    ):
        with pytest.raises(PermissionDenied):
            action()
    for end in ("", "/group", "/keep", "/erase"):
        assert client.get(f"/people/{person.public_id}/retention{end}").status_code == 403
    assert client.get("/retention").status_code == 403


def test_nothing_is_erased_by_a_timer(areas: Map) -> None:
    """Every task that the scheduler starts is run long after every review fell due; and only decisions erase."""
    ended(areas, "2005-03-01")
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        current_app.loader.import_default_modules()
        name = str(entry["task"])
        if name.startswith("orders."):
            current_app.tasks[name].apply(throw=True)
    assert "OLD" in due(areas)
    assert Person.objects.filter(family_name="OLD").exists()
    assert not SealingKey.objects.filter(destroyed_at__isnull=False).exists()
    callers = {
        str(path.relative_to(settings.BASE_DIR))
        for folder in ("orders", "notifications", "signin", "ordersite")
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py")
        if re.search(r"import (\w+, )*erasure\b|access\.erasure import", path.read_text())
        or "orders_erase_people(%s" in path.read_text()
    }  # fmt: skip
    assert callers == {"orders/access/erasure.py", "orders/retention/decide.py"}


def test_the_pages_decide(areas: Map) -> None:
    client, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    person = ended(areas)
    listed = text(client.get("/retention"))
    assert "2 reviews due" in listed
    assert "1 order, 1 event, 1 home, 0 documents" in listed
    here = f"/people/{person.public_id}/retention"
    assert "Not set: reviewed 10 years" in text(client.get(here))
    assert client.post(f"{here}/group", {"group": "", "reason": "x"}).status_code == 400
    assert client.post(f"{here}/group", {"group": "1", "reason": "Harm to Q"}).status_code == 302
    assert "Harm to Q" in text(client.get(here))
    soon = timezone.localdate() + timedelta(days=90)
    sent = {"until_day": soon.day, "until_month": soon.month, "until_year": soon.year, "reason": "Panel"}
    assert client.post(f"{here}/keep", sent).status_code == 302
    assert "1 review due" in text(client.get("/retention"))
    wrong = client.post(f"{here}/erase", {"typed": "ODL", "reason": "Kept as typed"})
    assert wrong.status_code == 400
    assert "Kept as typed" in wrong.content.decode()
    assert client.post(f"{here}/erase", {"typed": "OLD", "reason": "Panel"}).status_code == 302
    person.refresh_from_db()
    assert person.family_name == "(erased)"
    actions = set(AuditEntry.objects.filter(user=user).values_list("action", flat=True))
    assert {"list retention reviews", "view retention", "set retention group", "keep person", "erase person"} <= actions


def test_who_is_known_by_restricted_orders_alone_has_no_name(areas: Map) -> None:
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    person = ended(areas)
    Order.objects.update(restricted=True)
    listed = text(client.get("/retention"))
    assert "OLD" not in listed
    assert "Restricted" in listed
    assert client.get(f"/people/{person.public_id}/retention").status_code == 404


def test_as_many_queries_for_many_as_for_few(areas: Map) -> None:
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    ended(areas)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/retention").status_code == 200
        return len(asked)

    queries()
    few = queries()
    for number in range(8):
        ended(areas, name=f"N{number}")
    assert queries() == few


def test_every_group_has_a_period() -> None:
    assert set(YEARS) == {"", "1", "2", "3"}
