"""People: entered, described rightly, and moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from orders.access.permissions import Action
from orders.models import Person, Residence, User
from orders.record import put_right
from orders.record.storing import NewHome, store_home
from orders.record.writing import Form, Refused, Write, again_if_broken_off, permit_person, writing

DESCRIPTION = (
    "family_name", "given_names", "date_of_birth", "sex", "ethnicity", "pnc_id", "warnings", "aliases",
)  # fmt: skip
"""The fields of a person that can be put right."""


@again_if_broken_off
def correct_person(
    person: Person, changes: Mapping[str, Any], *, by: User | None, reason: str, form: Form | None = None
) -> Person:
    """Put right how a person is described; the database keeps what stood there before. Raises Refused."""
    if not reason.strip():
        raise Refused(["reason: is missing; say what was wrong"])
    unknown = changes.keys() - set(DESCRIPTION)
    if unknown:
        raise Refused([f"{name}: is not part of a description" for name in sorted(unknown)])
    if "family_name" in changes and not str(changes["family_name"]).strip():
        raise Refused(["family_name: is missing"])
    with writing(
        by=by, action="correct person", reason=reason, people=[person.pk], needs=Action.CORRECT, form=form
    ) as write:
        permit_person(by, write)
        current = Person.objects.get(pk=person.pk)
        changed = {name: value for name, value in changes.items() if getattr(current, name) != value}
        if not changed:
            raise Refused(["family_name: nothing is changed"])
        put_right.note(current, changed, write.recording)
        Person.objects.filter(pk=person.pk).update(**changed, recording=write.recording)
    return Person.objects.get(pk=person.pk)


@again_if_broken_off
def move(person: Person, home: NewHome, *, by: User | None, reason: str = "", form: Form | None = None) -> Residence:
    """Somebody lives elsewhere from `home.from_on` on: where they lived until then ends on that day. Raises Refused.

    Their orders are found in the new area from that day, and both areas are told in their next email.
    """
    if home.to_on is not None and home.to_on <= home.from_on:
        raise Refused(["to_on: the day they leave must be after the day from which they live there"])
    with writing(by=by, action="move person", reason=reason, people=[person.pk], form=form) as write:
        permit_person(by, write)
        current = Residence.objects.filter(person=person, superseded__isnull=True)
        if current.filter(from_on=home.from_on).exists():
            raise Refused(
                ["from_on: they are already recorded as living somewhere from that day; correct that instead"]
            )
        later = current.filter(from_on__gt=home.from_on).order_by("from_on").first()
        left = current.filter(Q(to_on__isnull=True) | Q(to_on__gt=home.from_on), from_on__lt=home.from_on)
        for residence in list(left):
            _until(residence, home.from_on, write)
        if later is not None and (home.to_on is None or home.to_on > later.from_on):
            raise Refused([
                f"from_on: another home is recorded from {later.from_on:%-d %B %Y} on; say until when they lived here"
            ])  # fmt: skip
        return store_home(person, home, write.recording)


def _until(residence: Residence, day: date, write: Write) -> None:
    """The same home with the day on which it was left; the entry without stays as it was known until now."""
    Residence.objects.filter(pk=residence.pk).update(superseded=write.recording)
    residence.pk = None
    residence._state.adding = True
    residence.to_on = day
    residence.recording = write.recording
    residence.save()
