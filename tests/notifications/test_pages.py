"""The pages about the daily email: who gets them, what they say, and that nothing of them leaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from notifications import letters
from notifications.models import DEFAULT_TIME, Delivery, DigestRun, Mailbox, SendingTime
from notifications.service_day import latest
from orders.models import AuditEntry, Role
from tests.faults.server import Caught
from tests.notifications.test_delivery import age, send_all
from tests.orders.build import Map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())  # type: ignore[attr-defined]


@pytest.fixture
def sent(areas: Map, smtp: Caught) -> Delivery:
    make_nmo(areas.force, make_person("SOMEBODY", (areas.palfrey, "2020-01-01", None)), make_person("V"))
    send_all()
    return Delivery.objects.get(area=areas.walsall)


def test_every_area_by_day_with_what_is_missing(sent: Delivery, areas: Map, client: Client) -> None:
    client.force_login(make_user(areas.force))
    assert "Every area has been told" in text(client.get("/emails"))
    age(2)
    SendingTime.objects.create(area=areas.coventry, at="00:00")
    Mailbox.objects.filter(area=areas.coventry).delete()
    page = client.get("/emails")
    assert "Demo WMP-COV has no mailbox" in text(page)
    assert b"register-missing" in page.content
    page = client.get("/emails").content.decode()
    assert page.count("<td") == 14
    # The two days after the first email have no run and were owed; the days before it were not. Before six in the morning
    # the first email was a day earlier, and of today only Coventry's is owed, which was due at midnight.
    early = latest(timezone.now(), DEFAULT_TIME) < timezone.localdate()
    assert page.count("Not made") + page.count(">No mailbox<") == (5 if early else 4)
    assert page.count("Due later") == early
    assert page.count("Not owed") == (6 if early else 8)


def test_who_may_see_states_and_who_may_read(sent: Delivery, areas: Map, client: Client) -> None:
    paths = ["/emails", f"/emails/{sent.pk}", f"/emails/{sent.pk}/as-sent", f"/emails/{sent.pk}/message", "/emails/preview",
             "/emails/mailboxes"]  # fmt: skip
    expected = {
        Role.VIEWER: [200, 200, 200, 200, 200, 403],
        Role.CIVIL_ORDERS_TEAM: [200, 200, 200, 200, 200, 403],
        Role.AUDITOR: [200, 200, 403, 403, 403, 403],
        Role.ADMINISTRATOR: [200, 200, 403, 403, 403, 200],
    }
    for role, codes in expected.items():
        client.force_login(make_user(areas.force, role))
        assert [client.get(path).status_code for path in paths] == codes, role
        assert ("SOMEBODY" in client.get(f"/emails/{sent.pk}").content.decode()) == (codes[2] == 200)
    client.force_login(make_user(areas.next_force))
    assert [client.get(path).status_code for path in paths[1:4]] == [404, 404, 404]
    client.logout()
    assert {client.get(path).status_code for path in paths} == {302}


def test_an_email_is_shown_exactly_as_sent_and_reading_it_is_logged(sent: Delivery, areas: Map, client: Client) -> None:
    client.force_login(make_user(areas.force))
    sent.refresh_from_db()
    assert client.get(f"/emails/{sent.pk}/message").content == letters.bytes_of(sent)
    page = client.get(f"/emails/{sent.pk}/as-sent")
    assert "<h1" in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert AuditEntry.objects.filter(action="read a sent email").count() == 2


def test_sending_again_is_asked_for_with_a_reason(sent: Delivery, areas: Map, client: Client, smtp: Caught) -> None:
    client.force_login(make_user(areas.force))
    assert client.post(f"/emails/{sent.pk}", {"reason": "They did not get it at all"}).status_code == 403
    client.force_login(make_user(areas.force, Role.CIVIL_ORDERS_TEAM))
    page = client.post(f"/emails/{sent.pk}", {"reason": "no"})
    assert page.status_code == 400
    assert "at least 10 characters" in text(page)
    page = client.post(f"/emails/{sent.pk}", {"reason": "They did not get it at all"}, follow=True)
    assert "They did not get it at all" in text(page)
    assert send_all() == ["sent"]
    assert len(smtp.by_address()[sent.address]) == 2


def test_the_next_email_can_be_seen_before_it_is_written(sent: Delivery, areas: Map, client: Client) -> None:
    client.force_login(make_user(areas.force))
    runs = DigestRun.objects.count()
    page = text(client.get("/emails/preview?area=WMP-WAL"))
    assert "cannot be opened before" in page
    assert "SOMEBODY" in page
    assert client.get("/emails/preview?area=STF-NOR").status_code == 404
    assert DigestRun.objects.count() == runs


class TestMailboxes:
    def test_one_is_added_changed_and_tested(self, areas: Map, client: Client, smtp: Caught) -> None:
        client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
        page = client.post("/emails/mailboxes", {"area": areas.walsall.pk, "address": "X@example.com", "mode": "full", "at": "01:30"})  # fmt: skip
        assert page.status_code == 400
        assert "not in a domain that may be told" in text(page)
        assert "Choose a time before 01:00" in text(page)
        assert 'value="X@example.com"' in page.content.decode()
        words = {
            "area": areas.walsall.pk,
            "address": "second@lpa.demo.invalid",
            "mode": "counts",
            "is_active": "on",
            "at": "07:00",
        }
        assert client.post("/emails/mailboxes", words).status_code == 302
        kept = Mailbox.objects.get(address="second@lpa.demo.invalid")
        assert kept.mode == "counts"
        assert f"{SendingTime.objects.get(area=areas.walsall).at:%H:%M}" == "07:00"
        assert client.post("/emails/mailboxes", words).status_code == 400
        page = client.post(f"/emails/mailboxes/{kept.pk}", {"test": "1"}, follow=True)
        assert f"The mail server took the test to {kept.address}: 250 kept" in text(page)
        assert "says nothing about any order" in smtp.messages[0].as_string()
        smtp.refusals[kept.address] = "550 Nobody here"
        page = client.post(f"/emails/mailboxes/{kept.pk}", {"test": "1"}, follow=True)
        assert "was refused for good: 550 Nobody here" in text(page)
        assert AuditEntry.objects.filter(action="test a mailbox").count() == 2
        Mailbox.objects.filter(pk=kept.pk).update(address="second@elsewhere.example")
        page = client.post(f"/emails/mailboxes/{kept.pk}", {"test": "1"}, follow=True)
        assert "DIGEST_DOMAINS allows: nothing was sent" in text(page)
        assert len(smtp.messages) == 1

    def test_those_of_another_force_do_not_exist(self, areas: Map, client: Client) -> None:
        other = Mailbox.objects.create(area=areas.next_lpa, address="n@lpa.demo.invalid")
        client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
        assert client.get(f"/emails/mailboxes/{other.pk}").status_code == 404
        assert "n@lpa.demo.invalid" not in client.get("/emails/mailboxes").content.decode()
        words = {"area": areas.next_lpa.pk, "address": "q@lpa.demo.invalid", "mode": "full", "at": "06:00"}
        assert client.post("/emails/mailboxes", words).status_code == 400


class TestCommand:
    def test_it_shows_sends_once_and_sends_again_only_with_a_reason(
        self, areas: Map, smtp: Caught, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("send_digest", area="WMP-WAL")
        assert "As it would be now" in capsys.readouterr().out
        assert not DigestRun.objects.exists()
        call_command("send_digest", area="WMP-WAL", commit=True)
        call_command("send_digest", area="WMP-WAL", commit=True)
        assert capsys.readouterr().out.count("walsall@lpa.demo.invalid: sent.") == 2
        assert [len(got) for got in smtp.by_address().values()] == [1]
        call_command("send_digest", area="WMP-WAL")
        assert "As written at" in capsys.readouterr().out
        user = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
        with pytest.raises(CommandError, match="reason"):
            call_command("send_digest", area="WMP-WAL", resend=True, by=user.username)
        call_command("send_digest", area="WMP-WAL", resend=True, by=user.username, reason="They never got it")
        assert [len(got) for got in smtp.by_address().values()] == [2]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"area": "WMP-XXX"}, "no local policing area"),
            ({"area": "WMP-WAL", "commit": True, "day": timezone.localdate() + timedelta(days=3)}, "nothing is owed"),
            ({"area": "WMP-WAL", "commit": True, "day": timezone.localdate() - timedelta(days=30)}, "nothing is owed"),
            ({"area": "WMP-WAL", "resend": True}, "--by"),
        ],
    )
    def test_what_it_refuses(self, areas: Map, options: dict[str, object], words: str) -> None:
        with pytest.raises(CommandError, match=words):
            call_command("send_digest", **options)


def test_queries_do_not_grow_with_areas(
    areas: Map, client: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client.force_login(make_user(areas.force))
    for _ in range(2):
        send_all()
        with django_assert_max_num_queries(24):  # type: ignore[attr-defined]  # a context
            client.get("/emails")
        for number in range(5):
            box = Mailbox.objects.create(area=areas.walsall, address=f"{number}{timezone.now():%f}@lpa.demo.invalid")
            assert box.pk
