"""`bin/run`: the whole product on this machine with demonstration data, until Ctrl-C."""

from __future__ import annotations

import argparse
import base64
import errno
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from embedded import broker, database
from embedded.environment import PROJECT, Stop, build_front_end, say
from embedded.place import Place, standing_place
from embedded.processes import Service, start, wait_until

MOST_RESTARTS = 5


def main() -> int:
    """Start everything in order, say where to look, wait, and stop everything in reverse order."""
    options = _options()
    services: list[Service] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _up(options, services)
        _tell(options)
        watch(services)
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    except Stop as stop:
        say(f"\n{stop}")
        return 1
    except OSError as error:
        if error.errno == errno.ENOSPC:
            say("\nThe disk is full. Free some space and start again: nothing that was stored is lost.")
            return 1
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for service in reversed(services):
            service.stop()


def watch(services: list[Service]) -> NoReturn:
    """Wait for ever. A worker or scheduler that dies is started again: the database knows what it left undone."""
    while True:
        for number, service in enumerate(services):
            if service.restart is not None and service.process.poll() is not None:
                if service.restarts == MOST_RESTARTS:
                    service.check()
                say(f"{service.name} stopped by itself; starting it again.")
                service.stop()
                services[number] = service.restart()
                services[number].restarts = service.restarts + 1
            else:
                service.check()
        time.sleep(1)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Run the register with demonstration data.")
    parser.add_argument("--fresh", action="store_true", help="delete what an earlier run stored, and start over")
    parser.add_argument("--port", type=int, default=8000, help="of the pages; the mailbox takes the two after it")
    parser.add_argument(
        "--orders", type=int, default=5_000, help="how many demonstration orders to make the first time"
    )
    return parser.parse_args()


def environment(place: Place, port: int) -> dict[str, str]:
    """The variables of every process. A key of this installation's own keeps people signed in between runs."""
    key = place.state / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(50))
    return os.environ | {
        "CIVIL_ORDERS_MODE": "demonstration",
        "DATABASE_URL": database.url(place),
        "MIGRATION_DATABASE_URL": database.url(place, database.OWNER),
        "BROKER_URL": broker.url(place),
        "EMAIL_URL": f"smtp://127.0.0.1:{port + 2}",
        "SECRET_KEY": key.read_text(),
        "FIELD_KEYS_FILE": str(_field_keys(place)),
        "BASE_URL": f"http://localhost:{port}",
        "MAILBOX_URL": f"http://localhost:{port + 1}/",
        "STATIC_ROOT": str(place.state / "static"),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
    }


def _field_keys(place: Place) -> Path:
    """The file of the keys that seal what describes people, made the first time. Without it the data cannot be read."""
    path = place.state / "field-keys"
    if not path.exists():
        path.touch(mode=0o600)
        keys = (f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}\n" for name in ("first", "index"))
        path.write_text("".join(keys))
    return path


def _up(options: argparse.Namespace, services: list[Service]) -> None:
    place = standing_place()
    if database.is_up(place) or broker.is_up(place):
        raise Stop("The register is already running from this folder. Stop that first, with Ctrl-C where it runs.")
    if options.fresh:
        say("Starting over: deleting what was stored …")
        shutil.rmtree(place.postgres_home, ignore_errors=True)
        for name in ("broker", "mail", "static"):
            shutil.rmtree(place.state / name, ignore_errors=True)
    for port in (options.port, options.port + 1, options.port + 2):
        _check_port(port, options.port)
    build_front_end()
    variables = environment(place, options.port)
    say("Starting the database and the broker …")
    services.append(database.begin(place, durable=True))
    services.append(broker.begin(place))
    say("Preparing the database …")
    _manage(variables, "migrate", "--verbosity", "0")
    _manage(variables, "collectstatic", "--noinput", "--verbosity", "0")
    _manage(variables, "prepare_demo", "--orders", str(options.orders), shown=True)
    python, log = sys.executable, place.state / "log"
    mail = start(
        "The mailbox",
        [python, "-m", "mailcatcher", str(options.port + 2), str(options.port + 1), str(place.state / "mail")],
        log=log / "mailbox.log",
        environment=variables,
    )
    services.append(mail)
    wait_until(lambda: _answers(f"http://127.0.0.1:{options.port + 1}/"), mail, 20, "")
    celery = [python, "-m", "celery", "--app", "ordersite", "--quiet"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    services.append(_restarting("The worker", worker, log / "worker.log", variables))
    beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(place.state / "beat"), "--pidfile", ""]
    services.append(_restarting("The scheduler", beat, log / "scheduler.log", variables))
    web = start(
        "The web server",
        [python, "-m", "gunicorn", "ordersite.wsgi", "--bind", f"127.0.0.1:{options.port}", "--workers", "2",
         "--worker-tmp-dir", str(place.state), "--no-control-socket"],
        log=log / "web.log",
        environment=variables,
    )  # fmt: skip
    services.append(web)
    wait_until(lambda: _answers(f"http://127.0.0.1:{options.port}/health"), web, 60, "")


def _restarting(name: str, arguments: list[str], log: Path, variables: dict[str, str]) -> Service:
    service = start(name, arguments, log=log, environment=variables)
    service.restart = lambda: _restarting(name, arguments, log, variables)
    return service


def _check_port(port: int, first: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Stop(
                f"Port {port} is busy. Stop what uses it, or choose others: bin/run --port {first + 100}"
            ) from None


def _manage(variables: dict[str, str], *arguments: str, shown: bool = False) -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env=variables,
        cwd=PROJECT,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stop(f"manage.py {arguments[0]} failed.\n\n{done.stdout or ''}\nbin/run --fresh starts over.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _tell(options: argparse.Namespace) -> None:
    from orders.demo import SIGN_INS

    say(
        f"\nThe register:    http://localhost:{options.port}/\n"
        f"The emails:      http://localhost:{options.port + 1}/   (the first come within a minute)\n"
        f"Logs:            {Path('var') / 'log'}\n\nSign in as"
    )
    for one in SIGN_INS:
        say(f"  {one.username:<12} {one.password:<24} {one.who}")
    say("\nEvery person in it is invented. Ctrl-C stops everything.")


if __name__ == "__main__":
    sys.exit(main())
