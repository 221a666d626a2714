"""The demonstration data: invented, the same each time, in every state."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery, planning
from notifications.models import Mailbox
from orders.demo import SIGN_INS
from orders.demo.plan import Demonstration
from orders.models import Area, Event, Order, Person, SafeContact, User
from orders.record import facts, standing_check
from orders.statute import KINDS, assess, local_day, valid_pnc_id
from tests.statute.build import HOLIDAYS

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def files(folder: Path, seed: int) -> dict[str, bytes]:
    first, second = Demonstration(orders=300, seed=seed, now=NOW, holidays=HOLIDAYS).write(folder)
    return {f"{bundle.name}/{path.name}": path.read_bytes() for bundle in (first, second) for path in bundle.iterdir()}


def test_the_same_seed_gives_the_same_data_and_another_other(tmp_path: Path) -> None:
    first = files(tmp_path / "1", 7)
    assert first == files(tmp_path / "2", 7)
    assert first != files(tmp_path / "3", 8)


def test_people_are_marked_as_invented_and_their_pnc_ids_hold(tmp_path: Path) -> None:
    content = files(tmp_path, 7)
    people = list(csv.DictReader(io.StringIO(content["until-yesterday/people.csv"].decode())))
    addresses = list(csv.DictReader(io.StringIO(content["until-yesterday/addresses.csv"].decode())))
    assert all(valid_pnc_id(row["pnc_id"]) for row in people if row["pnc_id"])
    assert any(row["pnc_id"] for row in people)
    assert any(row["aliases"] for row in people)
    assert not [row for row in people if row["aliases"] == f"{row['family_name']}, {row['given_names']}"]
    assert all("(demonstration)" in row["address"] for row in addresses if row["address"])
    assert {row["secret"] for row in addresses} == {"Y", "N", ""}
    assert {row["status"] for row in addresses} >= {"home", "no fixed abode", "custody"}


@pytest.mark.django_db
def test_loading_gives_every_kind_and_state_news_today_and_a_clean_check() -> None:
    out = io.StringIO()
    call_command("load_demo", orders=1_500, stdout=out, stderr=io.StringIO())
    assert "1,500 invented orders" in out.getvalue()
    assert 1_400 < Order.objects.count() < 1_700
    assert set(Order.objects.values_list("kind", flat=True)) == set(KINDS)
    now, days = timezone.now(), facts.holidays()
    ids = list(Order.objects.values_list("pk", flat=True))
    found = [assess(known, now, days) for known in facts.load(ids).values()]
    assert {one.standing for one in found} == {"live", "unconfirmed", "pending", "ended"}
    assert {one.service for one in found} >= {"served", "told", "not served"}
    assert {one.pnc for one in found} >= {"on", "awaiting", "removal due"}
    assert any(deadline.met is None and deadline.due > now for one in found for deadline in one.deadlines)
    assert Event.objects.filter(kind="BREACHED").exists()
    assert Person.objects.exclude(aliases=[]).exists()
    assert 20 < SafeContact.objects.count() <= 120
    assert list(standing_check.differences()) == []
    assert User.objects.count() == len(SIGN_INS)
    assert Mailbox.objects.count() == 7
    areas = Area.objects.filter(level="lpa", force__code="WMP").select_related("force")
    news = [planning.preview(area, local_day(now), now) for area in areas]
    told = [one.counts for one in news if one is not None]
    assert len(told) == 7
    assert sum(counts["new"] for counts in told) > 0
    assert sum(counts["new"] for counts in told) < 60, "only today's news, not the whole register"
    assert all(delivery.allowed(address) for address in Mailbox.objects.values_list("address", flat=True))


def test_it_refuses_to_run_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo")
