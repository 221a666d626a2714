"""People of a register of 3,000 orders are found however they are mistyped, and the measuring of it can fail."""

from __future__ import annotations

import random
from datetime import date

import pytest

from bench.corruptions import NAMES, Remembered, two_letters
from bench.questions import Questions
from bench.recall import ONE, TWO, Case, Found, asked, kinds, measure, passes, table
from orders.models import Area
from orders.search.by_area import Question
from orders.statute import local_midnight
from tests.bench.conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

NOW = local_midnight(TODAY)


def test_the_right_person_is_on_the_first_page() -> None:
    viewers, areas = Questions(NOW), Area.objects.in_bulk()
    one, two = Found(), Found()
    for kind in kinds(12, 5):
        for case in kind.cases:
            area = areas[case.force_id]
            kind.answered(case, asked(case, Question(area, NOW), viewers.viewer(area)))
        (two if kind.least == TWO else one).at.extend(kind.ours.at)
    assert len(one.at) > 200
    assert one.share(25) >= ONE
    assert one.share(1) >= 0.85
    assert len(two.at) == 24
    assert two.share(25) >= TWO


def test_the_others_are_asked_for_the_same_people() -> None:
    found, lines = measure(2, 3)
    assert found[0].name == "as written"
    for other in found[0].others.values():
        assert other.share(25) == 1, "written rightly, everybody is found by each"
    assert "| tantivy 1" in table(found)
    assert len(lines) == 5


def test_nobody_is_found_where_nobody_is_right() -> None:
    viewers, areas = Questions(NOW), Area.objects.in_bulk()
    (kind, *_) = kinds(3, 5)
    for case in kind.cases:
        area = areas[case.force_id]
        nobody = Case(case.words, case.born, case.force_id, frozenset())
        kind.answered(nobody, asked(nobody, Question(area, NOW), viewers.viewer(area)))
    assert kind.ours.share(25) == 0
    assert not passes(kind)


def test_each_error_is_one() -> None:
    person = Remembered("Thomas James", "Wiśniewski-O'Neill", date(1986, 6, 5), (("Khan", "Ali"),))
    chance = random.Random(1)
    for name, corrupt in NAMES.items():
        wrong = corrupt(person, chance)
        if wrong is not None and name != "as written":
            assert wrong != person, name
    plain = Remembered("Thomas", "Hamilton", date(1986, 6, 5))
    both = two_letters(plain, chance)
    assert both is not None
    assert both.given != plain.given
    assert both.family != plain.family
