"""Hostile input by the thousand: `python -m tests.security.fuzz [CASES]` runs so many cases of each sort, 2,500 unless
told; `bin/test` runs a hundred."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

PROJECT = Path(__file__).resolve().parents[2]
CASES = int(os.environ.get("FUZZ_CASES", "100"))

NASTY = (
    "", " ", "\x00", "a\x00b", "\r\nSet-Cookie: a=b", "9" * 400, "-1", "0", "1e309", "NaN", "9223372036854775808",
    "1" * 5000, "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+14:00", "9999-12-31", "0000-00-00", "2026-13-45",
    "2026-10-25T01:30", "2026-03-29T01:30", "24:00", "99:99", "' OR 1=1 --", '"; DROP TABLE orders_order; --',
    "<script>alert(1)</script>", "{{ 7*7 }}", "{% debug %}", "%s%n%x", "../../../../etc/passwd", "file:///etc/passwd",
    "//evil.example", "javascript:alert(1)", "=cmd|' /C calc'!A0", "١٢٣", "１２", "\u202e\u200b", "👩‍👧", "é" * 300,
    "WMP", "WMP-WAL", "STF", "Y", "N", "on", "live", "ended", "victim", "1", "2", "31", "12", "2026",
    "00000000-0000-0000-0000-000000000000", "a" * 70_000, "%", "%[", "\\", "_", "*", "[", "(" * 200, "A" * 200 + "!",
)  # fmt: skip
"""What has broken programs before, and words that get past the first check."""

values = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))


def fuzzed(cases: int = CASES) -> settings:
    """The settings of a run: the same cases each time in the tests, others in a long run."""
    return settings(
        max_examples=cases, deadline=None, derandomize=cases <= 100, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "2500"
    command = [sys.executable, str(PROJECT / "bin" / "test"), "tests/security/test_fuzz.py", "-n", "2"]
    command += ["--dist", "load"]
    sys.exit(subprocess.run(command, cwd=PROJECT, env=os.environ | {"FUZZ_CASES": wanted}, check=False).returncode)
