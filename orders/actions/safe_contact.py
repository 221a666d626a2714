"""Saying how a protected person can be reached without harm; a new statement stands in the place of the last."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orders.access import sealing
from orders.models import Party, Person, SafeContact, User
from orders.record.writing import Form, Refused, Write, again_if_broken_off, permit_person, writing

OPEN = ("safe", "never", "children", "language")
"""What every reader of an order sees, in words."""
SEALED = (*OPEN, "interpreter", "kept_back")
_NUMBER = re.compile(r"(?<![\d/])(?:\+|0)\d(?:[ ()-]?\d){7,}")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said; blank is nothing. `kept_back` None leaves what is kept there: the writer does not see it."""

    safe: str = ""
    never: str = ""
    children: str = ""
    language: str = ""
    interpreter: str = ""
    kept_back: str | None = ""


@again_if_broken_off
def say_safe_contact(
    person: Person, said: Said, *, by: User | None, reason: str = "", form: Form | None = None
) -> SafeContact | None:
    """Record what is now known, in the place of what was; None where all that was said is taken away.

    Raises Refused and PermissionDenied.
    """
    problems = _problems(said)
    if problems:
        raise Refused(problems)
    with writing(by=by, action="record safe contact", reason=reason, people=[person.pk], form=form) as write:
        permit_person(by, write)
        if not Party.objects.filter(person=person, role="victim", superseded__isnull=True).exists():
            raise Refused(["safe: is recorded of protected people only; no order protects this person"])
        held = sealing.unsealed(SafeContact.objects.filter(person=person, superseded__isnull=True), *SEALED)
        words = _words(said, held)
        if not any(words.values()) and not held:
            raise Refused(["safe: say at least one thing that is known"])
        if not any(words.values()) and not reason.strip():
            raise Refused(["reason: is missing; say why none of it holds any more"])
        if len(held) == 1 and all(getattr(held[0], name) == value for name, value in words.items()):
            raise Refused(["safe: nothing is changed"])
        SafeContact.objects.filter(pk__in=[one.pk for one in held]).update(superseded=write.recording)
        return _store(person.pk, words, write) if any(words.values()) else None


def move_contacts(kept: int, other: int, write: Write) -> list[tuple[int, int]]:
    """What was said of the one is said of the other from now on, beside what was said of them already."""
    moved = []
    for one in sealing.unsealed(SafeContact.objects.filter(person=other, superseded__isnull=True), *SEALED):
        SafeContact.objects.filter(pk=one.pk).update(superseded=write.recording)
        moved.append((one.pk, _store(kept, {name: getattr(one, name) for name in SEALED}, write).pk))
    return moved


def move_contacts_back(moved: list[tuple[int, int]], write: Write) -> None:
    """What was said of the other before the two were one is theirs again, also if it was replaced since."""
    for old, new in moved:
        SafeContact.objects.filter(pk=new, superseded__isnull=True).update(superseded=write.recording)
        (row,) = sealing.unsealed(SafeContact.objects.filter(pk=old), *SEALED)
        _store(row.person_id, {name: getattr(row, name) for name in SEALED}, write)


def _store(person: int, words: dict[str, str], write: Write) -> SafeContact:
    try:
        key = sealing.of_person(person)
    except sealing.ErasedKeyError:
        raise Refused(["safe: this person has been erased; nothing is recorded of them any more"]) from None
    sealed = {name: key.seal(value) for name, value in words.items()}
    return SafeContact.objects.create(person_id=person, recording=write.recording, **sealed)


def _words(said: Said, held: list[SafeContact]) -> dict[str, str]:
    kept = said.kept_back
    if kept is None:
        kept = "\n".join(one.kept_back for one in held if one.kept_back)
    told = {name: str(getattr(said, name)).strip() for name in (*OPEN, "interpreter")}
    return {**told, "kept_back": kept.strip()}


def _problems(said: Said) -> list[str]:
    """What every reader sees holds neither a number to ring nor a postcode: these may tell where somebody hides."""
    found = [
        f"{name}: has a {what}; write it in the last box, which only they see who see the address"
        for name in OPEN
        for what, pattern in (("telephone number", _NUMBER), ("postcode", _POSTCODE))
        if pattern.search(getattr(said, name))
    ]
    if said.interpreter not in ("yes", "no", ""):
        found.append("interpreter: select whether an interpreter is needed")
    return found
