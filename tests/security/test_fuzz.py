"""Nothing that anybody sends is an error of the register, and what it refuses leaves nothing behind."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core import NOT_SET

from orders.imports.loader import load
from orders.models import Condition, Event, Order, Party, Person, Place, Residence
from orders.record.standing_check import differences
from orders.search.filters import PageFilter
from tests.api.test_schema import judge
from tests.imports.bundles import sample
from tests.orders.build import make_map
from tests.security.fuzz import fuzzed, values
from tests.security.register import Register, client_of, make_register, paths, said

pytestmark = [pytest.mark.django_db, pytest.mark.long]

RECORD = (Order, Person, Party, Residence, Condition, Event, Place)
REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 422})


def rows() -> dict[str, int]:
    """How many rows each table of the record has."""
    return {model.__name__: model.objects.count() for model in RECORD}


@pytest.fixture
def register() -> Register:
    return make_register(make_map())


def sound(response: Any, about: str) -> None:
    """No error of the register's own, and nothing of its inside."""
    text = said(response)
    unwell = response.status_code == 503 and "/health/" in about  # it says that emails are late, as it is there to
    assert response.status_code < 500 or unwell, f"{response.status_code}: {about}"
    for word in ("Traceback (most", 'File "/', "psycopg", "django.core", "SELECT "):
        assert word not in text, f"{word!r}: {about}"


def names_of(client: Client, path: str) -> list[str]:
    """The names of the fields of a page."""
    response = client.get(path)
    page = "" if response.streaming else response.content.decode("utf-8", "replace")
    return sorted(set(re.findall(r'\bname="([^"]+)"', page)) - {"csrfmiddlewaretoken", "viewport"})


def test_no_filter_breaks_a_page(register: Register) -> None:
    client = client_of(register.users["everything"])
    targets = sorted({path for _, path in paths(register) if "sign-out" not in path and "<" not in path})
    known = sorted({*PageFilter.base_filters, "page", "month", "at", "known_at", "next", "order", "by", "q", "days"})
    before = rows()

    @fuzzed()
    @given(st.sampled_from(targets), st.lists(st.tuples(st.sampled_from(known), values), max_size=4))
    def ask(path: str, query: list[tuple[str, str]]) -> None:
        with transaction.atomic():
            sound(client.get(f"{path}?{urlencode(query)}"), f"{path} {query!r}"[:500])
            transaction.set_rollback(True)

    ask()
    assert rows() == before


def test_no_address_breaks_the_register(register: Register) -> None:
    client = client_of(register.users["everything"])

    @fuzzed()
    @given(
        st.lists(
            st.one_of(
                st.sampled_from(
                    (
                        "orders",
                        "people",
                        "search",
                        "saved",
                        "admin",
                        "api",
                        "..",
                        "areas",
                        "reference",
                        "imports",
                        "worklists",
                        "audit",
                    )
                ),
                values,
            ),
            max_size=4,
        )
    )
    def ask(parts: list[str]) -> None:
        with transaction.atomic():
            sound(client.get("/" + "/".join(quote(part[:300], safe="") for part in parts)), repr(parts)[:500])
            transaction.set_rollback(True)

    ask()


def test_no_form_breaks_or_half_writes(register: Register) -> None:
    client = client_of(register.users["everything"])
    cookies = client.cookies.copy()
    forms = []
    for _, path in paths(register):
        if "sign-out" in path:
            continue
        forms.append((path, names_of(client, path) or ["reason", "why", "name"]))
    assert len(forms) > 60

    @fuzzed()
    @given(st.data())
    def post(data: st.DataObject) -> None:
        path, names = data.draw(st.sampled_from(forms))
        chosen = data.draw(st.lists(st.tuples(st.sampled_from(names), values), max_size=8))
        with transaction.atomic():
            before = rows()
            client.cookies = cookies.copy()
            response = client.post(path, urlencode(chosen), content_type="application/x-www-form-urlencoded")
            sound(response, f"POST {path} {chosen!r}"[:700])
            if response.status_code in REFUSALS:
                assert rows() == before, f"half written: {path} {chosen!r}"[:700]
            elif rows() != before:
                assert not list(differences()), f"stored otherwise than the law says: {path} {chosen!r}"[:700]
            transaction.set_rollback(True)

    post()


def test_the_api_does_what_its_document_says_of_every_input(register: Register, settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    client = Client(headers={"Authorization": f"Bearer {register.tokens['Supervisor']}"}, raise_request_exception=False)
    document = json.loads(client.get("/api/schema?format=json").content)
    schema = schemathesis.openapi.from_dict(document)
    operations = [schema[path][method] for path, method in (("/api/orders", "GET"), ("/api/orders/search", "POST"))]

    @fuzzed()
    @given(st.one_of([operation.as_strategy() for operation in operations]))
    def call(case: schemathesis.Case) -> None:
        path, method = case.operation.path, case.method.lower()
        asked = f"{path}?{urlencode(case.query or {}, doseq=True)}"
        body = "" if case.body is NOT_SET else json.dumps(case.body)
        with transaction.atomic():
            response = client.generic(method.upper(), asked, body, content_type="application/json")
            sound(response, f"{method} {asked} {body}"[:500])
            judge(document, path, method, response.status_code, response.json())
            transaction.set_rollback(True)

    call()


def test_no_bundle_breaks_the_import_or_half_writes(tmp_path: Path) -> None:
    call_command("load_areas", stdout=io.StringIO())
    usual = sample().only("CN-100006")
    cells = [(name, number, column) for name, table in usual.tables.items()
             for number, row in enumerate(table) for column in row]  # fmt: skip
    path = tmp_path / "bundle.zip"

    @fuzzed()
    @given(
        st.lists(st.tuples(st.sampled_from(cells), values), min_size=1, max_size=4),
        st.one_of(st.none(), st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=6))),
    )
    def bring(changes: list[tuple[tuple[str, int, str], str]], damage: tuple[int, bytes] | None) -> None:
        draft = sample().only("CN-100006")
        for (name, number, column), value in changes:
            draft.tables[name][number][column] = value
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in draft.content().items():
                archive.writestr(name, content)
        if damage is not None:
            content = path.read_bytes()
            at = damage[0] % len(content)
            path.write_bytes(content[:at] + damage[1] + content[at + len(damage[1]) :])
        with transaction.atomic():
            before = rows()
            outcome = load(path, commit=True)
            if not outcome.committed:
                assert rows() == before
            assert not list(differences())
            transaction.set_rollback(True)

    bring()
    assert connection.is_usable()
