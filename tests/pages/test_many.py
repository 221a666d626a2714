"""Areas with more ended orders than are counted, and forces with more areas than a template lists quickly."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from orders.actions import saving
from orders.models import Area, Order, Place, User
from orders.templatetags.search_words import area_options
from orders.views import turning
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def client(areas: Map) -> Client:
    client = Client()
    client.force_login(make_user(areas.force))
    return client


def ended(areas: Map, number: int) -> None:
    for day in range(1, number + 1):
        make_nmo(
            areas.force,
            make_person("RESPONDENT", (areas.palfrey, "2020-01-01", None)),
            make_person("PROTECTED", (areas.pleck, "2020-01-01", None)),
            made="2025-01-02T10:00",
            until=f"2025-02-{day:02}",
        )


def words(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


def test_more_ended_orders_than_are_counted_are_said_to_be_more(
    areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(areas, 3)
    assert "0 pending , 3 ended" in words(client.get("/search?area=WMP-WAL"))
    monkeypatch.setattr(turning, "ENDED_AT_MOST", 3)
    assert "0 pending , 3 ended" in words(client.get("/search?area=WMP-WAL&served=N"))
    monkeypatch.setattr(turning, "ENDED_AT_MOST", 2)
    monkeypatch.setattr(turning, "PAGE_SIZE", 2)
    assert "0 pending , 3 ended" in words(client.get("/search?area=WMP-WAL&kind=NMO")), "by kind they are all counted"
    for address in ("/search?area=WMP-WAL&served=N", "/search?area=WMP-WAL&at=2026-01-01T12:00"):
        shown = words(client.get(address))
        assert "0 pending , more than 2 ended" in shown, address
        assert "More than 2 orders" in shown
    assert "more than" not in words(client.get("/search?area=WMP-WAL&standing=live")).replace("more than 2 ended", "")


def read(client: Client, address: str) -> list[tuple[list[str], str]]:
    """The references on each page from an address on, as `Next` leads, and the words of the page."""
    found = []
    while address:
        response = client.get(address)
        assert response.status_code == 200, words(response)
        content = response.content.decode()
        found.append((re.findall(r">(NMO/2026/\d+)<", content), words(response)))
        onward = re.search(r'href="([^"]+)" rel="next"', content)
        address = onward[1].replace("&amp;", "&") if onward else ""
    return found


@pytest.mark.parametrize(
    ("query", "most", "numbered"),
    [
        ("area=WMP-WAL&served=N", 3, 1_000), ("area=WMP-WAL", 3, 2), ("area=WMP-WAL&standing=ended", 1_000, 1),
        ("area=WMP-WAL&at=2026-04-01T12:00", 3, 1_000), ("area=WMP-WAL&at=2026-04-01T12:00&role=either", 1_000, 1),
        ("area=WMP-WAL&known_at=2099-01-01T12:00", 1_000, 1), ("area=WMP-WAL", 1_000, 1_000),
    ],
)  # fmt: skip
def test_next_leads_to_every_order_once(
    areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch, query: str, most: int, numbered: int
) -> None:
    """Where orders are not all counted, where pages are not all numbered, and at other times."""
    ended(areas, 7)
    for day in (5, 9, 9, 9):
        make_nmo(
            areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"),
            until=None if day == 9 else f"2099-02-{day:02}",
        )  # fmt: skip
    whole = read(client, f"/search?{query}")
    assert len(whole) == 1
    monkeypatch.setattr(turning, "PAGE_SIZE", 2)
    monkeypatch.setattr(turning, "ENDED_AT_MOST", most)
    monkeypatch.setattr(turning, "LAST_NUMBERED", numbered)
    pages = read(client, f"/search?{query}")
    assert [order for orders, _ in pages for order in orders] == whole[0][0]
    assert len(whole[0][0]) == (7 if "standing" in query else 11)
    for number, (orders, shown) in enumerate(pages):
        assert f"Showing {number * 2 + 1} to {number * 2 + len(orders)} of" in shown
        assert number == 0 or f"page {number + 1} of" in shown
    assert f"of {len(whole[0][0])}, live first" in pages[-1][1], "on the last one all are counted"
    assert f"page {len(pages)} of {len(pages)}" in pages[-1][1]


def test_a_page_that_goes_on_belongs_to_its_search_and_reader(
    areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(areas, 5)
    monkeypatch.setattr(turning, "PAGE_SIZE", 1)
    monkeypatch.setattr(turning, "LAST_NUMBERED", 2)
    content = client.get("/search?area=WMP-WAL&page=9").content.decode()
    assert "Showing 2 to 2 of 5" in content
    (address,) = re.findall(r'href="([^"]+)" rel="next"', content)
    third = address.replace("&amp;", "&")
    shown = client.get(third).content.decode()
    assert re.findall(r'aria-label="Page (\d+)"', shown) == ["1", "2", "3"]
    assert re.findall(r'href="([^"]+)" rel="prev"', shown) == ["/search?area=WMP-WAL&amp;page=2"]
    assert "after=" not in re.sub(r'<nav class="govuk-pagination".*?</nav>', "", shown, flags=re.DOTALL), (
        "filters, exports and saved searches begin at the beginning"
    )
    key = third.partition("after=")[2]
    kept = saving.ask("RESPONDENT", by=User.objects.get()).key
    for spoilt in (
        third.replace("WMP-WAL", "WMP"), f"{third}&kind=NMO", f"{third}&at=2026-01-01T12:00", f"{third}x", f"{third}&page=3",
        third.replace(key, key[1:]), third.replace(key, ""), third.replace(key, "%00"), third.replace(key, "9" * 9_000),
        f"{third}&s={kept}", f"{third}&after={key}",
    ):  # fmt: skip
        response = client.get(spoilt)
        assert response.status_code == 400, spoilt
        assert re.search("After: |after: can be given only once|Page: give", words(response)), spoilt
        assert "NMO/2026" not in response.content.decode()
    another = Client()
    another.force_login(make_user(areas.force))
    assert "After: belongs to another search or to somebody else" in words(another.get(third))
    Order.objects.update(same_as=Order.objects.earliest("pk"))
    Place.objects.all().delete()
    assert "There are no orders in" in words(client.get(third)), "what follows has gone since"


def test_of_a_person_every_page_is_numbered(areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(areas, 5)
    monkeypatch.setattr(turning, "PAGE_SIZE", 1)
    monkeypatch.setattr(turning, "LAST_NUMBERED", 2)
    address = client.post("/search", {"q": "RESPONDENT", "area": "WMP"})["Location"]
    pages = read(client, address)
    assert len({orders[0] for orders, _ in pages}) == len(pages) == 5
    assert "Showing 5 to 5 of 5" in words(client.get(f"{address}&page=77"))


def test_the_list_of_areas_is_escaped_and_marks_the_one_chosen(areas: Map, client: Client) -> None:
    Area.objects.filter(pk=areas.palfrey.pk).update(name="<b>Palfrey</b>")
    content = client.get("/search?area=WMP-WAL-01").content.decode()
    assert "<b>Palfrey" not in content
    assert '<option value="WMP-WAL-01" selected>&lt;b&gt;Palfrey&lt;/b&gt;, Demo WMP-WAL</option>' in content
    assert content.count(" selected>&lt;b&gt;") == 1
    assert area_options((("A & B", (("X", "Y"),)),), None) == (
        '<optgroup label="A &amp; B"><option value="X">Y</option></optgroup>'
    )
