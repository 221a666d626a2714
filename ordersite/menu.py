"""The menu: each page with its words and what one must be allowed to do to be offered it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from orders.access.permissions import Action, may


class Item(NamedTuple):
    """A page that the menu offers, and whether it is the one that is shown."""

    words: str
    address: str
    is_here: bool


_PAGES = (
    ("orders:home", "My area", Action.ACCOUNT),
    ("orders:search", "Search", Action.SEARCH),
    ("orders:saved", "Saved", Action.SAVED_SEARCHES),
    ("orders:areas", "Areas", Action.SEARCH),
    ("orders:drafts", "Enter an order", Action.RECORD),
    ("orders:worklists", "Worklists", Action.WORKLISTS),
    ("orders:reviews", "Reviews", Action.WORKLISTS),
    ("orders:interventions", "Interventions", Action.INTERVENTIONS),
    ("orders:insight", "Figures", Action.FIGURES),
    ("notifications:emails", "Emails", Action.EMAILS_WATCH),
    ("notifications:subscriptions", "Subscriptions", Action.SAVED_SEARCHES),
    ("orders:imports", "Imports", Action.IMPORT),
    ("orders:retention", "Retention", Action.RETENTION),
    ("orders:audit", "Log", Action.AUDIT),
    ("orders:audit-sample", "Sample", Action.AUDIT_SAMPLE),
    ("orders:reference", "Reference data", Action.REFERENCE_DATA),
)


@cache
def _pages(prefix: str) -> list[tuple[str, str, Action]]:
    """Address, words and action of each page, where the register is served under a prefix."""
    return [(reverse(name), words, action) for name, words, action in _PAGES]


def menu(request: HttpRequest) -> list[Item]:
    """The pages that the user may open, in the order of the menu; none for somebody signed out."""
    if not request.user.is_authenticated:
        return []
    return [
        Item(words, address, request.path == address)
        for address, words, action in _pages(get_script_prefix())
        if may(request.user, action)
    ]
