"""What narrows a search, as conditions on its rows: each is a few comparisons with an instant, whatever the instant.

Which of them tell what an order says, and so never find a restricted one, is decided here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from orders.models.place import CONDITION_BITS
from orders.querysets import breached_between, forbids, standing_is
from orders.statute import FAR, KINDS, local_day, local_midnight

NOTICES = [code for code, rules in KINDS.items() if rules.is_notice]

EVER, NEVER = 0, -1
"""What `Question.breached` can be besides a number of days."""


def is_served(served: bool, at: datetime) -> Q:
    """Known to be served by an instant, or not."""
    return Q(served_from__lte=at) if served else Q(served_from__gt=at)


def is_on_pnc(on_pnc: bool, at: datetime) -> Q:
    """On PNC at an instant, or not."""
    on = Q(on_pnc_from__lte=at, on_pnc_until__gt=at)
    return on if on_pnc else ~on


def is_breached(days: int, at: datetime) -> Q:
    """Breached in so many days before an instant, ever before it, or never."""
    if days == NEVER:
        return Q(breaches__isnull=True) | ~breached_between(None, at)
    return breached_between(None if days == EVER else at - timedelta(days=days), at)


def has_condition(codes: Iterable[str]) -> Q:
    """A condition of one of these codes runs."""
    bits = 0
    for code in codes:
        bits |= CONDITION_BITS[code]
    return forbids(bits)


def ends_within(days: int, at: datetime) -> Q:
    """Live, and the last day is today or one of so many days after it (local dates)."""
    over = local_midnight(local_day(at) + timedelta(days=days + 1))
    return standing_is("live", at) & Q(live_until__lte=over) & ~Q(kind__in=NOTICES)


ONLY: dict[str, str] = {
    "hearing": "Notice: hearing due",
    "outcome": "Deadline passed, no outcome recorded",
    "unserved": "Live and not known to be served",
    "ending": "Ends within 7 days",
    "breached": "Breached in the last 7 days",
    "off-pnc": "Live and not on PNC",
    "review": "Review due",
    "new": "New since yesterday",
}
"""What needs something done, in order of harm."""

TOLD_OF_ALL = frozenset({"hearing", "outcome", "new"})
"""Of ONLY what anybody may know of a restricted order: it follows from its kind and standing, or says that there is a
new one."""

ONE_DAY = timedelta(days=1)


def needs(only: str, at: datetime) -> Q:
    """Needs one of ONLY at an instant."""
    live = standing_is("live", at)
    today = local_day(at)
    match only:
        case "hearing":
            return live & Q(kind__in=NOTICES, live_until__lt=FAR)
        case "outcome":
            return standing_is("unconfirmed", at)
        case "unserved":
            return live & Q(served_from__gt=at)
        case "ending":
            return ends_within(7, at)
        case "breached":
            return is_breached(7, at)
        case "off-pnc":
            return live & ~Q(on_pnc_from__lte=at, on_pnc_until__gt=at)
        case "review":
            return (live | standing_is("unconfirmed", at)) & Q(review_due_on__lte=today)
        case "new":
            return Q(live_from__gte=local_midnight(today - ONE_DAY), live_from__lte=at)
    raise ValueError(f"{only} is nothing that can be asked for")


CONTENT = frozenset({"served", "on_pnc", "ending", "breached", "condition", "team"})
"""The filters by which a restricted order is not found: they ask what its readers see only with a reason."""


def asks_content(filters: Iterable[str], only: str = "") -> bool:
    """Whether one of some filters asks what an order says; `only` is what is asked for by the filter of that name."""
    return any(name in CONTENT or (name == "only" and only not in TOLD_OF_ALL) for name in filters)
