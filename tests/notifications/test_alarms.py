"""Nobody waits in silence: late, without a mailbox, held, or a scheduler that says nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications import alarms, delivery, hold, planning
from notifications.models import Alarm, AlarmKind, Delivery, DigestRun, Mailbox, Sending, SendingTime
from notifications.service_day import LONDON
from orders.models import AuditEntry, Role
from tests.faults.server import Caught
from tests.notifications.test_delivery import send_all
from tests.orders.build import Map, make_user

pytestmark = pytest.mark.django_db


class Listener:
    """What a web address was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.status = 200
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.told.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
                self.send_response(listener.status)
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the library's name

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


def installed(day: str = "2026-06-01") -> None:
    """As if the register had been sending since that day."""
    began = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=LONDON)
    Sending.objects.create(pk=1, first_day=began.date(), began_at=began, database=hold.identity())


def kinds(now: datetime) -> list[tuple[str, str]]:
    return [(problem.kind.value, problem.area.code if problem.area else "") for problem in alarms.problems(now)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


class TestLate:
    def test_half_an_hour_after_its_time_an_area_without_a_sent_email_is_an_alarm(self, areas: Map) -> None:
        installed()
        planning.plan(at("2026-06-10T06:00"))
        assert kinds(at("2026-06-10T06:29")) == []
        assert kinds(at("2026-06-10T06:30")) == [("late", "WMP-COV"), ("late", "WMP-WAL")]
        run = DigestRun.objects.get(area=areas.walsall)
        Delivery.objects.filter(run=run).update(status="sent")
        assert kinds(at("2026-06-10T06:31")) == [("late", "WMP-COV")]
        Delivery.objects.filter(run=run).update(bounced_at=timezone.now())
        assert ("late", "WMP-WAL") in kinds(at("2026-06-10T06:31")), "what came back was not received"

    def test_an_area_has_a_time_of_its_own(self, areas: Map) -> None:
        installed()
        SendingTime.objects.create(area=areas.walsall, at="07:15")
        assert {run.area_id for run in planning.plan(at("2026-06-10T07:00"))} == {areas.coventry.pk, areas.walsall.pk}
        assert DigestRun.objects.get(area=areas.walsall).day.isoformat() == "2026-06-09"
        assert [run.area_id for run in planning.plan(at("2026-06-10T07:15"))] == [areas.walsall.pk]

    def test_it_is_seen_even_if_nothing_was_planned_at_all(self, areas: Map) -> None:
        installed()
        assert kinds(at("2026-06-10T06:30")) == [("late", "WMP-COV"), ("late", "WMP-WAL")]

    def test_an_area_without_a_mailbox_is_an_alarm_not_a_skip(self, areas: Map) -> None:
        Mailbox.objects.filter(area=areas.walsall).update(is_active=False)
        assert ("no mailbox", "WMP-WAL") in kinds(timezone.now())
        Mailbox.objects.all().delete()
        assert kinds(timezone.now()) == [("no mailbox", "")]


class TestTelling:
    def test_an_alarm_is_told_once_by_webhook_and_again_only_if_nobody_took_it(
        self, areas: Map, listener: Listener, settings: Settings
    ) -> None:
        settings.ALARM_WEBHOOK_URL = listener.url
        Mailbox.objects.filter(area=areas.walsall).delete()
        listener.status = 500
        alarms.check(timezone.now())
        listener.status = 200
        alarms.check(timezone.now())
        alarms.check(timezone.now())
        assert len(listener.told) == 2
        said = json.loads(listener.told[1])
        assert said["alarms"][0]["kind"] == "no mailbox"
        assert "Demo WMP-WAL has no mailbox" in said["text"]
        assert Alarm.objects.get().told_at is not None
        Mailbox.objects.create(area=areas.walsall, address="w@lpa.demo.invalid")
        alarms.check(timezone.now())
        assert Alarm.objects.get().over_at is not None

    def test_a_webhook_that_is_not_there_stops_nothing(self, areas: Map, settings: Settings) -> None:
        settings.ALARM_WEBHOOK_URL = "http://127.0.0.1:1/"
        Mailbox.objects.filter(area=areas.walsall).delete()
        alarms.check(timezone.now())
        assert "not reached" in Alarm.objects.get().told_answer

    def test_the_heartbeat_is_called_once_a_day_when_all_were_told(
        self, areas: Map, smtp: Caught, listener: Listener, settings: Settings
    ) -> None:
        settings.HEARTBEAT_URL = listener.url
        SendingTime.objects.bulk_create(
            [SendingTime(area=area, at="00:00") for area in (areas.walsall, areas.coventry)]
        )
        alarms.check(timezone.now())
        assert listener.told == []
        send_all()
        alarms.check(timezone.now())
        alarms.check(timezone.now())
        assert listener.told == [""]

    def test_health_tells_whoever_asks_in_numbers_only(self, areas: Map, smtp: Caught, client: Client) -> None:
        Mailbox.objects.filter(area=areas.walsall).delete()
        answer = client.get("/health/emails")
        assert answer.status_code == 503
        assert answer.content.decode() == "no mailbox: 1\nscheduler silent: 1\n"
        Mailbox.objects.create(area=areas.walsall, address="w@lpa.demo.invalid")
        send_all()
        alarms.check(timezone.now())
        assert client.get("/health/emails").content == b"ok\n"
        Sending.objects.update(last_tick_at=timezone.now() - timedelta(hours=1))
        assert client.get("/health/emails").content == b"scheduler silent: 1\n"

    def test_administrators_read_it_on_every_page(self, areas: Map, client: Client) -> None:
        Mailbox.objects.filter(area=areas.walsall).delete()
        client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
        for path in ("/emails", "/admin/"):
            assert "Demo WMP-WAL has no mailbox" in client.get(path).content.decode()
        client.force_login(make_user(areas.force))
        assert "has no mailbox" not in client.get("/").content.decode()


class TestRestored:
    def test_a_restored_copy_waits_for_a_person_and_then_owes_from_that_day(self, areas: Map, smtp: Caught) -> None:
        send_all()
        today = DigestRun.objects.latest("day").day
        Sending.objects.update(database="another")
        Delivery.objects.filter(area=areas.walsall).update(status="queued", next_attempt_at=timezone.now())
        smtp.messages.clear()
        assert send_all() == []
        assert kinds(timezone.now()) == [(AlarmKind.HELD.value, "")]
        administrator = make_user(areas.force, Role.ADMINISTRATOR)
        words = {"by": administrator.username, "reason": "Restored from the backup of last night"}
        with pytest.raises(CommandError, match="lies ahead"):
            call_command("resume_digests", first_day=today + timedelta(days=2), **words)
        with pytest.raises(CommandError, match="administrator"):
            call_command("resume_digests", first_day=today, by="nobody", reason="because")
        call_command("resume_digests", first_day=today + timedelta(days=0), **words)
        assert send_all() == ["sent"], "what was queued for that day is owed"
        assert AuditEntry.objects.filter(action="let emails be sent again", user=administrator).exists()

    def test_what_was_queued_for_days_before_is_taken_as_sent(self, areas: Map, smtp: Caught) -> None:
        planning.plan(timezone.now())
        today = DigestRun.objects.latest("day").day
        DigestRun.objects.update(day=today - timedelta(days=1), first_day=today - timedelta(days=1))
        Sending.objects.update(database="another")
        administrator = make_user(areas.force, Role.ADMINISTRATOR)
        hold.release(timezone.now(), first_day=today, by=administrator, reason="Restored")
        assert send_all() == ["sent", "sent"]
        assert {row.run.day for row in Delivery.objects.filter(status="sent")} == {today}
        assert {row.status for row in Delivery.objects.filter(run__day__lt=today)} == {"unknown"}

    def test_it_can_be_held_by_hand(self, areas: Map, smtp: Caught) -> None:
        administrator = make_user(areas.force, Role.ADMINISTRATOR)
        call_command("resume_digests", hold=True, by=administrator.username, reason="A restore is about to begin")
        assert send_all() == []
        assert delivery.drain().tries == []
