"""The pages of figures: what they show, to whom, and what they refuse."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.utils import timezone

from orders.insight import charts
from orders.insight.charts import Series
from orders.models import ArrestCount, AuditEntry, Role
from orders.statute import local_day
from tests.orders.build import Map, make_map
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def test_a_chart_has_the_numbers_of_its_table_and_can_be_taken_away(areas: Map) -> None:
    order_of(areas)
    client, user = signed_in(areas)
    page = client.get("/insight")
    assert page.status_code == 200
    row = re.search(r"live.*?</table>", page.content.decode().split('id="figure-live"')[1], re.DOTALL)
    assert row is not None
    this_month = f"{local_day(timezone.now()):%B %Y}"
    assert f"{this_month} 0 0 1" in text(page)
    assert re.search(rf"<title>{local_day(timezone.now()):%b %y}, NMOs: 1</title>", page.content.decode())
    taken = client.get("/insight/live.csv?area=WMP-WAL")
    lines = list(csv.reader(io.StringIO(taken.content.decode())))
    assert lines[0][:2] == ["SPOs, interim SPOs and NMOs live", "Demo WMP-WAL"]
    assert lines[2] == ["Month", "SPOs", "Interim SPOs", "NMOs"]
    assert lines[-1] == [this_month, "0", "0", "1"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user, entry.detail["area"]) == ("take figures away", user, "WMP-WAL")
    assert client.get("/insight/nothing.csv").status_code == 404


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("area=STF", "There is no such area in your force"),
        ("area=WMP-WAL-01", "There is no such area in your force"),
        ("first=2026-13", "for example 2026-03"),
        ("first=junk", "for example 2026-03"),
        ("first=2199-01", "This month has not begun"),
        ("first=9999-01", "Give a month of the years"),
        ("first=2026-05&last=2026-04", "before the first"),
        ("first=1999-01", "over 120 months"),
        ("month=2026-05", "there is no such parameter"),
    ],
)
def test_what_cannot_be_understood_is_named_and_kept_and_nothing_is_shown(areas: Map, query: str, words: str) -> None:
    client, _ = signed_in(areas)
    for path in ("/insight", "/insight/live.csv"):
        page = client.get(f"{path}?{query}")
        assert page.status_code == 400
        assert words in text(page)
        assert "figure-live" not in page.content.decode()
    value = query.partition("=")[2].partition("&")[0]
    assert query.startswith(("area", "month")) or f'value="{value}"' in page.content.decode()


def test_auditors_and_administrators_see_no_figures(areas: Map) -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        client, _ = signed_in(areas, role)
        for path in ("/insight", "/insight/live.csv", "/insight/arrests"):
            assert client.get(path).status_code == 403


def test_the_team_enters_arrests_and_others_read_them(areas: Map) -> None:
    client, user = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    month = f"{local_day(timezone.now()):%Y-%m}"
    asked = {"area": "WMP-WAL", "month": month, "count": "31", "source": "custody"}
    page = client.post("/insight/arrests", asked, follow=True)
    assert "31 arrests recorded" in text(page)
    assert ArrestCount.objects.get().count == 31
    assert AuditEntry.objects.filter(action="tell arrests", user=user).count() == 1
    for field, value, words in (
        ("count", "-1", "greater than or equal to 0"), ("month", "2199-01", "has not begun"), ("area", "STF", "valid choice"),
        ("month", "soon", "for example 2026-03"),
    ):  # fmt: skip
        wrong = client.post("/insight/arrests", asked | {field: value})
        assert wrong.status_code == 400
        assert words in text(wrong)
    assert ArrestCount.objects.get().count == 31
    viewer, _ = signed_in(areas)
    assert "31" in text(viewer.get("/insight/arrests"))
    assert viewer.post("/insight/arrests", asked | {"count": "1"}).status_code == 403
    assert ArrestCount.objects.get().count == 31


def test_a_line_breaks_where_a_number_is_not_known() -> None:
    chart = charts.lines(["Jan", "Feb", "Mar", "Apr"], [Series("share", (5.0, None, 7.0, 8.0))], unit="%", band=(5, 16))
    assert [len(line.dots) for line in chart.lines] == [1, 2]
    assert [words for _, words in chart.ticks][-1] == "20%"
    assert chart.lines[0].dots[0][2] == "Jan, share: 5%"
    assert chart.band is not None
    assert charts.bars(["Jan"], [Series("none", (0,))]).is_empty
    with pytest.raises(ValueError, match="told apart"):
        charts.bars(["Jan"], [Series(name, (1,)) for name in "abcd"])
    heights = charts.bars(["Jan", "Feb"], [Series("n", (10, 5))]).bars
    assert heights[0].height == pytest.approx(2 * heights[1].height, abs=0.2)
