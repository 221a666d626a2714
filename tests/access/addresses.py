"""Every address of the site, walked from the URL conf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Address(NamedTuple):
    """A pattern of the URL conf: its whole route, its name with name spaces, its view, and its converters by name."""

    route: str
    name: str
    view: Any
    converters: dict[str, Any]


def addresses() -> list[Address]:
    """All of them."""
    return list(_walk(get_resolver().url_patterns, "", "", {}))


def _walk(patterns: Any, route: str, spaces: str, converters: dict[str, Any]) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        known = converters | pattern.pattern.converters
        if isinstance(pattern, URLResolver):
            space = f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, here, space, known)
        elif isinstance(pattern, URLPattern):
            yield Address(here, f"{spaces}{pattern.name or ''}", pattern.callback, known)
