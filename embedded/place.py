"""Where the embedded services keep their data, and as whom they run."""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

from embedded.environment import PROJECT, Stop

MARK = "civil-orders-embedded"
"""Stands in every address of an embedded service, so that production can refuse it."""


@dataclass(frozen=True)
class Place:
    """`state` holds data and logs; `sockets` is short enough for a socket's address.

    `service_user` is whom a server that refuses to run as root runs as; None is the present user. `kept`: where the
    database lies, if not with the rest.
    """

    state: Path
    sockets: Path
    service_user: str | None
    kept: Path | None = None

    @property
    def postgres_home(self) -> Path:
        """A folder of the service user's own, reachable whatever the project's folder allows."""
        if self.kept is not None:
            return self.kept
        return self.sockets / "postgres" if self.service_user else self.state / "postgres"


def service_user() -> str | None:
    """As root, an ordinary user to run PostgreSQL as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise Stop(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody. Use an ordinary user."
    )


def standing_place() -> Place:
    """The place of `bin/run`: the same each time for the same project and user."""
    state = PROJECT / "var"
    state.mkdir(exist_ok=True)
    user = service_user()
    key = hashlib.sha256(f"{state}:{os.geteuid()}".encode()).hexdigest()[:10]
    # As root the data too lie here, because the project may be in a folder that only root can enter.
    base = Path("/var/tmp") if user and Path("/var/tmp").is_dir() else Path(tempfile.gettempdir())
    return _made(Place(state, base / f"{MARK}-{key}", user))


def passing_place(kept: Path | None = None) -> Place:
    """A place of its own for a test run, to be deleted afterwards; what is `kept`, if anything, lies elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix=f"{MARK}-"))
    place = Place(folder / "state", folder, service_user(), kept)
    place.state.mkdir()
    return _made(place)


def _made(place: Place) -> Place:
    place.sockets.mkdir(mode=0o711, exist_ok=True)
    if place.sockets.stat().st_uid != os.geteuid():
        raise Stop(f"{place.sockets} belongs to somebody else. Delete it, or set TMPDIR to a folder of your own.")
    # Others may pass through, by name, to what is theirs; nobody may list.
    place.sockets.chmod(0o711 if place.service_user else 0o700)
    (place.state / "log").mkdir(exist_ok=True)
    return place


def own(path: Path, user: str | None) -> None:
    """Make a folder that only its user can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(0o700)
