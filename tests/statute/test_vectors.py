"""Every row of the computed answers: deadlines, periods and check letters."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest

from orders.statute import (
    HolidaysNotKnown,
    custody_before,
    end_of_local_day,
    hearing_latest,
    last_sitting,
    local_day,
    notification_over,
    occupation_order_custody_before,
    valid_pnc_id,
)
from orders.statute.periods import dvpo_last_day, last_day_of_months
from orders.statute.pnc_id import check_letter
from tests.statute.build import HOLIDAYS, local

with (Path(__file__).parents[1] / "data" / "statute-vectors.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def given(row: dict[str, str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in row["given_local"].split(";"))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


CLOCKS: dict[str, Callable[[datetime], datetime]] = {
    "dvpn_hearing_latest_48h": lambda at: hearing_latest(at, HOLIDAYS),
    "dvpn_dvpo_custody_before_24h": lambda at: custody_before(at, HOLIDAYS),
    "occupation_order_custody_before_24h": occupation_order_custody_before,
}


def of(*rules: str) -> list[object]:
    return [pytest.param(row, id=f"{row['id']} {row['rule']}") for row in ROWS if row["rule"] in rules]


def test_there_is_a_test_for_every_row() -> None:
    known = {*CLOCKS, "dvpo_period", "spo_period", "nmo_period", "spo_notification_last_day_3d", "pnc_id_check_letter"}
    assert {row["rule"] for row in ROWS} == known
    assert len(ROWS) == 51


@pytest.mark.parametrize("row", of(*CLOCKS))
def test_clocks(row: dict[str, str]) -> None:
    (started,) = given(row).values()
    ends = CLOCKS[row["rule"]](local(started))
    assert ends == instant(row["expected_utc"]) == local(row["expected_local"])


@pytest.mark.parametrize(
    ("due", "last"),
    [
        ("2024-04-02T22:00", "2024-04-02T16:00"),  # the 48 hours of a notice served before Easter
        ("2024-02-12T22:00", "2024-02-12T16:00"),
        ("2024-12-29T00:00", "2024-12-28T16:00"),  # the end of a Saturday, on which courts sit
        ("2026-11-25T06:28", "2026-11-24T16:00"),  # before the court opens
        ("2026-11-25T10:00", "2026-11-24T16:00"),  # the instant at which it opens leaves no time
        ("2026-11-25T10:01", "2026-11-25T10:01"),  # while it sits
        ("2026-11-25T16:00", "2026-11-25T16:00"),
        ("2026-11-23T09:00", "2026-11-21T16:00"),  # a Sunday between
        ("2026-03-30T09:00", "2026-03-28T16:00"),  # winter time before, summer time after
        ("2024-04-02T09:00", "2024-03-30T16:00"),  # Easter Saturday: Sunday and Monday are left out
    ],
)
def test_the_last_sitting_before_a_deadline(due: str, last: str) -> None:
    assert last_sitting(local(due), HOLIDAYS) == local(last)


def test_courts_sit_when_the_force_says_so() -> None:
    early = replace(HOLIDAYS, sits=(time(9, 30), time(13)))
    assert last_sitting(local("2026-11-25T15:00"), early) == local("2026-11-25T13:00")
    with pytest.raises(HolidaysNotKnown):
        last_sitting(local("2099-11-25T15:00"), HOLIDAYS)


@pytest.mark.parametrize("row", of("dvpo_period"))
def test_dvpo_periods(row: dict[str, str]) -> None:
    made, days = date.fromisoformat(given(row)["made_on"]), int(given(row)["days"])
    if row["expected_local"] == "reject":
        with pytest.raises(ValueError, match="14 to 28 days"):
            dvpo_last_day(made, days)
        return
    assert dvpo_last_day(made, days) == date.fromisoformat(row["expected_local"])
    assert end_of_local_day(dvpo_last_day(made, days)) == instant(row["expected_utc"])


@pytest.mark.parametrize("row", of("spo_period", "nmo_period"))
def test_periods_of_months(row: dict[str, str]) -> None:
    last = last_day_of_months(date.fromisoformat(given(row)["made_on"]), int(given(row)["months"]))
    assert last == date.fromisoformat(row["expected_local"])
    assert end_of_local_day(last) == instant(row["expected_utc"])


@pytest.mark.parametrize("row", of("spo_notification_last_day_3d"))
def test_notification(row: dict[str, str]) -> None:
    over = notification_over(local(given(row)["served_on"] + "T16:00"))
    assert over == instant(row["expected_utc"])
    assert local_day(over).toordinal() - 1 == date.fromisoformat(row["expected_local"]).toordinal()


@pytest.mark.parametrize("row", of("pnc_id_check_letter"))
def test_pnc_ids(row: dict[str, str]) -> None:
    year, serial = given(row)["pnc_id"].split("/")
    assert f"{year}/{serial}{check_letter(int(year), int(serial))}" == row["expected_local"]
    assert valid_pnc_id(row["expected_local"])
    wrong = "A" if row["expected_local"][-1] != "A" else "B"
    assert not valid_pnc_id(row["expected_local"][:-1] + wrong)
