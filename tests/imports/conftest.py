"""The areas that the register ships, and the sample extract imported."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client

from orders.imports.loader import load
from orders.imports.outcome import Outcome
from orders.models import Role
from tests.imports.bundles import SAMPLE
from tests.imports.uploading import client_of


@pytest.fixture
def areas(db: None) -> None:
    call_command("load_areas", stdout=io.StringIO())


@pytest.fixture
def imported(areas: None) -> Outcome:
    return load(SAMPLE, commit=True)


@pytest.fixture
def own_folders(tmp_path: Path, settings: LazySettings) -> None:
    settings.IMPORT_DIR = str(tmp_path / "kept")
    settings.IMPORT_FOLDER = str(tmp_path / "watched")
    Path(settings.IMPORT_FOLDER).mkdir()


@pytest.fixture
def team() -> Client:
    return client_of("team", Role.CIVIL_ORDERS_TEAM)
