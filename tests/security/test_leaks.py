"""The leak hunt: everything that the register says to everybody is searched for what they may not be told."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from notifications import emails, planning
from orders.models import Role, User
from orders.search import exports
from orders.statute import local_day
from tests.orders.build import make_map
from tests.security.register import (
    ELSEWHERE,
    OPEN,
    RESTRICTED,
    SEARCHES,
    SECRET_PLACES,
    TYPED,
    VICTIMS,
    WHY_RESTRICTED,
    Register,
    client_of,
    make_register,
    paths,
    said,
)

pytestmark = [pytest.mark.django_db, pytest.mark.long]

SEARCH_ROLES = {Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM}


@pytest.fixture
def register() -> Register:
    return make_register(make_map())


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Every line of every log, as text with its exception, of the level of production."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter("%(name)s %(message)s").format(record))

    handler, root = Keep(), logging.getLogger()
    assert root.level <= logging.INFO
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)


def plain_spaces(text: str) -> str:
    return text.replace("+", " ").replace("%20", " ").replace("&nbsp;", " ")


def leaks(text: str, markers: object) -> set[str]:
    """Which of some markers stand in a text."""
    text = plain_spaces(text)
    return {str(marker) for marker in markers if str(marker) in text}  # type: ignore[attr-defined]  # any collection


def allowed(user: User | None, path: str, register: Register) -> set[str]:
    """What a page of somebody may say: the reason of a restriction and the heading that is put right, to the team."""
    if user is None:
        return set()
    if path.startswith("/audit"):
        # The log says what was asked for; a reference describes nobody.
        return {"QXELSEWHEREREF"}
    team = user.has_role(Role.CIVIL_ORDERS_TEAM)
    return {WHY_RESTRICTED} if team and f"{register.restricted.public_id}/restrict" in path else set()


def searched(client: Client) -> Iterator[tuple[str, str]]:
    """Each search, as the page, its export and what it leads to answer it."""
    for query in SEARCHES:
        typed = query.partition("reference=")[2]
        yield f"/search?{query}", without_what_was_typed(said(client.get(f"/search?{query}")), typed)
        page = client.get(f"/exports/new?{query}")
        yield f"/exports/new?{query}", without_what_was_typed(said(page), typed)
        hidden = dict(re.findall(r'name="(moment|shown)"[^>]*value="([^"]*)"', page.content.decode()))
        for kind in ("csv", "xlsx"):
            form = {**hidden, "format": kind, "purpose": "briefing", "words": "leak hunt",
                    "columns": [name for name in exports.COLUMNS if name != "matched"]}  # fmt: skip
            taken = unpacked(client.post(f"/exports/new?{query}", form))
            yield f"export {kind} {query}", without_what_was_typed(taken, typed)
    for typed in TYPED:
        (text,) = typed.values()
        yield f"typed {text}", without_what_was_typed(said(client.post("/search", {"q": text}, follow=True)), text)


def unpacked(response: object) -> str:
    """An export's words; a spreadsheet is a zip of them."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    if not body.startswith(b"PK"):
        return str(body.decode("utf-8-sig", "replace"))
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def without_what_was_typed(text: str, typed: str) -> str:
    """An answer says again what was asked; whoever typed it knows it. What is found besides is a leak."""
    text = plain_spaces(text)
    return re.sub(re.escape(typed), "", text, flags=re.IGNORECASE) if typed else text


def test_no_page_says_to_anybody_what_they_may_not_know(
    register: Register, logged: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    shown, asked = set(), 0
    everyone: dict[str, User | None] = {**register.users, "signed out": None}
    nowhere = (*SECRET_PLACES, *RESTRICTED, WHY_RESTRICTED, *ELSEWHERE, *register.never())
    for who, user in everyone.items():
        client = client_of(user)
        wide = who in ("Viewer", "Civil orders team", "everything")
        everything = list(paths(register, register.orders if wide else (register.secret, register.restricted)))
        searches = user is not None and any(user.has_role(role) for role in SEARCH_ROLES)
        markers = nowhere if searches else (*nowhere, *VICTIMS, OPEN)
        answers = [(path, said(client.get(path))) for _, path in everything if "sign-out" not in path]
        answers += [*searched(client)] if searches else []
        for path, text in answers:
            asked += 1
            for marker in leaks(text, markers) - allowed(user, path, register):
                found[marker].add(f"{who}: {path}")
            if OPEN in text:
                shown.add(who)
            if path.startswith("export "):
                for marker in leaks(text, VICTIMS):
                    found[marker].add(f"{who}: {path}")
    with capsys.disabled():
        sys.stdout.write(f"\n{asked:,} answers and {len(logged):,} lines of log searched for {len(nowhere)} markers\n")
    assert not found, json.dumps({marker: sorted(where)[:6] for marker, where in found.items()}, indent=1)
    assert not leaks("\n".join(logged), (*nowhere, *VICTIMS, OPEN)), "in a log"
    # What everybody who searches may see was seen, so the hunt looked at pages that say something.
    assert {"Viewer", "Supervisor", "Civil orders team", "holder", "everything"} <= shown
    assert asked > 500


def test_no_answer_of_the_api_says_it(register: Register, logged: list[str]) -> None:
    asked = 0
    for who, token in register.tokens.items():
        client = Client(headers={"Authorization": f"Bearer {token}"})
        answers = [(query, said(client.get(f"/api/orders?{query}"))) for query in SEARCHES]
        for typed in TYPED:
            (text,) = typed.values()
            body = json.dumps({"area": "WMP", **typed})
            response = client.post("/api/orders/search", body, content_type="application/json")
            answers.append((text, without_what_was_typed(said(response), text)))
        for query, text in answers:
            asked += 1
            markers = (*SECRET_PLACES, *RESTRICTED, WHY_RESTRICTED, *ELSEWHERE, *VICTIMS, *register.never())
            assert not leaks(text, markers) - {query}, f"{who}: {query}"
    assert not leaks("\n".join(logged), (*SECRET_PLACES, *RESTRICTED, *ELSEWHERE, *VICTIMS, *register.never()))
    assert asked > 100


def test_no_count_tells_of_a_secret_postcode_or_of_another_force(register: Register) -> None:
    client = Client(headers={"Authorization": f"Bearer {register.tokens['Supervisor']}"})
    for typed in (TYPED[0], TYPED[1], TYPED[2], TYPED[4]):
        body = json.dumps({"area": "WMP", **typed})
        response = client.post("/api/orders/search", body, content_type="application/json")
        assert response.json()["count"] == 0, typed
    body = json.dumps({"area": "WMP", "name": OPEN})
    assert client.post("/api/orders/search", body, content_type="application/json").json()["count"] == 1


def test_no_email_says_it(register: Register) -> None:
    areas, now = register.areas, timezone.now()
    told = ""
    for area in (areas.walsall, areas.coventry):
        news = planning.preview(area, local_day(now) + timedelta(days=1), now)
        assert news is not None
        written = emails.write(news)
        told += written.subject + written.text + written.html
    assert register.plain.reference in told
    assert not leaks(told, (*SECRET_PLACES, *RESTRICTED, WHY_RESTRICTED, *ELSEWHERE, *VICTIMS, *register.never()))


def test_what_is_logged_of_looks_and_what_is_stored_says_it_nowhere(register: Register) -> None:
    """The log of who looked holds no person; no table holds an address, a word of an event or a key that opens."""
    client = client_of(register.users["everything"])
    for _ in searched(client):
        pass
    for order in register.orders:
        client.get(f"/orders/{order.public_id}")
    people = (OPEN, *VICTIMS, *ELSEWHERE, *RESTRICTED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM orders_auditentry t")
        log = str(cursor.fetchone()[0])
        assert "search" in log
        # A reference that was asked for stands in the log as it was asked; it describes nobody.
        assert not leaks(log, (*people, *SECRET_PLACES, *register.never())) - {"QXELSEWHEREREF"}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {connection.ops.quote_name(table)} t")
            held = str(cursor.fetchone()[0])
            sealed = (
                "QXSAFECONTACT",
                "QXRESTRICTEDNEVER",
                "QXRESTRICTEDTEXT",
                "QXRESTRICTEDBAN",
                "QXELSEWHERETEXT",
                "QXELSEWHEREPLACE",
                WHY_RESTRICTED,
            )
            secret = (*SECRET_PLACES, *sealed, *register.never())
            assert not leaks(held, secret), table


def test_an_error_tells_nobody_what_was_sent(
    register: Register, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("orders.views.search.by_area.asked_count", broken)
    monkeypatch.setattr("orders.views.search.saving.ask", broken)
    client = client_of(register.users["Viewer"])
    for response in (client.get("/search?area=WMP"), client.post("/search", {"q": OPEN}, follow=True)):
        assert response.status_code == 500
        assert not leaks(said(response), ("broken on purpose", "Traceback", OPEN))
    everything = "\n".join(logged)
    assert "broken on purpose" in everything
    assert not leaks(everything, (OPEN, *VICTIMS, *SECRET_PLACES, *register.never()))
