"""Clients that send their request byte by byte do not keep others from being answered."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]
SLOW = 60
HEAD = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100000\r\n\r\nusername="
)


@pytest.fixture
def port(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    """The server as gunicorn.conf.py has it, with one process, on the database of the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    url = re.sub(r"@/\w+", f"@/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    command = [sys.executable, "-m", "gunicorn", "ordersite.wsgi", "--bind", f"127.0.0.1:{number}", "--workers", "1",
               "--no-control-socket"]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | {"DATABASE_URL": url}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        until = time.monotonic() + 90
        while not answers(number, "/health", 5):
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.2)
        yield number
    finally:
        server.terminate()
        server.wait(40)


def answers(port: int, path: str, seconds: float) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=seconds) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_others_are_answered_beside_slow_heads_and_slow_forms(port: int) -> None:
    done = threading.Event()
    with contextlib.ExitStack() as opened:
        slow = []
        for begin in (HEAD, BODY):
            for _ in range(SLOW):
                one = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
                one.sendall(begin)
                slow.append((one, b"X-A: b\r\n" if begin is HEAD else b"a"))

        def drip() -> None:
            while not done.wait(0.5):
                for one, more in slow:
                    with contextlib.suppress(OSError):
                        one.sendall(more)

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            time.sleep(1)
            results = [answers(port, path, 10) for path in ("/health", "/sign-in") * 5]
        finally:
            done.set()
            dripping.join()
    assert results == [True] * 10
