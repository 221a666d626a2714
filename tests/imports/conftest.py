"""The areas that the register ships, and the sample extract imported."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from orders.imports.loader import load
from orders.imports.outcome import Outcome
from tests.imports.bundles import SAMPLE


@pytest.fixture
def areas(db: None) -> None:
    call_command("load_areas", stdout=io.StringIO())


@pytest.fixture
def imported(areas: None) -> Outcome:
    return load(SAMPLE, commit=True)
