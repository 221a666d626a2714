"""Signing in, asking for a page and reading it, and an order to ask for."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from orders.actions.by_hand import settle_residence
from orders.models import Order, Role, User
from tests.orders.build import Map, make_nmo, make_person, make_user


def order_of(areas: Map, secret: bool | None = False, until: int = 100) -> Order:
    """An order made five days ago, until so many days from now: respondent in Walsall, protected person in Coventry."""
    victim = make_person("PROTECTED")
    settle_residence(
        victim, from_on=timezone.localdate() - timedelta(days=900), neighbourhood=areas.foleshill,
        address="77 Hidden Street", postcode="CV9 9ZZ", secret=secret, by=None,
    )  # fmt: skip
    return make_nmo(
        areas.force,
        make_person("RESPONDENT", (areas.palfrey, "2020-01-01", None)),
        victim,
        made=(timezone.localtime() - timedelta(days=5)).strftime("%Y-%m-%dT10:00"),
        until=(timezone.localdate() + timedelta(days=until)).isoformat(),
    )


def signed_in(areas: Map, *roles: Role, **options: bool) -> tuple[Client, User]:
    """A client signed in as a new user of the force, a viewer if no role is named."""
    user = make_user(areas.force, *roles, **options)
    client = Client()
    client.force_login(user)
    return client, user


def text(response: object) -> str:
    """The words of a page, without its marks; what is only held apart stands where it stood."""
    content = response.content.decode()  # type: ignore[attr-defined]
    content = re.sub(r"</?bdi>", "", content)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))
