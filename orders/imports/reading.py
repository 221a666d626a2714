"""The files of a bundle as the rows of stage tables, here or in a process beside: no Django.

The process beside reads while this one seals and the database stores. It is given the bundle and what was put right in
it, and neither keys nor the address of the database.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from orders.imports.bundle import Bundle, opened_bundle
from orders.imports.corrections import NONE, Corrections
from orders.imports.fields import RowError, RowWarning
from orders.imports.manifest import BundleRefused
from orders.imports.reader import FileReader, Read
from orders.imports.rows import AddressRow, ArrestRow, ConditionRow, EventRow, OrderRow, PartyRow, PersonRow, Row

CHUNK = 10_000
"""Rows read before they go on: what bounds the memory of an import."""

BESIDE_FROM = 20_000
"""Rows of a bundle from which a process beside is worth its start."""

_PROJECT = Path(__file__).resolve().parents[2]

_TABLE_OF: dict[type[Row], str] = {
    OrderRow: "stage_order",
    PartyRow: "stage_party",
    PersonRow: "stage_person",
    AddressRow: "stage_address",
    ConditionRow: "stage_condition",
    EventRow: "stage_event",
    ArrestRow: "stage_arrest",
}
"""Where a row is staged: in its fields' own order."""

_WARNINGS = PersonRow._fields.index("warnings")


class Part(NamedTuple):
    """Some rows of a file: how many were read, what is staged of them by table, and remarks with their topics."""

    file: str
    read: int
    tuples: dict[str, list[tuple[Any, ...]]]
    remarks: list[tuple[str, str]]


def parts(
    bundle: Bundle,
    corrections: Corrections = NONE,
    lines_of: Callable[[str], Iterator[int] | None] = lambda name: None,
) -> Generator[Part, None, None]:
    """All files, as corrected; `lines_of` gives the lines of a file that are read, None for all. Raises BundleRefused.

    Rows that something was remarked on are told of in `stage_remarked`, and faulty ones in `stage_error`.
    """
    for name in bundle.manifest.files:
        reader = FileReader(bundle, name, corrections.of(name), lines_of(name))
        items = iter(reader)
        while chunk := list(islice(items, CHUNK)):
            yield _part(name, chunk, bundle.manifest.extracted_at)
        ignored = [
            ("unknown columns", f"{name}: the column {column} is not of the contract and was ignored")
            for column in reader.unknown_columns
        ]
        if ignored:
            yield Part(name, 0, {}, ignored)


def _part(name: str, chunk: list[Read], extracted_at: datetime) -> Part:
    tuples: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    remarks: list[tuple[str, str]] = []
    for item in chunk:
        match item:
            case RowWarning():
                tuples["stage_remarked"].append((item.file, item.line))
                remarks.append(
                    (item.reason, f"{name} line {item.line:,}: {item.reason} (value: {item.value or 'blank'})")
                )
            case RowError():
                tuples["stage_error"].append(
                    (item.file, item.line, item.column, item.value, item.order_ref, item.person_ref, item.reason)
                )
            case _:
                tuples[_TABLE_OF[type(item)]].append(_staged(item, extracted_at, remarks))
                if isinstance(item, EventRow) and item.at > extracted_at:
                    # What it means changes with time, while what it says stays the same.
                    tuples["stage_remarked"].append((name, item.line))
    return Part(name, len(chunk), dict(tuples), remarks)


def _staged(row: Row, extracted_at: datetime, remarks: list[tuple[str, str]]) -> tuple[Any, ...]:
    """A row as the values of its stage table."""
    if isinstance(row, PersonRow):
        return (*row[:_WARNINGS], list(row.warnings), json.dumps(row.aliases), row.updated_at)
    if isinstance(row, EventRow) and row.at > extracted_at:
        if row.event == "HEARING":
            # A hearing that has not begun yet extends nothing: it is a listing (contract, rule 8).
            return tuple(row._replace(event="LISTED"))
        if row.event not in ("LISTED", "RETURN_DATE", "RETRACTED"):
            told = (
                f"events.csv line {row.line:,}: {row.event} is dated after the extract was taken; "
                "it has no effect before its date"
            )
            remarks.append(("events dated after the extract was taken", told))
    return tuple(row)


def parts_beside(bundle: Bundle, corrections: Corrections = NONE) -> Generator[Part, None, None]:
    """The same of all lines, read by a process beside this one. Raises BundleRefused, and RuntimeError if it ended."""
    command = [sys.executable, "-c", f"from {__name__} import tell_parts; tell_parts()"]
    # Its own environment: nothing that it reads could bring it to tell a key or a password.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_PROJECT, env={"PYTHONPATH": str(_PROJECT)}
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process that reads the bundle cannot be spoken with")
        try:
            with process.stdin as asked:
                pickle.dump((bundle.path.resolve(), bundle.manifest.content_hash, corrections), asked)
            while (told := pickle.load(process.stdout)) is not None:  # noqa: S301 - our own process wrote it
                if isinstance(told, str):
                    raise BundleRefused(told)
                yield told
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise RuntimeError("the process that reads the bundle ended before its end") from error
        finally:
            process.kill()


def tell_parts() -> None:
    """Read the bundle that is told on standard input, and write its parts: a text is a refusal, None the end."""
    path, content_hash, corrections = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    try:
        with opened_bundle(path) as bundle:
            if bundle.manifest.content_hash != content_hash:
                raise BundleRefused("the bundle was replaced while it was being read")
            for part in parts(bundle, corrections):
                pickle.dump(part, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        pickle.dump(None, sys.stdout.buffer)
    except BundleRefused as refusal:
        pickle.dump(str(refusal), sys.stdout.buffer)
