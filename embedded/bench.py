"""`bin/bench [SUITE]`: how fast the register is, on a database of its own with the settings of one in use."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from types import FrameType

from embedded import broker, database
from embedded.environment import PROJECT, Stop, build_front_end, say
from embedded.place import passing_place
from embedded.processes import Service

SUITES = ("search", "digest", "recall", "import")
"""Each is a module of `bench`, and takes `--orders`. The first is what is measured when none is named."""

_MODULES = {"import": "imports"}
"""A suite whose name Python keeps for itself."""

ORDERS = "20000"


def main() -> int:
    """Fill a register of ORDERS orders, or as many as `--orders` says, measure, and return the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    place = passing_place()
    services: list[Service] = []
    try:
        suite, arguments = _suite(sys.argv[1:])
        build_front_end()
        services.append(database.begin(place, durable=True))
        variables = os.environ | {
            "CIVIL_ORDERS_MODE": "test",
            "DATABASE_URL": database.url(place, database.SUPERUSER),
            "BROKER_URL": broker.url(place),
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "PYTHONPATH": str(PROJECT),
        }
        if not any(argument.startswith("--orders") for argument in arguments):
            arguments = ["--orders", ORDERS, *arguments]
        for command in (
            ["manage.py", "migrate", "--verbosity", "0"],
            ["-m", f"bench.{_MODULES.get(suite, suite)}", *arguments],
        ):
            status = subprocess.run([sys.executable, *command], env=variables, cwd=PROJECT, check=False).returncode
            if status:
                return status
        return 0
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for service in reversed(services):
            service.stop()
        shutil.rmtree(place.sockets, ignore_errors=True)


def _suite(arguments: list[str]) -> tuple[str, list[str]]:
    """The suite named by the first argument, and the arguments that are the suite's own."""
    if not arguments or arguments[0].startswith("-"):
        return SUITES[0], arguments
    if arguments[0] not in SUITES:
        raise Stop(f"bin/bench: there is no suite {arguments[0]!r}. There is: {', '.join(SUITES)}.")
    return arguments[0], arguments[1:]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
