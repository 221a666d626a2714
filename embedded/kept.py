"""A filled register that is kept in a folder, so that it is measured again without being filled again."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded.environment import Stop
from embedded.place import Place


@dataclass(frozen=True)
class Filling:
    """How large a register is: `sample`, only every so many orders have events; `forces` None, as many as fit."""

    orders: int
    sample: int = 1
    forces: int | None = None

    @property
    def arguments(self) -> list[str]:
        """How `bench.register` is told."""
        told = ["--orders", str(self.orders), "--sample", str(self.sample)]
        return told if self.forces is None else [*told, "--forces", str(self.forces)]


def is_kept(place: Place, wanted: Filling) -> bool:
    """Whether a whole register of that size lies at the place. What was left half filled is deleted.

    Raises Stop where a register of another size lies there: filling takes long, so nothing whole is ever deleted.
    """
    mark, data = _mark(place), place.postgres_home / "data"
    if mark.exists():
        held = Filling(**json.loads(mark.read_text(encoding="utf-8")))
        if (held.orders, held.sample) != (wanted.orders, wanted.sample) or wanted.forces not in (None, held.forces):
            raise Stop(
                f"{place.postgres_home} holds a register of {held.orders:,} orders (--sample {held.sample}). Ask for "
                "that size, name another folder with --data, or delete this one."
            )
        return True
    if data.exists():
        if (data / "postmaster.pid").exists() and _runs(data):
            raise Stop(f"A register is being filled in {place.postgres_home}. Wait for it, or name another folder.")
        shutil.rmtree(data)
    return False


def keep(place: Place, filled: Filling) -> None:
    """Note that the register at the place is whole."""
    _mark(place).write_text(json.dumps(asdict(filled)), encoding="utf-8")


def _mark(place: Place) -> Path:
    return place.postgres_home / "filled.json"


def _runs(data: Path) -> bool:
    """Whether the server that wrote its number there is still running."""
    number = (data / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    return Path("/proc", number).exists()
