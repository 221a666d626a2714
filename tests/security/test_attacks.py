"""Attacks by HTTP that no other test makes: each is refused, and what is recorded of it is looked at.

Others are where what they attack is tested; docs/security/threat-model.md names them.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from orders.actions.by_hand import NewCondition, NewOrder, record_event, register
from orders.models import ApiToken, AuditEntry, Order, Role
from orders.statute import Event
from tests.access.addresses import addresses
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user, on
from tests.pages.asking import order_of, signed_in
from tests.security.register import make_register, path_of, paths, said

pytestmark = [pytest.mark.django_db, pytest.mark.long]

SCRIPT = "<script>document.title='QXRAN'</script><img src=x onerror=\"document.title='QXRAN'\">"
ATTRIBUTE = '" onfocus="document.title=\'QXRAN\'" autofocus x="'


@pytest.fixture
def areas() -> Map:
    return make_map()


class TestForgery:
    """What another site makes a browser send is refused."""

    WITHOUT_A_TOKEN = frozenset({
        "signin:back-channel",  # the provider's server sends it, signed by the provider; no cookie counts there
        "api:orders", "api:search", "api:schema",  # no cookie counts there; the browser cannot be made to send a token
    })  # fmt: skip

    def test_every_form_needs_its_token(self, areas: Map) -> None:
        made = make_register(areas)
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(made.users["everything"])
        tried, counts = 0, AuditEntry.objects.filter(category="alteration").count()
        for name, path in paths(made):
            if name in self.WITHOUT_A_TOKEN:
                continue
            response = client.post(path, {"reason": "forged"})
            # 405: takes no form; 404: the name of it is another form's.
            assert response.status_code in (302, 403, 404, 405), (path, response.status_code)
            if response.status_code == 302:
                assert "sign-in" in response["Location"], path
            tried += 1
        assert tried > 80
        assert AuditEntry.objects.filter(category="alteration").count() == counts

    def test_no_cookie_signs_anybody_in_to_the_api(self, areas: Map) -> None:
        client, _ = signed_in(areas, *Role)
        assert client.get("/api/orders?area=WMP").status_code == 401
        body = json.dumps({"area": "WMP"})
        assert client.post("/api/orders/search", body, content_type="application/json").status_code == 401

    def test_a_look_changes_nothing(self, areas: Map) -> None:
        """What is asked by GET writes nothing but the log and what was given to whoever asked."""
        made = make_register(areas)
        client = Client(raise_request_exception=False)
        client.force_login(made.users["everything"])
        before = [(order.pk, order.restricted, order.recording_id) for order in Order.objects.order_by("pk")]
        for _, path in paths(made):
            client.get(path)
        assert [(order.pk, order.restricted, order.recording_id) for order in Order.objects.order_by("pk")] == before


class TestMarkup:
    """Words of the record and of the address are words on every page."""

    def order(self, areas: Map) -> Order:
        """An order whose every text is markup."""
        man = make_person(SCRIPT[:100], (areas.palfrey, "2020-01-01", None))
        until = on((timezone.localdate() + timedelta(days=200)).isoformat())
        made = Event("MADE", timezone.now() - timedelta(days=5), until=until, until_is_date=True)
        found = register(
            NewOrder(
                kind="NMO", reference=SCRIPT[:60], owner_force=areas.force, perpetrator=man,
                victims=(make_person(ATTRIBUTE[:60], (areas.palfrey, "2020-01-01", None)),), court=SCRIPT,
                case_ref=ATTRIBUTE[:40], team=ATTRIBUTE[:40], officer=ATTRIBUTE[:40], events=(made,),
                conditions=(NewCondition(code="B", text=SCRIPT + ATTRIBUTE),), relationships={0: SCRIPT[:40]},
            ),
            by=None,
        )  # fmt: skip
        happened = timezone.now() - timedelta(days=2)
        record_event(found, Event("BREACHED", happened, text=SCRIPT + ATTRIBUTE, by=ATTRIBUTE[:40]), by=None)
        return found

    def harmless(self, text: str, where: str) -> None:
        assert "<script>document" not in text, where
        assert "<img src=x" not in text, where
        assert '" onfocus="' not in text, where

    def test_stored(self, areas: Map) -> None:
        order, (client, _) = self.order(areas), signed_in(areas, *Role, secret_places=True)
        seen = 0
        pages = [f"/orders/{order.public_id}{more}" for more in
                 ("", "/history", "/breaches", "/reviews", "/who-looked", "/record", "/heading", "/vary", "/restrict")]  # fmt: skip
        person = order.parties.get(role="perpetrator").person.public_id
        pages += ["/", "/search?area=WMP", "/areas/WMP-WAL", "/worklists", "/worklists/not-served", "/reviews",
                  f"/people/{person}", f"/people/{person}/move", f"/people/{person}/description", "/insight"]  # fmt: skip
        for path in pages:
            response = client.get(path)
            assert response.status_code == 200, path
            text = said(response)
            self.harmless(text, path)
            seen += "&lt;script&gt;document" in text or "&lt;img src=x" in text
        assert seen >= 5

    def test_reflected(self, areas: Map) -> None:
        client, _ = signed_in(areas, *Role)
        order = order_of(areas)
        tried = 0
        for address in addresses():
            path = path_of(address, {"public_id": str(order.public_id), "code": "WMP-WAL", "name": "not-served"})
            if path is None or "sign-out" in path:
                continue
            for name in ("area", "reference", "at", "next", "q", "page", SCRIPT):
                response = client.get(path, {name: SCRIPT + ATTRIBUTE})
                if response.get("Content-Type", "").startswith("text/html"):
                    self.harmless(said(response), f"{path} {name}")
                tried += 1
            response = client.post(path, {"q": SCRIPT, "name": ATTRIBUTE, "reason": SCRIPT, "words": ATTRIBUTE})
            if response.get("Content-Type", "").startswith("text/html"):
                self.harmless(said(response), f"POST {path}")
        assert tried > 150

    def test_what_the_browser_is_told_lets_no_script_of_a_page_run(self, areas: Map) -> None:
        client, _ = signed_in(areas)
        policy = client.get("/search?area=WMP")["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy


class TestReplay:
    """What was good once is not good again."""

    def test_a_session_that_was_signed_out_of(self, areas: Map) -> None:
        client, _ = signed_in(areas)
        kept = client.cookies.copy()
        assert client.get("/search").status_code == 200
        client.post("/sign-out")
        thief = Client()
        thief.cookies = kept
        assert thief.get("/search").status_code == 302

    def test_a_session_id_that_an_attacker_chose(self, areas: Map) -> None:
        client = Client()
        client.cookies["sessionid"] = "a" * 32
        assert client.get("/search").status_code == 302
        client.force_login(make_user(areas.force))
        assert client.cookies["sessionid"].value != "a" * 32

    @pytest.mark.parametrize("spoil", ["revoked", "expired", "closed", "altered"])
    def test_a_token_of_the_api(self, areas: Map, spoil: str) -> None:
        user = make_user(areas.force)
        token, text = ApiToken.issue(user=user, name="t", expires_at=timezone.now() + timedelta(days=1))
        assert Client(headers={"Authorization": f"Bearer {text}"}).get("/api/orders?area=WMP").status_code == 200
        if spoil == "closed":
            user.is_active = False
            user.save()
        elif spoil == "altered":
            text = text[:-1] + ("A" if text[-1] != "A" else "B")
        elif spoil == "revoked":
            ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
        else:
            ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        answer = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/orders?area=WMP")
        assert answer.status_code == 401


def test_no_path_leads_out_of_where_it_belongs(areas: Map, settings: LazySettings) -> None:
    client, _ = signed_in(areas, *Role)
    for path in ("/static/../ordersite/settings.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
                 "/areas/..%2f..%2fetc%2fpasswd", "/saved/..%2f..%2fetc%2fpasswd", "/reference/..%2fx/change",
                 "/insight/..%2f..%2fsettings.csv", "/worklists/..%2fx", "/.env", "/.git/config", "/var/field-keys"):  # fmt: skip
        response = client.get(path)
        assert response.status_code in (301, 404), path
        assert "root:" not in said(response)


def test_the_name_of_an_upload_leads_nowhere(areas: Map, settings: LazySettings, tmp_path: Any) -> None:
    settings.IMPORT_DIR = str(tmp_path / "kept")
    client, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
    upload = io.BytesIO(b"PK\x05\x06" + bytes(18))
    upload.name = "../../outside.zip"
    client.post("/imports", {"bundle": upload})
    assert not list(tmp_path.glob("outside*"))
    assert not list(tmp_path.parent.glob("outside*"))


@pytest.mark.parametrize("statement", [
    "UPDATE orders_auditentry SET action = 'nothing'",
    "DELETE FROM orders_auditentry",
    "ALTER TABLE orders_auditentry DISABLE TRIGGER ALL",
    "UPDATE orders_event SET kind = 'MADE'",
    "DROP TABLE orders_auditentry",
])  # fmt: skip
def test_the_log_cannot_be_altered_by_whoever_has_taken_over_the_application(areas: Map, statement: str) -> None:
    client, _ = signed_in(areas)
    make_nmo(areas.force, make_person("R", (areas.palfrey, "2020-01-01", None)), make_person("V"))
    client.get("/search?area=WMP")
    before = list(AuditEntry.objects.order_by("pk").values_list("pk", "action"))
    assert before
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AuditEntry.objects.order_by("pk").values_list("pk", "action")) == before
