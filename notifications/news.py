"""What an area is told on a day, as plain data: no database, no words of a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from orders.models import Area


@dataclass(frozen=True, slots=True)
class Line:
    """One order in an email. `who` is surname and initial of the perpetrator; `where` a neighbourhood or blank.

    `until` is the end of the time in force, None for none known; `note` why it stands in its section.
    """

    order_id: int
    public_id: str
    reference: str
    kind: str
    who: str
    where: tuple[str, ...]
    roles: tuple[str, ...]
    standing: str
    until: datetime | None
    note: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list. `count` is how many orders it has, `lines` those worth writing out, `whole` whether that is all.

    `query` are the filters of the search that finds exactly these. Empty is said: silence must not look like failure.
    """

    title: str
    count: int
    lines: tuple[Line, ...]
    query: dict[str, str]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its words after it, and the filters of the search that says the same."""

    count: int
    words: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class News:
    """All that one area is told on one day. `covers` are the local days, more than one if some were missed.

    `listed` are the ids of what is live, unconfirmed or pending here; `orders` of all that is told of; `events` what
    it carries; `named` of whom a name stands in it, `placed` of which a neighbourhood. `lists` are the titles,
    `list_orders` the orders, of the lists that its links open, by key.
    """

    area: Area
    day: date
    at: datetime
    since: datetime | None
    covers: tuple[date, ...]
    extracted_at: datetime | None
    not_applied: int
    counts: dict[str, int]
    ending: tuple[Figure, ...]
    sections: tuple[Section, ...]
    neighbourhoods: tuple[Figure, ...]
    live: Section
    not_placed: Figure
    lists: dict[str, str] = field(default_factory=dict)
    list_orders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    orders: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    placed: tuple[int, ...] = ()
