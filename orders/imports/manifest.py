"""The manifest of an extract bundle: what the source says the bundle is, checked before a row is believed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders.imports.values import ValueProblem, instant_from

FORMAT = "civil-orders-extract/1"
ORDER_FILES = ("orders.csv", "people.csv", "addresses.csv", "parties.csv", "conditions.csv", "events.csv")
ARRESTS_FILE = "arrests.csv"
KNOWN_FILES = (*ORDER_FILES, ARRESTS_FILE)
OWN_SOURCE = "register"
"""The source of orders entered by hand: a bundle that used it would overwrite them."""

_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class BundleRefused(Exception):
    """The bundle as a whole cannot be trusted; nothing of it is applied. The message says why, for a person."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """What the manifest promises of one file: how many rows below the header, and its SHA-256 in hexadecimal."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that has been checked. `extracted_at` is UTC; `mode` is "full" or "changes"."""

    source: str
    extracted_at: datetime
    mode: str
    files: dict[str, ListedFile]
    unlisted: tuple[str, ...] = ()

    @property
    def carries_orders(self) -> bool:
        """Whether the bundle is about orders at all: arrest counts may come alone."""
        return "orders.csv" in self.files

    @property
    def content_hash(self) -> str:
        """One hash for the whole bundle, whatever the manifest's white space or the order of its keys."""
        content = {
            "format": FORMAT,
            "source": self.source,
            "extracted_at": self.extracted_at.isoformat(),
            "mode": self.mode,
            "files": {name: [self.files[name].rows, self.files[name].sha256] for name in sorted(self.files)},
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_manifest(raw: bytes) -> Manifest:
    """Check the bytes of `manifest.json`. Raises BundleRefused with the first thing that is wrong."""
    try:
        parsed: Any = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BundleRefused("manifest.json is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise BundleRefused("manifest.json cannot be read as JSON") from error
    if not isinstance(parsed, dict):
        raise BundleRefused("manifest.json does not hold a JSON object")
    if parsed.get("format") != FORMAT:
        raise BundleRefused(f'manifest.json: format is not "{FORMAT}"')
    source = parsed.get("source")
    if not isinstance(source, str) or not _SOURCE.match(source):
        raise BundleRefused("manifest.json: source is missing or is not a short name of letters, digits, . _ -")
    if source == OWN_SOURCE:
        raise BundleRefused(f'manifest.json: the source "{OWN_SOURCE}" is kept for orders entered by hand')
    stamp = parsed.get("extracted_at")
    try:
        extracted_at = instant_from(stamp if isinstance(stamp, str) else "")
    except ValueProblem as problem:
        raise BundleRefused(f"manifest.json: extracted_at {problem}") from problem
    mode = parsed.get("mode")
    if mode not in ("full", "changes"):
        raise BundleRefused('manifest.json: mode is neither "full" nor "changes"')
    files, unlisted = _files(parsed.get("files"))
    return Manifest(source, extracted_at, str(mode), files, unlisted)


def _files(listed: Any) -> tuple[dict[str, ListedFile], tuple[str, ...]]:
    if not isinstance(listed, dict) or not listed:
        raise BundleRefused("manifest.json: files is missing or empty")
    files: dict[str, ListedFile] = {}
    unknown = []
    for name, entry in listed.items():
        if "/" in name or "\\" in name or ".." in name or "\0" in name:
            raise BundleRefused(f"manifest.json lists {name[:80]!a}, which leads outside the bundle")
        if name not in KNOWN_FILES:
            unknown.append(str(name)[:80])
            continue
        rows = entry.get("rows") if isinstance(entry, dict) else None
        sha256 = entry.get("sha256") if isinstance(entry, dict) else None
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
            raise BundleRefused(f"manifest.json: {name} has no row count")
        if not isinstance(sha256, str) or not _SHA256.match(sha256):
            raise BundleRefused(f"manifest.json: {name} has no SHA-256")
        files[name] = ListedFile(rows, sha256.lower())
    if set(files) != {ARRESTS_FILE}:
        for name in ORDER_FILES:
            if name not in files:
                raise BundleRefused(f"manifest.json does not list {name}")
    return files, tuple(unknown)
