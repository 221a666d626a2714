"""Finding a person: by every name, ranked, never by two people together, and never more than the reader may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import grants
from orders.actions.by_hand import record_event, settle_residence
from orders.actions.people import move
from orders.models import Area, GrantKind, NameToken, Order, PartyName, PartyNamePast, Person, StaleOrder, User
from orders.record import standing_check
from orders.record.storing import NewHome
from orders.search import by_person
from orders.search.by_area import Question, counts, rows
from orders.search.by_person import Answer, PersonAsked, find, understand
from orders.statute import Event
from tests.orders.build import Map, describe, local, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def viewer(areas: Map) -> User:
    return make_user(areas.force)


class Register:
    """Makes orders about people with names, and asks for them."""

    def __init__(self, areas: Map, user: User) -> None:
        self.areas, self.user = areas, user
        self.victim = make_person("Zzvictim", (areas.foleshill, "2020-01-01", None))

    def order(self, family: str, given: str = "", victim: Person | None = None, **about: Any) -> Order:
        person = make_person("-", (self.areas.palfrey, "2020-01-01", None))
        Person.objects.filter(pk=person.pk).update(family_name=family, given_names=given, **about)
        return make_nmo(self.areas.force, Person.objects.get(pk=person.pk), victim or self.victim, until=None)

    def ask(self, typed: str, area: Area | None = None, user: User | None = None, **more: Any) -> Answer:
        read = understand(typed, date(2026, 11, 24))
        assert read.problems == ()
        question = Question(area or self.areas.force, timezone.now(), person=read.person, **more)
        return find(question, user or self.user, offset=0, limit=25)


@pytest.fixture
def register(areas: Map, viewer: User) -> Register:
    return Register(areas, viewer)


@pytest.mark.parametrize(
    ("family", "given", "typed"),
    [
        ("Hussain", "Adam", "adam husain"), ("HUSSAIN", "Mohammed Ali", "Hussein, Muhammad"), ("Choudhury", "Ayesha", "chowdry aisha"),
        ("Rahman", "Abdul", "abdul rehman"), ("Rahman", "Abdul", "abdulrahman"), ("Singh", "Sukhdev", "sukdev singh"),
        ("Wiśniewski", "Łukasz", "wisniewski lukasz"), ("Zieliński", "Krzysztof", "kristof zelinski"), ("Kowalska", "Katarzyna", "kasia kovalska"),
        ("Okafor", "Chukwuemeka", "emeka okaphor"), ("Adeyemi", "Babatunde", "tunde adeyemo"), ("Ọlátúnjí", "Ngozi", "olatunji ngosi"),
        ("O'Neill", "Siobhán", "shivaun o neil"), ("Ó Briain", "Pádraig", "Patrick O'Brien"), ("Ní Bhriain", "Niamh", "neve nibhriain"),
        ("MacDonald", "Seán", "shaun mcdonald"), ("Llewellyn", "Rhys", "reese llewelyn"), ("ap Gruffydd", "Dafydd", "dai griffith"),
        ("Smith-Jones", "Robert", "bob smith jones"), ("Smith-Jones", "Robert", "smithjones"), ("De Silva", "Ann-Marie", "annmarie desilva"),
        ("Desilva", "Ann", "de silva"), ("al-Hassan", "Omar", "umar hassan"), ("Hamilton", "Grace", "hamliton g"), ("Hamilton", "Grace", "hami"),
    ],
)  # fmt: skip
def test_it_is_found_as_misheard(register: Register, family: str, given: str, typed: str) -> None:
    order = register.order(family, given)
    register.order("Quite", "Another")
    found = register.ask(typed)
    assert found.order_ids == [order.pk]
    assert found.counts == {"live": 1, "unconfirmed": 0, "pending": 0, "ended": 0}


def test_exact_then_alias_then_near_and_live_first_within_each(register: Register) -> None:
    def over(order: Order) -> Order:
        record_event(order, Event("DISCHARGED", local("2026-05-01T10:00")), by=None)
        return order

    perhaps = register.order("Hussainy", "Adame")
    near_over = over(register.order("Husain", "Adam"))
    near = register.order("Husein", "Adam")
    alias_over = over(register.order("Khan", "Ali", aliases=[["Hussain", "Adam"]]))
    alias = register.order("Malik", "", aliases=[["Hussain", "Adam"]])
    exact_over = over(register.order("Hussain", "Adam"))
    exact = register.order("HUSSAIN", "Adam")
    found = register.ask("adam hussain")
    wanted = [exact, exact_over, alias, alias_over, near, near_over, perhaps]
    assert found.order_ids == [order.pk for order in wanted]
    assert found.counts == {"live": 4, "unconfirmed": 0, "pending": 0, "ended": 3}
    said = [found.matched[order.pk] for order in wanted]
    assert [(match.on, match.value, match.how) for match in said] == [
        ("family name", "HUSSAIN", "exact"), ("family name", "Hussain", "exact"), ("alias", "Hussain, Adam", "exact"),
        ("alias", "Hussain, Adam", "exact"), ("family name", "Husein", "spelling"), ("family name", "Husain", "spelling"),
        ("family name", "Hussainy", "spelling"),
    ]  # fmt: skip
    assert str(said[2]) == "alias Hussain, Adam (perpetrator)"
    assert {"Husain", "Husein"} <= set(found.spellings)
    assert "Hussain" not in found.spellings
    exactly = register.ask("adam hussain", exact=True)
    assert exactly.order_ids == [exact.pk, exact_over.pk, alias.pk, alias_over.pk]
    assert exactly.spellings == ()
    ended = register.ask("adam hussain", standings=("ended",))
    assert ended.order_ids == [exact_over.pk, alias_over.pk, near_over.pk]
    assert (ended.total(), ended.total(("ended",))) == (7, 3)


def test_pages_follow_one_another_and_counts_stand_beyond_the_last(register: Register) -> None:
    made = {register.order("Khan", f"Name{number}").pk for number in range(7)}
    question = Question(register.areas.force, timezone.now(), person=understand("khan", date(2026, 11, 24)).person)
    pages = [find(question, register.user, offset=offset, limit=3) for offset in (0, 3, 6, 9)]
    assert [len(page.order_ids) for page in pages] == [3, 3, 1, 0]
    assert {pk for page in pages for pk in page.order_ids} == made
    assert {page.counts["live"] for page in pages} == {7}


def test_words_of_two_people_on_one_order_do_not_combine(register: Register) -> None:
    other = make_person("Nowak", (register.areas.foleshill, "2020-01-01", None))
    Person.objects.filter(pk=other.pk).update(given_names="Zofia", date_of_birth="1990-01-01")
    register.order("Khan", "Ali", victim=Person.objects.get(pk=other.pk), date_of_birth=date(1986, 6, 23))
    assert register.ask("ali khan").counts["live"] == 1
    assert register.ask("zofia nowak").counts["live"] == 1, "protected people are found too"
    assert register.ask("ali nowak").counts["live"] == 0
    assert register.ask("zofia khan 1986").counts["live"] == 0
    assert register.ask("nowak 23/6/1986").counts["live"] == 0


def test_a_date_of_birth_as_it_is_known(register: Register) -> None:
    order = register.order("Hussain", "Adam", date_of_birth=date(1986, 6, 5))
    register.order("Hussain", "Adam", date_of_birth=date(1975, 1, 1))
    for typed in (
        "hussain 5/6/1986",
        "husain june 86",
        "hussain 1986",
        "5 June 1986",
        "born 1986",
        "adam aged about 40",
    ):
        assert register.ask(typed).order_ids == [order.pk], typed
    for near in ("hussain 6/5/1986", "hussain 5/6/1985", "hussain 19/6/1986", "hussain 1987"):
        found = register.ask(near)
        assert found.order_ids == [order.pk], near
        assert (found.matched[order.pk].on, found.matched[order.pk].how) == ("date of birth", "near")
        assert register.ask(near, exact=True).order_ids == []
    assert register.ask("xyxyxy adam 5/6/1986").order_ids == [order.pk], "born on the day, one name is enough"
    assert register.ask("xyxyxy qqqqq 5/6/1986").order_ids == []
    assert register.ask("hussain 1990").order_ids == []


def test_numbers(register: Register) -> None:
    order = register.order("Hussain", "Adam", pnc_id="2003/0062845E")
    Order.objects.filter(pk=order.pk).update(case_ref="24-12345")
    other = register.order("Other")
    for typed in (
        "03/62845e",
        "24-12345",
        "24 12345".replace(" ", "/"),
        order.reference.lower(),
        order.reference.replace("/", " "),
    ):
        assert register.ask(typed).order_ids == [order.pk], typed
    assert register.ask("03/62845e").matched[order.pk].on == "PNC ID"
    assert register.ask(order.reference).matched[order.pk].on == "number"
    assert register.ask(f"other {order.reference}").order_ids == []
    assert register.ask(f"other {other.reference}").order_ids == [other.pk]
    assert register.ask("99-99999").order_ids == []


@pytest.mark.parametrize("typed", ["WS1 1AA", "ws1", "Zzvictim WS1 1AA"])
@pytest.mark.parametrize(
    ("secret", "may", "found"), [(True, False, 0), (None, False, 0), (False, False, 1), (True, True, 1)]
)
def test_a_postcode_never_finds_a_victims_secret_address(
    register: Register, typed: str, secret: bool | None, may: bool, found: int
) -> None:
    settle_residence(
        register.victim, from_on=date(2024, 1, 1), postcode="WS1 1AA", neighbourhood=register.areas.pleck, secret=secret, by=None
    )  # fmt: skip
    register.order("Hussain")
    reader = make_user(register.areas.force, secret_places=may)
    assert register.ask(typed, user=reader).counts["live"] == found


def test_a_restricted_order_is_not_confirmed_by_what_describes_a_person(register: Register) -> None:
    order = register.order("Hussain", "Adam", pnc_id="2003/0062845E", date_of_birth=date(1986, 6, 5))
    Order.objects.filter(pk=order.pk).update(restricted=True)
    for typed in ("hussain", "hussain 1986", "2003/0062845E", "5/6/1986", f"hussain {order.reference}"):
        assert register.ask(typed).total() == 0, typed
    assert register.ask(order.reference).order_ids == [order.pk], "its existence is no secret"
    assert register.ask("husain").spellings == ()
    grants.give(GrantKind.RESTRICTED, order, by=register.user, why=grants.Why.COURT)
    for typed in ("hussain", "2003/0062845E", "5/6/1986"):
        assert register.ask(typed).order_ids == [order.pk], "opened with a reason"
        assert register.ask(typed, user=make_user(register.areas.force)).total() == 0, "which is the reader's own"


@pytest.mark.parametrize(("typed", "many"), [("husain", 0), ("born 23/6/1986", 0), ("born 23/6/1986", 1_000)])
def test_of_many_who_fit_those_who_live_there_are_found_as_of_few(
    register: Register, typed: str, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_person, "_MANY", dict.fromkeys(by_person._MANY, many))
    there = [register.order("Hussain", name, date_of_birth="1986-06-23").pk for name in ("Adam", "Ali")]
    areas = register.areas
    elsewhere = make_person("Hussain", (areas.radford, "2020-01-01", None))
    Person.objects.filter(pk=elsewhere.pk).update(date_of_birth="1986-06-23")
    make_nmo(areas.force, elsewhere, make_person("V"), until=None)
    for area in (areas.palfrey, areas.walsall):
        found = register.ask(typed, area=area)
        assert (sorted(found.order_ids), found.counts["live"]) == (there, 2)
    assert register.ask(typed).counts["live"] == 3
    assert register.ask(typed, area=areas.pleck).total() == 0


def test_who_lives_in_a_neighbourhood_that_has_come_under_another_area_is_found_before_that_was_worked_out(
    register: Register,
) -> None:
    order, areas = register.order("Hussain", "Adam"), register.areas
    StaleOrder.objects.create(order_id=order.pk)
    Area.objects.filter(pk=areas.palfrey.pk).update(parent=areas.coventry)
    areas.palfrey.refresh_from_db()
    assert register.ask("husain", area=areas.palfrey).order_ids == [order.pk]


def test_somebody_who_moves_is_found_where_they_live_now_and_before_where_they_lived_then(register: Register) -> None:
    areas = register.areas
    order = register.order("Hussain", "Adam")
    person = order.parties.get(role="perpetrator").person
    told = timezone.now()
    move(person, NewHome(date(2026, 11, 20), neighbourhood=areas.radford), by=None)

    def found(area: Area, **more: Any) -> list[int]:
        return register.ask("adam husain", area=area, **more).order_ids

    assert found(areas.coventry) == found(areas.radford) == [order.pk]
    assert found(areas.walsall) == found(areas.palfrey) == []
    then = Question(areas.walsall, local("2026-11-01T12:00"), person=PersonAsked(name="Adam Husain"))
    assert find(then, register.user, offset=0, limit=5).order_ids == [order.pk], "as at"
    assert find(replace(then, area=areas.radford), register.user, offset=0, limit=5).order_ids == []
    assert found(areas.walsall, known_at=told) == found(areas.palfrey, known_at=told) == [order.pk]
    assert found(areas.radford, known_at=told) == []
    assert found(areas.coventry, known_at=told) == [order.pk], "where the victim lives"


def test_the_nightly_check_notices_a_name_that_is_not_found_in_its_area(register: Register) -> None:
    order = register.order("Hussain", "Adam")
    party = PartyName.objects.get(order=order, role="perpetrator")
    of_areas = [key for key in party.keys if key >> 34 in (register.areas.walsall.pk, register.areas.coventry.pk)]
    assert len(of_areas) == 2 * len(party.tokens)
    party.keys.remove(of_areas[0])
    party.save()
    assert [found.order_id for found in standing_check.differences()] == [order.pk]
    assert standing_check.rebuild(lambda done: None) == 1
    assert list(standing_check.differences()) == []


def test_a_match_says_of_whom_and_of_a_victim_no_more_than_was_typed(register: Register) -> None:
    victim = make_person("Zając", (register.areas.foleshill, "2020-01-01", None))
    order = register.order("Hussain", "Adam", victim=victim)
    near, exact, own = (register.ask(typed).matched[order.pk] for typed in ("zajak", "zajac", "husain"))
    assert (near.role, str(near), near.told) == ("victim", "family name, spelt otherwise (victim)", "")
    assert (exact.role, str(exact), exact.told) == ("victim", "family name (victim)", "Zając")
    assert (own.role, str(own), own.told) == ("perpetrator", "family name Hussain (perpetrator)", "Hussain")


def test_nobody_finds_what_they_may_not_see(register: Register) -> None:
    register.order("Hussain", "Adam")
    for user in (make_user(register.areas.next_force), make_user(None)):
        for area in (register.areas.force, register.areas.next_force):
            found = register.ask("husain", area=area, user=user)
            assert (found.total(), found.order_ids, found.spellings) == (0, [], ())


def test_an_area_and_the_facets_of_search_hold_for_a_person_too(register: Register) -> None:
    order = register.order("Hussain", "Adam")
    register.order("Malik")
    assert register.ask("hussain", area=register.areas.palfrey).order_ids == [order.pk]
    assert register.ask("hussain", area=register.areas.radford).order_ids == []
    assert register.ask("hussain", kinds=("DVPO",)).order_ids == []
    person = understand("husain", date(2026, 11, 24)).person
    question = Question(register.areas.force, timezone.now(), person=person)
    assert counts(question, register.user)["live"] == 1
    assert list(rows(question, register.user).values_list("order_id", flat=True)) == [order.pk]


def test_a_name_is_found_as_it_was_known_and_as_it_is_now(register: Register) -> None:
    order = register.order("Hussain", "Adam")
    person = order.parties.get(role="perpetrator").person
    before = timezone.now()
    describe(person, family_name="Nowak")
    assert register.ask("hussain").order_ids == []
    assert register.ask("nowak").order_ids == [order.pk]
    then = register.ask("husain", known_at=before)
    assert then.order_ids == [order.pk]
    assert then.matched[order.pk].value == "Hussain"
    assert register.ask("nowak", known_at=before).order_ids == []
    assert PartyNamePast.objects.count() == 1


def test_the_nightly_check_notices_a_wrong_name_and_a_wrong_token(register: Register) -> None:
    order = register.order("Hussain", "Adam")
    assert list(standing_check.differences()) == []
    PartyName.objects.filter(order=order, role="perpetrator").update(pnc_id="2003/0062845E")
    assert [found.order_id for found in standing_check.differences()] == [order.pk]
    assert standing_check.rebuild(lambda done: None) == 1
    assert list(standing_check.differences()) == []
    NameToken.objects.filter(token="hussain").update(keys=[1])
    assert [found.order_id for found in standing_check.differences()] == [order.pk]
    standing_check.rebuild(lambda done: None)
    assert list(standing_check.differences()) == []


def test_three_results_take_as_many_statements_as_fifty(register: Register) -> None:
    for number in range(50):
        register.order("Khan" if number < 3 else "Nowak", f"Ali{number}")
    taken = []
    for typed in ("kahn", "novak"):
        with CaptureQueriesContext(connection) as asked:
            register.ask(typed)
        taken.append(len(asked))
    assert taken[0] == taken[1] <= 3


def test_whoever_was_just_recorded_waits_in_no_list_that_each_search_would_read(register: Register) -> None:
    register.order("Hussain", "Adam")
    with connection.cursor() as cursor:
        for name in ("party_name_keys", "party_name_past_keys", "name_token_near"):
            cursor.execute("SELECT 'fastupdate=off' = ANY(reloptions) FROM pg_class WHERE relname = %s", [name])
            assert cursor.fetchone() == (True,), name
