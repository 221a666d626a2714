"""Imports that nobody watches: the folder, its failures, and data that have become old."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from orders.imports import folder, work
from orders.models import ImportRun, Order, Upload
from tests.imports.bundles import Draft, sample
from tests.imports.uploading import uploaded, zipped
from tests.pages.asking import text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("areas", "own_folders")]


class TestTheWatchedFolder:
    """Unattended: each bundle once, and a failure is an alarm."""

    def put(self, draft: Draft, settings: LazySettings, name: str = "a.zip") -> Path:
        path = Path(settings.IMPORT_FOLDER) / name
        path.write_bytes(zipped(draft))
        return path

    def test_it_is_imported_once_and_put_away(self, settings: LazySettings) -> None:
        path = self.put(sample(), settings)
        content = path.read_bytes()
        assert folder.look() == 0, "it may still be being copied"
        later = path.stat().st_mtime + 61
        assert folder.look(later) == 1
        work.work_on_all()
        assert Order.objects.count() == 12
        assert folder.look(later) == 0
        assert not path.exists()
        assert len(list(Path(settings.IMPORT_FOLDER).glob("done/*"))) == 1
        path.write_bytes(content)
        assert folder.look(later + 100) == 0
        work.work_on_all()
        assert ImportRun.objects.count() == 1

    def test_a_failure_stays_where_it_is_and_is_an_alarm(self, team: Client, settings: LazySettings) -> None:
        path = Path(settings.IMPORT_FOLDER) / "b.zip"
        path.write_bytes(b"not a zip")
        folder.look(path.stat().st_mtime + 61)
        work.work_on_all()
        assert folder.look(path.stat().st_mtime + 200) == 0
        assert path.exists()
        assert Client().get("/health/imports").status_code == 503
        assert "b.zip" in text(team.get("/imports"))
        upload = Upload.objects.get()
        assert "was not imported" in text(team.get("/search"))
        team.post(f"/imports/{upload.pk}", {"seen": "1"})
        assert "was not imported" not in text(team.get("/search"))
        assert Client().get("/health/imports").content == b"ok\n"


def test_old_data_are_told_on_every_page(team: Client) -> None:
    upload = uploaded(team, sample().later((timezone.now() - timedelta(hours=25)).isoformat()))
    team.post(f"/imports/{upload.pk}", {"apply": "1"})
    work.work_on_all()
    assert "hours old" not in text(team.get("/search"))
    ImportRun.objects.update(extracted_at=timezone.now() - timedelta(hours=27))
    for path in ("/", "/search", "/imports"):
        assert "The data of connect-wmp are 27 hours old" in text(team.get(path))
