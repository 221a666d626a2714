"""The sealed order against its order, in a real browser: added, opened, removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from orders.models import AuditEntry, Order, Role, User
from tests.journeys.faultless import faults

pytestmark = pytest.mark.journey

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_sealed_order_is_added_opened_and_removed(
    signed_in: Callable[..., Page], settings: LazySettings, tmp_path: Path, width: int, scheme: str
) -> None:
    settings.DOCUMENT_DIR = str(tmp_path / "documents")
    User.objects.update(roles=[Role.CIVIL_ORDERS_TEAM.value])
    page = signed_in(width=width, scheme=scheme, scripts=width == 1280)

    def looks_right() -> None:
        assert faults(page, scripts=width == 1280) == []

    page.goto(f"/orders/{Order.objects.get(source_ref='CN-100006').public_id}")
    page.get_by_role("link", name="Documents").click()
    expect(page.get_by_text("No document is held.")).to_be_visible()
    looks_right()
    page.get_by_role("link", name="Add a document").click()
    wrong = {"name": "order.pdf", "mimeType": "application/pdf", "buffer": b"<html><script>alert(1)</script>"}
    page.get_by_label("File").set_input_files([wrong])  # type: ignore[list-item]
    page.get_by_label("The sealed order").check()
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_role("link", name="The file must be a PDF")).to_be_visible()
    expect(page.get_by_label("The sealed order")).to_be_checked()
    looks_right()
    page.get_by_label("File").set_input_files([wrong | {"buffer": PDF}])  # type: ignore[list-item]
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_role("status").filter(has_text="The document was added.")).to_be_visible()
    page.screenshot(path=str(tmp_path / f"list-{width}.png"), full_page=True)
    looks_right()
    page.get_by_role("link", name="The sealed order").click()
    expect(page.get_by_role("main").get_by_text("OFFICIAL-SENSITIVE", exact=True)).to_be_visible()
    page.screenshot(path=str(tmp_path / f"one-{width}.png"), full_page=True)
    looks_right()
    with page.expect_download() as download:
        page.get_by_role("link", name="Open the PDF").click()
    assert Path(download.value.path()).read_bytes() == PDF
    assert AuditEntry.objects.filter(action="open document").count() == 1
    page.get_by_role("link", name="Remove this document").click()
    expect(page.get_by_label("Why is it removed?")).to_be_visible()
    looks_right()
    page.get_by_label("Why is it removed?").fill("Belongs to another order")
    page.get_by_role("button", name="Remove document").click()
    expect(page.get_by_text("No document is held.")).to_be_visible()
