"""`python -m tests.faults [ROUNDS]`: every fault, and the table of what came of it. Exit status 1 if anything was lost."""

from __future__ import annotations

import sys

from tests.faults.faults import FAULTS, run
from tests.faults.rig import Rig


def main() -> int:
    """Run all faults as often as asked."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rig = Rig()
    bad = 0
    try:
        sys.stdout.write(f"{'fault':<48}{'owed':>6}{'accepted':>10}{'lost':>6}{'doubled':>9}{'flagged':>9}{'s':>7}\n")
        for _ in range(rounds):
            for name in FAULTS:
                one = run(rig, name)
                bad += one.lost + one.duplicated
                sys.stdout.write(
                    f"{name:<48}{one.owed:>6}{one.accepted:>10}{one.lost:>6}{one.duplicated:>9}{one.flagged:>9}"
                    f"{one.settled:>7.1f}\n"
                )
                sys.stdout.flush()
    finally:
        rig.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
