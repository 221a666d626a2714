"""`bin/check`: the one list of checks, which pre-commit and CI share."""

from __future__ import annotations

import os
import subprocess
import sys

from embedded.audits import NOT_RUN
from embedded.environment import PROJECT, say

CHECKS: dict[str, list[str]] = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": [
        "mypy",
        "ordersite",
        "orders",
        "notifications",
        "signin",
        "govuk_forms",
        "embedded",
        "mailcatcher",
        "bench",
    ],
    "imports": ["lint-imports"],
    "templates": [
        "djlint",
        "--lint",
        "--quiet",
        "ordersite/templates",
        "orders/templates",
        "notifications/templates",
        "govuk_forms/templates",
        "signin/templates",
    ],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "deploy": ["python", "-m", "embedded.audits", "deploy"],
    "licences": ["python", "-m", "embedded.audits", "licences"],
    "sbom": ["python", "-m", "embedded.audits", "sbom"],
    "advisories": ["python", "-m", "embedded.audits", "advisories"],
    "settings": ["python", "manage.py", "check", "--fail-level", "WARNING"],
}


def main() -> int:
    """Run all checks, or those that are named; returns 1 if any fails."""
    wanted = sys.argv[1:] or list(CHECKS)
    unknown = [name for name in wanted if name not in CHECKS]
    if unknown:
        say(f"There is no check {unknown[0]!r}. There are: {', '.join(CHECKS)}.")
        return 2
    bin_folder = os.path.dirname(sys.executable)
    environment = os.environ | {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "CIVIL_ORDERS_MODE": "test",
        "PYTHONPATH": str(PROJECT),
    }
    failed = []
    for name in wanted:
        done = subprocess.run(CHECKS[name], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        word = {0: "ok", NOT_RUN: "NOT RUN"}.get(done.returncode, "FAILED")
        say(f"{word:<8}{name}")
        if done.returncode:
            say(done.stdout + done.stderr)
        if word == "FAILED":
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
