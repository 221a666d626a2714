"""After some faults: each area has its news exactly once, or flagged as sent again; `bin/faults` runs them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import SMALL, run
from tests.faults.rig import Rig

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Services of their own, because they are killed."""
    rig = Rig()
    yield rig
    rig.close()


@pytest.mark.parametrize("fault", SMALL)
def test_nothing_is_lost_or_doubled_unflagged(rig: Rig, fault: str) -> None:
    outcome = run(rig, fault)
    assert outcome.good, outcome
