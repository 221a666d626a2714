"""How single values of an extract are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orders.imports.values import ValueProblem, instant_from, last_instant, moment_from, pnc_id_from, postcode_from


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-06T10:00", datetime(2024, 2, 6, 10, tzinfo=UTC)),
        ("2024-07-06T10:00", datetime(2024, 7, 6, 9, tzinfo=UTC)),
        ("2024-07-06T10:00:30", datetime(2024, 7, 6, 9, 0, 30, tzinfo=UTC)),
        ("2024-07-06T10:00Z", datetime(2024, 7, 6, 10, tzinfo=UTC)),
        ("2024-07-06T10:00:00+01:00", datetime(2024, 7, 6, 9, tzinfo=UTC)),
        ("2024-10-27T01:30+01:00", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        ("2024-10-27T00:59:59", datetime(2024, 10, 26, 23, 59, 59, tzinfo=UTC)),
        ("2024-10-27T02:00", datetime(2024, 10, 27, 2, tzinfo=UTC)),
        ("2024-03-31T02:00", datetime(2024, 3, 31, 1, tzinfo=UTC)),
    ],
)
def test_instant_without_offset_is_london_wall_time(text: str, expected: datetime) -> None:
    assert instant_from(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2024-10-27T01:30", "ambiguous"),
        ("2024-10-27T01:00:00", "ambiguous"),
        ("2024-03-31T01:00", "does not exist"),
        ("2024-03-31T01:59:59", "does not exist"),
        ("2024-02-30T10:00", "calendar"),
        ("2024-02-06T25:00", "calendar"),
        ("06/02/2024 10:00", "not an instant"),
        ("2024-02-06", "not an instant"),
        ("2024-02-06T10:00+99:99", "calendar"),
        ("0001-01-01T00:00+14:00", "outside the years"),
        ("", "missing"),
    ],
)
def test_instant_that_cannot_be_read_says_why(text: str, says: str) -> None:
    with pytest.raises(ValueProblem, match=says):
        instant_from(text)


def test_date_is_the_london_midnight_that_begins_it_and_may_last_a_day() -> None:
    summer = moment_from("2024-07-06")
    assert (summer.at, summer.is_date) == (datetime(2024, 7, 5, 23, tzinfo=UTC), True)
    assert last_instant(summer) == datetime(2024, 7, 6, 22, 59, 59, 999999, tzinfo=UTC)
    clock_change = moment_from("2024-10-27")
    assert last_instant(clock_change) == datetime(2024, 10, 27, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2003/0062845E", "2003/0062845E"),
        ("1998/0000001R", "1998/0000001R"),
        ("2024/0123456F", "2024/0123456F"),
        ("2019/9999999C", "2019/9999999C"),
        ("2000/0000023Z", "2000/0000023Z"),
        ("79/163001b", "1979/0163001B"),
        ("01/1171310C", "2001/1171310C"),
    ],
)
def test_pnc_id_is_kept_in_its_long_form(text: str, expected: str) -> None:
    assert pnc_id_from(text, 2026) == expected


@pytest.mark.parametrize("text", ["2003/0062845F", "2003/0062845", "2003-0062845E", "203/0062845E", "2003/00628450E"])
def test_pnc_id_with_a_wrong_letter_or_form_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem, match="not a PNC ID"):
        pnc_id_from(text, 2026)


def test_postcode_is_printed_with_one_space() -> None:
    assert postcode_from("ws1  1aa") == "WS1 1AA"
    with pytest.raises(ValueProblem):
        postcode_from("WALSALL")
