"""Somebody whom a source gives another name is found by it in every order, and a row that is wrong is told without a name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.imports.loader import load
from orders.models import Area, PartyName, Person
from orders.record import standing_check
from orders.search.asked import PersonAsked
from orders.search.by_area import Question
from orders.search.by_person import find
from tests.imports.bundles import sample
from tests.orders.build import make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


def test_a_new_name_is_found_in_orders_that_the_source_does_not_know(tmp_path: Path) -> None:
    """A person of the source is party to an order entered by hand; the source puts their name right."""
    call_command("load_areas", stdout=io.StringIO())
    assert load(sample().write(tmp_path / "a"), commit=True).bundle == "accepted"
    person = Person.objects.get(source_ref="P-7")
    by_hand = make_nmo(Area.objects.get(code="WMP"), person, make_person("PROTECTED"), until=None)
    later = "2026-11-25T03:00:00+00:00"
    draft = sample().later(later).change("people.csv", {"person_ref": "P-7"}, family_name="RENAMED", updated_at=later)
    assert load(draft.write(tmp_path / "b"), commit=True).people.changed == 1
    assert list(standing_check.differences()) == []
    asked = Question(by_hand.owner_force, timezone.now(), person=PersonAsked(name="renamed"))
    viewer = make_user(by_hand.owner_force)
    assert by_hand.pk in find(asked, viewer, offset=0, limit=25).order_ids
    call_command("check_standing", stdout=io.StringIO())
    PartyName.objects.filter(order=by_hand, person=person).update(pnc_id="2000/0000001A")
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_standing", stdout=said)
    assert f"person {person.pk}, found by" in said.getvalue()
    assert "RENAMED" not in said.getvalue()
