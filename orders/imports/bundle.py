"""Opening an extract bundle, a folder or a .zip, without trusting anything about it.

Nothing is unpacked to disk: files are streamed from where they are. What could harm the machine (a zip bomb, a name
that leads outside the bundle, a link, a line without end) is refused before it is read.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from orders.imports.manifest import BundleRefused, Manifest, read_manifest

MANIFEST = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a bundle is still reasonable, in bytes unless said otherwise.

    `ratio` is uncompressed over compressed size, asked only of files larger than `ratio_from`: CSV of this kind
    compresses 10 to 40 times, a bomb of repeated bytes about 1,000 times.
    """

    file_size: int = 4 << 30
    total_size: int = 8 << 30
    manifest_size: int = 1 << 20
    entries: int = 200
    ratio: int = 200
    ratio_from: int = 1 << 20


class Contents(Protocol):
    """Where the files of a bundle come from."""

    def names(self) -> tuple[str, ...]:
        """The names of the files at the top of the bundle."""
        ...

    def size(self, name: str) -> int:
        """How many bytes the file holds once uncompressed, as declared."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one file, as a stream. Raises BundleRefused where it cannot be opened."""
        ...


class FolderContents:
    """A bundle that is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """The regular files of the folder; links count too, so that `open` can refuse them by name."""
        return tuple(sorted(path.name for path in self._folder.iterdir() if path.is_symlink() or path.is_file()))

    def size(self, name: str) -> int:
        """Size on disk."""
        return self._folder.joinpath(name).lstat().st_size

    def open(self, name: str) -> IO[bytes]:
        """Open a file that really lies in the folder; a link could lead anywhere on the machine."""
        path = self._folder / name
        if path.is_symlink():
            raise BundleRefused(f"{name} is a link; a bundle must hold the file itself")
        try:
            return path.open("rb")
        except OSError as error:
            raise BundleRefused(f"{name} cannot be opened: {error.strerror}") from error


class ZipContents:
    """A bundle that is a .zip file. Every entry is judged by the archive's directory before any is read."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        infos = archive.infolist()
        if len(infos) > limits.entries:
            raise BundleRefused(f"the zip holds {len(infos):,} entries; at most {limits.entries} are accepted")
        total = 0
        entries: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            _judge_entry(info, limits)
            total += info.file_size
            if info.filename in entries:
                raise BundleRefused(f"the zip holds {_shown(info.filename)} twice")
            entries[info.filename] = info
        if total > limits.total_size:
            raise BundleRefused(f"the zip would unpack to {total:,} bytes; at most {limits.total_size:,} are accepted")
        self._entries = _at_top(entries)

    def names(self) -> tuple[str, ...]:
        """Names at the top of the bundle."""
        return tuple(sorted(name for name in self._entries if "/" not in name))

    def size(self, name: str) -> int:
        """The size that the archive declares; reading never goes beyond it."""
        return self._entries[name].file_size

    def open(self, name: str) -> IO[bytes]:
        """Stream one entry."""
        try:
            return self._archive.open(self._entries[name])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
            raise BundleRefused(f"{name} cannot be read from the zip: {error}") from error


def _shown(name: str) -> str:
    """A name from the archive, fit for a message: what is unprintable is escaped, what is long is cut."""
    return ascii(name[:80])


def _judge_entry(info: zipfile.ZipInfo, limits: Limits) -> None:
    name = info.filename
    # ZipInfo cuts a name at a NUL byte and turns the platform's separator; the untouched name is what was sent.
    sent = info.orig_filename
    parts = PurePosixPath(sent).parts
    if sent.startswith("/") or "\\" in sent or "\0" in sent or ".." in parts or (parts and ":" in parts[0]):
        raise BundleRefused(f"the zip holds the name {_shown(sent)}, which leads outside the bundle")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BundleRefused(f"the zip holds a link, {_shown(name)}; a bundle must hold the file itself")
    if info.flag_bits & 0x1:
        raise BundleRefused(f"the zip is encrypted ({_shown(name)})")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BundleRefused(f"the zip compresses {_shown(name)} in a way that is not accepted (use deflate)")
    if info.file_size > limits.file_size:
        raise BundleRefused(
            f"zip bomb: {_shown(name)} would unpack to {info.file_size:,} bytes; "
            f"at most {limits.file_size:,} are accepted"
        )
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(info.compress_size, 1):
        raise BundleRefused(
            f"zip bomb: {_shown(name)} would unpack from {info.compress_size:,} to {info.file_size:,} bytes, "
            f"more than {limits.ratio} times its size"
        )


def _at_top(entries: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Entries named from the bundle's own top: zipping a folder rather than its files puts one folder around them."""
    files = {name: info for name, info in entries.items() if not info.is_dir()}
    if MANIFEST in files:
        return files
    folders = {name.split("/", 1)[0] for name in files if "/" in name}
    if len(folders) == 1 and all("/" in name for name in files):
        return {name.split("/", 1)[1]: info for name, info in files.items()}
    return files


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle whose manifest has been checked; `warnings` are remarks on the bundle as a whole."""

    path: Path
    manifest: Manifest
    contents: Contents
    warnings: tuple[str, ...]

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one listed file."""
        return self.contents.open(name)

    def check_hashes(self) -> None:
        """Read every listed file once and compare its SHA-256. Raises BundleRefused at the first that differs."""
        for name, listed in self.manifest.files.items():
            digest = hashlib.sha256()
            try:
                with self.open(name) as stream:
                    while chunk := stream.read(_CHUNK):
                        digest.update(chunk)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                raise BundleRefused(f"{name} cannot be read: {error}") from error
            if digest.hexdigest() != listed.sha256:
                raise BundleRefused(f"{name} is not the file that the manifest describes: its SHA-256 differs")


@contextmanager
def opened_bundle(path: Path, limits: Limits | None = None) -> Iterator[Bundle]:
    """Open a bundle, check its manifest and that each listed file is there and not absurdly large.

    Hashes and rows are checked by `Bundle.check_hashes` and by reading. Raises BundleRefused.
    """
    limits = limits or Limits()
    if path.is_dir():
        yield _checked(path, FolderContents(path), limits)
        return
    if not path.exists():
        raise BundleRefused(f"there is no bundle at {path}")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BundleRefused(f"the bundle is neither a folder nor a zip that can be read: {error}") from error
    with archive:
        yield _checked(path, ZipContents(archive, limits), limits)


def _checked(path: Path, contents: Contents, limits: Limits) -> Bundle:
    names = contents.names()
    if MANIFEST not in names:
        raise BundleRefused("the bundle has no manifest.json")
    if contents.size(MANIFEST) > limits.manifest_size:
        raise BundleRefused("manifest.json is larger than a manifest can be")
    try:
        with contents.open(MANIFEST) as stream:
            manifest = read_manifest(stream.read())
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BundleRefused(f"manifest.json cannot be read: {error}") from error
    for name in manifest.files:
        if name not in names:
            raise BundleRefused(f"the bundle lacks {name}, which its manifest lists")
        if contents.size(name) > limits.file_size:
            raise BundleRefused(f"{name} is larger than {limits.file_size:,} bytes")
    warnings = [f"manifest.json lists {name}, which is not a file of an extract: ignored" for name in manifest.unlisted]
    known = {MANIFEST, *manifest.files}
    warnings += [
        f"the bundle holds {_shown(name)}, which its manifest does not list: ignored"
        for name in names
        if name not in known and name not in manifest.unlisted
    ]
    return Bundle(path, manifest, contents, tuple(warnings))
