"""What came back is matched to what was sent, and shows on its mailbox."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications import bounces
from notifications.models import Delivery, Mailbox
from tests.faults.server import Caught
from tests.notifications.test_delivery import age, send_all, words
from tests.orders.build import Map

pytestmark = pytest.mark.django_db

REPORT = """From: MAILER-DAEMON@mail.example
To: civil-orders@example.police.uk
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {identity}
Subject: whatever

--b--
"""


def report(delivery: Delivery, *, action: str = "failed", recipient: str | None = None) -> bytes:
    words = REPORT.format(recipient=recipient or delivery.address, action=action, identity=delivery.message_id)
    return words.replace("\n", "\r\n").encode()


@pytest.fixture
def sent(areas: Map, smtp: Caught) -> Delivery:
    send_all()
    return Delivery.objects.get(area=areas.walsall)


def test_a_failure_is_noted_on_delivery_and_mailbox(sent: Delivery) -> None:
    assert bounces.take(report(sent)) == sent
    sent.refresh_from_db()
    assert sent.bounced_at is not None
    assert "550 5.1.1" in Mailbox.objects.get(address=sent.address).failed_why


def test_a_delay_a_strangers_report_and_any_other_mail_are_not(sent: Delivery) -> None:
    assert bounces.take(report(sent, action="delayed")) is None
    assert bounces.take(report(sent, recipient="somebody@else.example")) is None
    assert bounces.take(b"Subject: hello\r\n\r\nhello\r\n") is None
    assert bounces.take(b"\xff\xfe not mail") is None
    sent.refresh_from_db()
    assert sent.bounced_at is None


def test_a_maildir_is_read_and_emptied(sent: Delivery, tmp_path: Path, settings: Settings) -> None:
    settings.BOUNCES_MAILDIR = str(tmp_path / "bounces")
    folder = mailbox.Maildir(settings.BOUNCES_MAILDIR, create=True)
    folder.add(report(sent))
    assert bounces.read_maildir(timezone.now()) == 1
    assert bounces.read_maildir(timezone.now()) == 0
    sent.refresh_from_db()
    assert sent.bounced_at is not None


def test_what_came_back_goes_with_the_next_email(sent: Delivery, areas: Map, smtp: Caught) -> None:
    bounces.take(report(sent))
    age(1)
    send_all()
    sent.refresh_from_db()
    assert sent.run.replaced_at is not None
    assert "because none could be sent before" in words(smtp.by_address()[sent.address][-1])
