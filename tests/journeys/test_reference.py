"""Reference data in a real browser: an area by CSV, looked at before, applied, and taken back; and every page of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page

from orders.models import Area, Role, User
from orders.reference import work
from tests.journeys.typist import Typist

pytestmark = pytest.mark.journey

NINTH = b"code,name,level,parent\nWMP-WAL-99,Ninth,neighbourhood,WMP-WAL\n"


@pytest.mark.parametrize(("width", "scheme", "scripts"), [(1280, "light", True), (390, "dark", False)])
def test_an_area_is_added_by_csv_and_taken_back(
    signed_in: Callable[..., Page], settings: LazySettings, tmp_path: Path, width: int, scheme: str, scripts: bool
) -> None:
    settings.IMPORT_DIR = str(tmp_path / "kept")
    User.objects.update(roles=[Role.ADMINISTRATOR.value])
    page = signed_in(width=width, scheme=scheme, scripts=scripts)
    keeper = Typist(page, work.work_on_all, scripts=scripts).open("/reference")
    keeper.press("Change areas").fill(reason="A new neighbourhood")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "areas.csv", "mimeType": "text/csv", "buffer": NINTH}
    )
    keeper.press("Read the file").worked().says("1 new, 0 changed, 0 gone").says("WMP-WAL-99")
    page.screenshot(path=str(tmp_path / f"proposed-{width}.png"), full_page=True)
    assert not Area.objects.filter(code="WMP-WAL-99").exists()
    keeper.press("Apply").worked()
    assert Area.objects.get(code="WMP-WAL-99").parent.code == "WMP-WAL"  # type: ignore[union-attr] # it has one
    keeper.press("Restore what was before").says("Say why the change is undone")
    keeper.fill(undo_reason="Not agreed yet").press("Restore what was before").worked()
    assert not Area.objects.filter(code="WMP-WAL-99").exists()
    for path in ("/reference/areas", "/reference/holidays/change", "/reference/postcodes/change", "/reference/cards/NMO",
                 "/reference/users", "/reference/users/add"):  # fmt: skip
        keeper.open(path)
    assert keeper.problems == []
