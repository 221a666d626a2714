"""Starting, watching and stopping the processes of a run, so that nothing is left running."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.environment import PROJECT, Stop

_DIE_WITH_PARENT = 1


def _die_with_parent() -> None:
    """If the runner itself is killed, its children get the signal to stop (Linux prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


@dataclass
class Service:
    """A process that was started, how to ask it to stop, and where it logs."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    log: Path
    restart: Callable[[], Service] | None = None
    restarts: int = 0

    def tail(self) -> str:
        """The last it said."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def check(self) -> None:
        """Raise Stop if it is no longer running."""
        if self.process.poll() is not None:
            raise Stop(
                f"{self.name} stopped by itself (status {self.process.returncode}). What it said:\n\n{self.tail()}"
            )

    def stop(self) -> None:
        """Ask it to stop, wait, and insist."""
        if self.process.poll() is None:
            for number, seconds in ((self.stop_signal, 20), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
                try:
                    os.killpg(self.process.pid, number)
                    self.process.wait(seconds)
                except ProcessLookupError:
                    break
                except subprocess.TimeoutExpired:
                    continue
                break
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # What it may have left behind in its group.
            os.killpg(self.process.pid, signal.SIGKILL)


def as_user(name: str | None) -> dict[str, Any]:
    """What starts a process as another user."""
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def start(
    name: str,
    arguments: list[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    cwd: Path = PROJECT,
) -> Service:
    """Start a process in a group of its own, its output in a log."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            **as_user(user),
        )
    return Service(name, process, stop_signal, log)


def wait_until(ready: Callable[[], bool], service: Service, seconds: float, remedy: str) -> None:
    """Wait for a service; raise Stop with what it said if it stops or takes too long."""
    until = time.monotonic() + seconds
    while not ready():
        service.check()
        if time.monotonic() > until:
            raise Stop(f"{service.name} did not answer within {seconds:.0f} s. {remedy} It said:\n\n{service.tail()}")
        time.sleep(0.05)
