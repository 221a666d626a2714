"""A bundle with five bad rows in a real browser: read, looked at, put right, applied and undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from orders.imports import work
from orders.models import Order, QuarantinedOrder, Role, Upload, User
from orders.record import standing_check
from tests.imports.bundles import sample
from tests.imports.test_mending import five_bad_rows
from tests.imports.uploading import zipped
from tests.journeys.typist import Typist

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(("width", "scheme", "scripts"), [(1280, "light", True), (390, "dark", False)])
def test_five_bad_rows_are_imported_put_right_and_undone(
    signed_in: Callable[..., Page], settings: LazySettings, tmp_path: Path, width: int, scheme: str, scripts: bool
) -> None:
    settings.IMPORT_DIR = str(tmp_path / "kept")
    User.objects.update(roles=[Role.CIVIL_ORDERS_TEAM.value])
    page = signed_in(width=width, scheme=scheme, scripts=scripts)
    team = Typist(page, work.work_on_all, scripts=scripts).open("/imports")

    def put_right(ref: str, **values: str) -> None:
        team.press(f"Put right the values of {ref}").fill(reason="The clerk confirmed it", **values)
        team.press("Put right and read again").worked()

    bundle = five_bad_rows().later("2026-11-22T04:00:00+00:00")
    bundle.change("orders.csv", {"order_ref": "CN-100012"}, court="Another Court")
    page.get_by_label("Bundle").set_input_files(
        {"name": "extract.zip", "mimeType": "application/zip", "buffer": zipped(bundle)}
    )
    team.press("Upload and read").worked().says("Quarantined: nothing of these is applied").says("Another Court")
    event = sample().tables["events.csv"][0]
    put_right("CN-100002", r0__kind=sample().row("orders.csv", order_ref="CN-100002")["kind"])
    put_right(event["order_ref"], r0__at=event["at"])
    team.press("Put right the values of CN-100006").fill(r0__updated_at="tomorrow", reason="The clerk confirmed it")
    team.press("Put right and read again").says("updated_at is not an instant")
    team.fill(r0__updated_at="2026-11-20T03:00:00+00:00").press("Put right and read again").worked()
    put_right("CN-100008", r0__power_of_arrest="")
    put_right("CN-100010", r0__force="WMP")
    expect(page.get_by_text("Quarantined: nothing of these is applied")).to_have_count(0)
    page.screenshot(path=str(tmp_path / f"read-{width}.png"), full_page=True)
    team.press("Apply").worked().says("What was done")
    assert Order.objects.get(source_ref="CN-100012").court == "Another Court"
    assert not QuarantinedOrder.objects.filter(resolved_by__isnull=True).exists()
    team.fill(reason="The wrong extract").press("Undo this import").worked().says("What had been done")
    assert Upload.objects.get().state == "undone"
    assert Order.objects.get(source_ref="CN-100012").court != "Another Court"
    assert list(standing_check.differences()) == []
    assert team.problems == []
