"""One row of a CSV file while it is being read: each column taken by name, each problem noted, none thrown.

A row may have several faults and the source's own people must find them all, so reading goes on after the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from govuk_forms.turning import TURNING
from orders.imports.values import Moment, ValueProblem, day_from, instant_from, moment_from

REF_LIMIT = 64
TEXT_LIMIT = 20_000
SHOWN = 80
"""How much of an offending value is repeated in a message."""

T = TypeVar("T")
_YES_NO = frozenset("YN")


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row cannot be taken. `order_ref` or `person_ref` say what it belongs to, where that could be read."""

    file: str
    line: int
    column: str | None
    value: str | None
    order_ref: str | None
    person_ref: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RowWarning:
    """A remark on a row that is taken all the same."""

    file: str
    line: int
    column: str
    value: str
    reason: str


def shown(value: str) -> str:
    """A value cut short for a message, with control characters made visible."""
    cut = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)


class Fields:
    """The cells of one row. Every getter notes a problem and returns a harmless value where it cannot read."""

    __slots__ = ("_values", "line", "problems", "remarks")

    def __init__(self, index: Mapping[str, int], cells: Sequence[str], line: int) -> None:
        self._values = {column: cells[place].strip() for column, place in index.items()}
        self.line = line
        self.problems: list[tuple[str, str, str]] = []
        self.remarks: list[tuple[str, str, str]] = []

    def raw(self, column: str) -> str:
        """The cell without surrounding white space; blank where the column is absent."""
        return self._values.get(column, "")

    def problem(self, column: str, reason: str) -> None:
        """Note that the row cannot be taken, and why; `reason` completes the sentence "<column> …"."""
        self.problems.append((column, self.raw(column), reason))

    def remark(self, column: str, reason: str) -> None:
        """Note something that deserves a word but stops nothing."""
        self.remarks.append((column, self.raw(column), reason))

    def text(self, column: str, limit: int, *, required: bool = False) -> str:
        """Free text of at most `limit` characters, without marks that would turn what follows on a page round."""
        value = self._values.get(column, "")
        if not value.isascii() and TURNING.search(value):
            self.remark(column, "holds invisible marks that turn the direction of text round; they were taken out")
            value = TURNING.sub("", value).strip()
        if required and not value:
            self.problem(column, "is missing")
        elif len(value) > limit:
            self.problem(column, f"holds {len(value):,} characters; at most {limit:,} are accepted")
            return ""
        elif "\0" in value:
            self.problem(column, "holds a NUL byte, which is not text")
            return ""
        return value

    def ref(self, column: str, *, required: bool = True) -> str:
        """A key of the source."""
        return self.text(column, REF_LIMIT, required=required)

    def choice(self, column: str, allowed: frozenset[str], *, blank: str | None = None) -> str:
        """One of a fixed set of codes. `blank` is what an empty cell means; None makes the value required."""
        value = self._values.get(column, "")
        if not value:
            if blank is None:
                self.problem(column, "is missing")
            return blank or ""
        if value not in allowed:
            some = ", ".join(sorted(allowed))
            self.problem(column, f"is not one of {some}" if len(allowed) < 8 else "is not a code of the contract")
            return ""
        return value

    def yes_no(self, column: str) -> bool | None:
        """Y, N, or None for blank."""
        value = self.choice(column, _YES_NO, blank="")
        return None if not value else value == "Y"

    def parsed(self, column: str, parse: Callable[[str], T], *, required: bool = False) -> T | None:
        """A value read by `parse`, which raises ValueProblem; None for blank and for what cannot be read."""
        value = self._values.get(column, "")
        if not value:
            if required:
                self.problem(column, "is missing")
            return None
        try:
            return parse(value)
        except ValueProblem as problem:
            self.problem(column, str(problem))
            return None

    def day(self, column: str, *, required: bool = False) -> date | None:
        """A date."""
        return self.parsed(column, day_from, required=required)

    def moment(self, column: str, *, required: bool = False) -> Moment | None:
        """A date or an instant."""
        return self.parsed(column, moment_from, required=required)

    def changed_at(self) -> datetime | None:
        """`updated_at`: when the source last changed the row."""
        return self.parsed("updated_at", instant_from, required=True)
