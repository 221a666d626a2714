"""Tests that sign somebody in without the sign-in page get the marks that the page would write."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import User
from signin import sessions
from signin.models import How


@pytest.fixture(autouse=True)
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    forced = Client.force_login

    def force_login(client: Client, user: User, backend: str | None = None) -> None:
        forced(client, user, backend)
        session: Any = client.session
        sessions.mark(session, how=How.CODE, now=timezone.now())
        session.save()

    monkeypatch.setattr(Client, "force_login", force_login)
