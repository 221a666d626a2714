"""The OpenAPI document says what the API does, and can be read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from orders.models import Order, Role
from tests.api.test_api import Caller
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def document(areas: Map) -> dict[str, Any]:
    response = Caller(make_user(areas.force)).client.get("/api/schema?format=json")
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.content)
    return found


def judge(document: dict[str, Any], path: str, method: str, status: int, said: Any) -> None:
    """Raises if an answer is not what the document says; a key beyond it is a fault too."""
    answer = document["paths"][path][method]["responses"][str(status)]["content"]["application/json"]["schema"]
    text = json.dumps({"components": document["components"], **answer})
    # OpenAPI 3.0 says null by a word of its own.
    whole = _with_null(json.loads(text))
    Draft202012Validator(whole).validate(said)


def _with_null(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _with_null(value) for key, value in schema.items() if key != "nullable"}
    if isinstance(found.get("properties"), dict) and "type" in found:
        found["additionalProperties"] = False
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") else found


def test_it_names_every_answer_the_scheme_and_examples(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    for path, method in (("/api/orders", "get"), ("/api/orders/search", "post")):
        said = document["paths"][path][method]
        assert {"bearer": []} in said["security"]
        assert set(said["responses"]) == {"200", "400", "401", "403", "429"}
        for answer in said["responses"].values():
            assert answer["content"]["application/json"]["examples"]
            assert answer["description"]
    taken = {one["name"] for one in document["paths"]["/api/orders"]["get"]["parameters"]}
    assert taken == {
        "area",
        "role",
        "kind",
        "standing",
        "at",
        "known_at",
        "reference",
        "served",
        "on_pnc",
        "after",
        "page",
        "page_size",
    }
    body = document["components"]["schemas"]["SearchBody"]["properties"]
    assert set(body) == taken | {"name", "date_of_birth", "postcode", "pnc_id"}
    assert document["paths"]["/api/orders/search"]["post"]["requestBody"]["content"]["application/json"]["examples"]


def test_what_is_answered_is_what_it_says(areas: Map, document: dict[str, Any]) -> None:
    perpetrator = make_person("HUSSAIN", (areas.palfrey, "2020-01-01", None))
    make_nmo(areas.force, perpetrator, make_person("V"), until=None)
    make_nmo(areas.force, perpetrator, make_person("V"), made="2020-01-01T10:00", until="2021-01-01")
    hidden = make_nmo(areas.force, perpetrator, make_person("V"), until=None)
    Order.objects.filter(pk=hidden.pk).update(restricted=True)
    caller = Caller(make_user(areas.force))
    for query in ("", "page_size=1", "standing=ended", "bogus=1", "area=XXX"):
        status, said = caller.get(query)
        judge(document, "/api/orders", "get", status, said)
    for body in ({"area": "WMP", "name": "hussain"}, {"area": "WMP", "name": ""}, {"area": "WMP"}):
        status, said = caller.post(**body)
        judge(document, "/api/orders/search", "post", status, said)
    for example in ("get", "post"):
        path = "/api/orders" if example == "get" else "/api/orders/search"
        for status, answer in document["paths"][path][example]["responses"].items():
            for one in answer["content"]["application/json"]["examples"].values():
                judge(document, path, example, int(status), one["value"])


def test_what_is_no_json_is_named(areas: Map) -> None:
    client = Caller(make_user(areas.force)).client
    for body in ("{", "[]", '"x"', "[" * 100_000):
        response = client.post("/api/orders/search", body, content_type="application/json")
        assert response.status_code == 400
        assert response.json() == {"errors": {"body": ["is not a JSON object"]}}


def test_it_can_be_read_as_a_page(areas: Map) -> None:
    client = Client()
    client.force_login(make_user(areas.force))
    response = client.get("/api/docs")
    page = response.content.decode()
    for word in (
        "GET /api/orders",
        "POST /api/orders/search",
        "known_at",
        "Retry-After",
        "results[].perpetrator.family_name",
        "pnc_id",
        "429",
    ):
        assert word in page, word
    assert not re.search(r'(src|href)="https?:', page)
    assert client.get("/api/schema?format=json").status_code == 200


def test_it_is_for_those_who_may_ask(areas: Map) -> None:
    assert Client().get("/api/docs").status_code == 302
    client = Client()
    client.force_login(make_user(areas.force, Role.ADMINISTRATOR))
    assert client.get("/api/docs").status_code == 403
