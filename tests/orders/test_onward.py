"""Where an answer goes on stands in an address, and tells nobody anything."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone

from orders.search import onward
from orders.search.by_area import Question
from tests.orders.build import make_map, make_user

pytestmark = pytest.mark.django_db


def test_it_is_read_for_its_own_question_and_tells_nothing_of_an_order() -> None:
    areas = make_map()
    user, question = make_user(areas.force), Question(areas.force, at=timezone.now())
    reached = onward.Reached(25, "live", timezone.now(), 4_711)
    text = onward.written(reached, question, user, at=None)
    assert onward.read(text, question, user, at=None) == reached
    for other in (replace(question, role="victim"), replace(question, area=areas.walsall)):
        with pytest.raises(onward.NotOfThisSearch):
            onward.read(text, other, user, at=None)
    assert b"4711" not in base64.urlsafe_b64decode(text)


@pytest.mark.parametrize(
    "change", [lambda text: "", lambda text: text[:-1], lambda text: f"é{text}", lambda text: f"{text}\0"]
)
def test_what_was_altered_is_not_read(change: Callable[[str], str]) -> None:
    areas = make_map()
    user, question = make_user(areas.force), Question(areas.force, at=timezone.now())
    text = onward.written(onward.Reached(25, "live", timezone.now(), 1), question, user, at=None)
    with pytest.raises(onward.NotOfThisSearch):
        onward.read(change(text), question, user, at=None)
