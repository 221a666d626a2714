"""How an import tells that it is getting on."""

from __future__ import annotations

from typing import Protocol


class Advance(Protocol):
    """Called as work is done: the name of the step, how many more are done, and of how many where that is known."""

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """Note progress."""
        ...


def silent(step: str, done: int, total: int | None = None) -> None:
    """Nobody is watching."""
