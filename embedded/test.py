"""`bin/test`: every test, on services of its own, so that it can run beside `bin/run`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from types import FrameType

from embedded import broker, database
from embedded.browser import find_browser
from embedded.environment import PROJECT, Stop, build_front_end, say
from embedded.place import passing_place
from embedded.processes import Service


def main() -> int:
    """Run pytest with the arguments given, on two processes unless they say otherwise; returns its exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    place = passing_place()
    services: list[Service] = []
    try:
        build_front_end(tests=True)
        browser = find_browser()
        services.append(database.begin(place, durable=False))
        services.append(broker.begin(place))
        variables = os.environ | {
            "CIVIL_ORDERS_MODE": "test",
            "DATABASE_URL": database.url(place),
            "MIGRATION_DATABASE_URL": database.url(place, database.SUPERUSER),
            "BROKER_URL": broker.url(place),
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "BROWSER_PATH": browser,
            "PYTHONPATH": str(PROJECT),
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        }
        arguments = sys.argv[1:]
        if not any(argument.startswith("-n") for argument in arguments):
            # A file's tests stay together; the files come in the order that tests/conftest.py gives them.
            arguments = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *arguments]
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, env=variables, cwd=PROJECT, check=False).returncode
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for service in reversed(services):
            service.stop()
        shutil.rmtree(place.sockets, ignore_errors=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
