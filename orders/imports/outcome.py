"""What an import says of itself: the object that `import_extract --json` prints, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["accepted", "refused", "already imported"]


@dataclass(slots=True)
class Counts:
    """How many of one sort of thing came out in each way."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    missing_at_source: int = 0


@dataclass(frozen=True, slots=True)
class Reject:
    """One error that quarantined an order. `order_ref` is None where the row did not say whose it is."""

    file: str
    line: int
    column: str | None
    value: str | None
    order_ref: str | None
    reason: str


@dataclass(slots=True)
class Outcome:
    """The answer to an import. `committed` says whether the bundle's content is in the register for good."""

    bundle: Verdict
    reason: str | None = None
    warnings: list[str] = field(default_factory=list)
    orders: Counts = field(default_factory=Counts)
    people: Counts = field(default_factory=Counts)
    errors: list[Reject] = field(default_factory=list)
    committed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The object of the contract, keys in its order."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The answer in words, a line at a time."""
        if self.bundle == "refused":
            yield f"The bundle was refused: {self.reason}. Nothing was changed."
            return
        if self.bundle == "already imported":
            yield "This bundle was already imported; nothing was changed. What the first import said:"
        for name, counts in (("Orders", self.orders), ("People", self.people)):
            yield (
                f"{name}: {counts.new:,} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged, "
                f"{counts.quarantined:,} quarantined, {counts.missing_at_source:,} missing at source"
            )
        for error in self.errors:
            whose = f"order {error.order_ref}: " if error.order_ref else ""
            value = f" (value: {error.value})" if error.value else ""
            yield f"ERROR {error.file} line {error.line:,}: {whose}{error.reason}{value}"
        for warning in self.warnings:
            yield f"warning: {warning}"
        if not self.committed:
            yield "A dry run: nothing was changed. Add --commit to import."
