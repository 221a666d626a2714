"""Exports: exactly what the search shows, marked, harmless to a spreadsheet, and recorded before the first byte."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import allowed, audit
from orders.models import AuditEntry, Order, Person, Role, User
from orders.search import exports
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

SHOWN = [name for name in exports.COLUMNS if name != "matched"]
"""The columns of a search that looks for nobody."""

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def areas() -> Map:
    return make_map()


def many(areas: Map, number: int) -> list[Order]:
    return [
        make_nmo(areas.force, make_person(f"P{n}", (areas.palfrey, "2020-01-01", None)), make_person("V"),
                 until=None if n % 3 else "2026-04-01")
        for n in range(number)
    ]  # fmt: skip


def chosen(client: Client, query: str, **changes: Any) -> dict[str, Any]:
    """What the form of the page posts when it is filled in."""
    page = client.get(f"/exports/new?{query}").content.decode()
    hidden = {
        name: match[1] if (match := re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)) else ""
        for name in ("moment", "shown")
    }
    usual = {"columns": SHOWN, "format": "csv", "purpose": "briefing", "words": "Walsall briefing"}
    return {**hidden, **usual, **changes}


def export(client: Client, query: str, **changes: Any) -> bytes:
    response = client.post(f"/exports/new?{query}", chosen(client, query, **changes))
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined] # a streaming response


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sheets(content: bytes) -> Iterator[list[list[tuple[str, str]]]]:
    """The cells of each sheet, as (type, text)."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet")):
            root = ElementTree.fromstring(book.read(name))
            yield [
                [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{SHEET}c")]
                for row in root.iter(f"{SHEET}row")
            ]


@pytest.mark.parametrize(
    "query",
    ["area=WMP", "area=WMP-WAL&standing=live", "area=WMP&standing=ended&kind=NMO", "area=WMP-COV", "area=WMP&role=victim",
     "area=WMP&at=2026-03-10T12:00", "area=WMP&only=unserved"],
)  # fmt: skip
def test_the_file_has_the_orders_of_the_search_in_its_order(areas: Map, query: str) -> None:
    many(areas, 31)
    order_of(areas)
    client, _ = signed_in(areas)
    shown: list[str] = []
    for number in (1, 2):
        page = client.get(f"/search?{query}&page={number}")
        if page.context["page"].number == number:
            shown += [result.order.reference for result in page.context["results"]]
    assert shown
    assert client.get(f"/exports/new?{query}").context["count"] == len(shown) == page.context["total"]
    first, heading, *rows, last = csv_rows(export(client, query))
    assert [row[0] for row in rows] == shown
    assert f"{len(shown)} found" in first[0]
    assert last[0] == f"OFFICIAL-SENSITIVE. End of the export: {len(shown)} order{'' if len(shown) == 1 else 's'}."
    assert {len(row) for row in (first, heading, *rows, last)} == {len(SHOWN)}


def test_both_ends_are_marked_and_the_first_sheet_says_by_whom_when_and_what(areas: Map) -> None:
    many(areas, 4)
    client, user = signed_in(areas)
    about, orders = sheets(export(client, "area=WMP-WAL&standing=live", format="xlsx"))
    words = [row[0][1] for row in about]
    assert words[0] == words[-1] == "OFFICIAL-SENSITIVE"
    for said in (
        f"Exported by {user}",
        "Area: Demo WMP-WAL",
        "Standing: Live",
        "Purpose: A briefing or tasking",
        "As at ",
    ):
        assert any(line.startswith(said) for line in words), said
    assert orders[0][0][1] == "OFFICIAL-SENSITIVE"
    assert [text for _, text in orders[1]] == [exports.COLUMNS[name].heading for name in SHOWN]
    assert orders[-1][0][1].startswith("OFFICIAL-SENSITIVE. End of the export: ")
    assert len(orders) == 3 + 2  # the marked rows, the headings and the two that are live


@pytest.mark.parametrize("nasty", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "＝1"])
def test_no_cell_is_a_formula(areas: Map, nasty: str) -> None:
    (order,) = many(areas, 1)
    Order.objects.filter(pk=order.pk).update(reference=nasty)
    Person.objects.filter(family_name="P0").update(family_name=nasty, given_names="-x")
    client, _ = signed_in(areas)
    *_, row, _ = csv_rows(export(client, "area=WMP"))
    assert [row[0], row[3], row[4]] == [f"'{nasty}", f"'{nasty}", "'-x"]
    content = export(client, "area=WMP", format="xlsx")
    for sheet in sheets(content):
        assert {kind for cells in sheet for kind, _ in cells} <= {"inlineStr", "s"}
    assert b"<f>" not in b"".join(
        zipfile.ZipFile(io.BytesIO(content)).read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2)
    )


def test_a_cell_is_never_left_out_for_its_length_or_its_letters() -> None:
    assert len(exports.cell("x" * 40_000)) == 32_767
    assert exports.cell("a\x00b\x07c") == "abc"
    assert exports.cell("O'Neill-Żak") == "O'Neill-Żak"


def test_it_is_recorded_before_the_first_byte(areas: Map) -> None:
    orders = many(areas, 3)
    client, user = signed_in(areas)
    query = "area=WMP-WAL&standing=live&standing=ended"
    response = client.post(f"/exports/new?{query}", chosen(client, query, purpose="court", words="Hearing of Tuesday"))
    entry = AuditEntry.objects.get(action="export")  # nothing of the file has been asked for yet
    assert (entry.category, entry.user, entry.orders) == ("disclosure", user, sorted(order.pk for order in orders))
    assert audit.readable([entry])[0].reason == "Court proceedings: Hearing of Tuesday"
    assert entry.detail["query"] == {"area": ["WMP-WAL"], "standing": ["live", "ended"]}
    assert (entry.detail["found"], entry.detail["format"]) == (3, "csv")
    assert "no-store" in response["Cache-Control"]
    assert re.fullmatch(r'attachment; filename="civil-orders-[\d-]+\.csv"', response["Content-Disposition"])
    response.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"purpose": ""}, "Choose what the export is for"), ({"words": ""}, "Say in a few words what the export is for"),
     ({"words": "x"}, "at least 5 characters"), ({"columns": []}, "Choose at least one column"),
     ({"columns": ["victim"]}, "not one of the available choices"), ({"format": "pdf"}, "not one of the available choices")],
)  # fmt: skip
def test_nothing_leaves_without_a_purpose_columns_and_a_format(areas: Map, changes: dict[str, Any], said: str) -> None:
    many(areas, 1)
    client, _ = signed_in(areas)
    response = client.post("/exports/new?area=WMP", chosen(client, "area=WMP", **changes))
    assert response.status_code == 400
    assert said in text(response)
    if changes.get("words") != "":
        assert f'value="{changes.get("words", "Walsall briefing")}"' in response.content.decode()
    assert not AuditEntry.objects.filter(action="export").exists()


@pytest.mark.parametrize("query", ["area=STF", "area=XXX", "bogus=1", "at=yesterday", "standing=alive"])
def test_what_is_not_understood_is_named_and_exports_nothing(areas: Map, query: str) -> None:
    many(areas, 1)
    client, _ = signed_in(areas)
    for response in (
        client.get(f"/exports/new?{query}"),
        client.post(f"/exports/new?{query}", chosen(client, "area=WMP")),
    ):
        assert response.status_code == 400
        assert query.split("=")[0] in text(response)
    assert not AuditEntry.objects.filter(action="export").exists()


def test_more_than_the_role_may_take_is_refused_with_what_to_do(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    many(areas, 4)
    monkeypatch.setitem(allowed.EXPORT_ROWS, Role.VIEWER, 3)
    client, _ = signed_in(areas)
    page = client.get("/exports/new?area=WMP")
    assert "finds more than 3 orders" in text(page)
    assert "narrow the search" in text(page)
    assert "Civil orders team 50,000 orders" in text(page)
    filled = chosen(client, "area=WMP") | {"moment": timezone.now().isoformat(), "shown": "4"}
    assert client.post("/exports/new?area=WMP", filled).status_code == 400
    assert not AuditEntry.objects.filter(action="export").exists()
    assert len(csv_rows(export(client, "area=WMP&standing=live"))) == 3 + 2
    team, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert len(csv_rows(export(team, "area=WMP"))) == 3 + 4


def test_a_register_that_changed_since_the_page_is_told(areas: Map) -> None:
    many(areas, 2)
    client, _ = signed_in(areas)
    filled = chosen(client, "area=WMP")
    many(areas, 1)
    response = client.post("/exports/new?area=WMP", filled)
    assert response.status_code == 409
    assert "now finds 3 orders, not 2" in text(response)
    assert not AuditEntry.objects.filter(action="export").exists()
    again = response.content.decode()
    filled |= {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', again)[1] for name in ("moment", "shown")}  # type: ignore[index]
    content = b"".join(client.post("/exports/new?area=WMP", filled).streaming_content)  # type: ignore[attr-defined]
    assert len(csv_rows(content)) == 3 + 3


def test_a_restricted_order_is_a_reference_a_kind_and_a_standing(areas: Map) -> None:
    order = order_of(areas)
    Order.objects.filter(pk=order.pk).update(restricted=True)
    client, _ = signed_in(areas)
    *_, row, _ = csv_rows(export(client, "area=WMP"))
    assert row[:3] == [order.reference, "NMO", "live"]
    assert set(row[3:]) == {"Restricted"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("secret", [True, None, False])
def test_no_protected_person_and_no_address_is_in_a_file(areas: Map, secret: bool | None, form: str) -> None:
    order_of(areas, secret=secret)
    client, _ = signed_in(areas, secret_places=True)
    content = export(client, "area=WMP", format=form)
    if form == "xlsx":
        content = str(list(sheets(content))).encode()
    assert b"RESPONDENT" in content
    for word in (b"PROTECTED", b"Hidden Street", b"CV9"):
        assert word not in content


def test_somebody_looked_for_is_exported_with_why_and_never_restricted(areas: Map) -> None:
    first, second, hidden = (
        make_nmo(areas.force, make_person(name, (areas.palfrey, "2020-01-01", None)), make_person("V"), until=None)
        for name in ("HUSAIN", "HUSSAIN", "HUSSAIN")
    )
    Order.objects.filter(pk=hidden.pk).update(restricted=True)
    client, _ = signed_in(areas)
    query = client.post("/search", {"q": "hussain", "area": "WMP"})["Location"].partition("?")[2]
    assert "hussain" not in query.lower()
    page = client.get(f"/search?{query}")
    shown = [result.order.reference for result in page.context["results"]]
    assert shown == [second.reference, first.reference]
    assert "Searched for: hussain" in text(client.get(f"/exports/new?{query}"))
    first_row, heading, *rows, _ = csv_rows(export(client, query, columns=["reference", "matched"]))
    assert "Searched for: hussain" in first_row[0]
    assert heading == ["Reference", "Why it was found"]
    assert rows == [
        [second.reference, "family name HUSSAIN (perpetrator) (exact)"],
        [first.reference, "family name HUSAIN (perpetrator) (spelling)"],
    ]
    entry = AuditEntry.objects.get(action="export")
    assert entry.orders == sorted([first.pk, second.pk])
    assert "hussain" not in f"{entry.detail}{entry.reason}".lower()
    other, _ = signed_in(areas)
    refused = other.get(f"/exports/new?{query}")
    assert refused.status_code == 400
    assert "hussain" not in text(refused).lower()


def test_another_force_exports_nothing_of_it(areas: Map) -> None:
    many(areas, 2)
    user = User.objects.create_user("next", roles=[Role.VIEWER.value], force=areas.next_force)
    client = Client()
    client.force_login(user)
    assert client.get("/exports/new").context["count"] == 0
    assert client.get("/exports/new?area=WMP").status_code == 400


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_not_search_may_not_export(areas: Map, role: Role) -> None:
    client, _ = signed_in(areas, role)
    assert client.get("/exports/new?area=WMP").status_code == 403
    assert client.post("/exports/new?area=WMP", {}).status_code == 403


def test_a_chunk_takes_as_many_queries_as_another(areas: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    many(areas, 12)
    client, _ = signed_in(areas)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(csv_rows(export(client, "area=WMP"))) == 3 + 12
        return len(queries)

    export(client, "area=WMP")
    whole = asked()
    monkeypatch.setattr(exports, "CHUNK", 6)
    halves = asked()
    monkeypatch.setattr(exports, "CHUNK", 3)
    quarters = asked()
    assert quarters - halves == 2 * (halves - whole) > 0


def test_the_instant_of_the_page_is_that_of_the_file(areas: Map) -> None:
    make_nmo(areas.force, make_person("P", (areas.palfrey, "2020-01-01", None)), make_person("V"), until=None)
    client, _ = signed_in(areas)
    filled = chosen(client, "area=WMP", columns=["reference"])
    past = timezone.now() - timedelta(hours=2)
    content = b"".join(client.post("/exports/new?area=WMP", filled | {"moment": past.isoformat()}).streaming_content)  # type: ignore[attr-defined]
    assert f"As at {timezone.localtime(past):%-d %B %Y, %H:%M}" in content.decode()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-12-22T00:00+00:00", "2026-12-21, end of the day"), ("2026-06-30T23:00+00:00", "2026-06-30, end of the day"),
        ("2026-07-01T00:00+00:00", "2026-07-01 01:00"),
    ],
)  # fmt: skip
def test_an_end_at_midnight_is_the_day_that_the_order_runs_through(at: str, words: str) -> None:
    assert exports._end(datetime.fromisoformat(at)) == words
