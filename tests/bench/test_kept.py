"""A register kept for measuring is used again if it is whole and of the size asked for, and never taken for another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedded import bench, kept
from embedded.environment import Stop
from embedded.kept import Filling
from embedded.place import Place


def _place(folder: Path) -> Place:
    place = Place(folder / "state", folder / "sockets", None, folder / "kept")
    (place.postgres_home / "data").mkdir(parents=True)
    return place


def test_a_whole_register_of_that_size_is_used_again(tmp_path: Path) -> None:
    place = _place(tmp_path)
    kept.keep(place, Filling(20_000))
    assert kept.is_kept(place, Filling(20_000))
    assert (place.postgres_home / "data").is_dir()


@pytest.mark.parametrize("other", [Filling(100_000), Filling(20_000, sample=50), Filling(20_000, forces=43)])
def test_one_of_another_size_is_neither_measured_nor_deleted(tmp_path: Path, other: Filling) -> None:
    place = _place(tmp_path)
    kept.keep(place, Filling(20_000))
    with pytest.raises(Stop, match=r"holds a register of 20,000 orders.*--data"):
        kept.is_kept(place, other)
    assert (place.postgres_home / "data").is_dir()


def test_what_was_left_half_filled_is_filled_anew(tmp_path: Path) -> None:
    place = _place(tmp_path)
    (place.postgres_home / "data" / "PG_VERSION").write_text("18")
    assert not kept.is_kept(place, Filling(20_000))
    assert not (place.postgres_home / "data").exists()


def test_one_that_is_being_filled_is_left_alone(tmp_path: Path) -> None:
    place = _place(tmp_path)
    (place.postgres_home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    with pytest.raises(Stop, match="is being filled"):
        kept.is_kept(place, Filling(20_000))
    assert (place.postgres_home / "data").is_dir()


def test_the_folder_is_for_the_command_and_the_rest_for_the_suite(tmp_path: Path) -> None:
    given = ["--data", str(tmp_path), "--orders", "500", "--sample", "5", "--queries", "20"]
    folder, filling, arguments = bench._read(given)
    assert (folder, filling) == (tmp_path.resolve(), Filling(500, sample=5))
    assert arguments == ["--orders", "500", "--sample", "5", "--queries", "20"]
    assert bench._read([]) == (None, Filling(bench.ORDERS), ["--orders", str(bench.ORDERS)])
