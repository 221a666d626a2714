"""What people say of why they do something lies sealed in every table, and goes with whoever it was about."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone

from orders.access import audit, grants, sealing
from orders.access.erasure import erase
from orders.actions.by_hand import record_event, retract_event
from orders.actions.headings import restrict
from orders.actions.likeness import tell_people_apart
from orders.actions.people import correct_person
from orders.actions.saving import Sharing, save_search
from orders.documents.record import add_document, remove_document
from orders.interventions import record
from orders.models import (
    ApiToken,
    AuditEntry,
    Document,
    Draft,
    GrantKind,
    Order,
    Person,
    Recording,
    Role,
    User,
    WorkEntry,
    WorkStep,
)
from orders.retention import decide
from orders.statute import Event
from orders.work import state
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user
from tests.orders.test_erasure import everything

pytestmark = pytest.mark.django_db

WORDS = {
    name: f"QXWHY{name}QX words of a person"
    for name in (
        "correct", "apart", "restrict", "retract", "open", "secret", "note", "likeness", "document", "remove",
        "intervention", "withdraw", "words", "group", "search", "draft", "described",
    )
}  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def team(areas: Map) -> User:
    return make_user(areas.force, Role.CIVIL_ORDERS_TEAM, secret_places=True)


@pytest.fixture
def said(areas: Map, team: User, settings: LazySettings, tmp_path: Path) -> tuple[Person, Order]:
    """A person and an ended order of theirs, of which something was said in every place where one can say why."""
    settings.DOCUMENT_DIR = tmp_path
    home = (areas.palfrey, "2015-01-01", None)
    person, victim = make_person("BOUND", home), make_person("PROTECTED", home)
    order = make_nmo(areas.force, person, victim, made="2016-03-02T11:00", until="2017-03-01")
    event = record_event(order, Event("BREACHED", local("2016-05-01T10:00"), text="Seen"), by=None)
    correct_person(person, {"given_names": "OTHER"}, by=team, reason=WORDS["correct"])
    tell_people_apart(person, victim, by=team, reason=WORDS["apart"])
    retract_event(event, by=team, reason=WORDS["retract"])
    restrict(order, by=team, reason=WORDS["restrict"])
    grants.give(GrantKind.RESTRICTED, order, by=team, why=grants.Why.COURT, words=WORDS["open"])
    grants.give(GrantKind.SECRET_ADDRESS, order, by=team, why=grants.Why.COURT, words=WORDS["secret"])
    state.say("not-served", {"1": order.pk}, WorkStep.NOTED, by=team, force=areas.force, note=WORDS["note"])
    pair = {f"p{person.pk}-{victim.pk}": None}
    state.say("likenesses", pair, WorkStep.NOTED, by=team, force=areas.force, note=WORDS["likeness"])
    document = add_document(order, PDF, sort="other", note=WORDS["document"], by=team)
    remove_document(document, reason=WORDS["remove"], by=team)
    held = record.add(person, record.Said("warning", date(2026, 1, 2), "PC 1", WORDS["intervention"]), by=team)
    record.open_words(person, by=team, why=grants.Why.COURT, words=WORDS["words"])
    record.withdraw(held, reason=WORDS["withdraw"], by=team)
    decide.set_group(person, "1", reason=WORDS["group"], by=team)
    return person, order


def test_no_table_holds_a_word_of_it(areas: Map, team: User, said: tuple[Person, Order]) -> None:
    save_search(name=WORDS["search"], query="area=WMP", text="", sharing=Sharing(), by=team)
    draft = Draft(owner=team)
    draft.answers = {"respondent": {"family_name": [WORDS["draft"]]}}
    draft.save()
    _, token = ApiToken.issue(user=team, name="t", expires_at=timezone.now() + timedelta(days=1))
    client = Client(headers={"Authorization": f"Bearer {token}"})
    body = json.dumps({"area": "WMP", "name": "BOUND QXWHYdescribedQX"})
    assert client.post("/api/orders/search", body, content_type="application/json").status_code == 200
    held = everything()
    assert [name for name, words in WORDS.items() if words in held or f"QXWHY{name}QX" in held] == []
    # It is there all the same, for whoever reads the log.
    read = " ".join(f"{one.reason} {one.detail}" for one in audit.readable(AuditEntry.objects.all()))
    logged = {"correct", "apart", "restrict", "retract", "open", "secret", "remove", "withdraw", "words", "described"}
    assert {name for name in logged if f"QXWHY{name}QX" in read} == logged
    assert "Court: QXWHYopenQX" in read
    assert Draft.objects.get().answers["respondent"]["family_name"] == [WORDS["draft"]]


def test_it_goes_with_whoever_is_erased(areas: Map, team: User, said: tuple[Person, Order]) -> None:
    person, _ = said
    tokens = everything()
    erase(person, by=team, reason="Retention review of 1 June, decided by the panel")
    assert [
        name for name, words in WORDS.items() if words in sealing.unseal_within([tokens], sealing.keys_by_id)[0]
    ] == []
    entries = audit.readable(AuditEntry.objects.order_by("pk"))
    why = {entry.action: entry.reason for entry in entries}
    assert why["correct person"] == why["tell people apart"] == why["withdraw intervention"] == sealing.ERASED
    assert why["open restricted order"] == f"Court: {sealing.ERASED}"  # what kind of reason it was stays
    assert why["erase person"] == "Retention review of 1 June, decided by the panel"
    reasons = sealing.unseal(Recording.objects.exclude(reason="").values_list("reason", flat=True))
    assert set(reasons) == {sealing.ERASED, "Retention review of 1 June, decided by the panel"}
    assert set(sealing.unseal(WorkEntry.objects.values_list("note", flat=True))) == {sealing.ERASED}


def test_the_files_of_what_was_erased_leave_the_disk(
    said: tuple[Person, Order], team: User, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    person, _ = said
    kept = make_nmo(team.force, make_person("A"), make_person("B"), made="2016-03-02T11:00", until="2017-03-01")
    add_document(kept, PDF.replace(b"/Catalog", b"/Catalog /Lang(en)"), sort="other", note="", by=team)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    with django_capture_on_commit_callbacks(execute=True):
        decide.erase(person, typed="BOUND", reason="Decided by the panel on 1 June", by=team)
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [Document.objects.get(order=kept).stored_as.hex]


def test_the_registers_own_key_is_one_and_is_rotated_like_the_others() -> None:
    first, second = sealing.of_register(), sealing.of_register()
    assert first.id == second.id
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_sealingkey WHERE tells_of = '{0}' AND wrapped IS NOT NULL")
        assert cursor.fetchone() == (1,)
