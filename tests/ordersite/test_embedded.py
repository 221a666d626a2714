"""The embedded services and the commands around them."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import environment, run
from embedded.environment import Stop
from embedded.place import MARK, passing_place
from mailcatcher.__main__ import Keeper, listing, messages

PROJECT = Path(__file__).resolve().parents[2]


def test_a_busy_port_is_said_with_a_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Stop, match=rf"Port {port} is busy.*--port 8100"):
            run._check_port(port, 8000)


def test_a_full_disk_is_said_before_anything_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "VENV", tmp_path / "none")
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: os.statvfs(path) and _Disk())
    with pytest.raises(Stop, match="GB free"):
        environment.check_machine()


class _Disk:
    free = 10_000_000


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OLDEST", (9, 0))
    with pytest.raises(Stop, match="This needs Python"):
        environment.check_machine()


def test_a_half_made_environment_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    ran: list[list[str]] = []

    def make(arguments: list[str], failed: str, remedy: str) -> None:
        ran.append(arguments)
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "_run", make)
    environment.ensure("requirements.txt")
    assert [arguments[1:3] for arguments in ran] == [["-m", "venv"], ["-m", "pip"]]
    assert "--require-hashes" in ran[1]
    ran.clear()
    environment.ensure("requirements.txt")
    assert ran == []


def test_a_failed_install_says_what_was_said_and_what_to_do() -> None:
    with pytest.raises(Stop, match=r"(?s)no such luck.*Check the connection"):
        environment._run(
            [sys.executable, "-c", "import sys; sys.exit('no such luck')"], "It failed", environment._PIP_REMEDY
        )


def test_a_passing_place_is_its_own_and_marked() -> None:
    one, other = passing_place(), passing_place()
    try:
        assert one.sockets != other.sockets
        assert MARK in str(one.sockets)
        assert len(str(one.sockets / "broker" / "socket")) < 100
    finally:
        for place in (one, other):
            subprocess.run(["rm", "-r", str(place.sockets)], check=True)


def test_the_mailbox_page_lists_what_was_caught(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    assert "None yet" in listing(tmp_path)
    raw = b"Subject: <b>News</b>\r\nTo: walsall@lpa.demo.invalid\r\n\r\nHello"
    (keeper.folder / "1-1.eml").write_bytes(raw)
    assert "&lt;b&gt;News&lt;/b&gt;" in listing(tmp_path)
    assert [name for name, _ in messages(tmp_path)] == ["1-1"]


@pytest.mark.parametrize("command", [["frontend/build.py", "--tests"], ["bin/manage", "version"]])
def test_two_commands_at_once_prepare_one_after_the_other(command: list[str]) -> None:
    """Each waits while another makes the environment or the front end, in the same checkout."""
    folder = PROJECT / "frontend" if command[0].startswith("frontend") else PROJECT
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = subprocess.Popen([sys.executable, *command], cwd=PROJECT, stdout=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
    finally:
        os.close(held)
    assert process.wait(60) == 0


def test_running_it_installs_nothing_that_only_tests_read() -> None:
    packages = json.loads((PROJECT / "frontend" / "package-lock.json").read_text())["packages"]
    needed = {name.removeprefix("node_modules/") for name, one in packages.items() if name and not one.get("dev")}
    assert {"sass", "govuk-frontend", "htmx.org", "dejavu-fonts-ttf"} <= needed
    assert "caniemail" not in needed
    assert len(needed) < len(packages) - 40
