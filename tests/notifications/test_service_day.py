"""Which day is owed, across both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from notifications.service_day import begins, latest


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-01-15T05:59:59", "2026-01-14"),
        ("2026-01-15T06:00:00", "2026-01-15"),
        ("2026-07-15T04:59:59", "2026-07-14"),
        ("2026-07-15T05:00:00", "2026-07-15"),
        # The clocks go forward at 01:00 UTC on 29 March 2026: 06:00 is an hour earlier than the day before.
        ("2026-03-28T06:00:00", "2026-03-28"),
        ("2026-03-29T04:59:59", "2026-03-28"),
        ("2026-03-29T05:00:00", "2026-03-29"),
        # And back on 25 October.
        ("2026-10-25T05:59:59", "2026-10-24"),
        ("2026-10-25T06:00:00", "2026-10-25"),
    ],
)
def test_a_day_is_owed_from_six_in_the_morning_local_time(now: str, day: str) -> None:
    assert latest(datetime.fromisoformat(now).replace(tzinfo=UTC), 6) == date.fromisoformat(day)


@pytest.mark.parametrize("hour", [-1, 1, 24])
def test_an_hour_that_may_not_happen_is_refused(hour: int) -> None:
    with pytest.raises(ValueError, match="hour"):
        begins(date(2026, 3, 29), hour)
