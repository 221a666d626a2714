"""The API to read: a page made from the OpenAPI document, with nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from orders.access.permissions import Action
from orders.views.access import permitted


@permitted(Action.API)
def reading_page(request: HttpRequest) -> HttpResponse:
    """Each operation with its parameters, what it answers, and an example of each."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # has no types
    operations = [
        _operation(path, method, said, document)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if said["operationId"] in ("orders", "search_orders")
    ]
    return render(
        request,
        "orders/api.html",
        {"title": document["info"]["title"], "words": document["info"]["description"], "operations": operations,
         "per_minute": settings.API_REQUESTS_PER_MINUTE},
    )  # fmt: skip


def _operation(path: str, method: str, said: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "name": said["operationId"],
        "method": method.upper(),
        "path": path,
        "words": said.get("description", ""),
        "tables": [
            table
            for table in (
                ("In the address", [_field(one["name"], one["schema"], one) for one in said.get("parameters", ())]),
                ("In the body, as JSON", _fields(body.get("schema"), document)),
            )
            if table[1]
        ],
        "request": _examples(body),
        "answers": [
            {
                "status": code,
                "words": answer["description"],
                "examples": _examples(answer["content"]["application/json"]),
                "fields": _fields(answer["content"]["application/json"]["schema"], document) if code == "200" else (),
            }
            for code, answer in said["responses"].items()
        ],
    }


def _fields(schema: dict[str, Any] | None, document: dict[str, Any], within: str = "") -> list[dict[str, str]]:
    """The fields of an object, those of the objects in it below it."""
    if not schema:
        return []
    found = []
    for name, said in _named(schema, document).get("properties", {}).items():
        inner = said.get("items", said)
        found.append(_field(within + name, _named(inner, document), said))
        if "$ref" in inner or "allOf" in inner:
            found += _fields(inner, document, f"{within}{name}{'[]' if 'items' in said else ''}.")
    return found


def _named(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where another place has it."""
    schema = schema.get("allOf", [schema])[0]
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _field(name: str, schema: dict[str, Any], said: dict[str, Any]) -> dict[str, str]:
    inner = schema.get("items", schema)
    return {
        "name": name,
        "words": said.get("description", "").split("\n\n* `")[0],
        "values": ", ".join(map(str, inner.get("enum", ()))),
    }


def _examples(content: dict[str, Any]) -> list[str]:
    return [json.dumps(one["value"], indent=2) for one in content.get("examples", {}).values()]
