"""Which days are owed: every local day once, at its own time, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.service_day import LONDON, begins, latest, owed

SIX = time(6)
FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2026, 3, 28), 6), (date(2026, 3, 29), 5), (date(2026, 10, 24), 5), (date(2026, 10, 25), 6)],
)
def test_six_oclock_is_six_oclock_on_both_sides_of_a_clock_change(day: date, utc_hour: int) -> None:
    assert begins(day, SIX) == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


def test_the_hour_that_clock_changes_touch_is_refused() -> None:
    with pytest.raises(ValueError, match="01:00 and 02:00"):
        begins(date(2026, 3, 29), time(1, 30))


def test_before_its_time_the_day_owed_is_yesterday() -> None:
    six = datetime(2026, 6, 2, 6, tzinfo=LONDON)
    assert latest(six, SIX) == date(2026, 6, 2)
    assert latest(six - timedelta(seconds=1), SIX) == date(2026, 6, 1)
    assert latest(six, time(6, 30)) == date(2026, 6, 1)


def test_days_that_were_missed_are_owed_for_a_week() -> None:
    now = datetime(2026, 6, 10, 7, tzinfo=LONDON)
    made = {date(2026, 6, 7), date(2026, 6, 1)}
    found = owed(now, SIX, made=made, first=FIRST, known=True)
    assert found == [date(2026, 6, day) for day in (4, 5, 6, 8, 9, 10)]
    assert owed(now, SIX, made=made, first=date(2026, 6, 9), known=True) == [date(2026, 6, 9), date(2026, 6, 10)]


def test_an_area_that_never_had_an_email_is_owed_the_latest_day_only() -> None:
    now = datetime(2026, 6, 10, 7, tzinfo=LONDON)
    assert owed(now, SIX, made=set(), first=FIRST, known=False) == [date(2026, 6, 10)]


@pytest.mark.parametrize("at", [SIX, time(0, 30), time(2, 0), time(23, 45)])
def test_a_year_of_ticks_makes_each_day_once_at_its_time(at: time) -> None:
    """Every five minutes of 2026, both clock changes in it: 365 runs, no gap, none twice, each at its local time."""
    made: dict[date, datetime] = {}
    now = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
    end = datetime(2027, 1, 1, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
    while now < end:
        for day in owed(now, at, made=made, first=FIRST, known=True):
            assert day not in made
            made[day] = now
        now += timedelta(minutes=5)
    assert sorted(made) == [FIRST + timedelta(days=number) for number in range(365)]
    assert {moment.astimezone(LONDON).time() for moment in made.values()} == {at}
    assert all(moment.astimezone(LONDON).date() == day for day, moment in made.items())
