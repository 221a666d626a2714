"""Recording a civil intervention, correcting and withdrawing one, and opening the words with a reason.

None of it is logged under an order: whoever may see who looked at an order must not learn from it that there is an
intervention. The log names the person instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from orders.access import audit, reasons, sealing
from orders.access.grants import SHIFT, Why
from orders.access.permissions import Action, may
from orders.models import (
    AccessGrant,
    Category,
    GrantKind,
    Intervention,
    InterventionKind,
    Person,
    Recording,
    SentForm,
    User,
)
from orders.record.recording import recording
from orders.record.writing import Form, Refused, only_once
from orders.statute import local_day


@dataclass(frozen=True, slots=True)
class Said:
    """What is recorded of an intervention; `on` is a local day."""

    kind: str
    on: date
    by_whom: str
    words: str


def add(person: Person, said: Said, *, by: User, form: Form | None = None) -> Intervention:
    """Record an intervention against a person. Raises Refused, PermissionDenied, Repeated."""
    _refuse(_problems(said))
    with _writing("record intervention", by, person, form) as opened:
        return _store(Intervention(force=by.force, person=person), said, opened)


def correct(held: Intervention, said: Said, *, reason: str, by: User, form: Form | None = None) -> Intervention:
    """Record it anew in place of what was held. Raises Refused, PermissionDenied, Repeated."""
    _refuse([*_problems(said), *_without(reason)])
    with _writing("correct intervention", by, held.person, form, reason) as opened:
        _supersede(held, by, opened)
        return _store(Intervention(ref=held.ref, force=held.force, person=held.person), said, opened)


def withdraw(held: Intervention, *, reason: str, by: User, form: Form | None = None) -> None:
    """Say that it was recorded in error. Raises Refused, PermissionDenied, Repeated."""
    _refuse(_without(reason))
    with _writing("withdraw intervention", by, held.person, form, reason) as opened:
        _supersede(held, by, opened)


def open_words(person: Person, *, by: User, why: Why, words: str, address: str | None = None) -> AccessGrant:
    """Open what was recorded against a person, for a shift; the reason is recorded before anything is shown."""
    if not may(by, Action.INTERVENTIONS):
        raise PermissionDenied
    until = timezone.now() + SHIFT
    with transaction.atomic():
        entry = audit.record(
            by=by,
            category=Category.CONSULTATION,
            action="open interventions",
            chosen=str(why.label),
            reason=words,
            people=[person.pk],
            detail={"person": str(person.public_id), "until": until.isoformat(timespec="seconds")},
            address=address,
        )
        return AccessGrant.objects.create(
            user=by, kind=GrantKind.INTERVENTIONS, person=person, entry=entry, until=until
        )


def words_until(user: User, person: Person) -> datetime | None:
    """Until when the reason holds that opened what was recorded against a person; None if there is none."""
    held = AccessGrant.objects.filter(user=user, kind=GrantKind.INTERVENTIONS, person=person, until__gt=timezone.now())
    return held.order_by("-until").values_list("until", flat=True).first()


@contextmanager
def _writing(action: str, by: User, person: Person, form: Form | None, reason: str = "") -> Iterator[Recording]:
    if not may(by, Action.INTERVENTIONS) or by.force_id is None:
        raise PermissionDenied
    with transaction.atomic():
        if form is not None:
            only_once(form, [])
        sealed = reasons.sealed(reason, people=[person.pk])
        with recording(by=by, action=action, reason=sealed) as opened:
            if form is not None:
                SentForm.objects.create(key=form.key, user=by, recording=opened, leads_to=form.leads_to)
            yield opened
            audit.record(
                by=by,
                category=Category.ALTERATION,
                action=action,
                reason=sealed,
                detail={"person": str(person.public_id)},
            )


def _store(row: Intervention, said: Said, opened: Recording) -> Intervention:
    try:
        key = sealing.of_person(row.person_id)
    except sealing.ErasedKeyError:
        raise Refused(["person: has been erased; nothing is recorded of them any more"]) from None
    row.kind, row.on, row.recording = said.kind, said.on, opened
    row.by_whom, row.words = key.seal(said.by_whom.strip()), key.seal(said.words.strip())
    row.save(force_insert=True)
    return row


def _supersede(held: Intervention, by: User, opened: Recording) -> None:
    if held.force_id != by.force_id:
        raise PermissionDenied
    if not Intervention.objects.filter(pk=held.pk, superseded__isnull=True).update(superseded=opened):
        raise Refused(["reason: somebody else has corrected it since; look at it as it now is"])


def _problems(said: Said) -> list[str]:
    found = [] if said.kind in InterventionKind.values else ["kind: select what was done"]
    if said.on > local_day(timezone.now()):
        found.append("on: must be today or in the past")
    if not said.by_whom.strip():
        found.append("by_whom: is missing; say who did it")
    if not said.words.strip():
        found.append("words: are missing; say what was disclosed, undertaken or warned of")
    return found


def _without(reason: str) -> list[str]:
    return [] if reason.strip() else ["reason: is missing; say what was wrong"]


def _refuse(problems: list[str]) -> None:
    if problems:
        raise Refused(problems)
