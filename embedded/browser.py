"""A Chromium for the tests in a real browser: an installed one, else one from a package; never none in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from embedded.environment import Stop, say

_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str:
    """The path of a browser that starts. Raises Stop, with what was tried, where there is none to be had."""
    for candidate in (_installed, _carried, _from_debian):
        path = candidate()
        if path and _starts(path):
            return path
    raise Stop(
        "The tests in a real browser need Chromium: none is installed, none could be downloaded, and Debian's could "
        "not be installed (that needs root). Install Chromium or Chrome and start again."
    )


def _installed() -> str | None:
    named = os.environ.get("BROWSER_PATH")
    return named or next((path for name in _INSTALLED if (path := shutil.which(name))), None)


def _carried() -> str | None:
    """The one that Playwright carries, downloaded into its own cache if the machine may."""
    say("No Chromium is installed; trying to download one …")
    try:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"],
            capture_output=True,
            timeout=300,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((str(path) for path in sorted(home.glob("chromium*/*/*headless*shell"))), None)


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing Debian's Chromium …")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", "-q", *arguments], env=environment, capture_output=True, check=False)
        if done.returncode and arguments[0] == "install":
            return None
    return shutil.which("chromium")


def _starts(path: str) -> bool:
    try:
        subprocess.run([path, "--version"], capture_output=True, timeout=60, check=True)
    except (subprocess.SubprocessError, OSError):
        return False
    return True
