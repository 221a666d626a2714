"""Areas with more ended orders than are counted, and forces with more areas than a template lists quickly."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from orders.models import Area
from orders.templatetags.search_words import area_options
from orders.views import search as view
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
    monkeypatch.setattr(view, "ENDED_AT_MOST", 3)
    assert "0 pending , 3 ended" in words(client.get("/search?area=WMP-WAL&served=N"))
    monkeypatch.setattr(view, "ENDED_AT_MOST", 2)
    assert "0 pending , 3 ended" in words(client.get("/search?area=WMP-WAL&kind=NMO")), "by kind they are all counted"
    for address in ("/search?area=WMP-WAL&served=N", "/search?area=WMP-WAL&at=2026-01-01T12:00"):
        shown = words(client.get(address))
        assert "0 pending , more than 2 ended" in shown, address
        assert "More than 2 orders" in shown
    assert "more than" not in words(client.get("/search?area=WMP-WAL&standing=live")).replace("more than 2 ended", "")


def test_pages_turn_as_far_as_orders_are_counted(areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(areas, 5)
    monkeypatch.setattr(view, "PAGE_SIZE", 2)
    monkeypatch.setattr(view, "ENDED_AT_MOST", 3)
    seen = [
        re.findall(r"NMO/2026/\d+", client.get(f"/search?area=WMP-WAL&served=N&page={number}").content.decode())
        for number in (1, 2, 3)
    ]
    assert [len(set(page)) for page in seen] == [2, 2, 2]
    assert seen[1] == seen[2], "there is no page beyond"
    last = words(client.get("/search?area=WMP-WAL&served=N&page=2"))
    assert "Of the ended orders the latest 3 are listed, and there are more. To reach them" in last
    assert not set(seen[0]) & set(seen[1])


def test_no_page_beyond_the_last_is_read(areas: Map, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(areas, 5)
    monkeypatch.setattr(view, "PAGE_SIZE", 1)
    monkeypatch.setattr(view, "LAST_PAGE", 2)
    assert "5 orders" in words(client.get("/search?area=WMP-WAL"))
    assert "not shown" not in words(client.get("/search?area=WMP-WAL"))
    for number in (2, 4):
        last = words(client.get(f"/search?area=WMP-WAL&page={number}"))
        assert "Showing 2 to 2" in last
        assert "Pages end here, and 3 orders are not shown. To reach them, search in a smaller area" in last


def test_the_list_of_areas_is_escaped_and_marks_the_one_chosen(areas: Map, client: Client) -> None:
    Area.objects.filter(pk=areas.palfrey.pk).update(name="<b>Palfrey</b>")
    content = client.get("/search?area=WMP-WAL-01").content.decode()
    assert "<b>Palfrey" not in content
    assert '<option value="WMP-WAL-01" selected>&lt;b&gt;Palfrey&lt;/b&gt;, Demo WMP-WAL</option>' in content
    assert content.count(" selected>&lt;b&gt;") == 1
    assert area_options((("A & B", (("X", "Y"),)),), None) == (
        '<optgroup label="A &amp; B"><option value="X">Y</option></optgroup>'
    )
