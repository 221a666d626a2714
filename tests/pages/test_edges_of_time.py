"""Months and days at the edges of the calendar are refused by name, or shown; never answered by an error page."""

from __future__ import annotations

import pytest

from orders.models import Role
from tests.orders.build import Map, make_map
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db

MONTHS = ("0001-01", "1990-01", "2199-12", "9999-12")
DAYS = ("0001-01-01", "1990-01-01", "2199-12-31", "9999-12-30", "9999-12-31")


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize(
    "address",
    ["/reviews?month=", "/reviews/pack?month=", "/reviews/pack.pdf?month=", "/reviews/list.xlsx?month=",
     "/insight?last=", "/insight?first=", "/insight/events.csv?last="],
)  # fmt: skip
def test_months(areas: Map, address: str, month: str) -> None:
    client = signed_in(areas, Role.SUPERVISOR)[0]
    answer = client.get(f"{address}{month}")
    wanted = (400,) if month[:4] in ("0001", "9999") else (200, 302, 400, 404)
    assert answer.status_code in wanted


def test_no_link_leads_to_a_month_that_is_refused(areas: Map) -> None:
    client = signed_in(areas, Role.SUPERVISOR)[0]
    assert "Previous month" not in text(client.get("/reviews?month=1990-01"))
    assert "Next month" not in text(client.get("/reviews?month=2199-12"))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", ["first", "last"])
@pytest.mark.parametrize("address", ["/audit", "/audit/export"])
def test_days_of_the_log(areas: Map, address: str, name: str, day: str) -> None:
    client = signed_in(areas, Role.AUDITOR)[0]
    answer = client.get(f"{address}?{name}={day}")
    if day[:4] in ("0001", "9999"):
        assert answer.status_code == 400
        assert "Give a day of the years 1990 to 2199." in text(answer)
    else:
        assert answer.status_code == 200
