"""A bundle that cannot be trusted is refused with a sentence; nothing is read from it."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from orders.imports.bundle import Limits, opened_bundle
from orders.imports.manifest import BundleRefused
from orders.imports.reader import RECORD_LIMIT, FileReader
from tests.imports.bundles import SAMPLE, Draft, sample


def read_all(path: Path, limits: Limits | None = None) -> dict[str, int]:
    """Read a bundle whole; returns the rows of each file."""
    with opened_bundle(path, limits) as bundle:
        bundle.check_hashes()
        counts = {}
        for name in bundle.manifest.files:
            reader = FileReader(bundle, name)
            for _ in reader:
                pass
            counts[name] = reader.rows_read
    return counts


SAMPLE_COUNTS = {
    "orders.csv": 12,
    "people.csv": 10,
    "addresses.csv": 11,
    "parties.csv": 24,
    "conditions.csv": 10,
    "events.csv": 39,
}


def test_the_sample_reads_from_a_folder_a_zip_and_a_zipped_folder(tmp_path: Path) -> None:
    assert read_all(SAMPLE) == SAMPLE_COUNTS
    assert read_all(sample().write_zip(tmp_path / "flat.zip")) == SAMPLE_COUNTS
    assert read_all(sample().write_zip(tmp_path / "nested.zip", prefix="extract/")) == SAMPLE_COUNTS


def test_the_content_hash_does_not_depend_on_packing(tmp_path: Path) -> None:
    hashes = set()
    draft = sample()
    for path in (draft.write(tmp_path / "folder"), draft.write_zip(tmp_path / "b.zip")):
        with opened_bundle(path) as bundle:
            hashes.add(bundle.manifest.content_hash)
    with opened_bundle(sample().later("2026-11-21T04:00:00+00:00").write(tmp_path / "later")) as bundle:
        assert bundle.manifest.content_hash not in hashes
    assert len(hashes) == 1


def _manifest(**changes: object) -> Callable[[Draft], None]:
    return lambda draft: draft.manifest.update(changes)


def _raw(name: str, change: Callable[[bytes], bytes]) -> Callable[[Draft], None]:
    return lambda draft: draft.raw.update({name: change(draft.content()[name])})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_manifest(format="civil-orders-extract/2"), "format"),
        (_manifest(source=""), "source"),
        (_manifest(source="register"), "kept for orders entered by hand"),
        (_manifest(extracted_at="yesterday"), "extracted_at"),
        (_manifest(extracted_at=None), "extracted_at"),
        (_manifest(mode="partial"), "mode"),
        (_manifest(files={}), "files is missing"),
        (_manifest(files={"orders.csv": {"rows": 1, "sha256": "0" * 64}}), "does not list people.csv"),
        (_manifest(files={"../orders.csv": {"rows": 1, "sha256": "0" * 64}}), "leads outside"),
        (_manifest(files={"orders.csv": {"rows": True, "sha256": "0" * 64}}), "no row count"),
        (_manifest(files={"orders.csv": {"rows": 1, "sha256": "abc"}}), "no SHA-256"),
        (_raw("orders.csv", lambda b: b.replace(b"order_ref,kind", b"order_ref,sort", 1)), "lacks the column kind"),
        (_raw("orders.csv", lambda b: b.replace(b",court,", b",kind,", 1)), "column kind twice"),
        (_raw("events.csv", lambda _: b""), "no header row"),
        (_raw("people.csv", lambda b: b.replace("Ciarán".encode(), b"Ciar\xe1n")), "people.csv is not UTF-8"),
        (_raw("people.csv", lambda b: b.decode().encode("utf-16")), "people.csv is not UTF-8"),
        (_raw("events.csv", lambda b: b[: b.rindex(b"\r\n", 0, -2) + 2]), "holds 38 rows; its manifest says 39"),
        (_raw("events.csv", lambda b: b + b'CN-100012,E-40,"never closed'), "quoting is broken"),
    ],
)
def test_a_spoilt_bundle_is_refused(tmp_path: Path, spoil: Callable[[Draft], None], says: str) -> None:
    draft = sample()
    spoil(draft)
    with pytest.raises(BundleRefused, match=says):
        read_all(draft.write(tmp_path / "bundle"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{", "JSON"), (b"[]", "object"), (b"\xff\xfe", "UTF-8"), (b"[" * 100_000, "JSON"), (b" " * (2 << 20), "larger")],
)
def test_a_manifest_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    folder = sample().write(tmp_path / "bundle")
    folder.joinpath("manifest.json").write_bytes(content)
    with pytest.raises(BundleRefused, match=says):
        read_all(folder)


def test_missing_things_are_named(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="no bundle at"):
        read_all(tmp_path / "nowhere")
    folder = sample().write(tmp_path / "bundle")
    folder.joinpath("parties.csv").unlink()
    with pytest.raises(BundleRefused, match=r"lacks parties\.csv"):
        read_all(folder)
    folder.joinpath("manifest.json").unlink()
    with pytest.raises(BundleRefused, match=r"no manifest\.json"):
        read_all(folder)


def test_a_file_changed_or_cut_after_the_manifest_is_refused(tmp_path: Path) -> None:
    folder = sample().write(tmp_path / "bundle")
    events = folder / "events.csv"
    whole = events.read_bytes()
    for spoilt in (whole[:-40], whole.replace(b"2024-04-02T11:15", b"2024-04-02T11:16")):
        events.write_bytes(spoilt)
        with pytest.raises(BundleRefused, match=r"events\.csv is not the file that the manifest describes"):
            read_all(folder)


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = sample().write(tmp_path / "bundle")
    secret = tmp_path / "people-elsewhere.csv"
    folder.joinpath("people.csv").rename(secret)
    folder.joinpath("people.csv").symlink_to(secret)
    with pytest.raises(BundleRefused, match=r"people\.csv is a link"):
        read_all(folder)


def test_a_row_without_end_is_refused_and_a_long_field_is_not(tmp_path: Path) -> None:
    endless = sample().replace_bytes("orders.csv", lambda content: content + b"x" * (RECORD_LIMIT + 1))
    with pytest.raises(BundleRefused, match="more than"):
        read_all(endless.write(tmp_path / "endless"))
    long_field = sample().change("events.csv", {"event_ref": "E-1"}, text="x" * 10_000_000)
    assert read_all(long_field.write(tmp_path / "long")) == SAMPLE_COUNTS


def _zip_with(path: Path, *extra: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    sample().write_zip(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for info, content in extra:
            archive.writestr(info, content)
    return path


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("notes.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("entry", "content", "says"),
    [
        ("../evil.csv", b"x", "leads outside"),
        ("a/../../evil.csv", b"x", "leads outside"),
        ("/etc/cron.d/evil", b"x", "leads outside"),
        ("..\\evil.csv", b"x", "leads outside"),
        ("C:/evil.csv", b"x", "leads outside"),
        (_link(), b"/etc/passwd", "holds a link"),
        ("bomb.csv", b"0" * (8 << 20), "zip bomb"),
    ],
)
def test_a_hostile_zip_entry_refuses_the_zip(
    tmp_path: Path, entry: zipfile.ZipInfo | str, content: bytes, says: str
) -> None:
    with pytest.raises(BundleRefused, match=says):
        read_all(_zip_with(tmp_path / "bundle.zip", (entry, content)))


def test_zip_caps_on_entries_and_sizes(tmp_path: Path) -> None:
    path = sample().write_zip(tmp_path / "bundle.zip")
    with pytest.raises(BundleRefused, match="at most 3 are accepted"):
        read_all(path, Limits(entries=3))
    with pytest.raises(BundleRefused, match="would unpack to"):
        read_all(path, Limits(total_size=1000))
    with pytest.raises(BundleRefused, match="zip bomb"):
        read_all(path, Limits(file_size=1000))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_names_a_file_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="twice"):
        read_all(_zip_with(tmp_path / "bundle.zip", ("orders.csv", b"other")))


def test_unreadable_zips_are_refused(tmp_path: Path) -> None:
    path = sample().write_zip(tmp_path / "whole.zip")
    whole = path.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BundleRefused, match="neither a folder nor a zip"):
        read_all(cut)
    damaged = bytearray(whole)
    start = whole.index(b"orders.csv") + len(b"orders.csv")
    damaged[start + 20 : start + 60] = bytes(40)
    broken = tmp_path / "damaged.zip"
    broken.write_bytes(damaged)
    with pytest.raises(BundleRefused, match=r"orders\.csv cannot be read"):
        read_all(broken)
    encrypted = bytearray(whole)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := encrypted.find(signature, at + 1)) >= 0:
            encrypted[at + flags] |= 1
    locked = tmp_path / "encrypted.zip"
    locked.write_bytes(encrypted)
    with pytest.raises(BundleRefused, match="encrypted"):
        read_all(locked)


def test_other_files_are_reported_and_ignored(tmp_path: Path) -> None:
    folder = sample().write(tmp_path / "bundle")
    folder.joinpath("readme.txt").write_text("hello")
    with opened_bundle(folder) as bundle:
        assert bundle.warnings == ("the bundle holds 'readme.txt', which its manifest does not list: ignored",)


def test_arrest_counts_may_come_alone(tmp_path: Path) -> None:
    content = b"month,area,count,source\n2026-10,WMP-WAL,123,custody\n"
    entry = {"rows": 1, "sha256": hashlib.sha256(content).hexdigest()}
    manifest = sample().manifest | {"files": {"arrests.csv": entry}}
    tmp_path.joinpath("arrests.csv").write_bytes(content)
    tmp_path.joinpath("manifest.json").write_text(json.dumps(manifest))
    assert read_all(tmp_path) == {"arrests.csv": 1}
    with opened_bundle(tmp_path) as bundle:
        assert not bundle.manifest.carries_orders
