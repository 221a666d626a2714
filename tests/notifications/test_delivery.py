"""Send once, lose nothing: over a real SMTP server that misbehaves on cue, with workers that race."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from datetime import time as clock
from email.message import EmailMessage

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery, hold, letters, planning, telling
from notifications.models import Carried, Delivery, DigestRun, Letter, Mailbox, Sending, Status
from notifications.service_day import LONDON
from notifications.tasks import tick
from orders.access import audit
from orders.models import AuditEntry
from tests.faults.server import Caught
from tests.orders.build import Map, make_nmo, make_person, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def send_all() -> list[Status]:
    now = timezone.now()
    planning.plan(now)
    delivery.sweep(now)
    return delivery.drain().tries


def again() -> list[Status]:
    """As if the waits were over."""
    Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    return send_all()


def age(days: int) -> None:
    """As if all that was planned had been planned so many days earlier."""
    for sending in Sending.objects.all():
        Sending.objects.update(first_day=sending.first_day - timedelta(days=days))
    for run in DigestRun.objects.order_by("day"):
        DigestRun.objects.filter(pk=run.pk).update(
            day=run.day - timedelta(days=days),
            first_day=run.first_day - timedelta(days=days),
            planned_at=run.planned_at - timedelta(days=days),
        )


def words(message: EmailMessage) -> str:
    """The text part on one line."""
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


class TestOnce:
    def test_each_mailbox_gets_one_email_however_often_it_is_planned(self, areas: Map, smtp: Caught) -> None:
        assert send_all() == [Status.SENT, Status.SENT]
        assert send_all() == []
        assert sorted(smtp.by_address()) == ["coventry@lpa.demo.invalid", "walsall@lpa.demo.invalid"]
        assert all(len(got) == 1 for got in smtp.by_address().values())
        assert DigestRun.objects.count() == 2
        told = AuditEntry.objects.filter(category="disclosure")
        assert sorted(recipient for entry in told for recipient in entry.recipients) == sorted(smtp.by_address())

    def test_a_second_row_for_an_address_cannot_be_made(self, areas: Map, smtp: Caught) -> None:
        send_all()
        row = Delivery.objects.first()
        assert row is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(run=row.run, area=row.area, letter=row.letter, address=row.address)

    def test_the_message_is_marked_stable_and_says_that_no_person_sent_it(self, areas: Map, smtp: Caught) -> None:
        send_all()
        for message in smtp.messages:
            assert str(message["subject"]).startswith("[OFFICIAL-SENSITIVE] Civil orders Demo WMP-")
            assert message["auto-submitted"] == "auto-generated"
            assert message["x-auto-response-suppress"] == "All"
            assert message["reply-to"]
            row = Delivery.objects.get(message_id=message["message-id"])
            assert (letters.bytes_of(row) or b"").strip() == message.as_bytes(
                policy=message.policy.clone(linesep="\r\n")
            ).strip()
            text = message.get_body(("plain",))
            assert text is not None
            content = text.get_content()
            assert content.strip().startswith("OFFICIAL-SENSITIVE")
            assert content.strip().endswith("OFFICIAL-SENSITIVE")
            assert "None." in content
            assert "<img" not in message.as_string()

    def test_every_mailbox_of_an_area_gets_the_same_words_or_only_counts(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.create(area=areas.walsall, address="second@lpa.demo.invalid")
        Mailbox.objects.create(area=areas.walsall, address="counts@lpa.demo.invalid", mode="counts")
        order = make_nmo(areas.force, make_person("SOMEBODY", (areas.palfrey, "2020-01-01", None)), make_person("V"))
        send_all()
        texts = {address: words(got[0]) for address, got in smtp.by_address().items()}
        assert texts["walsall@lpa.demo.invalid"] == texts["second@lpa.demo.invalid"]
        assert order.reference in texts["walsall@lpa.demo.invalid"]
        counts = smtp.by_address()["counts@lpa.demo.invalid"][0].as_string()
        for word in ("SOMEBODY", order.reference, "subject lives"):
            assert word not in counts
        assert "ALL LIVE (1)" in texts["counts@lpa.demo.invalid"]

    def test_a_mailbox_added_later_in_the_day_gets_the_email_of_the_day(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.filter(area=areas.walsall).delete()
        assert send_all() == [Status.SENT]
        assert DigestRun.objects.filter(area=areas.walsall).exists(), "it is owed one, mailbox or not"
        Mailbox.objects.create(area=areas.walsall, address="late@lpa.demo.invalid")
        assert send_all() == [Status.SENT]
        assert len(smtp.by_address()["late@lpa.demo.invalid"]) == 1

    def test_a_missed_day_is_caught_up_in_one_email_that_says_so(self, areas: Map, smtp: Caught) -> None:
        send_all()
        age(3)
        Delivery.objects.filter(status="sent").update(sent_at=timezone.now() - timedelta(days=3))
        make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"))
        assert send_all() == [Status.SENT, Status.SENT]
        got = smtp.by_address()["walsall@lpa.demo.invalid"]
        assert len(got) == 2
        assert "because none could be sent before" in words(got[1])
        runs = DigestRun.objects.filter(area=areas.walsall).order_by("day")
        assert [(run.caught_up_by_id is not None) for run in runs] == [False, True, True, False]
        assert [(right.day - left.day).days for left, right in zip(runs, runs[1:], strict=False)] == [1, 1, 1]


class TestAnswers:
    @pytest.mark.parametrize("cue", ["451 Greylisted", "421 mid", "data 452 Disk full", "drop early"])
    def test_what_may_pass_is_tried_again_later(self, areas: Map, smtp: Caught, cue: str) -> None:
        smtp.cues = [cue]
        found = send_all()
        doubtful = cue == "drop early"
        assert sorted(found) == sorted([Status.UNKNOWN if doubtful else Status.QUEUED, Status.SENT])
        assert delivery.due(timezone.now()) == 0
        assert delivery.due(timezone.now() + timedelta(minutes=2)) == 1
        assert again() == [Status.SENT]
        assert {len(got) for got in smtp.by_address().values()} == {1}

    def test_waits_grow(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.filter(area=areas.coventry).delete()
        waits = []
        for _ in range(7):
            smtp.cues = ["451 Later"]
            again()
            row = Delivery.objects.get(area=areas.walsall)
            assert row.next_attempt_at is not None
            waits.append(round((row.next_attempt_at - timezone.now()).total_seconds() / 60))
        assert waits == [1, 2, 5, 15, 30, 60, 60]

    def test_a_final_answer_fails_that_address_alone_and_shows_on_its_mailbox(self, areas: Map, smtp: Caught) -> None:
        for name in ("one", "two"):
            Mailbox.objects.create(area=areas.walsall, address=f"{name}@lpa.demo.invalid")
        smtp.refusals = {"one@lpa.demo.invalid": "550 No such mailbox"}
        assert sorted(send_all()) == ["failed", "sent", "sent", "sent"]
        assert "550" in Delivery.objects.get(status="failed").answer
        assert "550" in Mailbox.objects.get(address="one@lpa.demo.invalid").failed_why
        assert Mailbox.objects.get(address="two@lpa.demo.invalid").failed_at is None
        smtp.refusals = {}
        age(1)
        assert set(send_all()) == {Status.SENT}
        assert Mailbox.objects.get(address="one@lpa.demo.invalid").failed_at is None

    @pytest.mark.parametrize("cue", ["drop", "hang"])
    def test_silence_after_the_message_is_sent_once_more_and_flagged(
        self, areas: Map, smtp: Caught, settings: Settings, cue: str
    ) -> None:
        settings.EMAIL_TIMEOUT = 1
        Mailbox.objects.filter(area=areas.coventry).delete()
        smtp.cues = [cue]
        assert send_all() == [Status.UNKNOWN]
        assert again() == [Status.SENT]
        got = smtp.by_address()["walsall@lpa.demo.invalid"]
        assert len(got) == 2
        assert got[0]["message-id"] == got[1]["message-id"]
        assert Delivery.objects.get(area=areas.walsall).doubts == 1
        assert again() == []

    def test_two_silences_stay_unknown(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.filter(area=areas.coventry).delete()
        smtp.cues = ["drop", "drop"]
        assert send_all() == [Status.UNKNOWN]
        assert again() == [Status.UNKNOWN]
        assert again() == []
        assert len(smtp.messages) == 2

    def test_a_server_that_dribbles_is_cut_off(self, areas: Map, smtp: Caught, settings: Settings) -> None:
        settings.EMAIL_MESSAGE_SECONDS = 1
        Mailbox.objects.filter(area=areas.coventry).delete()
        smtp.cues = ["slow"]
        began = timezone.now()
        assert send_all() == [Status.QUEUED]
        assert timezone.now() - began < timedelta(seconds=4)
        assert again() == [Status.SENT]

    def test_no_server_at_all_fails_nobody(self, areas: Map, settings: Settings) -> None:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        assert send_all() == [Status.QUEUED], "the second is left for the next tick"
        assert not Delivery.objects.filter(status="failed").exists()
        assert "could not be spoken to" in Delivery.objects.get(attempts=1).answer

    def test_another_host_is_not_spoken_to_without_tls(self, areas: Map, settings: Settings) -> None:
        settings.EMAIL_HOST = "mail.example.police.uk"
        send_all()
        assert "without TLS" in Delivery.objects.get(attempts=1).answer

    def test_an_address_outside_the_allowed_domains_is_never_sent_to(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.filter(area=areas.walsall).update(address="somebody@example.com")
        assert sorted(send_all()) == ["failed", "sent"]
        assert "DIGEST_DOMAINS" in Delivery.objects.get(status="failed").answer
        assert list(smtp.by_address()) == ["coventry@lpa.demo.invalid"]

    @pytest.mark.parametrize(
        ("address", "allowed"),
        [
            ("a@west-midlands.police.uk", True),
            ("a@police.uk", True),
            ("a@wmp.pnn.police.uk", True),
            ("a@x.cjsm.net", True),
            ("a@notpolice.uk", False),
            ("a@police.uk.example.com", False),
            ("a", False),
        ],
    )
    def test_which_domains(self, settings: Settings, address: str, allowed: bool) -> None:
        settings.DIGEST_DOMAINS = ["police.uk", "cjsm.net"]
        assert delivery.allowed(address) is allowed


class TestSweep:
    def test_a_claim_is_given_back_after_its_time_if_nothing_was_handed_over(self, areas: Map, smtp: Caught) -> None:
        planning.plan(timezone.now())
        claimed = timezone.now() - delivery.CLAIM
        Delivery.objects.update(status=Status.SENDING, claimed_at=claimed + timedelta(seconds=9))
        assert send_all() == []
        Delivery.objects.update(claimed_at=claimed - timedelta(seconds=1))
        assert send_all() == [Status.SENT, Status.SENT]
        assert {row.doubts for row in Delivery.objects.all()} == {0}

    def test_a_claim_that_had_handed_over_is_in_doubt(self, areas: Map, smtp: Caught) -> None:
        planning.plan(timezone.now())
        claimed = timezone.now() - delivery.CLAIM - timedelta(seconds=1)
        Delivery.objects.update(status=Status.SENDING, claimed_at=claimed, data_began_at=claimed)
        assert send_all() == [Status.SENT, Status.SENT]
        assert {row.doubts for row in Delivery.objects.all()} == {1}
        Delivery.objects.update(status=Status.SENDING, claimed_at=claimed, data_began_at=claimed)
        assert send_all() == [], "not a third time"
        assert {row.status for row in Delivery.objects.all()} == {"unknown"}

    def test_who_lost_the_claim_does_not_send(self, areas: Map, smtp: Caught) -> None:
        planning.plan(timezone.now())
        mine = delivery.claim(timezone.now())
        assert mine is not None
        Delivery.objects.filter(pk=mine.pk).update(claimed_at=timezone.now())
        status, _ = delivery._send(mine, None)
        assert status == Status.UNKNOWN
        assert smtp.messages == []


class TestNews:
    def test_what_failed_everywhere_goes_with_the_next_email_and_only_there(self, areas: Map, smtp: Caught) -> None:
        order = make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"))
        smtp.refusals = {"walsall@lpa.demo.invalid": "550 No"}
        send_all()
        age(1)
        smtp.refusals = {}
        send_all()
        (got,) = smtp.by_address()["walsall@lpa.demo.invalid"]
        text = words(got)
        assert order.reference in text.split("CHANGED SINCE")[0].split("NEW SINCE")[1]
        assert "because none could be sent before" in text
        assert Carried.objects.filter(area=areas.walsall, event__order=order).count() == order.events.count()

    def test_a_delivery_still_waiting_is_replaced_by_the_next_days(self, areas: Map, smtp: Caught) -> None:
        smtp.cues = ["451 Later"] * 2
        send_all()
        age(1)
        assert send_all() == [Status.SENT, Status.SENT]
        assert Delivery.objects.filter(status="failed", answer__startswith="Replaced").count() == 2
        assert {len(got) for got in smtp.by_address().values()} == {1}

    def test_one_areas_bad_rows_do_not_silence_the_others(
        self, areas: Map, smtp: Caught, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = planning.build

        def build(owed, at, **options):  # type: ignore[no-untyped-def]  # as the real one
            if any(one.area == areas.walsall for one in owed):
                raise ValueError("bad rows")
            return whole(owed, at, **options)

        monkeypatch.setattr(planning, "build", build)
        assert send_all() == [Status.SENT]
        assert list(smtp.by_address()) == ["coventry@lpa.demo.invalid"]
        monkeypatch.undo()
        assert send_all() == [Status.SENT]


class TestActs:
    def test_sending_again_needs_a_reason_and_is_a_row_of_its_own(self, areas: Map, smtp: Caught) -> None:
        send_all()
        first = Delivery.objects.get(area=areas.walsall)
        with pytest.raises(ValueError, match="reason"):
            delivery.resend(first, by=None, reason="again")
        user = make_user(areas.force)
        delivery.resend(first, by=user, reason="The mailbox was emptied by mistake")
        assert send_all() == [Status.SENT]
        assert len(smtp.by_address()["walsall@lpa.demo.invalid"]) == 2
        assert Letter.objects.filter(run=first.run).count() == 2
        entry = AuditEntry.objects.filter(category="disclosure").latest("pk")
        assert entry.user == user
        assert "emptied" in audit.readable([entry])[0].reason

    def test_connections_are_reused_and_bounded(self, areas: Map, smtp: Caught, settings: Settings) -> None:
        for number in range(10):
            Mailbox.objects.create(area=areas.walsall, address=f"m{number}@lpa.demo.invalid")
        settings.EMAIL_MESSAGES_PER_CONNECTION = 5
        assert len(send_all()) == 12
        assert smtp.connections == 3

    def test_the_rate_is_kept(self, areas: Map, smtp: Caught, settings: Settings) -> None:
        settings.EMAIL_PER_MINUTE = 1
        assert send_all() == [Status.SENT]
        assert send_all() == []
        Delivery.objects.filter(claimed_at__isnull=False).update(claimed_at=timezone.now() - timedelta(minutes=2))
        assert send_all() == [Status.SENT]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_email_once(areas: Map, smtp: Caught) -> None:
    found: list[Status] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        planning.plan(timezone.now())
        found.extend(delivery.drain().tries)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found += delivery.drain().tries
    assert found == [Status.SENT, Status.SENT]
    assert len(smtp.messages) == 2
    assert DigestRun.objects.count() == 2


def test_a_tick_queues_as_many_senders_as_there_may_be(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[bool] = []
    monkeypatch.setattr("notifications.tasks.drain.delay", lambda: queued.append(True))
    assert tick() == 2
    assert len(queued) == 2


def test_every_day_of_a_year_has_its_run_at_six_and_its_news_once(areas: Map) -> None:
    """2026, both clock changes in it: a tick before and a tick at the time of each day; one order a week."""
    Mailbox.objects.exclude(area=areas.walsall).delete()
    perpetrator = make_person("P", (areas.palfrey, "2020-01-01", None))
    first = date(2026, 1, 1)
    Sending.objects.create(pk=1, first_day=first, database=hold.identity())
    telling.set_baseline([areas.walsall, areas.coventry], before=timezone.now())
    made = 0
    for number in range(365):
        day = first + timedelta(days=number)
        if number % 7 == 3:
            make_nmo(areas.force, perpetrator, make_person("V"), made=f"{day}T10:00")
            made += 1
        six = datetime.combine(day, clock(6), LONDON)
        assert planning.plan(six - timedelta(minutes=1)) == []
        runs = planning.plan(six)
        assert {run.day for run in runs} == {day}
        assert {run.at for run in runs} == {six}
        # A server took it.
        Delivery.objects.filter(run__in=runs).update(status="sent", next_attempt_at=None)
        DigestRun.objects.filter(area=areas.coventry, day=day).update(replaced_at=six)
    days = list(DigestRun.objects.filter(area=areas.walsall).order_by("day").values_list("day", flat=True))
    assert days == [first + timedelta(days=number) for number in range(365)]
    carried = Carried.objects.filter(area=areas.walsall)
    assert carried.count() == carried.values("event").distinct().count() == made
