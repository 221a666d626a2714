"""The search page: its filters, what is typed in its box, what it says when it finds nothing, and what it weighs."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.actions.by_hand import record_event
from orders.actions.saving import forget_asked
from orders.models import AskedSearch, AuditEntry, Order, PartyName, Person, Role, User
from orders.search.by_area import Question
from orders.search.by_person import Answer
from orders.statute import Event
from orders.views.turning import Turned
from tests.orders.build import Map, describe, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def order(areas: Map) -> Order:
    return order_of(areas)


def typed(client: Client, words: str, **filters: str) -> str:
    """Type in the box, as the form does; the address that answers."""
    response = client.post("/search", {"q": words, "area": "WMP", **filters})
    assert response.status_code == 302, text(response)
    return str(response["Location"])


def named(areas: Map, family: str, given: str = "") -> Order:
    person = make_person(family, (areas.palfrey, "2020-01-01", None))
    order = make_nmo(areas.force, person, make_person("V"), until=str(timezone.localdate() + timedelta(days=90)))
    describe(person, given_names=given)
    return order


def test_the_team_of_another_time_is_refused_with_what_to_do(areas: Map, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(team="Walsall")
    client, _ = signed_in(areas)
    asked = {"area": "WMP", "team": "Walsall"}
    assert order.reference in text(client.get("/search", asked))
    for then in ("2026-01-01T12:00", str(timezone.now().isoformat())):
        response = client.get("/search", asked | {"known_at": then})
        assert response.status_code == 400
        assert "Take out the team" in text(response)
        assert order.reference not in text(response)


def test_a_match_of_a_victim_says_so_and_not_their_name(areas: Map) -> None:
    victim = make_person("Zając", (areas.foleshill, "2020-01-01", None))
    order = make_nmo(areas.force, make_person("BOUND", (areas.palfrey, "2020-01-01", None)), victim, until=None)
    client, _ = signed_in(areas)
    shown = text(client.get(typed(client, "zajak")))
    assert order.reference in shown
    assert "matched: family name, spelt otherwise (victim)" in shown
    assert "matched: family name BOUND (perpetrator)" in text(client.get(typed(client, "bound")))


def test_a_register_in_which_nobody_can_be_found_yet_says_so(areas: Map) -> None:
    named(areas, "HUSSEIN", "Ali")
    client, _ = signed_in(areas)
    words = "the register is being prepared"
    assert words not in text(client.get(typed(client, "Nobody")))
    PartyName.objects.all().delete()
    assert words in text(client.get(typed(client, "Hussein")))


class TestBox:
    """What is typed about a person stands in no address, no title and no log, and opens for whoever typed it."""

    def test_it_is_kept_under_a_key_and_finds_the_person(self, areas: Map) -> None:
        order = named(areas, "HUSSEIN", "Ali")
        client, user = signed_in(areas)
        address = typed(client, "  Hussain,  ali ", standing="live")
        query = parse_qs(urlsplit(address).query)
        assert query.keys() == {"area", "standing", "s"}
        assert re.fullmatch(r"[\w-]{16}", query["s"][0])
        response = client.get(address)
        shown, content = text(response), response.content.decode()
        assert order.reference in shown
        assert "matched: family name" in shown
        assert "best match first" in shown
        assert 'value="Hussain,  ali"' in content
        assert "hussain" not in content[: content.index("</title>")].lower()
        assert "hussain" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', content)).lower()
        for entry in AuditEntry.objects.filter(user=user):
            assert "hussain" not in str(entry.detail).lower()

    def test_the_place_that_was_said_is_the_area_asked(self, areas: Map) -> None:
        order = named(areas, "HUSSEIN", "Ali")
        client, _ = signed_in(areas)
        said = f"Hussain, or Husain, somewhere in {areas.walsall.name}"
        address = typed(client, said)
        assert parse_qs(urlsplit(address).query)["area"] == [areas.walsall.code]
        shown = text(client.get(address))
        assert "The place you typed was read as the area" in shown
        assert order.reference in shown
        assert f"These are in {areas.walsall.name} alone. The same in all of {areas.force.name}" in shown

    def test_exact_spelling_only_and_back(self, areas: Map) -> None:
        named(areas, "HUSSEIN")
        client, _ = signed_in(areas)
        near = client.get(typed(client, "Hussain"))
        assert "Showing spellings like Hussein" in text(near)
        (link,) = re.findall(r'href="([^"]*exact=Y[^"]*)"', near.content.decode())
        exact = client.get(link.replace("&amp;", "&"))
        assert "0 orders" in text(exact)
        assert "Similar spellings too" in text(exact)

    def test_it_opens_for_its_owner_alone_and_not_for_long(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        address = typed(client, "RESPONDENT")
        other, _ = signed_in(areas)
        for reader in (other, client):
            if reader is client:
                AskedSearch.objects.update(expires_at=timezone.now())
            response = reader.get(address)
            assert response.status_code == 400
            assert "for whoever typed it alone" in text(response)
            assert "RESPONDENT" not in response.content.decode()
        assert forget_asked(timezone.now()) == 1
        assert not AskedSearch.objects.exists()

    def test_a_number_a_postcode_and_a_birth(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        describe(Person.objects.get(family_name="RESPONDENT"), date_of_birth="1986-06-23")
        assert order.reference in text(client.get(typed(client, "june 86")))
        for words in (order.reference.lower(), order.reference.replace("/", " ")):
            assert order.reference in text(client.get(typed(client, words)))
        assert "0 orders" in text(client.get(typed(client, "CV9 9ZZ", role="victim", area="WMP-WAL")))

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("x" * 10_000, "longer than"),
            ("Ali\0", "take it out"),
            ("31/2/1986", ""),
            ("!!!", "take it out"),
        ],
    )
    def test_what_cannot_be_read_is_named_and_kept(self, areas: Map, order: Order, words: str, said: str) -> None:
        client, _ = signed_in(areas)
        response = client.post("/search", {"q": words, "area": "WMP-WAL", "standing": "live"})
        assert response.status_code == 400
        shown, content = text(response), response.content.decode()
        assert "Nothing was searched" in shown
        assert "Person, reference or postcode" in shown
        assert said in shown
        assert 'href="#id_q"' in content
        assert order.reference not in shown
        assert re.search(r'value="live" checked', content), "the filters are kept"
        assert words[:50].replace("\0", "") in content.replace("\0", ""), "what was typed is kept"
        assert not AskedSearch.objects.exists()

    @pytest.mark.parametrize("words", ["%", "_", "'; --", '"', "\u202eila"])
    def test_marks_widen_nothing(self, areas: Map, order: Order, words: str) -> None:
        client, _ = signed_in(areas)
        response = client.post("/search", {"q": words, "area": "WMP"}, follow=True)
        assert order.reference not in text(response)


class TestFilters:
    """Each filter by itself: what it takes, what it refuses."""

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"breached": "ever"}, True),
            ({"breached": "3"}, False),
            ({"breached": "never"}, False),
            ({"breached": "5"}, True),
            ({"team": "North"}, True),
            ({"condition": "B"}, False),
            ({"ending": "200"}, True),
            ({"ending": "5"}, False),
            ({"served": "N"}, True),
            ({"on_pnc": "N", "kind": "NMO", "standing": "live", "role": "perpetrator"}, True),
        ],
    )
    def test_it_narrows_and_is_a_chip(self, areas: Map, order: Order, query: dict[str, str], found: bool) -> None:
        record_event(order, Event("BREACHED", timezone.now() - timedelta(days=4)), by=None)
        Order.objects.update(team="North")
        client, _ = signed_in(areas)
        response = client.get(f"/search?{urlencode({'area': 'WMP-WAL', **query})}")
        assert response.status_code == 200
        assert (order.reference in text(response)) is found
        assert len(re.findall('class="register-chip"', response.content.decode())) == len(query)

    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ({"breached": "sometimes"}, "Breached: Give a number of days"),
            ({"breached": "99999"}, "Breached: Give a number of days"),
            ({"breached": "0"}, "Breached: Give a number of days"),
            ({"breached": "1\u0664"}, "Breached: Give a number of days"),
            ({"condition": "%"}, "Must not, or must"),
            ({"team": "Nobody's"}, "team"),
            ({"ending": "soon"}, "ending"),
            ({"ending": "-1"}, "ending"),
            ({"s": "x" * 16}, "What was typed is kept for 12 hours"),
            ({"s": "x" * 10_000}, "What was typed"),
            ({"saved": "nothing"}, "There is no such saved search"),
            ({"exact": "perhaps"}, "Spelling"),
            ({"page": "99999999999999999999"}, "page"),
            ({"page": "2", "cursor": "abc"}, "cursor"),
            ({"team": "a\0b"}, "team"),
            ({"list": "%"}, "list"),
            ({"at": "31/02/2026"}, "at"),
        ],
    )
    def test_what_cannot_be_understood_finds_nothing(
        self, areas: Map, order: Order, query: dict[str, str], named: str
    ) -> None:
        client, _ = signed_in(areas)
        response = client.get(f"/search?{urlencode(query)}")
        assert response.status_code == 400
        assert named in text(response)
        assert order.reference not in text(response)

    def test_numbers_stand_beside_the_filters(self, areas: Map, order: Order) -> None:
        order_of(areas, until=2)
        client, _ = signed_in(areas)
        shown = text(client.get("/search?area=WMP-WAL&standing=live&served=N"))
        for words in ("Live (2)", "Non-molestation order (NMO) (2)", "Yes (0)", "No (2)", "Ends within 7 days (1)"):
            assert words in shown, words

    def test_a_home_marked_secret_shows_in_no_number(self, areas: Map) -> None:
        order_of(areas, secret=True)
        client, _ = signed_in(areas)
        content = text(client.get("/search?area=WMP-COV-01"))
        assert "There are no orders in" in content
        assert not re.search(r"\([1-9]\d*\)", content)
        holder, _ = signed_in(areas, secret_places=True)
        assert "Live (1)" in text(holder.get("/search?area=WMP-COV-01"))


class TestNothingFound:
    """Three kinds of empty: none at all, filtered to none, and not understood."""

    def test_none_at_all(self, areas: Map) -> None:
        client, _ = signed_in(areas)
        assert "There are no orders in Demo WMP-COV." in text(client.get("/search?area=WMP-COV"))

    def test_filtered_to_none_says_what_would_find_some(self, areas: Map, order: Order) -> None:
        client, _ = signed_in(areas)
        response = client.get("/search?area=WMP-COV-02&standing=live&served=N")
        assert "No orders in Demo WMP-COV-02 match" in text(response)
        assert "In Demo WMP-COV (1)" in text(response)
        response = client.get("/search?area=WMP-WAL&served=Y&standing=live")
        assert "Without “Served: Yes” (1)" in text(response)
        (link,) = re.findall(r'href="([^"]+)">Without “Served: Yes”', response.content.decode())
        assert "1 order " in text(client.get(link.replace("&amp;", "&")))

    def test_typed_and_filtered_to_none(self, areas: Map) -> None:
        named(areas, "NOVAK")
        client, _ = signed_in(areas)
        response = client.get(typed(client, "Novak", kind="SPO"))
        assert "what you typed and the filters" in text(response)
        assert "(1)" in text(response)


def test_title_and_printed_sheet_say_which_page_of_what(areas: Map) -> None:
    for _ in range(26):
        order_of(areas)
    client, _ = signed_in(areas)
    content = client.get("/search?area=WMP&page=2&served=N").content.decode()
    assert "<title>Demo WMP: 26 orders, page 2 of 2" in content
    sheet = re.search(r'<p class="register-print-only[^>]*>(.*?)</p>', content)
    assert sheet
    assert "Search: Demo WMP; Served: No. Page 2 of 2: orders 26 to 26 of 26. The others are on" in sheet[1]


def test_as_many_statements_for_three_orders_as_for_fifty(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.views.turning.PAGE_SIZE", 50)
    client, _ = signed_in(areas)
    client.get("/search")  # reads the areas of the force, which are kept until they change
    numbers = {}
    for count in (3, 50):
        while Order.objects.count() < count:
            order_of(areas)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/search?area=WMP-WAL&standing=live").content.decode().count('scope="row"') == count
        numbers[count] = len(asked)
    assert numbers[3] == numbers[50]


def test_the_first_view_weighs_little(areas: Map) -> None:
    for _ in range(25):
        order_of(areas)
    client, _ = signed_in(areas)
    page = client.get("/search?area=WMP&standing=live").content
    assert page.count(b'scope="row"') == 25
    loaded = re.findall(rb'(?:src|href)="(/static/[^"]+)"', page)
    files = [Path(settings.BASE_DIR) / "ordersite" / name.decode().lstrip("/") for name in loaded]
    weights = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
    weights["page"] = len(gzip.compress(page))
    weights["print marks"] = len(gzip.compress(client.get("/print-marks.css").content))
    assert {"register.css", "htmx.js", "search.js"} <= weights.keys()
    assert sum(weights.values()) <= 60_000, weights


def test_every_sheet_says_who_printed_it_and_nothing_ends_the_text(areas: Map) -> None:
    client, user = signed_in(areas)
    user.full_name = 'O"Neill\\ }; @import "x"'
    user.save()
    sheet = client.get("/print-marks.css")
    assert sheet["Content-Type"] == "text/css"
    assert sheet["Cache-Control"] == "no-store"
    content = sheet.content.decode()
    assert '@import "x"' not in content
    assert content.count('"') == 12
    assert "counter(pages)" in content
    assert content.isprintable() or set(content) - set("\n") <= set(filter(str.isprintable, content))
    assert '"\\a"' in content
    assert "as shown on " in content
    assert "\\00003b  \\000040 import" in content, (
        "a blank after a number in CSS is the number's: the text's own comes besides"
    )


def test_nobody_without_the_role_asks(areas: Map) -> None:
    client, _ = signed_in(areas, Role.AUDITOR)
    assert client.post("/search", {"q": "RESPONDENT"}).status_code == 403
    assert not AskedSearch.objects.exists()


def test_what_was_not_understood_is_named_as_the_page_names_it(areas: Map) -> None:
    client, _ = signed_in(areas)
    shown = text(client.get("/search?at=2026-02-30"))
    assert "As at: “2026-02-30” is not a real date with a time. Write it like 20/11/2026 14:30." in shown
    assert "Standing: Select a valid choice" in text(client.get("/search?standing=alive"))
    assert "Area: can be given only once" in text(client.get("/search?area=WMP&area=WMP-WAL"))
    assert client.get("/search?at=20/11/2025 14:30").status_code == 200
    assert client.get("/search?at=20 November 2025, 14:30").status_code == 200


def test_large_numbers_are_written_with_their_thousands(areas: Map) -> None:
    page = Turned(
        Answer({}, [order_of(areas).pk]), 3000, False, False, 41, 120, 1001, "", "page=1042", [(1042, "page=1042")]
    )
    question = Question(areas.force, at=timezone.now())
    context = {"total": 3000, "page": page, "question": question, "here": "/search", "user": User(force=areas.force)}
    assert "Showing 1,001 to 1,001 of 3,000" in render_to_string("orders/search_results.html", context)
    assert ">1,042<" in render_to_string("orders/search_pages.html", context)
