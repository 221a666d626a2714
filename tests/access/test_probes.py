"""Somebody else's things asked for by their own ids: what is hidden and what does not exist answer alike."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Delivery, DigestRun, Letter, Mailbox
from orders.access import sealing
from orders.actions.people import correct_person
from orders.actions.saving import Sharing, ask, save_search
from orders.documents.record import add_document
from orders.interventions import record
from orders.models import (
    ApiToken,
    AuditEntry,
    Draft,
    Order,
    OrderList,
    Recording,
    Role,
    SentForm,
    Upload,
    UploadState,
    User,
)
from signin.models import KeptForm, Passkey, SignedIn
from signin.sealing import seal
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.security.test_what_people_say import PDF

pytestmark = pytest.mark.django_db

SECRET = "QXTHEIRSQX"
NOWHERE = str(uuid.UUID(int=0))
KEY = "AAAAAAAAAAAAAAAA"


@pytest.fixture
def areas() -> Map:
    return make_map()


@dataclass
class Theirs:
    """Things of one force and of one of its users, each with an id that somebody else tries; and an order of the other."""

    order: Order
    document: str
    event: int
    intervention: str
    person: str
    ids: dict[str, str]


def theirs(areas: Map, user: User, tmp_path: Path) -> Theirs:
    """Fill them."""
    home = (areas.palfrey, "2020-01-01", None)
    man = make_person(SECRET, home)
    order = make_nmo(areas.force, man, make_person(f"{SECRET}V", home))
    correct_person(man, {"given_names": SECRET}, by=user, reason="Wrong name")
    document = add_document(order, PDF, sort="other", note=SECRET, by=user)
    held = record.add(man, record.Said("warning", date(2026, 1, 2), SECRET, SECRET), by=user)
    draft = Draft(owner=user)
    draft.answers = {"kind": {"kind": ["NMO"]}, "numbers": {"reference": [SECRET]}}
    draft.save()
    draft.refresh_from_db()
    held.refresh_from_db()
    document.refresh_from_db()
    saved = save_search(name=SECRET, query="area=WMP", text=SECRET, sharing=Sharing(), by=user)
    sent = SentForm.objects.create(user=user, recording=Recording.objects.latest("pk"), leads_to="/")
    kept = KeptForm.objects.create(
        user=user, path=seal("/search"), body=seal(json.dumps({"answers": [["q", SECRET]], "files": []}))
    )
    passkey = Passkey.objects.create(user=user, name=SECRET, credential_id=b"x", credential=b"y")
    upload = Upload.objects.create(
        name=SECRET, digest="d", size=1, by=user, force=areas.force, state=UploadState.REFUSED, kept=False
    )
    run = DigestRun.objects.create(
        area=areas.walsall, day=date(2026, 1, 1), first_day=date(2026, 1, 1), at=timezone.now(), orders=[order.pk]
    )
    key = sealing.of_register()
    letter = Letter.objects.create(run=run, mode="full", subject="s", text=key.seal(SECRET), html=key.seal(SECRET))
    delivery = Delivery.objects.create(
        run=run, area=areas.walsall, letter=letter, address=f"{SECRET}@demo.invalid", message=key.seal_bytes(b"x")
    )
    mailbox = Mailbox.objects.create(area=areas.walsall, address=f"{SECRET.lower()}@demo.invalid")
    session = SignedIn.objects.filter(user=user).order_by("-pk").first()
    ids = {
        "saved": saved.key, "asked": ask(SECRET, by=user).key, "draft": str(draft.public_id), "sent": str(sent.key),
        "list": OrderList.objects.create(title=SECRET, force=areas.force, orders=[order.pk]).key,
        "kept": str(kept.public_id), "passkey": str(passkey.pk), "upload": str(upload.pk), "delivery": str(delivery.pk),
        "mailbox": str(mailbox.pk), "session": str(session.pk if session else 0),
    }  # fmt: skip
    return Theirs(order, str(document.public_id), order.events.latest("pk").pk, str(held.ref), str(man.public_id), ids)


def answered(client: Client, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, int]:
    """Status, words without the address itself and what changes from page to page, and the number of statements."""
    with CaptureQueriesContext(connection) as asked:
        response: Any = client.post(path, data or {}) if method == "POST" else client.get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    for part in re.split(r"[/?&=]", path):
        text = text.replace(part, "") if len(part) > 8 else text
    words = re.sub(r'(value|content|nonce)="[\w-]{20,}"', "", text)
    return response.status_code, re.sub(r"\d+", "#", words), len(asked)


def pairs(held: Theirs, own: Order) -> list[tuple[str, str, str]]:
    """Method, address with somebody else's id, and the same with one that there is not."""
    order, person, ids = held.order.public_id, held.person, held.ids
    by_id = [
        *((method, path, name, nothing) for name, nothing, paths in (
            ("saved", KEY, ("/saved/{}", "/saved/{}/edit")),
            ("draft", NOWHERE, ("/orders/drafts/{}", "/orders/drafts/{}/kind")),
            ("sent", NOWHERE, ("/orders/entered/{}",)),
            ("kept", NOWHERE, ("/kept-form/{}",)),
            ("upload", "999999", ("/imports/{}", "/imports/{}/mend")),
            ("delivery", "999999", ("/emails/{}", "/emails/{}/as-sent", "/emails/{}/message")),
            ("mailbox", "999999", ("/emails/mailboxes/{}",)),
            ("asked", KEY, ("/search?area=STF&s={}", "/exports/new?area=STF&s={}")),
            ("list", KEY, ("/search?area=STF&list={}", "/exports/new?area=STF&list={}")),
            ("saved", KEY, ("/search?area=STF&saved={}",)),
        ) for method in ("GET",) for path in paths),
        *(("POST", path, name, nothing) for name, nothing, path in (
            ("saved", KEY, "/saved/{}/delete"), ("saved", KEY, "/saved/{}/quiet"), ("saved", KEY, "/saved/{}/restore"),
            ("draft", NOWHERE, "/orders/drafts/{}/delete"), ("draft", NOWHERE, "/orders/drafts/{}"),
            ("kept", NOWHERE, "/kept-form/{}"), ("session", "999999", "/account/sessions/{}/end"),
            ("passkey", "999999", "/account/second-factor/passkey/{}/remove"),
            ("upload", "999999", "/imports/{}"), ("delivery", "999999", "/emails/{}"),
        )),
    ]  # fmt: skip
    found = [(method, path.format(ids[name]), path.format(nothing)) for method, path, name, nothing in by_id]
    for part in ("", "/file"):
        # A document of a hidden order; and by way of an order that one may see.
        found += [("GET", f"/orders/{at}/documents/{held.document}{part}", f"/orders/{at}/documents/{NOWHERE}{part}")
                  for at in (order, own.public_id)]  # fmt: skip
    found.append(("POST", f"/orders/{own.public_id}/documents/{held.document}/remove",
                  f"/orders/{own.public_id}/documents/{NOWHERE}/remove"))  # fmt: skip
    found.append(("GET", f"/orders/{own.public_id}/events/{held.event}", f"/orders/{own.public_id}/events/99999999"))
    for what in ("correct", "withdraw"):
        for method in ("GET", "POST"):
            found.append((method, f"/interventions/{held.intervention}/{what}", f"/interventions/{NOWHERE}/{what}"))
    for part in ("interventions", "interventions/add", "retention", "retention/erase"):
        found.append(("GET", f"/people/{person}/{part}", f"/people/{NOWHERE}/{part}"))
    return found


def test_no_id_of_somebody_else_tells_or_does_anything(
    areas: Map, settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DOCUMENT_DIR = tmp_path
    user, other = make_user(areas.force, *Role), make_user(areas.next_force, *Role, secret_places=True)
    owner_client, client = Client(), Client(raise_request_exception=False)
    owner_client.force_login(user)
    held = theirs(areas, user, tmp_path)
    client.force_login(other)
    away = (areas.next_neighbourhood, "2020-01-01", None)
    own = make_nmo(areas.next_force, make_person("OWN", away), make_person("OWNV", away))
    wrong, tried = [], 0
    before = {model: list(model.objects.order_by("pk").values()) for model in (Draft, KeptForm, Passkey)}
    for method, real, none in pairs(held, own):
        first, second = answered(client, method, real), answered(client, method, none)
        tried += 1
        if SECRET in first[1] or first[0] == 500 or first[:2] != second[:2] or abs(first[2] - second[2]) > 3:
            wrong.append(f"{method} {real}: {first[0]}, {first[2]} statements; {second[0]}, {second[2]}")
    with capsys.disabled():
        print(f"\n{tried} ids of somebody else tried")  # noqa: T201 - the count is asked for
    assert not wrong, "\n".join(wrong)
    assert tried > 40
    assert {model: list(model.objects.order_by("pk").values()) for model in before} == before
    assert owner_client.get(f"/saved/{held.ids['saved']}").status_code == 302, "its owner opens it"


@pytest.mark.parametrize("kind", ["saved", "asked", "draft", "sent", "kept"])
def test_what_is_ones_own_is_not_even_a_colleagues(
    areas: Map, settings: LazySettings, tmp_path: Path, kind: str
) -> None:
    settings.DOCUMENT_DIR = tmp_path
    user, colleague = make_user(areas.force, *Role), make_user(areas.force, *Role)
    held, client = theirs(areas, user, tmp_path), Client(raise_request_exception=False)
    client.force_login(colleague)
    paths = {"saved": "/saved/{}/edit", "asked": "/search?area=WMP&s={}", "draft": "/orders/drafts/{}/numbers",
             "sent": "/orders/entered/{}", "kept": "/kept-form/{}"}  # fmt: skip
    nothing = KEY if kind in ("saved", "asked") else NOWHERE
    first, second = (answered(client, "GET", paths[kind].format(one)) for one in (held.ids[kind], nothing))
    assert first[0] == second[0] in (400, 404)
    assert first[1] == second[1]


def test_no_page_number_filter_or_token_reaches_another_force(
    areas: Map, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DOCUMENT_DIR = tmp_path
    user, other = make_user(areas.force, *Role), make_user(areas.next_force, *Role)
    held = theirs(areas, user, tmp_path)
    narrow, text = ApiToken.issue(user=other, name="n", expires_at=timezone.now() + timedelta(days=1))
    wide = Client(headers={"Authorization": f"Bearer {text}"})
    ApiToken.objects.filter(pk=narrow.pk).update(area=areas.next_lpa)
    asks: list[Callable[[], Any]] = [
        lambda: wide.get("/api/orders"),
        lambda: wide.get(f"/api/orders?area=STF-NOR&reference={held.order.reference}"),
        lambda: wide.get("/api/orders?area=STF-NOR&page=2&at=2026-01-01T00:00:00Z"),
        lambda: wide.get(f"/api/orders?area=STF-NOR&list={held.ids['list']}"),
        lambda: wide.get("/api/orders?area=WMP"),
        lambda: wide.get("/api/orders?area=STF"),
        lambda: wide.post("/api/orders/search", json.dumps({"area": "STF-NOR", "name": SECRET}), "application/json"),
        lambda: wide.post("/api/orders/search", json.dumps({"area": "WMP", "name": SECRET}), "application/json"),
    ]
    for number, asked in enumerate(asks):
        response = asked()
        assert response.status_code in (200, 400, 403), number
        assert response.json().get("count", 0) == 0, number
        assert not response.json().get("results"), number
        assert SECRET not in response.content.decode().replace(f'"{SECRET}"', ""), number
    client = Client()
    client.force_login(other)
    for path in (f"/search?area=STF&reference={held.order.reference}", "/search?area=STF&page=3", "/insight?area=STF"):
        assert SECRET not in client.get(path).content.decode()
    looked = AuditEntry.objects.filter(user=other, orders__contains=[held.order.pk])
    assert not looked.exists(), "nothing of it was shown, so nothing of it was logged"
