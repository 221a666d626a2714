"""Documents of an order: hostile files, the scanner, who may, what is recorded, what stays."""

from __future__ import annotations

import hashlib
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from orders.access import audit
from orders.access.erasure import erase
from orders.documents import store
from orders.documents.content import NotADocument, type_of
from orders.models import AuditEntry, Document, Order, Role
from ordersite.checks import documents_are_kept_safely
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + bytes(30) + b"\xff\xd9"
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(30)
ZIP = b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18)


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.DOCUMENT_DIR = str(tmp_path / "documents")
    return tmp_path / "documents"


def scanner(settings: LazySettings, tmp_path: Path, program: str) -> None:
    file = tmp_path / "scanner.py"
    file.write_text(program)
    settings.DOCUMENT_SCAN_COMMAND = [sys.executable, str(file)]


def add(client: Client, order: Order, content: bytes = PDF, name: str = "order.pdf", **more: Any) -> Any:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    data = {"file": file, "sort": "sealed order", "note": "Page 2 is faint", "key": str(uuid4()), **more}
    return client.post(f"/orders/{order.public_id}/documents/add", data)


def address(order: Order, end: str = "") -> str:
    return f"/orders/{order.public_id}/documents/{Document.objects.get(order=order).public_id}{end}"


def test_a_document_is_added_listed_and_opened_and_every_opening_is_recorded(areas: Map, folder: Path) -> None:
    order, (team, user) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert add(team, order).status_code == 302
    listed = text(team.get(f"/orders/{order.public_id}/documents"))
    assert "The sealed order" in listed
    assert "Page 2 is faint" in listed
    assert hashlib.sha256(PDF).hexdigest() in listed
    assert str(user) in listed
    assert "OFFICIAL-SENSITIVE" in text(team.get(address(order)))
    assert not AuditEntry.objects.filter(action="open document").exists()
    viewer, reader = signed_in(areas)
    answer = viewer.get(address(order, "/file"))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(action="open document")
    assert (entry.user, entry.orders) == (reader, [order.pk])
    assert AuditEntry.objects.filter(action="add document", user=user, orders=[order.pk]).count() == 1


def test_it_lies_sealed_for_the_register_s_account_alone(areas: Map, folder: Path) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    (file,) = [path for path in folder.rglob("*") if path.is_file()]
    assert b"Catalog" not in file.read_bytes()
    assert b"Page 2" not in str(Document.objects.get().note).encode()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(
    ("content", "found"), [(PDF, "PDF"), (PNG, "PNG image"), (JPEG, "JPEG image"), (TIFF, "TIFF image")]
)
def test_content_says_what_a_file_is(content: bytes, found: str) -> None:
    assert type_of(content).label == found


@pytest.mark.parametrize(
    "content",
    [
        b"", b"MZ\x90\x00" + bytes(60), b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ZIP, b"\n" + PDF, b"<script>alert(1)</script>" + PDF, PDF + ZIP, PDF[:40], PNG + ZIP, PNG[:-4], PNG + b"<script>",
        JPEG + ZIP, JPEG + b"<?php", TIFF + ZIP, b"II*\x00\xff\xff\xff\xff", b"GIF89a" + bytes(40),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_and_leave_nothing(areas: Map, folder: Path, content: bytes) -> None:
    with pytest.raises(NotADocument):
        type_of(content)
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    answer = add(team, order, content, note="kept as typed")
    assert answer.status_code == 400
    assert "There is a problem" in text(answer)
    assert "kept as typed" in answer.content.decode()
    assert not Document.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_name_with_a_path_goes_nowhere(areas: Map, folder: Path, tmp_path: Path) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert add(team, order, name="../../../../tmp/evil\r\nSet-Cookie: a=b.html").status_code == 302
    answer = team.get(address(order, "/file"))
    assert "evil" not in str(answer.headers)
    assert all(path.is_relative_to(folder) for path in tmp_path.rglob("*") if path.is_file())


def test_too_large_is_refused_before_it_is_read_and_after(areas: Map, settings: LazySettings, folder: Path) -> None:
    settings.DOCUMENT_BYTES = 1 << 20
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert add(team, order, PDF[:20] + bytes(3 << 20) + PDF).status_code == 413
    answer = add(team, order, PDF[:20] + bytes((1 << 20) + 9) + PDF)
    assert answer.status_code == 400
    assert "must be at most 1 MB" in text(answer)
    assert not Document.objects.exists()


def test_the_scanner_reads_the_file_and_refuses_it(areas: Map, settings: LazySettings, tmp_path: Path) -> None:
    scanner(settings, tmp_path, "import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())")
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    answer = add(team, order, PDF.replace(b"endobj", b"EICAR"))
    assert answer.status_code == 400
    assert "The scanner refused the file (status 1)" in text(answer)
    assert add(team, order).status_code == 302
    assert Document.objects.get().digest == hashlib.sha256(PDF).hexdigest()


def test_a_scanner_that_hangs_is_stopped_with_what_it_started(
    areas: Map, settings: LazySettings, tmp_path: Path
) -> None:
    scanner(
        settings, tmp_path,
        "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\ntime.sleep(60)",
    )  # fmt: skip
    settings.DOCUMENT_SCAN_SECONDS = 2
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    begun = time.monotonic()
    answer = add(team, order)
    assert time.monotonic() - begun < 30
    assert "did not answer within 2 seconds" in text(answer)
    assert not Document.objects.exists()


def test_a_scanner_that_is_not_there_refuses_everything(areas: Map, settings: LazySettings) -> None:
    settings.DOCUMENT_SCAN_COMMAND = ["/nowhere/scanner"]
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    assert "The scanner cannot be started" in text(add(team, order))
    assert not Document.objects.exists()


def test_a_file_that_is_missing_or_changed_says_so(areas: Map) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    path = store.path_of(Document.objects.get().stored_as)
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    answer = team.get(address(order, "/file"))
    assert answer.status_code == 410
    assert "is not the one that was added" in text(answer)
    path.unlink()
    answer = team.get(address(order, "/file"))
    assert answer.status_code == 410
    assert "The file is missing from the store" in text(answer)


def test_only_the_team_of_the_owning_force_adds_and_whoever_may_not_see_the_order_sees_nothing(areas: Map) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    for role in (Role.VIEWER, Role.SUPERVISOR, Role.AUDITOR):
        client, _ = signed_in(areas, role)
        assert add(client, order, PNG).status_code == 403
        assert client.get(address(order, "/remove")).status_code == 403
    theirs = make_nmo(
        areas.next_force, make_person("X", (areas.palfrey, "2020-01-01", None)), make_person("Y"), until=None
    )
    assert add(team, theirs, PNG).status_code == 403
    assert team.get(f"/orders/{theirs.public_id}/documents/add").status_code == 403
    assert Document.objects.count() == 1
    hidden = make_nmo(areas.next_force, make_person("X"), make_person("Y"), until=None)
    assert team.get(f"/orders/{hidden.public_id}/documents").status_code == 404
    crossed = f"/orders/{theirs.public_id}/documents/{Document.objects.get().public_id}/file"
    assert team.get(crossed).status_code == 404


def test_a_restricted_order_asks_for_its_reason_before_any_of_it(areas: Map) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    Order.objects.filter(pk=order.pk).update(restricted=True)
    for end in ("", "/file"):
        answer = team.get(address(order, end))
        assert "This order is restricted" in text(answer)
        assert b"%PDF" not in answer.content
    assert not AuditEntry.objects.filter(action="open document").exists()
    team.post(address(order, "/file"), {"why": "court"})
    assert team.get(address(order, "/file")).content == PDF


def test_it_is_removed_with_a_reason_and_stays_in_the_history(areas: Map) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    viewer, _ = signed_in(areas)
    held = timezone.now()
    form = team.get(address(order, "/remove")).context["form"]
    assert team.post(address(order, "/remove"), {"reason": " ", "key": form["key"].value()}).status_code == 400
    sent = {"reason": "Belongs to another order", "key": str(form["key"].value())}
    assert team.post(address(order, "/remove"), sent).status_code == 302
    assert "No document is held" in text(team.get(f"/orders/{order.public_id}/documents"))
    assert team.get(address(order, "/file")).status_code == 404
    then = "?" + urlencode({"at": timezone.localtime(held).isoformat()})
    assert "The sealed order" in text(team.get(f"/orders/{order.public_id}/documents{then}"))
    assert "Belongs to another order" in text(team.get(address(order, then)))
    assert team.get(address(order, f"/file{then}")).content == PDF
    assert viewer.get(address(order, f"/file{then}")).status_code == 403
    before = "?" + urlencode({"at": timezone.localtime(held - timedelta(hours=2)).isoformat()})
    assert "No document was held then" in text(team.get(f"/orders/{order.public_id}/documents{before}"))
    (entry,) = audit.readable(AuditEntry.objects.filter(action="remove document"))
    assert entry.reason == "Belongs to another order"
    for change in ({"note": "x"}, {"superseded": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Document.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.all().delete()


def test_sent_twice_it_is_added_once(areas: Map) -> None:
    order, (team, _) = order_of(areas), signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    key = str(uuid4())
    assert [add(team, order, key=key).status_code for _ in range(2)] == [302, 302]
    assert Document.objects.count() == 1
    assert "is held already" in text(add(team, order)).lower()


def test_erasing_the_person_leaves_nothing_to_read(areas: Map) -> None:
    order = order_of(areas, until=-1)
    team, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    add(team, order)
    erase(order.parties.get(role="perpetrator").person, by=None, reason="Retention review")
    with pytest.raises(store.NotThere, match="was erased"):
        store.content_of(Document.objects.get())
    assert add(team, order, PNG).status_code == 400


def test_check_says_what_is_unsafe(settings: LazySettings) -> None:
    settings.PRODUCTION = True
    assert [one.id for one in documents_are_kept_safely()] == ["ordersite.W001"]
    settings.DOCUMENT_SCAN_COMMAND = ["clamdscan", "-"]
    assert documents_are_kept_safely() == []
    settings.DOCUMENT_DIR = f"{settings.STATIC_ROOT}/documents"
    assert [one.id for one in documents_are_kept_safely()] == ["ordersite.E002"]
