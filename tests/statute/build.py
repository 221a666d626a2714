"""Short ways to say facts in tests: local times, events, the bank holidays that the register ships."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from orders.statute import DAWN, FAR, Event, Follower, Holidays, OrderFacts, assess, local_midnight, outlooks
from orders.statute.local_time import LONDON

DATA = Path(__file__).resolve().parents[2] / "orders" / "data" / "bank-holidays.csv"


def _holidays() -> Holidays:
    with DATA.open(encoding="utf-8") as file:
        return Holidays.of(date.fromisoformat(row["day"]) for row in csv.DictReader(file))


HOLIDAYS = _holidays()


def local(text: str) -> datetime:
    """A local wall-clock time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def moment(text: str) -> tuple[datetime, bool]:
    """An instant and whether only its date was given."""
    return (local_midnight(date.fromisoformat(text)), True) if len(text) == 10 else (local(text), False)


def event(kind: str, at: str, until: str = "", *, text: str = "", ref: str = "", retracts: str = "") -> Event:
    """An event as a row of an extract would say it: dates or local times, UFO for until further order."""
    instant, is_date = moment(at)
    end, end_is_date = moment(until) if until and until != "UFO" else (None, False)
    return Event(
        kind,
        instant,
        is_date,
        end,
        end_is_date,
        until == "UFO",
        text=text,
        ref=ref or f"{kind}@{at}",
        retracts=retracts,
    )


def order(
    kind: str,
    *events: Event,
    followers: tuple[Follower, ...] = (),
    follows: str | None = None,
    without_notice: bool | None = None,
    power_of_arrest: bool | None = None,
    doubt_since: datetime | None = None,
) -> OrderFacts:
    """The facts of one order."""
    return OrderFacts(
        kind,
        f"{kind}/TEST",
        events,
        followers,
        follows,
        without_notice,
        power_of_arrest,
        doubt_since,
    )


def standing(facts: OrderFacts, at: str) -> str:
    """The standing at a local time; the stored outlooks must say the same."""
    instant = local(at)
    found = assess(facts, instant, HOLIDAYS).standing
    (outlook,) = (one for one in outlooks(facts, HOLIDAYS) if one.valid_from <= instant < one.valid_until)
    assert outlook.standing_at(instant) == found
    return found


def ended_by(facts: OrderFacts, at: str) -> str | None:
    """By what it ended, at a local time."""
    return assess(facts, local(at), HOLIDAYS).ended_by


__all__ = ["DAWN", "FAR", "HOLIDAYS", "ended_by", "event", "local", "order", "standing"]
