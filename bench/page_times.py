"""How fast whole pages are answered, with how many statements, and what memory that takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench import floors
from bench.area_times import PAGE_SIZE
from bench.questions import Questions, address
from bench.targets import Targets
from bench.timing import Beside, Fact, Line, measured, statements
from orders.models import ApiToken, Level, Order
from orders.search import Question


class Clients:
    """A browser and an API client for each force, signed in as its viewer."""

    def __init__(self, questions: Questions) -> None:
        # What is measured is an answer, not how often one may ask.
        settings.API_REQUESTS_PER_MINUTE = sys.maxsize
        self.pages: dict[int, Client] = {}
        self.tokens: dict[int, Client] = {}
        for force in questions.areas(Level.FORCE):
            self.pages[force.pk] = Client(SERVER_NAME="localhost")
            self.pages[force.pk].force_login(questions.viewer(force))
            token = ApiToken.issue(
                user=questions.viewer(force), name="bench", expires_at=timezone.now() + timedelta(days=1)
            )
            self.tokens[force.pk] = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token[1]}"})

    def page(self, force: int, path: str) -> Any:
        """A page, which must be shown."""
        return _shown(self.pages[force].get(path), path)

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


def lines(
    questions: Questions, opened: psycopg.Connection[Any], targets: Targets, *, number: int, best_of: int
) -> Iterator[Line | Fact]:
    """The search page beside its raw counts and cards; the order page; the number of statements; a worker's memory."""
    clients = Clients(questions)

    def answer(question: Question) -> None:
        clients.page(question.area.force_or_self_id, address(question, now=questions.at))

    def raw(question: Question) -> None:
        floors.counts(opened, question)
        floors.cards(opened, question, floors.page(opened, question, offset=0, limit=PAGE_SIZE))

    found = measured(answer, questions.filtered(number), raw, best_of=best_of)
    floor = Beside("raw cards and counts", found.others[0], 3)
    note = f"(its statements {found.sql})"
    yield Line("search page, whole response", found.whole, targets.search_page, [floor], note)
    chosen = Order.objects.filter(pk__in=list(questions.order_ids(number * 2)), restricted=False)
    orders = list(chosen.values_list("public_id", "owner_force_id")[:number])
    found = measured(lambda one: clients.page(one[1], f"/orders/{one[0]}"), orders, best_of=best_of)
    yield Line("order page, whole response", found.whole, targets.order_page, note=f"(its statements {found.sql})")
    yield _constant(questions, clients)
    yield _memory(targets)


def _constant(questions: Questions, clients: Clients) -> Fact:
    """The statements of an answer with three orders and of one with fifty, of areas that have about as many."""
    taken: dict[int, set[int]] = {3: set(), 50: set()}
    for question in questions.either(20, Level.NEIGHBOURHOOD, Level.LPA):
        for size, numbers in taken.items():
            query = f"area={question.area.code}&page_size={size}"
            clients.asked(question.area.force_or_self_id, query)
            with statements() as watched:
                found = clients.asked(question.area.force_or_self_id, query)
            if len(found["results"]) == size:
                numbers.add(watched.number)
    few, many = taken[3], taken[50]
    said = f"{_spread(few)} at 3 rows, {_spread(many)} at 50"
    return Fact("statements of a page", said, "the same", bool(few and many) and max(many) <= max(few))


def _spread(numbers: set[int]) -> str:
    if not numbers:
        return "not measured"
    return str(min(numbers)) if len(numbers) == 1 else f"{min(numbers)}–{max(numbers)}"


def _memory(targets: Targets) -> Fact:
    """The most memory of a fresh process that has answered searches and orders, as a web worker does."""
    done = subprocess.run([sys.executable, "-m", "bench.memory"], capture_output=True, text=True, check=True)
    used = float(done.stdout.split()[-1])
    return Fact("memory of a web worker, MB", f"{used:.0f}", f"≤ {targets.worker_mb:g}", used <= targets.worker_mb)
