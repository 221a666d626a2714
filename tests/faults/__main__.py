"""`bin/faults [ROUNDS]`: every fault, and the table of what came of it. Exit status 1 if anything was lost or doubled."""

from __future__ import annotations

import sys

from tests.faults.faults import FAULTS, run
from tests.faults.rig import Rig

COLUMNS = ("owed", "refused", "accepted", "lost", "duplicated", "flagged")


def main() -> int:
    """Run all faults as often as asked."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rig = Rig()
    bad = 0
    try:
        sys.stdout.write(f"{'fault':<46}{''.join(f'{column:>11}' for column in COLUMNS)}{'seconds':>9}\n")
        for _ in range(rounds):
            for name in FAULTS:
                one = run(rig, name)
                bad += not one.good
                figures = "".join(f"{getattr(one, column):>11}" for column in COLUMNS)
                sys.stdout.write(f"{name:<46}{figures}{one.seconds:>9.1f}{'' if one.good else '  WRONG'}\n")
                sys.stdout.flush()
    finally:
        rig.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
