"""Send once, lose nothing: over a real SMTP server, with workers that race and workers that die."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery
from notifications.models import Carried, Delivery, Digest, DigestRun, Mailbox, Status
from notifications.tasks import tick
from orders.models import AuditEntry
from tests.notifications.conftest import Caught
from tests.orders.build import Map, make_nmo, make_person


def send_all() -> list[Status | None]:
    now = timezone.now()
    delivery.plan(now)
    delivery.sweep(now)
    return [delivery.deliver(pk) for pk in delivery.owed(now)]


@pytest.mark.django_db
class TestSending:
    def test_each_mailbox_gets_one_email_however_often_it_is_planned(self, areas: Map, smtp: Caught) -> None:
        assert send_all() == [Status.SENT, Status.SENT]
        assert send_all() == []
        assert sorted(str(message["to"]) for message in smtp.messages) == [
            "coventry@lpa.demo.invalid",
            "walsall@lpa.demo.invalid",
        ]
        assert DigestRun.objects.count() == 1
        assert Delivery.objects.filter(status="sent").count() == 2
        told = AuditEntry.objects.filter(category="disclosure")
        assert sorted(recipient for entry in told for recipient in entry.recipients) == [
            "coventry@lpa.demo.invalid",
            "walsall@lpa.demo.invalid",
        ]

    def test_the_message_is_marked_and_says_that_no_person_sent_it(self, areas: Map, smtp: Caught) -> None:
        send_all()
        for message in smtp.messages:
            assert str(message["subject"]).startswith("OFFICIAL-SENSITIVE | Civil orders | Demo WMP-")
            assert message["auto-submitted"] == "auto-generated"
            assert str(message["message-id"]).startswith("<digest.")
            text = message.get_body(("plain",))
            assert text is not None
            content = text.get_content()
            assert content.strip().startswith("OFFICIAL-SENSITIVE")
            assert content.strip().endswith("OFFICIAL-SENSITIVE")
            assert "None." in content

    def test_a_second_mailbox_of_an_area_gets_the_same_words(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.create(area=areas.walsall, address="second@lpa.demo.invalid")
        make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"))
        send_all()
        texts = {
            str(message["to"]): message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            for message in smtp.messages
        }
        assert texts["walsall@lpa.demo.invalid"] == texts["second@lpa.demo.invalid"]
        assert Digest.objects.count() == 2

    @pytest.mark.parametrize("answer", ["451 Try again later", "421 Too busy"])
    def test_a_temporary_answer_is_tried_again_later(self, areas: Map, smtp: Caught, answer: str) -> None:
        smtp.answers = [answer, answer]
        assert set(send_all()) == {Status.QUEUED}
        assert delivery.owed(timezone.now()) == []
        later = delivery.owed(timezone.now() + timedelta(minutes=2))
        assert len(later) == 2
        Delivery.objects.update(next_attempt_at=timezone.now())
        assert send_all() == [Status.SENT, Status.SENT]
        assert {row.attempts for row in Delivery.objects.all()} == {2}

    def test_a_final_answer_fails_that_address_alone_and_says_why(self, areas: Map, smtp: Caught) -> None:
        smtp.refusals = {"walsall@lpa.demo.invalid": "550 No such mailbox"}
        assert sorted(str(status) for status in send_all()) == ["failed", "sent"]
        failed = Delivery.objects.get(status="failed")
        assert "550" in failed.answer
        assert not Carried.objects.filter(area=areas.walsall).exists()

    def test_an_address_outside_the_allowed_domains_is_never_sent_to(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.update(address="somebody@example.com", is_active=False)
        Mailbox.objects.filter(area=areas.walsall).update(is_active=True)
        assert send_all() == [Status.FAILED]
        assert "DIGEST_DOMAINS" in Delivery.objects.get().answer
        assert smtp.messages == []

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

    def test_no_server_at_all_is_tried_again(self, areas: Map, settings: Settings) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        assert set(send_all()) == {Status.QUEUED}
        assert all("could not be reached" in row.answer for row in Delivery.objects.all())

    def test_a_dead_workers_claim_is_given_back_after_its_time(self, areas: Map, smtp: Caught) -> None:
        delivery.plan(timezone.now())
        Delivery.objects.update(
            status=Status.SENDING, claimed_at=timezone.now() - delivery.CLAIM + timedelta(seconds=5)
        )
        assert send_all() == []
        Delivery.objects.update(claimed_at=timezone.now() - delivery.CLAIM - timedelta(seconds=1))
        assert send_all() == [Status.SENT, Status.SENT]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_email(areas: Map, smtp: Caught) -> None:
    delivery.plan(timezone.now())
    wanted = delivery.owed(timezone.now())
    found: list[Status | None] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        found.extend(delivery.deliver(pk) for pk in wanted)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found.count(Status.SENT) == 2
    assert len(smtp.messages) == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_leaves_no_area_without_its_email(
    areas: Map, smtp: Caught, settings: Settings
) -> None:
    delivery.plan(timezone.now())
    url = re.sub(r"@/\w+", f"@/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    program = (
        "import django, time; django.setup()\n"
        "from django.core.mail import EmailMultiAlternatives\n"
        "EmailMultiAlternatives.send = lambda self: (print('sending', flush=True), time.sleep(60))\n"
        "from notifications import delivery\nfrom django.utils import timezone\n"
        "[delivery.deliver(pk) for pk in delivery.owed(timezone.now())]\n"
    )
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ordersite.settings"}
    worker = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"sending\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert Delivery.objects.filter(status="sending").count() == 1
    assert send_all() == [Status.SENT]
    Delivery.objects.filter(status="sending").update(claimed_at=timezone.now() - delivery.CLAIM - timedelta(seconds=1))
    assert send_all() == [Status.SENT]
    assert sorted(str(message["to"]) for message in smtp.messages) == sorted(
        Mailbox.objects.values_list("address", flat=True)
    )
    assert Delivery.objects.count() == Delivery.objects.filter(status="sent").count() == 2


@pytest.mark.django_db
def test_a_tick_queues_what_is_owed(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr("notifications.tasks.send.delay", queued.append)
    assert tick() == 2
    assert sorted(queued) == sorted(Delivery.objects.values_list("pk", flat=True))
