"""The log as auditors use it: who looked at what, what is odd, the sample, and taking it away."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.access import audit
from orders.models import AuditEntry, Category, LookReview, Order, Role, User
from orders.oversight import sample
from orders.oversight.oddities import FEW_OUTSIDE, MASS, oddities
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def look(user: User | None, *orders: Order, action: str = "view order", at: Any = None, **options: Any) -> AuditEntry:
    """An entry of the log, at an instant if one is given."""
    options |= {} if at is None else {"at": at}
    return AuditEntry.objects.create(
        user=user, user_name=user.username if user else "", category=Category.CONSULTATION, action=action,
        orders=[order.pk for order in orders], **options,
    )  # fmt: skip


def test_who_looked_at_this_order_and_what_did_this_person_look_at(areas: Map) -> None:
    ours, other = order_of(areas), order_of(areas)
    theirs = make_nmo(
        areas.next_force, make_person("R", (areas.next_neighbourhood, "2020-01-01", None)), make_person("P")
    )
    mate, stranger = make_user(areas.force), make_user(areas.next_force)
    look(mate, ours)
    look(stranger, ours)
    look(mate, other)
    look(stranger, theirs)
    look(None, ours, action="send daily email")
    client, auditor = signed_in(areas, Role.AUDITOR)
    page = text(client.get(f"/audit?reference={ours.reference.lower()}"))
    assert mate.username in page
    assert stranger.username in page
    assert "The register" in page
    assert "2 entries" in text(client.get(f"/audit?reference={ours.reference}&action=view+order"))
    page = text(client.get(f"/audit?username={mate.username}"))
    assert "2 entries" in page
    assert other.reference in page
    page = text(client.get("/audit?action=view order"))
    assert "2 entries" in page
    assert stranger.username not in page
    # Another force's order, and what another force's people looked at elsewhere, are as if they did not exist.
    shown = text(client.get(f"/audit?reference={theirs.reference}"))
    assert "None." in shown, shown[280:1500]
    assert "None." in text(client.get(f"/audit?username={stranger.username}"))
    assert AuditEntry.objects.filter(user=auditor, action="read the log").count() == 6


@pytest.mark.parametrize(
    "query",
    ["action=nothing", "category=x", "first=2026-02-30", "page=0", "page=x", "who=me", "reference=" + "9" * 101],
)
def test_what_cannot_be_understood_finds_nothing(areas: Map, query: str) -> None:
    client, _ = signed_in(areas, Role.AUDITOR)
    page = client.get(f"/audit?{query}")
    assert page.status_code == 400
    assert "There is a problem" in text(page)
    assert "entries" not in text(page)


def test_only_auditors_read_the_log(areas: Map) -> None:
    for role in (Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM, Role.ADMINISTRATOR):
        client, _ = signed_in(areas, role)
        for path in ("/audit", "/audit/oddities", "/audit/export"):
            assert client.get(path).status_code == 403, (role, path)
    client, _ = signed_in(areas)
    assert client.get("/audit/sample").status_code == 403


def test_odd_looks(areas: Map) -> None:
    smith = make_person("Smith-Jones", (areas.palfrey, "2020-01-01", None))
    orders = [
        make_nmo(
            areas.force,
            smith if number == 0 else make_person("R", (areas.palfrey, "2020-01-01", None)),
            make_person("P"),
        )
        for number in range(3)
    ]
    from orders.models import Person

    Person.objects.filter(pk=smith.pk).update(given_names="Anne Mary")
    own = User.objects.create_user(
        "own", full_name="Anne Smith-Jones", roles=["viewer"], force=areas.force, home_area=areas.walsall
    )
    half = User.objects.create_user(
        "half", full_name="Anne", roles=["viewer"], force=areas.force, home_area=areas.walsall
    )
    away = User.objects.create_user(
        "away", full_name="Far Away", roles=["viewer"], force=areas.force, home_area=areas.coventry
    )
    team = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
    supervisor = make_user(areas.force, Role.SUPERVISOR)
    day = local("2026-06-10T12:00")
    look(own, orders[0], at=day)
    look(half, orders[0], at=day)
    for user in (team, supervisor):
        look(user, orders[1], at=local("2026-06-10T23:00"))
    for number in range(FEW_OUTSIDE):
        order = make_nmo(areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("P"))
        look(away, order, at=day + timedelta(hours=number % 3))
        look(own, order, at=day)
    look(make_user(areas.next_force), orders[0], at=day)
    found = oddities(areas.force, day - timedelta(days=1), day + timedelta(days=1))
    assert [(one.user.username, one.order) for one in found.own_name] == [("own", orders[0])]
    assert [one.user for one in found.at_night] == [team]
    assert [one.user for one in found.outside] == [away]
    assert found.mass == []
    audit.record(by=half, category=Category.CONSULTATION, action="search", orders=range(1, MASS + 50))
    look_many = audit.record(by=half, category=Category.CONSULTATION, action="view order", orders=range(1, MASS + 1))
    now = look_many.at
    assert [one.user for one in oddities(areas.force, now - timedelta(hours=2), now + timedelta(hours=1)).mass] == [
        half
    ]
    client, _ = signed_in(areas, Role.AUDITOR)
    assert f"{MASS} different orders" in text(client.get("/audit/oddities"))


def test_one_look_in_twenty_is_drawn_for_those_who_answer_for_it(areas: Map) -> None:
    order = order_of(areas)
    near = User.objects.create_user("near", roles=["viewer"], force=areas.force, home_area=areas.palfrey)
    far = User.objects.create_user("far", roles=["viewer"], force=areas.force, home_area=areas.coventry)
    for _ in range(400):
        look(near, order)
        look(far, order)
        audit.record(by=near, category=Category.CONSULTATION, action="search", orders=[order.pk])
    now = timezone.now() + timedelta(minutes=1)
    supervisor = User.objects.create_user("boss", roles=["supervisor"], force=areas.force, home_area=areas.walsall)
    auditor = make_user(areas.force, Role.AUDITOR)
    mine, all_of_them = sample.drawn(supervisor, now), sample.drawn(auditor, now)
    assert 10 <= mine.count() <= 32  # 20 of 400 by lot; further away one time in hundreds
    assert {entry.user for entry in mine} == {near}
    assert {entry.user for entry in all_of_them} == {near, far}
    assert not sample.drawn(near, now).exists()
    assert not sample.drawn(make_user(areas.next_force, Role.AUDITOR), now).exists()
    look(supervisor, order)
    assert supervisor not in {entry.user for entry in sample.drawn(supervisor, now)}


def test_a_look_is_reviewed_once_with_a_word_where_it_was_not_plain(
    areas: Map, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "ONE_IN", 1)
    order = order_of(areas)
    entry = look(make_user(areas.force), order, reason="Live incident")
    client, auditor = signed_in(areas, Role.AUDITOR)
    page = client.get("/audit/sample")
    assert order.reference in text(page)
    assert "Live incident" in text(page)
    for sent, words in (({}, "Select what it came to"), ({"verdict": "referred"}, "Is missing; say what was asked")):
        wrong = client.post("/audit/sample", {"entry": entry.pk, **sent})
        assert wrong.status_code == 400
        assert words in text(wrong)
    done = client.post("/audit/sample", {"entry": entry.pk, "verdict": "asked", "note": "On duty"}, follow=True)
    assert "None waits" in text(done)
    assert LookReview.objects.get().by == auditor
    assert client.post("/audit/sample", {"entry": entry.pk, "verdict": "fine"}).status_code == 404
    for junk in ("x", "", "9" * 30, "-1"):
        assert client.post("/audit/sample", {"entry": junk, "verdict": "fine"}).status_code == 404


def test_the_log_is_taken_away_whole_marked_defused_and_recorded_first(areas: Map) -> None:
    order = order_of(areas)
    user = make_user(areas.force)
    look(user, order, reason="=cmd()")
    client, auditor = signed_in(areas, Role.AUDITOR)
    assert client.post("/audit/export", {"purpose": "short"}).status_code == 400
    answer = client.post(f"/audit/export?username={user.username}", {"purpose": "Asked for by the Commissioner"})
    assert AuditEntry.objects.filter(action="export the log", user=auditor, category=Category.DISCLOSURE).count() == 1
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert lines[0][0].startswith("OFFICIAL-SENSITIVE")
    assert lines[2][3:5] == [user.username, order.reference]
    assert lines[2][6] == "'=cmd()"
    assert "1 entries: the file is whole" in lines[-1][0]
