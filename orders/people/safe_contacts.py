"""How protected people can be reached without harm, as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from orders.access.sealing import UNREADABLE, unsealed
from orders.models import Recording, SafeContact
from orders.people.homes import Home
from orders.record.as_known import held


@dataclass(frozen=True, slots=True)
class Contact:
    """What was said, by what recording; `kept_back` is blank for who may not see it, and `withheld` says so."""

    safe: str
    never: str
    children: str
    language: str
    interpreter: str
    kept_back: str
    withheld: bool
    recording: Recording


def safe_contacts(
    people: Iterable[int], *, sees_kept_back: Collection[int], at: datetime | None, known_at: datetime | None
) -> dict[int, list[Contact]]:
    """What holds of people by their ids, the latest first. `sees_kept_back`: of whom the reader sees all of it.

    A statement holds from when it was recorded: `at` an instant of the past nothing is told that was said later. What
    is not shown is not unsealed; of somebody who has been erased nothing is.
    """
    instants = [instant for instant in (at, known_at) if instant is not None]
    rows = list(
        held(SafeContact.objects.filter(person__in=list(people)), min(instants, default=None))
        # Of most people nothing was said: what nobody needs is not joined.
        .prefetch_related("recording__by")
        .order_by("-pk")
    )
    hidden = {row.pk for row in rows if row.kept_back and row.person_id not in sees_kept_back}
    for row in rows:
        if row.pk in hidden:
            row.kept_back = ""
    found: dict[int, list[Contact]] = {}
    for row in unsealed(rows, "safe", "never", "children", "language", "interpreter", "kept_back"):
        words = (row.safe, row.never, row.children, row.language, row.interpreter, row.kept_back)
        if not UNREADABLE.intersection(words):
            found.setdefault(row.person_id, []).append(Contact(*words, row.pk in hidden, row.recording))
    return found


def sees_where(homes: Iterable[Home], *, opened: bool, past: bool) -> bool:
    """Whether a reader sees where a protected person lives, and so what is kept with it.

    Of somebody whose home is not known none can be taken to be open, nor at another time one that was open then.
    """
    found = list(homes)
    return opened or (bool(found) and not past and not any(home.withheld for home in found))
