"""The Python environment and the front end, made by the standard library alone and made again when half made."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
OLDEST = (3, 11)
LEAST_FREE = 1_500_000_000


class Stop(Exception):
    """A reason to stop, with what to do about it."""


def say(text: str) -> None:
    """Tell the person at the terminal what is happening."""
    print(text, file=sys.stderr, flush=True)


def check_machine() -> None:
    """Stop early, with a remedy, on a machine that cannot do."""
    if sys.version_info[:2] < OLDEST:
        raise Stop(
            f"This needs Python {OLDEST[0]}.{OLDEST[1]} or later, and this is {sys.version.split()[0]}. "
            "Install a later one and start it with that: python3.12 bin/run"
        )
    free = shutil.disk_usage(PROJECT).free
    if not (VENV / "stamp").exists() and free < LEAST_FREE:
        raise Stop(
            f"The disk of {PROJECT} has {free / 1e9:.1f} GB free; {LEAST_FREE / 1e9:.1f} GB are needed. Make room."
        )


def python() -> Path:
    """The interpreter of the environment."""
    return VENV / "bin" / "python"


def ensure(*requirements: str) -> None:
    """Make the environment hold exactly what some requirement files pin; nothing to do if its stamp says so.

    One command at a time: another that starts meanwhile waits.
    """
    check_machine()
    held = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        _ensure(*requirements)
    finally:
        os.close(held)


def _ensure(*requirements: str) -> None:
    wanted = hashlib.sha256(sys.version.encode())
    for name in requirements:
        wanted.update((PROJECT / name).read_bytes())
    stamp = VENV / "stamp"
    known = stamp.read_text().split() if stamp.exists() else []
    if wanted.hexdigest() in known and python().exists():
        return
    if not stamp.exists() and VENV.exists():
        say("The environment was half made; making it again.")
        shutil.rmtree(VENV)
    if not python().exists():
        say("Making the Python environment in .venv …")
        _run([sys.executable, "-m", "venv", str(VENV)], "The Python environment could not be made", _VENV_REMEDY)
    say(f"Installing {', '.join(requirements)} (about a minute the first time) …")
    arguments = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    arguments += ["--only-binary", ":all:"]
    for name in requirements:
        arguments += ["-r", str(PROJECT / name)]
    _run(arguments, "The requirements could not be installed", _PIP_REMEDY)
    stamp.write_text(" ".join([*known, wanted.hexdigest()]))


_VENV_REMEDY = "On Debian or Ubuntu install the package python3-venv, then start again."
_PIP_REMEDY = (
    "Check the connection to the package index and the free space on the disk, then start again. Only ready-made "
    "packages are used, so no compiler is needed; if none fits this machine, try another version of Python."
)


def build_front_end(*, tests: bool = False) -> None:
    """Install the front-end packages and compile the style sheet; nothing to do if nothing changed.

    `tests`: those packages too that only tests read.
    """
    if not (PROJECT / "ordersite" / "static" / "build" / "register.css").exists():
        say("Building the front end …")
    arguments = [str(python()), str(PROJECT / "frontend" / "build.py"), *(["--tests"] if tests else [])]
    _run(arguments, "The front end could not be built", "")


def _run(arguments: list[str], failed: str, remedy: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(arguments, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Stop(f"{failed}. What was said:\n\n{tail}\n\n{remedy}".strip())


def enter(module: str, arguments: list[str]) -> None:
    """Go on in the environment: replaces this process."""
    os.environ.pop("PYTHONHOME", None)
    os.environ["PYTHONPATH"] = str(PROJECT)
    os.execv(python(), [str(python()), "-m", module, *arguments])
