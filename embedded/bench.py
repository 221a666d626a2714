"""`bin/bench [SUITE]`: how fast the register is, on a database of its own with the settings of one in use.

With `--data FOLDER` the filled register stays there, and the next run of that size, of any suite, measures it again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from embedded import broker, database, kept
from embedded.environment import PROJECT, Stop, build_front_end, say
from embedded.place import passing_place
from embedded.processes import Service

SUITES = ("search", "digest", "recall", "import", "postcodes")
"""Each is a module of `bench`, and takes `--orders`. The first is what is measured when none is named."""

WRITING = ("digest", "import", "postcodes")
"""What leaves more behind than it found: of a kept register these measure a copy."""

ROLLED_BACK = "--bundle"
"""With this the import leaves a register as it was."""

_MODULES = {"import": "imports"}
"""A suite whose name Python keeps for itself."""

ORDERS = 20_000


def main() -> int:
    """Fill a register of ORDERS orders, or as many as `--orders` says, measure, and return the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    services: list[Service] = []
    place = None
    try:
        suite, given = _suite(sys.argv[1:])
        folder, filling, arguments = _read(given)
        place = passing_place(folder)
        whole = folder is not None and kept.is_kept(place, filling)
        build_front_end()
        services.append(database.begin(place, durable=True))
        variables = os.environ | {
            "CIVIL_ORDERS_MODE": "test",
            "DATABASE_URL": database.url(place, database.SUPERUSER),
            "BROKER_URL": broker.url(place),
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "PYTHONPATH": str(PROJECT),
        }

        def run(*command: str) -> int:
            return subprocess.run([sys.executable, *command], env=variables, cwd=PROJECT, check=False).returncode

        # What was kept from before a change of the register is brought up to it as an installation would be.
        status = run("manage.py", "migrate", "--verbosity", "0")
        if folder is not None and not whole and not status:
            status = run("-m", "bench.register", *filling.arguments)
            if not status:
                kept.keep(place, filling)
        if status:
            return status
        with ExitStack() as stack:
            if folder is not None and suite in WRITING and ROLLED_BACK not in arguments:
                stack.enter_context(database.copied(place, "copy"))
                variables["DATABASE_URL"] = database.url(place, database.SUPERUSER, "copy")
            return run("-m", f"bench.{_MODULES.get(suite, suite)}", *arguments)
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for service in reversed(services):
            service.stop()
        if place is not None:
            shutil.rmtree(place.sockets, ignore_errors=True)


def _suite(arguments: list[str]) -> tuple[str, list[str]]:
    """The suite named by the first argument, and the arguments that are the suite's own."""
    if not arguments or arguments[0].startswith("-"):
        return SUITES[0], arguments
    if arguments[0] not in SUITES:
        raise Stop(f"bin/bench: there is no suite {arguments[0]!r}. There is: {', '.join(SUITES)}.")
    return arguments[0], arguments[1:]


def _read(arguments: list[str]) -> tuple[Path | None, kept.Filling, list[str]]:
    """The folder of `--data`, the size of the register, and the arguments that the suite is given."""
    parser = argparse.ArgumentParser(prog="bin/bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--orders", type=int, default=ORDERS)
    ours, rest = parser.parse_known_args(arguments)
    sizes = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    sizes.add_argument("--sample", type=int, default=1)
    sizes.add_argument("--forces", type=int)
    size, _ = sizes.parse_known_args(rest)
    folder = None if ours.data is None else ours.data.resolve()
    return folder, kept.Filling(ours.orders, size.sample, size.forces), ["--orders", str(ours.orders), *rest]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
