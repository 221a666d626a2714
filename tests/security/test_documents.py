"""What is written of security is there: every requirement has its row, and every test that is named exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = PROJECT / "docs" / "security"

REQUIREMENTS = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4), 5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4), 7: (3, 4, 2, 5, 2, 2), 8: (2, 3, 1, 1), 9: (3, 4), 10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1), 12: (3, 2, 4), 13: (1, 5, 2, 5), 14: (2, 4, 3), 15: (3, 3, 7), 16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}  # fmt: skip
"""By chapter and section of ASVS 5.0.0: how many requirements of levels 1 and 2 it has; they come first in each."""


def rows() -> list[tuple[str, str, str]]:
    """Number, state and how of each row."""
    text = (DOCUMENTS / "asvs.md").read_text()
    return re.findall(r"^\| (\d+\.\d+\.\d+) \| [^|]+ \| \**([\w ]+?)\** \| (.+) \|$", text, re.MULTILINE)


def test_every_requirement_of_levels_1_and_2_is_answered_once() -> None:
    found = [number for number, _, _ in rows()]
    assert len(found) == len(set(found))
    wanted = {
        f"{chapter}.{section}.{number}"
        for chapter, sections in REQUIREMENTS.items()
        for section, many in enumerate(sections, 1)
        for number in range(1, many + 1)
    }
    assert len(wanted) == 253
    assert not wanted - set(found)
    assert {state for _, state, _ in rows()} <= {"met", "partly", "deployment", "not applicable", "NOT MET"}


def test_the_summary_is_that_of_the_table() -> None:
    text = (DOCUMENTS / "asvs.md").read_text()
    unmet = ", ".join(number for number, state, _ in rows() if state == "NOT MET") or "none"
    assert f"**Not met: {unmet}.**" in text
    for state in ("met", "partly", "deployment", "not applicable", "NOT MET"):
        assert f"{sum(found == state for _, found, _ in rows())} {state}" in text


@pytest.mark.parametrize("name", ["asvs.md", "threat-model.md", "scans.md"])
def test_every_test_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", (DOCUMENTS / name).read_text())
    for path, test in named:
        there = PROJECT / path
        assert there.exists(), path
        assert not test or re.search(rf"def {test}\b", there.read_text()), f"{path}::{test}"
    assert named or name == "scans.md"
