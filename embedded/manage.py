"""`bin/manage`: manage.py with the services up; those of `bin/run` if it runs, else started for the command."""

from __future__ import annotations

import subprocess
import sys

from embedded import broker, database
from embedded.environment import PROJECT, Stop, say
from embedded.place import standing_place
from embedded.processes import Service
from embedded.run import environment


def main() -> int:
    """Run the command and return its exit status."""
    place = standing_place()
    services: list[Service] = []
    try:
        if not database.is_up(place):
            services.append(database.begin(place, durable=True))
        if not broker.is_up(place):
            services.append(broker.begin(place))
        command = [sys.executable, str(PROJECT / "manage.py"), *sys.argv[1:]]
        return subprocess.run(command, env=environment(place, 8000), check=False).returncode
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for service in reversed(services):
            service.stop()


if __name__ == "__main__":
    sys.exit(main())
