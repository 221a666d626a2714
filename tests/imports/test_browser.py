"""Importing from the browser: hostile files, two at once, a worker that dies."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from orders.imports import store, work
from orders.models import (
    ImportRun,
    Order,
    Role,
    Upload,
    User,
)
from tests.imports.bundles import sample
from tests.imports.uploading import client_of, sent, uploaded, zipped
from tests.pages.asking import text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("areas", "own_folders")]


class TestHostileFiles:
    """What is sent cannot harm, and says what to do instead."""

    def test_a_file_that_is_no_zip(self, team: Client) -> None:
        response = sent(team, b"%PDF-1.7 a scan", "extract.zip")
        assert response.status_code == 400
        assert "not a zip" in text(response)
        assert not Upload.objects.exists()
        assert list(Path(store.settings.IMPORT_DIR).glob("*")) == []

    def test_a_gigabyte_declared_is_refused_unread(self, team: Client) -> None:
        response = team.generic("POST", "/imports", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(1 << 30))
        assert response.status_code == 413
        assert "too large" in text(response)
        assert not Upload.objects.exists()

    def test_more_than_the_limit_sent_without_saying_so(self, team: Client, settings: LazySettings) -> None:
        settings.IMPORT_UPLOAD_BYTES = 1000
        response = sent(team, zipped(sample()))
        assert response.status_code == 400
        assert not Upload.objects.exists()

    @pytest.mark.parametrize(
        ("entries", "word"),
        [
            ({"../../etc/passwd": b"x", "manifest.json": b"{}"}, "outside the bundle"),
            ({"manifest.json": b"{}", "bomb.csv": b"\0" * (8 << 20)}, "zip bomb"),
            ({"hello.txt": b"x"}, "no manifest.json"),
        ],
    )
    def test_zips_that_are_no_bundles(self, team: Client, entries: dict[str, bytes], word: str) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        assert sent(team, out.getvalue()).status_code == 302
        work.work_on_all()
        upload = Upload.objects.get()
        assert upload.state == "refused"
        assert word in upload.problem
        assert word in text(team.get(f"/imports/{upload.pk}")).lower()
        assert not store.folder(upload).exists()
        assert not Order.objects.exists()

    def test_the_token_of_the_form_is_needed(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(User.objects.create_user("team2", roles=["civil_orders_team"]))
        assert sent(client, zipped(sample())).status_code == 403

    def test_only_the_team_of_the_force_comes_near(self, team: Client) -> None:
        upload = uploaded(team, sample())
        assert client_of("viewer", Role.VIEWER).get("/imports").status_code == 403
        other = client_of("other", Role.CIVIL_ORDERS_TEAM, force="STF")
        assert other.get(f"/imports/{upload.pk}").status_code == 404
        assert "extract.zip" not in text(other.get("/imports"))

    def test_orders_of_another_force_cannot_be_brought(self, team: Client) -> None:
        upload = uploaded(team, sample().change("orders.csv", {"order_ref": "CN-100002"}, force="STF"))
        assert upload.outcome["orders"]["quarantined"] == 1
        assert "force is not WMP" in upload.outcome["errors"][0]["reason"]


class TestTheWay:
    """Read, look, apply; once."""

    def test_reading_changes_nothing_and_applying_does_once(self, team: Client) -> None:
        upload = uploaded(team, sample())
        assert upload.state == "checked"
        assert upload.outcome["orders"]["new"] == 12
        assert not Order.objects.exists()
        page = text(team.get(f"/imports/{upload.pk}"))
        assert "New (12 listed)" in page
        for _ in range(2):
            team.post(f"/imports/{upload.pk}", {"apply": "1"})
        work.work_on_all()
        upload.refresh_from_db()
        assert (upload.state, upload.kept) == ("applied", False)
        assert Order.objects.count() == 12
        assert ImportRun.objects.count() == 1
        assert not store.folder(upload).exists()

    def test_a_change_is_shown_before_and_after(self, team: Client) -> None:
        first = uploaded(team, sample())
        team.post(f"/imports/{first.pk}", {"apply": "1"})
        work.work_on_all()
        draft = sample().later("2026-11-21T04:00:00+00:00")
        draft.change("orders.csv", {"order_ref": "CN-100002"}, court="Another Court")
        draft.drop("orders.csv", order_ref="CN-100010")
        for name in ("parties.csv", "conditions.csv", "events.csv"):
            draft.tables[name] = [row for row in draft.tables[name] if row["order_ref"] != "CN-100010"]
        page = text(team.get(f"/imports/{uploaded(team, draft).pk}"))
        assert "Changed (1 listed)" in page
        assert "Another Court" in page
        assert "Missing at source (1 listed)" in page

    def test_two_at_once_both_get_their_turn(self, team: Client) -> None:
        for draft in (sample(), sample().later("2026-11-21T04:00:00+00:00")):
            sent(team, zipped(draft))
        assert work.work_on_all() == 2
        for upload in Upload.objects.all():
            team.post(f"/imports/{upload.pk}", {"apply": "1"})
        assert work.work_on_all() == 2
        assert Order.objects.count() == 12
        assert [upload.outcome["orders"]["new"] for upload in Upload.objects.order_by("pk")] == [12, 0]

    def test_a_second_round_leaves_the_first_alone(self, team: Client) -> None:
        sent(team, zipped(sample()))
        with work._locked(work._ROUND, 0) as mine:
            assert mine is not None
            assert work.work_on_all() == 0
        assert work.work_on_all() == 1


class TestAWorkerThatDies:
    """Nothing of an interrupted import is there, and the next round begins again."""

    def test_killed_in_the_middle(self, team: Client) -> None:
        upload = uploaded(team, sample())
        team.post(f"/imports/{upload.pk}", {"apply": "1"})
        connection.close()
        pid = os.fork()
        if pid == 0:
            # A worker of its own, killed by the system when the orders have been written and not committed.
            from orders.places import projection

            projection.project = lambda *a, **k: os.kill(os.getpid(), 9)  # type: ignore[assignment]
            work.work_on_all()
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        assert os.WTERMSIG(status) == 9
        upload.refresh_from_db()
        assert upload.state == "applying"
        assert not Order.objects.exists()
        assert work.work_on_all() == 1
        upload.refresh_from_db()
        assert upload.state == "applied"
        assert Order.objects.count() == 12

    def test_after_three_times_it_is_left_for_a_person(self, team: Client) -> None:
        upload = uploaded(team, sample())
        Upload.objects.filter(pk=upload.pk).update(state="applying", attempts=3)
        work.work_on_all()
        upload.refresh_from_db()
        assert upload.state == "failed"
        assert "Try again" in text(team.get(f"/imports/{upload.pk}"))
        team.post(f"/imports/{upload.pk}", {"again": "1"})
        work.work_on_all()
        upload.refresh_from_db()
        assert upload.state == "applied"
