"""Whoever asks while it is measured: browsers with a session, and systems with a token."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench.questions import Questions
from orders.models import ApiToken, Level, User
from signin import sessions
from signin.models import How


def browser(user: User) -> Client:
    """A browser in which a user has just signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    session = client.session
    sessions.mark(session, how=How.PASSKEY, now=timezone.now())
    session.save()
    return client


class Clients:
    """A browser and an API client for each force, signed in as its viewer."""

    def __init__(self, questions: Questions) -> None:
        # Answered by a process that was made ready as a web worker is.
        import_module("ordersite.wsgi")
        # What is measured is an answer, not how often one may ask.
        settings.API_REQUESTS_PER_MINUTE = sys.maxsize
        self.pages: dict[int, Client] = {}
        self.tokens: dict[int, Client] = {}
        for force in questions.areas(Level.FORCE):
            self.pages[force.pk] = browser(questions.viewer(force))
            token = ApiToken.issue(
                user=questions.viewer(force), name="bench", expires_at=timezone.now() + timedelta(days=1)
            )
            self.tokens[force.pk] = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token[1]}"})

    def page(self, force: int, path: str) -> Any:
        """A page, which must be shown."""
        return _shown(self.pages[force].get(path), path)

    def typed(self, force: int, words: str, area: str) -> Any:
        """The page that somebody comes to who types words into the box and sends the form."""
        sent = self.pages[force].post("/search", {"q": words, "area": area})
        if sent.status_code != 302:
            raise RuntimeError(f"{sent.status_code} for the form")
        return self.page(force, sent.headers["Location"])

    def asked(self, force: int, query: str) -> dict[str, Any]:
        """An answer of the API."""
        found: dict[str, Any] = _shown(self.tokens[force].get(f"/api/orders?{query}"), query).json()
        return found

    def searched(self, force: int, body: dict[str, Any]) -> dict[str, Any]:
        """An answer of the API to a body."""
        response = self.tokens[force].post("/api/orders/search", json.dumps(body), content_type="application/json")
        found: dict[str, Any] = _shown(response, str(body)).json()
        return found


def _shown(response: Any, asked: str) -> Any:
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code} for {asked}")
    return response
