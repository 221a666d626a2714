"""The worklists: what belongs on each at an instant, since when, and what is to be done about it.

Every list of orders is a condition on the rows that search reads, so that it holds what a search of the area would find
and nothing that the reader may not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from orders.models import Area, Level, Party, User
from orders.querysets import PlaceQuerySet, lives_there, standing_is
from orders.record import facts
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.narrowing import NOTICES, ends_within, needs
from orders.statute import KINDS, Form, assess

INTERIM = [code for code, rules in KINDS.items() if rules.form is Form.INTERIM]
SOON_DAYS = 14
GAP_DAYS = 60
"""For so long an interim order that ran out with nothing after it stays on the list."""

NOT_ENDED = ("live", "unconfirmed", "pending")


@dataclass(frozen=True, slots=True)
class Worklist:
    """A list. `since` is the field of a row from which its age counts; `asks` the search that finds the same, if any.

    `holds` gives the condition on rows at an instant; None where the list is not of orders.
    """

    name: str
    title: str
    remedy: str
    since: str = ""
    holds: Callable[[datetime], Q] | None = None
    asks: dict[str, str] | None = None
    whole_force: bool = False

    @property
    def of_ended(self) -> bool:
        """Whether the list is of orders that have ended."""
        return self.name == "off-pnc-due"


def _not_ended(at: datetime) -> Q:
    return standing_is("live", at) | standing_is("unconfirmed", at) | standing_is("pending", at)


def _soon_over(at: datetime) -> Q:
    return ends_within(SOON_DAYS, at) & ~Q(kind__in=[*NOTICES, *INTERIM])


def _gap_ahead(at: datetime) -> Q:
    return ends_within(SOON_DAYS, at) & Q(kind__in=INTERIM)


def _no_birth_date(at: datetime) -> Q:
    bound = Party.objects.filter(
        order_id=OuterRef("order_id"), role="perpetrator", superseded__isnull=True, person__date_of_birth__isnull=True
    )
    return _not_ended(at) & Q(Exists(bound))


def _still_on_pnc(at: datetime) -> Q:
    return standing_is("ended", at) & Q(on_pnc_from__lte=at, on_pnc_until__gt=at)


LISTS: dict[str, Worklist] = {
    one.name: one
    for one in (
        Worklist(
            "hearings", "Hearing deadlines", "Record the hearing, or what became of the application.",
            "live_until", lambda at: needs("hearing", at), {"only": "hearing"},
        ),
        Worklist(
            "unconfirmed", "Unconfirmed: a deadline passed and nobody said what came of it",
            "Find out what the court decided, and record it.",
            "live_until", lambda at: needs("outcome", at), {"only": "outcome"},
        ),
        Worklist(
            "not-served", "Live and not known to be served", "Have it served, or record that it was.",
            "live_from", lambda at: needs("unserved", at), {"only": "unserved"},
        ),
        Worklist(
            "not-on-pnc", "Live and not on PNC", "Put it on PNC, and record that it is.",
            "live_from", lambda at: needs("off-pnc", at), {"only": "off-pnc"},
        ),
        Worklist(
            "off-pnc-due", "Ended and still on PNC", "Take it off PNC, and record that it is off.",
            "ended_from", _still_on_pnc, {"standing": "ended", "on_pnc": "Y"},
        ),
        Worklist(
            "interim-gaps", "Interim orders that end with nothing after them",
            "Have the interim order renewed or the application heard: nobody is protected in between.",
            "live_until", _gap_ahead,
        ),
        Worklist(
            "ending", f"Ending within {SOON_DAYS} days", "Decide whether to apply to renew, and note the decision.",
            "live_until", _soon_over,
        ),
        Worklist(
            "no-birth-date", "No date of birth of the person bound", "Find it out: people are taken for each other.",
            "live_from", _no_birth_date,
        ),
        Worklist(
            "not-placed", "Not placed: no known home in any area", "Find out where the people live, and record it.",
            "live_from", lambda at: lives_there("not placed", whole_force=True) & standing_is("live", at),
            {"role": "not placed", "standing": "live"}, whole_force=True,
        ),
        Worklist(
            "duplicates", "People who may be one and the same", "Compare them, then merge them or tell them apart.",
            whole_force=True,
        ),
        Worklist(
            "quarantined", "Orders received and not applied", "Put the rows right, or have the source put them right.",
            whole_force=True,
        ),
    )
}  # fmt: skip
"""In order of harm."""


def rows(worklist: Worklist, area: Area, user: User, at: datetime) -> PlaceQuerySet:
    """The rows of the orders on a list in an area of the user's force, the longest there first.

    Raises ValueError for a list that is not of orders.
    """
    if worklist.holds is None:
        raise ValueError(f"{worklist.name} is not a list of orders")
    found = of_area(area, user, at)
    if worklist.whole_force and area.level != Level.FORCE:
        return found.none()
    holds = worklist.holds(at)
    if worklist.name == "interim-gaps":
        holds |= Q(order_id__in=gaps(area, user, at))
    kept: PlaceQuerySet = found.filter(holds).order_by(F(worklist.since), "order_id")
    return kept


def of_area(area: Area, user: User, at: datetime) -> PlaceQuerySet:
    """All rows of an area that the user may see."""
    return by_area.rows(Question(area, at), user)


def gaps(area: Area, user: User, at: datetime) -> list[int]:
    """Interim orders that ran out lately, by the clock alone: no renewal, and the application not decided."""
    lately = at - timedelta(days=GAP_DAYS)
    over = of_area(area, user, at).filter(standing_is("ended", at), kind__in=INTERIM, ended_from__gt=lately)
    known = facts.load(list(over.order_by().values_list("order_id", flat=True)))
    days = facts.holidays()
    return [pk for pk, one in known.items() if assess(one, at, days).ended_by == "expired"]


def query_of(worklist: Worklist, area: Area) -> dict[str, Any] | None:
    """The parameters of the search that finds what is on a list, None where there is none."""
    return None if worklist.asks is None else {"area": area.code, **worklist.asks}
