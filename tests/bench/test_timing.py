"""What is printed of times: percentiles, ratios, and a verdict that can fail."""

from __future__ import annotations

import pytest

from bench.targets import Targets
from bench.timing import Beside, Fact, Line, Times, measured, table


def times(*taken: float) -> Times:
    return Times(list(taken))


def test_percentiles_are_of_the_runs() -> None:
    hundred = Times([float(number) for number in range(1, 101)])
    assert (hundred.at(0.5), hundred.at(0.95)) == (51, 96)
    assert str(Times()) == "–"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (Line("a", times(1, 2), 3), "PASS"),
        (Line("a", times(1, 6), 3), "MISSED: 2.0 × of 3 ms"),
        (Line("a", Times(), 3), "MISSED: not measured, at most 3 ms"),
        (Line("a", times(2, 2), 3, [Beside("floor", times(1, 1), 2)]), "PASS"),
        (Line("a", times(2, 2), 3, [Beside("floor", times(0.5, 0.5), 2)]), "MISSED: 4 × floor, not 2"),
        (Line("a", times(9, 9), 3, [Beside("floor", times(1, 1), 2)]), "MISSED: 3.0 × of 3 ms; 9 × floor, not 2"),
        (
            Line("a", times(1, 1), None, [Beside("pg_trgm", times(19, 19), 1 / 20)]),
            "MISSED: 0.0526 × pg_trgm, not 0.05",
        ),
        (Line("a", times(1, 1), None, [Beside("pg_trgm", times(21, 21), 1 / 20)]), "PASS"),
        (Line("a", times(9, 9), None, [Beside("floor", times(1, 1))]), ""),
    ],
)
def test_a_target_is_met_or_the_gap_is_told(line: Line, verdict: str) -> None:
    assert line.verdict() == verdict
    assert line.passes() == (None if not verdict else verdict == "PASS")


def test_a_fact_is_so_or_not() -> None:
    assert Fact("memory", "150", "≤ 200", True).cells()[-1] == "PASS"
    assert Fact("memory", "250", "≤ 200", False).cells()[-1] == "MISSED"


def test_the_table_has_every_line() -> None:
    said = table([Line("pages", times(1), 2), Fact("memory", "1", "≤ 2", True)])
    assert "| pages  | 1.00 / 1.00 | –" in said
    assert len(said.splitlines()) == 4


@pytest.mark.django_db
def test_ways_are_asked_by_turns_and_the_shortest_counts() -> None:
    asked: list[tuple[str, int]] = []
    found = measured(lambda n: asked.append(("ours", n)), [1, 2], lambda n: asked.append(("floor", n)), best_of=2)
    assert asked[:6] == [("ours", 1), ("floor", 1)] * 3
    assert len(asked) == 12
    assert [len(found.sql.taken), len(found.whole.taken), len(found.others[0].taken)] == [2, 2, 2]


def test_ten_million_have_targets_of_their_own() -> None:
    assert Targets.of(2_000_000).search_page == 40
    assert Targets.of(10_000_000).search_page == 50
