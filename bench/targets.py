"""What is wanted of each size of register: p95 in ms, as the table of targets has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Targets:
    """The most that a line may take at p95."""

    area: float = 1
    search_page: float = 40
    name_sql: float = 15
    name_page: float = 60
    name_anywhere: float = 80
    as_at: float = 3
    known_at: float | None = 150
    order_page: float = 40
    worker_mb: float = 200

    @classmethod
    def of(cls, orders: int) -> Targets:
        """Those of a register of so many orders: one set up to 2 million, another beyond."""
        if orders <= 2_500_000:
            return cls()
        return cls(search_page=50, name_sql=25, name_page=80, name_anywhere=120, as_at=5, known_at=None)
