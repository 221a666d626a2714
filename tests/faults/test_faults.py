"""After every fault: each area has its news exactly once, or flagged as sent again; and the archive says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS, run
from tests.faults.rig import Rig


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Services of their own, because they are killed."""
    rig = Rig()
    yield rig
    rig.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_or_doubled_unflagged(rig: Rig, fault: str) -> None:
    outcome = run(rig, fault)
    assert outcome.lost == 0, outcome
    assert outcome.duplicated == 0, outcome
    assert outcome.accepted == outcome.owed + outcome.flagged, outcome
