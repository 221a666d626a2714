"""As somebody who wants an area to miss an order, or an email to say what it may not: what happens between the steps."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as clock

import pytest
from django.test import Client
from django.utils import timezone

from notifications import alarms, delivery, hold, letters, planning, telling
from notifications.models import AlarmKind, Carried, Delivery, DigestRun, Mailbox, Sending, SendingTime, Status
from notifications.service_day import LONDON
from orders.access.erasure import erase
from orders.actions.by_hand import record_event, settle_residence
from orders.actions.headings import restrict
from orders.actions.merging import merge, undo_merge
from orders.models import Area, AuditEntry, Level, Order, Role
from orders.statute import Event
from tests.faults.server import Caught
from tests.notifications.test_delivery import again, age, send_all, words
from tests.notifications.test_digest import later, news, order_in, recent, told
from tests.orders.build import Map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db

WALSALL, COVENTRY = "walsall@lpa.demo.invalid", "coventry@lpa.demo.invalid"


def got(smtp: Caught, address: str = WALSALL) -> str:
    """The text of all that a mailbox has."""
    return " ".join(words(message) for message in smtp.by_address()[address])


def planned() -> None:
    """The emails are written and nothing is sent."""
    planning.plan(timezone.now())


def due() -> list[Status]:
    Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    return delivery.drain().tries


class TestMailbox:
    def test_an_address_changed_after_the_email_was_written_gets_it_and_the_old_one_does_not(
        self, areas: Map, smtp: Caught
    ) -> None:
        order = order_in(areas)
        planned()
        Mailbox.objects.filter(address=WALSALL).update(address="moved@lpa.demo.invalid")
        planned()
        due()
        assert WALSALL not in smtp.by_address()
        assert order.reference in got(smtp, "moved@lpa.demo.invalid")
        assert Delivery.objects.get(address=WALSALL).answer == delivery.NO_LONGER

    def test_switched_for_one_minute_the_area_gets_what_the_other_address_got(self, areas: Map, smtp: Caught) -> None:
        order = order_in(areas)
        Mailbox.objects.filter(address=WALSALL).update(address="strange@lpa.demo.invalid")
        send_all()
        Mailbox.objects.filter(area=areas.walsall).update(address=WALSALL)
        send_all()
        assert order.reference in got(smtp)

    def test_whoever_is_cut_off_is_told_and_the_log_says_what_was(
        self, areas: Map, smtp: Caught, client: Client
    ) -> None:
        client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
        box = Mailbox.objects.get(address=WALSALL)
        form = {"area": areas.walsall.pk, "address": "strange@lpa.demo.invalid", "mode": "full", "at": "06:00"}
        client.post(f"/emails/mailboxes/{box.pk}", form | {"is_active": "on"})
        assert "no longer goes to this mailbox" in got(smtp)
        entry = AuditEntry.objects.get(action="change mailbox")
        assert entry.recipients == ["strange@lpa.demo.invalid", WALSALL]
        assert entry.detail["was"] == f"{WALSALL} of WMP-WAL"
        smtp.messages.clear()
        client.post(f"/emails/mailboxes/{box.pk}", form)
        assert "no longer goes to this mailbox" in got(smtp, "strange@lpa.demo.invalid")

    def test_it_is_not_sent_again_to_an_address_that_is_no_mailbox_any_more(self, areas: Map, smtp: Caught) -> None:
        send_all()
        Mailbox.objects.filter(address=WALSALL).update(is_active=False)
        with pytest.raises(ValueError, match="no mailbox of the area any longer"):
            delivery.resend(Delivery.objects.get(address=WALSALL), by=None, reason="They ask for it again")

    def test_disabled_and_enabled_the_area_has_all_of_it(self, areas: Map, smtp: Caught) -> None:
        send_all()
        Mailbox.objects.filter(address=WALSALL).update(is_active=False)
        missed = []
        for _ in range(3):
            age(1)
            missed.append(order_in(areas).reference)
            send_all()
            assert (AlarmKind.NO_MAILBOX, areas.walsall) in [(one.kind, one.area) for one in alarms.problems(now())]
        smtp.messages.clear()
        Mailbox.objects.filter(address=WALSALL).update(is_active=True)
        age(1)
        send_all()
        text = got(smtp)
        assert all(reference in text.split("CHANGED SINCE")[0] for reference in missed)
        assert "This email covers" in text

    def test_a_force_whose_mailboxes_are_all_switched_off_or_gone_is_an_alarm(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.create(area=areas.next_lpa, address="north@lpa.demo.invalid")
        send_all()
        box = Mailbox.objects.filter(area=areas.next_lpa)
        box.update(is_active=False)
        assert (AlarmKind.NO_MAILBOX, areas.next_lpa) in [(one.kind, one.area) for one in alarms.problems(now())]
        box.delete()
        assert (AlarmKind.NO_MAILBOX, areas.next_lpa) in [(one.kind, one.area) for one in alarms.problems(now())]


def now() -> datetime:
    return timezone.now()


class TestBetweenWritingAndSending:
    def test_an_order_that_was_restricted_is_named_no_more(self, areas: Map, smtp: Caught) -> None:
        order, other = order_in(areas), order_in(areas)
        smtp.cues = ["451 Later"] * 2
        send_all()
        restrict(order, by=None, reason="The perpetrator is an officer of the force")
        late = order_in(areas)
        assert sorted(due()) == [Status.QUEUED, Status.SENT, Status.SENT]
        text = got(smtp)
        assert f"{order.reference}, Restricted" in text
        assert f"{other.reference}, PERPETRATOR" in text
        new = text.split("CHANGED SINCE")[0].split("NEW SINCE")[1]
        assert late.reference not in new, "it tells what it told before, not more"
        age(1)
        assert told(news(areas.walsall))["New since the last email"] == [late.reference]

    def test_a_home_that_became_secret_is_not_told_by_neighbourhood(self, areas: Map, smtp: Caught) -> None:
        victim = make_person("V", (areas.foleshill, "2020-01-01", None), secret=False)
        order = order_in(areas, victim)
        planned()
        assert "Demo WMP-COV-01 1" in words_of(areas.coventry)
        home = victim.residences.get()
        settle_residence(
            victim, from_on=date(2020, 1, 1), neighbourhood=areas.foleshill, secret=True, by=None, replacing=home
        )
        assert len(due()) >= 2
        text = got(smtp, COVENTRY)
        assert order.reference in text
        assert "Demo WMP-COV-01 1" not in text

    def test_what_was_sent_stays_in_the_archive_as_it_was(self, areas: Map, smtp: Caught) -> None:
        order = order_in(areas)
        Mailbox.objects.create(area=areas.walsall, address="second@lpa.demo.invalid")
        planned()
        (first, *_) = Delivery.objects.filter(area=areas.walsall).order_by("pk").values_list("pk", flat=True)
        delivery.drain(only=[first])
        sent = letters.bytes_of(Delivery.objects.get(pk=first))
        restrict(order, by=None, reason="The perpetrator is an officer of the force")
        due()
        assert letters.bytes_of(Delivery.objects.get(pk=first)) == sent
        by_address = smtp.by_address()
        assert "PERPETRATOR" in words(by_address[Delivery.objects.get(pk=first).address][0])
        assert sum("PERPETRATOR" in got(smtp, address) for address in by_address) == 1
        assert Carried.objects.filter(area=areas.walsall, event__order=order).count() == order.events.count()

    def test_a_person_erased_before_it_is_sent_is_left_out_and_the_rest_is_told(self, areas: Map, smtp: Caught) -> None:
        gone = make_nmo(
            areas.force, make_person("GONE", (areas.palfrey, "2020-01-01", None)), make_person("V"),
            made="2021-03-02T11:00", until="2021-09-01",
        )  # fmt: skip
        other = order_in(areas)
        planned()
        assert gone.reference in words_of(areas.walsall)
        erase(gone.parties.get(role="perpetrator").person, by=None, reason="Retention review")
        due()
        text = got(smtp)
        assert other.reference in text
        assert "GONE" not in text

    def test_a_person_erased_before_it_is_sent_again_is_not_sent_again(self, areas: Map, smtp: Caught) -> None:
        gone = make_nmo(
            areas.force, make_person("GONE", (areas.palfrey, "2020-01-01", None)), make_person("V"),
            made="2021-03-02T11:00", until="2021-09-01",
        )  # fmt: skip
        send_all()
        asked = delivery.resend(Delivery.objects.get(area=areas.walsall), by=None, reason="They lost the first one")
        smtp.messages.clear()
        erase(gone.parties.get(role="perpetrator").person, by=None, reason="Retention review")
        assert delivery.drain().tries == [Status.FAILED]
        asked.refresh_from_db()
        assert (asked.status, asked.answer) == ("failed", delivery.TOO_MUCH)
        assert smtp.messages == []
        with pytest.raises(ValueError, match="erased"):
            delivery.resend(asked, by=None, reason="They lost the first one")


def words_of(area: Area) -> str:
    """The text of an area's latest email as it is written, on one line."""
    from orders.access.sealing import unseal

    run = DigestRun.objects.filter(area=area).latest("day")
    return " ".join(unseal([run.letters.get(mode="full").text])[0].split())


class TestTime:
    def test_the_clock_goes_back_an_hour_after_the_run(self, areas: Map, smtp: Caught) -> None:
        """Nothing is sent twice, nothing recorded meanwhile is lost."""
        day = timezone.localdate()
        six = datetime.combine(day, clock(6), LONDON)
        Sending.objects.create(pk=1, first_day=day - timedelta(days=1), database=hold.identity())
        telling.set_baseline([areas.walsall, areas.coventry], before=six - timedelta(days=1))
        assert {run.day for run in planning.plan(six + timedelta(minutes=10))} == {day}
        back = six - timedelta(minutes=50)
        assert planning.plan(back) == []
        assert (AlarmKind.CLOCK, None) in [(one.kind, one.area) for one in alarms.problems(back)]
        assert planning.plan(six + timedelta(minutes=1)) == []
        assert AlarmKind.CLOCK not in [one.kind for one in alarms.problems(six + timedelta(minutes=20))]

    @pytest.mark.parametrize(
        ("before", "after", "asked_at", "made"),
        [
            (clock(6), clock(14), clock(10), 0),  # today's went already; the next is owed tomorrow at two
            (clock(6), clock(14), clock(15), 0),
            (clock(14), clock(6), clock(10), 1),  # today's had not gone: it is owed at once
            (clock(6), clock(5), clock(10), 0),
        ],
    )
    def test_an_areas_time_changes_after_the_days_run(
        self, areas: Map, smtp: Caught, before: clock, after: clock, asked_at: clock, made: int
    ) -> None:
        Mailbox.objects.filter(area=areas.coventry).delete()
        day = timezone.localdate()
        Sending.objects.create(pk=1, first_day=day - timedelta(days=30), database=hold.identity())
        own = SendingTime.objects.create(area=areas.walsall, at=before)
        for at in (datetime.combine(day - timedelta(days=1), before, LONDON), datetime.combine(day, clock(9), LONDON)):
            planning.plan(at)
        Delivery.objects.update(status="sent", next_attempt_at=None)
        SendingTime.objects.filter(pk=own.pk).update(at=after)
        at = datetime.combine(day, asked_at, LONDON)
        runs = [run for run in planning.plan(at) if run.area_id == areas.walsall.pk]
        assert [run.day for run in runs] == [day] * made
        for number in (1, 2):
            tomorrow = datetime.combine(day + timedelta(days=number), after, LONDON)
            runs = [run for run in planning.plan(tomorrow) if run.area_id == areas.walsall.pk]
            assert [run.day for run in runs] == [day + timedelta(days=number)]

    def test_four_hundred_and_fifty_one_for_eight_days(self, areas: Map, smtp: Caught) -> None:
        """Every day's news goes with the email that at last is taken; each morning was an alarm."""
        recorded = []
        for _ in range(8):
            recorded.append(order_in(areas).reference)
            smtp.cues = ["451 Greylisted"] * 2
            send_all()
            # Half an hour after its time, whatever the time of day is now.
            Sending.objects.update(began_at=now() - timedelta(days=1))
            late = [one.area for one in alarms.problems(now() + timedelta(days=1))]
            assert areas.walsall in late
            age(1)
        smtp.cues = []
        assert again() == [Status.SENT, Status.SENT]
        (email,) = smtp.by_address()[WALSALL]
        text = words(email).split("CHANGED SINCE")[0].split("NEW SINCE")[1]
        assert all(reference in text for reference in recorded)
        assert "because none could be sent before" in words(email)

    def test_an_order_entered_with_a_past_date_is_told_even_if_it_is_over(self, areas: Map, smtp: Caught) -> None:
        send_all()
        running = order_in(areas, made=recent(90))
        over = order_in(areas, made="2022-03-01T10:00", until="2022-09-01")
        found = told(news(areas.walsall))
        assert found["New since the last email"] == [running.reference]
        assert found["Recorded for the first time, but ended before"] == [over.reference]


class TestRecord:
    def test_records_are_merged_and_parted_again(self, areas: Map, smtp: Caught) -> None:
        """Whoever gains an order by it is told, and whoever loses it, both ways."""
        kept = make_person("ONE", (areas.palfrey, "2020-01-01", None))
        other = make_person("ONE", (areas.foleshill, "2020-01-01", None))
        order = make_nmo(areas.force, kept, make_person("V"), made=recent(), until=later(90))
        team = make_user(areas.force, Role.CIVIL_ORDERS_TEAM)
        send_all()
        merged = merge(kept, other, by=team, reason="The same date of birth and PNC number")
        changed = told(news(areas.coventry))
        assert order.reference in changed["Changed since the last email"] + changed["New since the last email"]
        age(1)
        send_all()
        undo_merge(merged, by=team, reason="Two people after all")
        assert told(news(areas.coventry))["Changed since the last email"] == [order.reference]
        age(1)
        send_all()
        assert news(areas.coventry).counts["live"] == 0
        assert [line.reference for line in news(areas.walsall).live.lines] == [order.reference]

    def test_an_order_that_nothing_finds_any_more_is_said_to_be_out(self, areas: Map, smtp: Caught) -> None:
        order = order_in(areas)
        send_all()
        forget(order)
        age(1)
        smtp.messages.clear()
        send_all()
        changed = got(smtp).split("BREACHED SINCE")[0].split("CHANGED SINCE")[1]
        assert order.reference in changed
        assert "taken out of the register" in changed
        assert told(news(areas.walsall))["Changed since the last email"] == []

    def test_two_forces_are_each_told_of_an_order_that_both_have(self, areas: Map, smtp: Caught) -> None:
        Mailbox.objects.create(area=areas.next_lpa, address="north@lpa.demo.invalid")
        order = order_in(areas, make_person("V", (areas.next_neighbourhood, "2020-01-01", None), secret=False))
        send_all()
        assert order.reference in got(smtp)
        assert order.reference in got(smtp, "north@lpa.demo.invalid")
        record_event(order, Event("SERVED", timezone.now()), by=None)
        for area in (areas.walsall, areas.next_lpa):
            assert told(news(area))["Changed since the last email"] == [order.reference]

    def test_an_area_that_is_split_leaves_no_live_order_untold(self, areas: Map, smtp: Caught) -> None:
        order = order_in(areas)
        send_all()
        today = timezone.localdate()
        Area.objects.filter(pk__in=[areas.walsall.pk, areas.palfrey.pk]).update(valid_until=today)
        new = Area.objects.create(
            code="WMP-WAN", name="Walsall North", level=Level.LPA, parent=areas.force, force=areas.force,
            valid_from=today, is_demonstration=True,
        )  # fmt: skip
        ward = Area.objects.create(
            code="WMP-WAN-01", name="North", level=Level.NEIGHBOURHOOD, parent=new, force=areas.force,
            valid_from=today, is_demonstration=True,
        )  # fmt: skip
        (person,) = [party.person for party in order.parties.filter(role="perpetrator")]
        settle_residence(person, from_on=today, neighbourhood=ward, by=None, replacing=person.residences.get())
        assert (AlarmKind.NO_MAILBOX, new) in [(one.kind, one.area) for one in alarms.problems(now())]
        Mailbox.objects.create(area=new, address="north@lpa.demo.invalid")
        assert areas.walsall not in planning.told_areas(today)
        send_all()
        assert order.reference in got(smtp, "north@lpa.demo.invalid")


def forget(order: Order) -> None:
    """Take its parties away, as undoing an import does."""
    from orders.places import projection
    from orders.record.recording import recording

    with recording(by=None, action="undo import", reason="The wrong extract") as opened:
        order.parties.filter(superseded__isnull=True).update(superseded=opened)
        projection.project([order.pk], opened)
