"""An extract put right and undone in the browser, and what is said of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from orders.access.audit import readable
from orders.access.erasure import erase
from orders.access.sealing import ERASED, of_register, unseal
from orders.actions.by_hand import record_event
from orders.imports import work
from orders.imports.undo import NotUndone, undo
from orders.models import (
    AuditEntry,
    Event,
    Order,
    Place,
    QuarantinedOrder,
    Recording,
    SealingKey,
    Upload,
)
from orders.record import facts, standing_check
from orders.statute import Event as StatuteEvent
from orders.statute import assess
from tests.imports.bundles import Draft, sample
from tests.imports.uploading import uploaded
from tests.pages.asking import text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("areas", "own_folders")]


def five_bad_rows() -> Draft:
    """The sample with five rows that cannot be taken, of five orders."""
    return (
        sample()
        .change("orders.csv", {"order_ref": "CN-100002"}, kind="XYZ")
        .change("events.csv", {"event_ref": sample().tables["events.csv"][0]["event_ref"]}, at="2024-02-30")
        .change("orders.csv", {"order_ref": "CN-100006"}, updated_at="yesterday")
        .change("orders.csv", {"order_ref": "CN-100008"}, power_of_arrest="perhaps")
        .change("orders.csv", {"order_ref": "CN-100010"}, force="ABC")
    )


def snapshot() -> list[tuple[Any, ...]]:
    """What search and the law say of every order that was ever in force, as rows without ids that change."""
    found = []
    for order in Order.objects.order_by("pk"):
        known = facts.load([order.pk])[order.pk]
        found.append(
            (order.source_ref, order.kind, order.court, assess(known, timezone.now(), facts.holidays()).standing)
        )
    return found


class TestMendAndUndo:
    """Five bad rows imported, put right, and all of it undone."""

    def mend(self, client: Client, upload: Upload, ref: str, **values: str) -> None:
        path = f"/imports/{upload.pk}/mend?order={ref}"
        page = client.get(path)
        assert page.status_code == 200
        form = {
            f"{row.prefix}-{column}": value for row in page.context["rows"] for column, value in row.row.cells.items()
        }
        response = client.post(path, form | {"reason": "The clerk confirmed it"} | values)
        assert response.status_code == 302, text(response)
        work.work_on_all()
        upload.refresh_from_db()

    def test_why_is_sealed_and_goes_with_the_first_order_that_is_erased(self, team: Client) -> None:
        """Also where the order was not in the register yet when its rows were put right."""
        upload = uploaded(team, five_bad_rows())
        self.mend(team, upload, "CN-100006", **{"r0-updated_at": "2026-11-20T03:00:00+00:00"})
        said = upload.reason
        assert "clerk" not in said
        assert unseal([said]) == ["The clerk confirmed it"]
        assert "The clerk confirmed it" in text(team.get(f"/imports/{upload.pk}"))
        team.post(f"/imports/{upload.pk}", {"apply": "1"})
        work.work_on_all()
        mended = Order.objects.get(source_ref="CN-100006")
        key = SealingKey.objects.get(pk=int(said.split(".")[1]))
        assert key.tells_of == [mended.pk]
        self.mend(team, upload, "CN-100010", **{"r0-force": "WMP"})
        key.refresh_from_db()
        assert key.tells_of == sorted([mended.pk, Order.objects.get(source_ref="CN-100010").pk])
        for pk, tells_of in ((key.pk, []), (of_register().id, [0, mended.pk])):
            with pytest.raises(ProgrammingError), transaction.atomic():
                SealingKey.objects.filter(pk=pk).update(tells_of=tells_of)
        record_event(mended, StatuteEvent("DISCHARGED", timezone.now()), by=None)
        for order in Order.objects.filter(parties__person__in=mended.parties.values("person")).distinct():
            if order != mended:
                record_event(order, StatuteEvent("DISCHARGED", timezone.now()), by=None)
        erase(mended.parties.get(role="perpetrator").person, by=None, reason="Asked for it")
        upload.refresh_from_db()
        assert unseal([upload.reason]) == [ERASED]
        told = Recording.objects.filter(action="import", by__username="team").exclude(reason="")
        assert set(unseal(told.values_list("reason", flat=True))) == {ERASED}
        told = AuditEntry.objects.filter(action="mend import")
        assert {entry.reason for entry in readable(told)} == {ERASED}
        assert "[erased]" in text(team.get(f"/imports/{upload.pk}"))
        team.post(f"/imports/{upload.pk}", {"undo": "1", "reason": "The wrong extract"})
        upload.refresh_from_db()
        assert unseal([upload.reason]) == ["The wrong extract"]

    def test_what_was_said_before_is_sealed_by_the_migration(self, team: Client) -> None:
        upload = uploaded(team, five_bad_rows())
        team.post(f"/imports/{upload.pk}", {"apply": "1"})
        work.work_on_all()
        self.mend(team, upload, "CN-100006", **{"r0-updated_at": "2026-11-20T03:00:00+00:00"})
        Upload.objects.filter(pk=upload.pk).update(reason="Rang Gavin Clarke")
        with connection.schema_editor() as editor:
            import_module("orders.migrations.0212_seal_what_is_said_of_imports").seal(None, editor)
        upload.refresh_from_db()
        assert unseal([upload.reason]) == ["Rang Gavin Clarke"]
        key = SealingKey.objects.get(pk=int(upload.reason.split(".")[1]))
        assert key.tells_of == [Order.objects.get(source_ref="CN-100006").pk]

    def test_imported_mended_undone(self, team: Client) -> None:
        upload = uploaded(team, five_bad_rows())
        assert upload.outcome["orders"]["quarantined"] == 5
        team.post(f"/imports/{upload.pk}", {"apply": "1"})
        work.work_on_all()
        upload.refresh_from_db()
        assert (Order.objects.count(), upload.kept) == (7, True)
        self.mend(team, upload, "CN-100002", **{"r0-kind": sample().row("orders.csv", order_ref="CN-100002")["kind"]})
        event = sample().tables["events.csv"][0]
        self.mend(team, upload, event["order_ref"], **{"r0-at": event["at"]})
        self.mend(team, upload, "CN-100006", **{"r0-updated_at": "2026-11-20T03:00:00+00:00"})
        self.mend(team, upload, "CN-100008", **{"r0-power_of_arrest": ""})
        assert upload.kept
        self.mend(team, upload, "CN-100010", **{"r0-force": "WMP"})
        assert (upload.state, upload.kept) == ("applied", False)
        assert Order.objects.count() == 12
        assert not QuarantinedOrder.objects.filter(resolved_by__isnull=True).exists()
        reasons = Recording.objects.filter(action="import", by__username="team").values_list("reason", flat=True)
        assert unseal(reasons).count("The clerk confirmed it") == 5
        assert AuditEntry.objects.filter(action="mend import", detail__order_ref="CN-100006").exists()
        assert list(standing_check.differences()) == []

        team.post(f"/imports/{upload.pk}", {"undo": "1", "reason": "The wrong extract"})
        work.work_on_all()
        upload.refresh_from_db()
        assert upload.state == "undone"
        assert {standing for *_, standing in snapshot()} == {"ended"}
        assert not Place.objects.at(timezone.now()).filter(ended_from__gt=timezone.now()).exists()
        assert list(standing_check.differences()) == []
        # And what was undone can be brought again.
        again = uploaded(team, sample())
        team.post(f"/imports/{again.pk}", {"apply": "1"})
        work.work_on_all()
        again.refresh_from_db()
        assert again.state == "applied"
        assert "live" in {standing for *_, standing in snapshot()}
        assert list(standing_check.differences()) == []

    def test_a_value_that_cannot_be_read_is_kept_and_named(self, team: Client) -> None:
        upload = uploaded(team, five_bad_rows())
        path = f"/imports/{upload.pk}/mend?order=CN-100006"
        page = team.get(path)
        form = {f"r0-{column}": value for column, value in page.context["rows"][0].row.cells.items()}
        answer = team.post(path, form | {"r0-updated_at": "tomorrow", "reason": "x"})
        assert answer.status_code == 400
        assert 'value="tomorrow"' in answer.content.decode()
        assert "updated_at is not an instant" in text(answer)
        assert "Say why the values are put right" in text(team.post(path, form | {"reason": ""}))

    def test_what_was_typed_while_the_bundle_is_read_again_is_kept(self, team: Client) -> None:
        upload = uploaded(team, five_bad_rows())
        path = f"/imports/{upload.pk}/mend?order=CN-100006"
        cells = team.get(path).context["rows"][0].row.cells
        sent = {f"r0-{column}": value for column, value in cells.items()} | {
            "r0-updated_at": "2026-11-20T03:00:00+00:00", "reason": "rang the clerk",
        }  # fmt: skip
        Upload.objects.filter(pk=upload.pk).update(state="to check")
        answer = team.post(path, sent)
        assert answer.status_code == 409
        assert "What you typed stands here and is not yet sent" in text(answer)
        assert 'value="2026-11-20T03:00:00+00:00"' in answer.content.decode()
        assert 'value="rang the clerk"' in answer.content.decode()
        assert not AuditEntry.objects.filter(action="mend import").exists()
        Upload.objects.filter(pk=upload.pk).update(state="checked")
        assert team.post(path, sent).status_code == 302

    def test_before_it_is_applied_a_mended_bundle_is_read_again(self, team: Client) -> None:
        upload = uploaded(team, five_bad_rows())
        self.mend(team, upload, "CN-100010", **{"r0-force": "WMP"})
        assert upload.state == "checked"
        assert upload.outcome["orders"]["quarantined"] == 4
        assert not Order.objects.exists()

    def test_what_a_changed_order_was_comes_back(self, team: Client) -> None:
        first = uploaded(team, sample())
        team.post(f"/imports/{first.pk}", {"apply": "1"})
        work.work_on_all()
        before = snapshot()
        draft = sample().later("2026-11-21T04:00:00+00:00")
        draft.change("orders.csv", {"order_ref": "CN-100002"}, court="Another Court")
        draft.change("people.csv", {"person_ref": draft.tables["people.csv"][0]["person_ref"]}, family_name="OTHER")
        event = draft.tables["events.csv"][1]
        draft.change("events.csv", {"event_ref": event["event_ref"]}, by="Somebody else")
        draft.drop("conditions.csv", condition_ref=draft.tables["conditions.csv"][0]["condition_ref"])
        draft.change(
            "addresses.csv", {"address_ref": draft.tables["addresses.csv"][0]["address_ref"]}, address="9 New Road"
        )
        second = uploaded(team, draft)
        team.post(f"/imports/{second.pk}", {"apply": "1"})
        work.work_on_all()
        assert Order.objects.get(source_ref="CN-100002").court == "Another Court"
        team.post(f"/imports/{second.pk}", {"undo": "1", "reason": "Wrong day"})
        work.work_on_all()
        assert snapshot() == before
        assert list(standing_check.differences()) == []
        # The first bundle again, as a later one, finds nothing to change.
        third = uploaded(team, sample().later("2026-11-22T04:00:00+00:00"))
        assert third.outcome["orders"] == {
            "new": 0,
            "changed": 0,
            "unchanged": 12,
            "quarantined": 0,
            "missing_at_source": 0,
        }
        assert third.outcome["people"]["changed"] == 0

    def test_an_order_that_was_touched_blocks_it(self, team: Client) -> None:
        from orders.actions.by_hand import record_event
        from orders.statute import Event as Told

        upload = uploaded(team, sample())
        team.post(f"/imports/{upload.pk}", {"apply": "1"})
        work.work_on_all()
        upload.refresh_from_db()
        order = Order.objects.get(source_ref="CN-100002")
        record_event(order, Told("ON_PNC", timezone.now()), by=None)
        page = text(team.get(f"/imports/{upload.pk}"))
        assert "cannot be undone" in page
        assert order.reference in page
        count = Event.objects.count()
        assert upload.run is not None
        with pytest.raises(NotUndone):
            undo([upload.run], by=None, reason="x")
        team.post(f"/imports/{upload.pk}", {"undo": "1", "reason": "x"})
        work.work_on_all()
        upload.refresh_from_db()
        assert (upload.state, Event.objects.count()) == ("applied", count)
        assert "touched since" in upload.problem
