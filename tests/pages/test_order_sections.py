"""The pages of an order: where they are, what each says, who may read who looked, and how it stood and was known then."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import audit
from orders.actions.by_hand import NewOrder, record_event, register, retract_event
from orders.models import AuditEntry, Category, Condition, Order, Party, Person, Role
from orders.models import Event as StoredEvent
from orders.record.recording import recording
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

SECTIONS = ("", "/history", "/breaches", "/reviews")


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    return order_of(areas)


def page(order: Order, section: str = "", **asked: str) -> str:
    return f"/orders/{order.public_id}{section}" + (f"?{urlencode(asked)}" if asked else "")


class TestSections:
    """Each is an address, and each is the order to the same readers."""

    def test_every_page_leads_to_the_others(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        for section in (*SECTIONS, "/who-looked"):
            shown = client.get(page(order, section)).content.decode()
            found = re.findall(rf'href="/orders/{order.public_id}(/[a-z-]+)?"( aria-current="page")?>', shown)
            pages = [*SECTIONS, "/who-looked"]
            assert list(dict.fromkeys(one for one, _ in found if one in pages)) == pages
            assert [one for one, current in found if current] == [section]

    def test_the_summary_has_signals_in_words_places_and_whether_the_records_system_has_it(
        self, areas: Map, order: Order
    ) -> None:
        Person.objects.filter(family_name="RESPONDENT").update(warnings=["WE", "ZZ"])
        client, _ = signed_in(areas)
        shown = text(client.get(page(order)))
        assert "WE weapons" in shown
        assert " ZZ " in shown
        places = shown[shown.index(" Places ") : shown.rindex(" Source ")]
        assert f"{areas.walsall.name} (perpetrator)" in places
        assert f"{areas.coventry.name} (victim)" in places
        assert "Source system: not seen there (entered here by hand)" in shown
        assert f'data-text="{order.reference}"' in client.get(page(order)).content.decode()

    def test_a_clock_says_when_a_court_last_sits_before_it(self, areas: Map) -> None:
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        respondent = make_person("R", (areas.palfrey, "2020-01-01", None))
        served = (Event("SERVED", local("2026-03-10T06:28")),)
        notice = register(
            NewOrder("DVPN", "DVPN/1", areas.force, respondent, (make_person("P"),), served), by=None
        )  # fmt: skip
        before = text(client.get(page(notice, at="2026-03-11T12:00")))
        assert "a court last sits before that until 16:00 on Wednesday 11 March 2026" in before
        after = text(client.get(page(notice, at="2026-03-11T17:00")))
        assert "no court sits before that: the last rose at 16:00 on Wednesday 11 March 2026" in after
        assert "The application must be heard" in after[after.index("Deadlines") :]
        listed = "/search?area=WMP&at=2026-03-11T{}"
        assert "In court by 16:00, 11 March" in text(client.get(listed.format("12:00")))
        assert "No court sits before it" in text(client.get(listed.format("17:00")))

    def test_orders_that_are_not_reviewed_have_no_reviews(self, areas: Map) -> None:
        dvpo = make_nmo(areas.force, make_person("R"), make_person("P"), kind="DVPO", until="2026-03-20")
        client, _ = signed_in(areas)
        assert page(dvpo, "/reviews") not in client.get(page(dvpo)).content.decode()
        assert client.get(page(dvpo, "/reviews")).status_code == 404

    def test_breaches_are_counted_without_those_recorded_in_error(self, areas: Map, order: Order) -> None:
        hour = timedelta(hours=1)
        wrong = record_event(order, Event("BREACHED", timezone.now() - 3 * hour, text="Mistaken identity"), by=None)
        record_event(order, Event("BREACHED", timezone.now() - 2 * hour, text="Came to the door"), by=None)
        record_event(order, Event("ARRESTED", timezone.now() - hour, by="PC 4101"), by=None)
        retract_event(wrong, by=None, reason="It was somebody else")
        client, _ = signed_in(areas)
        shown = text(client.get(page(order, "/breaches")))
        assert "Breaches (1)" in shown
        assert "Came to the door" in shown
        assert "Recorded in error : It was somebody else" in shown
        assert "Arrested for breach" in shown
        assert "1 breach recorded" in text(client.get(page(order)))
        assert "Breached × 2" not in text(client.get("/search?area=WMP"))

    def test_history_holds_everything_and_the_summary_the_latest(self, areas: Map, order: Order) -> None:
        for number in range(4):
            when = timezone.now() - timedelta(hours=9 - number)
            record_event(order, Event("ATTEMPTED", when, text=f"Attempt {number}"), by=None)
        client, _ = signed_in(areas)
        history, summary = text(client.get(page(order, "/history"))), text(client.get(page(order)))
        assert history.index("Attempt 3") < history.index("Attempt 0") < history.index("Made")
        assert "Attempt 1" in summary
        assert "Attempt 0" not in summary

    def test_reviews_say_when_the_next_is_due(self, areas: Map) -> None:
        spo = make_nmo(areas.force, make_person("R"), make_person("P"), kind="SPO", until=None)
        record_event(spo, Event("REVIEWED", local("2026-05-01T10:00"), by="Tactical board", text="No change"), by=None)
        client, _ = signed_in(areas)
        shown = text(client.get(page(spo, "/reviews", at="2026-06-02T12:00")))
        assert "Next review due 1 June 2026. Overdue" in shown
        assert "Tactical board" in shown

    @pytest.mark.parametrize("section", SECTIONS)
    def test_a_restricted_order_asks_for_a_reason_on_every_page(self, areas: Map, order: Order, section: str) -> None:
        Order.objects.filter(pk=order.pk).update(restricted=True, restricted_reason="Sensitive")
        record_event(order, Event("ATTEMPTED", timezone.now() - timedelta(hours=1), text="Told a neighbour"), by=None)
        client, _ = signed_in(areas)
        shown = text(client.get(page(order, section)))
        assert "This order is restricted" in shown
        assert "Told a neighbour" not in shown
        answer = client.post(page(order, section), {"why": "incident", "reason": "A call to this address tonight"})
        assert answer["Location"] == page(order, section)
        assert order.reference in text(client.get(page(order, section)))

    @pytest.mark.parametrize("section", [*SECTIONS, "/who-looked"])
    def test_another_forces_order_has_no_page(self, areas: Map, section: str) -> None:
        home = (areas.next_neighbourhood, "2020-01-01", None)
        hidden = make_nmo(areas.next_force, make_person("R", home), make_person("P", home))
        for role in (Role.VIEWER, Role.CIVIL_ORDERS_TEAM):
            client, user = signed_in(areas, role)
            refused = section == "/who-looked" and role is Role.VIEWER  # whatever the order
            assert client.get(page(hidden, section)).status_code == (403 if refused else 404)
            assert not AuditEntry.objects.filter(user=user).exclude(action="access refused").exists()

    def test_every_look_is_recorded_with_its_page(self, areas: Map, order: Order) -> None:
        client, user = signed_in(areas)
        for section in SECTIONS:
            client.get(page(order, section))
        entries = AuditEntry.objects.filter(user=user).order_by("pk")
        assert [entry.detail["section"] for entry in entries] == ["summary", "history", "breaches", "reviews"]
        assert all(entry.orders == [order.pk] for entry in entries)


class TestWhoLooked:
    """For the civil orders team and auditors of the owning force."""

    def test_it_says_who_when_what_and_why(self, areas: Map, order: Order) -> None:
        viewer, other = signed_in(areas)
        viewer.get(page(order))
        audit.record(
            by=None, category=Category.DISCLOSURE, action="send email", orders=[order.pk], recipients=["a@b.invalid"]
        )
        audit.record(by=other, category=Category.CONSULTATION, action="look elsewhere", orders=[order.pk + 1])
        Order.objects.filter(pk=order.pk).update(restricted=True)
        viewer.post(page(order), {"why": "incident", "reason": "A call to this address tonight"})
        Order.objects.filter(pk=order.pk).update(restricted=False)
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        shown = text(client.get(page(order, "/who-looked")))
        for words in (other.username, "View order: summary", "The register", "Send email, to a@b.invalid",
                      "A call to this address tonight", "View order: looks"):  # fmt: skip
            assert words in shown
        assert "Look elsewhere" not in shown

    def test_an_auditor_reads_the_log_and_nothing_else_of_the_order(self, areas: Map, order: Order) -> None:
        viewer, other = signed_in(areas)
        viewer.get(page(order))
        client, auditor = signed_in(areas, Role.AUDITOR)
        response = client.get(page(order, "/who-looked"))
        assert other.username in text(response)
        assert order.reference in text(response)
        for words in ("RESPONDENT", "PROTECTED", "Live", "Summary"):
            assert words not in text(response)
        assert AuditEntry.objects.get(user=auditor).action == "read who looked"
        theirs = Client()
        theirs.force_login(make_user(areas.next_force, Role.AUDITOR))
        assert theirs.get(page(order, "/who-looked")).status_code == 404

    def test_others_are_told_whom_to_ask(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        assert "Who looked" not in text(client.get(page(order)))
        refused = client.get(page(order, "/who-looked"))
        assert refused.status_code == 403
        assert "do not let you see who looked at an order" in text(refused)
        administrator, _ = signed_in(areas, Role.ADMINISTRATOR)
        assert "ask an administrator" in text(administrator.get(page(order, "/who-looked")))

    def test_the_team_of_a_force_that_does_not_own_it_is_refused(self, areas: Map) -> None:
        here = (areas.palfrey, "2020-01-01", None)
        theirs = make_nmo(areas.next_force, make_person("R", here), make_person("P"))
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        assert client.get(page(theirs)).status_code == 200
        assert client.get(page(theirs, "/who-looked")).status_code == 403

    def test_a_restricted_order_asks_the_team_for_a_reason_first(self, areas: Map, order: Order) -> None:
        Order.objects.filter(pk=order.pk).update(restricted=True)
        client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        assert "This order is restricted" in text(client.get(page(order, "/who-looked")))

    def test_pages_turn_and_queries_do_not_grow(self, areas: Map, order: Order) -> None:
        client, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        taken = []
        for count in (3, 60):
            for _ in range(count):
                audit.record(by=user, category=Category.CONSULTATION, action="search", orders=[order.pk, 1])
            with CaptureQueriesContext(connection) as queries:
                shown = client.get(page(order, "/who-looked"))
            taken.append(len(queries))
        assert taken[0] == taken[1] <= 20
        assert shown.content.decode().count('scope="row"') == 50
        second = client.get(page(order, "/who-looked", page="2"))
        assert 10 < second.content.decode().count('scope="row"') < 50
        for bad in ("0", "x", "-1"):
            assert client.get(page(order, "/who-looked", page=bad)).status_code == 400

    def test_the_log_of_an_order_is_found_by_its_index(self, order: Order) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN SELECT 1 FROM orders_auditentry WHERE orders @> ARRAY[%s]::bigint[]", [order.pk])
            assert "audit_orders" in str(cursor.fetchall())


class TestThen:
    """How it stood, and what was known, at another instant."""

    def known(self, order: Order) -> str:
        at = Order.objects.get(pk=order.pk).first_recording.recorded_at
        assert at is not None
        return at.isoformat()

    def test_what_happened_later_does_not_show(self, areas: Map) -> None:
        order = make_nmo(areas.force, make_person("R"), make_person("P"), until="2027-03-01")
        record_event(order, Event("BREACHED", local("2026-04-10T09:00"), text="Came to the door"), by=None)
        record_event(order, Event("DISCHARGED", local("2026-05-01T12:00")), by=None)
        client, _ = signed_in(areas)
        for at, standing, breaches in (
            ("2026-02-01T12:00", "Was not in force then", 0),
            ("2026-04-01T12:00", "Was in force then until end of 1 March 2027 (334 days left then)", 0),
            ("2026-04-10T09:00", "Was in force then until end of 1 March 2027", 1),
            ("2026-05-01T11:59", "Was in force then until", 1),
            ("2026-05-01T12:00", "Ended: discharged", 1),
        ):
            shown = text(client.get(page(order, at=at)))
            assert standing in shown, at
            assert f"Breaches ({breaches})" in shown, at
            assert ("Came to the door" in text(client.get(page(order, "/history", at=at)))) is bool(breaches), at
            assert "This page is not about now" in shown

    def test_a_discharge_of_a_day_shows_when_the_day_is_over(self, areas: Map) -> None:
        order = make_nmo(areas.force, make_person("R"), make_person("P"))
        record_event(order, Event("DISCHARGED", local("2026-05-01T00:00"), at_is_date=True), by=None)
        client, _ = signed_in(areas)
        assert "Discharged" not in text(client.get(page(order, "/history", at="2026-05-01T23:59")))
        assert "Discharged" in text(client.get(page(order, "/history", at="2026-05-02T00:00")))

    def test_where_people_lived_then(self, areas: Map) -> None:
        person = make_person(
            "MOVER", (areas.palfrey, "2020-01-01", "2024-05-01"), (areas.foleshill, "2024-05-01", None)
        )
        order = make_nmo(areas.force, person, make_person("P"), made="2024-01-01T10:00", until=None)
        client, _ = signed_in(areas)
        for at, here, not_here in (
            ("2024-04-30T23:59", "WMP-WAL-01", "WMP-COV-01"),
            ("2024-05-01T00:00", "WMP-COV-01", "WMP-WAL-01"),
        ):
            shown = text(client.get(page(order, at=at)))
            assert here in shown
            assert not_here not in shown

    def test_conditions_run_then(self, areas: Map, order: Order) -> None:
        with recording(by=None, action="add conditions") as opened:
            for number, until in enumerate((None, "2026-05-01T00:00")):
                Condition.objects.create(
                    order=order, source_ref=f"C{number}", code="C", text=f"Condition {number}",
                    until=until and local(until), until_is_date=True, recording=opened,
                )  # fmt: skip
        client, _ = signed_in(areas)
        assert "Condition 1 (until 1 May 2026) " in text(client.get(page(order, at="2026-05-01T12:00")))
        assert "1 condition not running then" in text(client.get(page(order, at="2026-05-02T12:00")))
        assert "No conditions are recorded" in text(client.get(page(order, known_at=self.known(order))))

    def test_only_what_was_known_then_shows(self, areas: Map, order: Order) -> None:
        known, person = self.known(order), order.parties.get(role="perpetrator").person
        with recording(by=None, action="correct") as opened:
            Person.objects.filter(pk=person.pk).update(family_name="RENAMED", recording=opened)
            Order.objects.filter(pk=order.pk).update(court="Another Court", recording=opened)
            Party.objects.filter(order=order, role="victim").update(superseded=opened)
            Party.objects.create(order=order, person=make_person("INSTEAD"), role="victim", recording=opened)
        record_event(order, Event("SERVED", timezone.now() - timedelta(days=1)), by=None)
        client, _ = signed_in(areas)
        now, then = text(client.get(page(order))), text(client.get(page(order, known_at=known)))
        for words in ("RENAMED", "Another Court", "INSTEAD", "Service: served"):
            assert words in now
            assert words not in then
        for words in ("RESPONDENT", "PROTECTED", "Service: not served"):
            assert words not in now
            assert words in then
        listed = text(client.get(f"/search?{urlencode({'area': 'WMP', 'known_at': known})}"))
        assert "RESPONDENT" in listed
        assert "RENAMED" not in listed
        person_then = text(client.get(f"/people/{person.public_id}", {"known_at": known}))
        assert "RESPONDENT" in person_then

    def test_before_it_was_recorded_there_was_no_order(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        before = (timezone.now() - timedelta(days=1)).isoformat()
        person = order.parties.get(role="victim").person
        for path in (*(page(order, section) for section in SECTIONS), f"/people/{person.public_id}"):
            assert client.get(path, {"known_at": before}).status_code == 404

    def test_a_follower_made_later_does_not_show(self, areas: Map) -> None:
        first = make_nmo(areas.force, make_person("R"), make_person("P"), kind="ISPO")
        follower = make_nmo(areas.force, make_person("R"), make_person("P"), kind="SPO", made="2026-04-01T10:00")
        Order.objects.filter(pk=follower.pk).update(replaces=first)
        client, _ = signed_in(areas)
        assert follower.reference in text(client.get(page(first)))
        assert follower.reference in text(client.get(page(first, at="2026-04-02T12:00")))
        assert follower.reference not in text(client.get(page(first, at="2026-03-20T12:00")))

    def test_every_link_between_pages_keeps_the_instant(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        asked = {"at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "known_at": "2099-12-31T12:00"}
        kept = urlencode(asked).replace("&", "&amp;")
        person = order.parties.get(role="perpetrator").person
        for path in ("/search?area=WMP", page(order), page(order, "/history"), f"/people/{person.public_id}",
                     "/areas/WMP-WAL-01"):  # fmt: skip
            response = client.get(path, asked if "?" not in path else {"area": "WMP", **asked})
            shown = response.content.decode()
            links = re.findall(r'href="(/(?:orders|people|areas)/[^"]+)"', shown)
            assert len(links) > 1, path
            assert [link for link in links if kept not in link and link != path] == []
            assert "This page is not about now" in text(response)

    @pytest.mark.parametrize("asked", ["at=never", "known_at=31/12/2025", "at=2026-03-29T01:30", "bogus=1", "page=1"])
    def test_what_cannot_be_understood_shows_nothing(self, areas: Map, order: Order, asked: str) -> None:
        client, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        person = order.parties.get(role="victim").person
        for path in (*(page(order, section) for section in SECTIONS), f"/people/{person.public_id}"):
            response = client.get(f"{path}?{asked}")
            assert response.status_code == 400
            assert asked.partition("=")[0] in text(response)
            assert "RESPONDENT" not in text(response)
        assert not AuditEntry.objects.filter(user=user).exclude(action="access refused").exists()

    def test_an_instant_with_an_offset_stays_in_the_form(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        for path in (page(order), "/search"):
            shown = client.get(path, {"at": "2026-10-25T01:30+01:00"}).content.decode()
            assert re.search(r'name="at" type="text"[^>]*value="2026-10-25T01:30\+01:00"', shown)
            plain = client.get(path, {"at": "2026-10-25T12:30"}).content.decode()
            assert re.search(r'name="at" type="datetime-local"[^>]*value="2026-10-25T12:30"', plain)


@pytest.mark.parametrize("section", SECTIONS)
def test_queries_do_not_grow_with_what_has_happened(areas: Map, order: Order, section: str) -> None:
    client, _ = signed_in(areas)
    taken = []
    for count in (3, 30):
        while StoredEvent.objects.filter(order=order).count() < count:
            for kind in ("BREACHED", "REVIEWED"):
                record_event(order, Event(kind, timezone.now() - timedelta(minutes=5)), by=None)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(order, section)).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 32
