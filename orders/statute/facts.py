"""What the law is asked about: one order and what has happened to it, as plain values.

Everything is immutable and free of Django, so the same facts can come from the database, a test or a bundle.
Instants are timezone-aware UTC. DAWN and FAR stand for "no beginning" and "no end".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

DAWN = datetime(1900, 1, 1, tzinfo=UTC)
FAR = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an order, exactly as it was told to the register.

    `at` is the instant given; where only a date was given, `at_is_date` is true and `at` is the local
    (Europe/London) midnight that begins that date. `until` likewise; `until_open` is "until further order".
    `ref` identifies the event; a RETRACTED event names in `retracts` the `ref` it takes back.
    """

    kind: str
    at: datetime
    at_is_date: bool = False
    until: datetime | None = None
    until_is_date: bool = False
    until_open: bool = False
    by: str = ""
    text: str = ""
    ref: str = ""
    retracts: str = ""


@dataclass(frozen=True, slots=True)
class Follower:
    """An order whose source says that it follows this one: a DVPO after a DVPN, a full order after an interim."""

    kind: str
    reference: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """All that the law needs to know of one order.

    `follows` is the kind of the order it follows, if any. `doubt_since` is the instant from which newer information
    is known to have been received and not applied: from then a live order is unconfirmed. `in_error`: the whole order
    was recorded in error, so that it never was one.
    """

    kind: str
    reference: str
    events: tuple[Event, ...] = ()
    followers: tuple[Follower, ...] = ()
    follows: str | None = None
    without_notice: bool | None = None
    power_of_arrest: bool | None = None
    doubt_since: datetime | None = None
    in_error: bool = False


class Outlook(NamedTuple):
    """What can be said of an order from `valid_from` until `valid_until`, while no further event takes effect.

    At an instant T inside: pending before `live_from`, live before `live_until`, unconfirmed before `ended_from`,
    ended after that, by `ended_by`. `offence_from` is the instant from which breach is provably an offence while
    live (None: never, or breach of this kind is no offence).
    """

    valid_from: datetime
    valid_until: datetime
    live_from: datetime
    live_until: datetime
    ended_from: datetime
    ended_by: str | None
    offence_from: datetime | None

    def standing_at(self, at: datetime) -> str:
        """The standing at an instant inside this outlook: pending, live, unconfirmed or ended."""
        if at < self.live_from:
            return "pending"
        if at < self.live_until:
            return "live"
        return "unconfirmed" if at < self.ended_from else "ended"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of the explanation, with the section or document it rests on."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock of the statute. `met` is None while nothing says; `time_not_recorded` marks one counted from a date.

    `last_sitting`: by when somebody must be in court, where a court has to sit for it to be met and nothing says yet.
    """

    rule: str
    due: datetime
    met: bool | None
    source: str
    time_not_recorded: bool = False
    last_sitting: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """When a review falls due (local date in ISO form) and whether that day has passed."""

    due_on: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer about one order at one instant.

    `ended_at`: from when it is over, if it is. `at_least`: its end was not stated, so that the last interval in force
    ends with the least that the Act allows, and how long it ran is not known.
    """

    at: datetime
    standing: str
    ended_by: str | None
    in_force: tuple[tuple[datetime, datetime | None], ...]
    offence_provable: bool | None
    service: str
    pnc: str
    review: Review | None
    deadlines: tuple[Deadline, ...]
    why: tuple[Reason, ...]
    flags: tuple[Reason, ...] = ()
    ended_at: datetime | None = None
    at_least: bool = False
