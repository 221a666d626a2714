"""What happened to an invented order: histories of each kind, in every state that the law knows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from orders.demo.people import Somebody
from orders.statute import KINDS, Holidays, hearing_latest, local_day, local_midnight
from orders.statute.periods import last_day_of_days, last_day_of_months

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_CONDITIONS = (
    ("A", "Must not use or threaten violence against the protected person."),
    ("B", "Must not contact the protected person directly or through others."),
    ("C", "Must not enter the protected person's home."),
    ("D", "Must not go within 100 metres of the protected person's home or place of work."),
    ("H", "Must not message or follow the protected person by any electronic means."),
    ("G", "Must attend a perpetrator programme as directed."),
)
COURTS = (
    "Birmingham Magistrates' Court", "Walsall Magistrates' Court", "Dudley Magistrates' Court",
    "Coventry Magistrates' Court", "Family Court at Birmingham", "Family Court at Wolverhampton",
)  # fmt: skip


@dataclass(slots=True)
class Happened:
    """An event to be written: instants UTC, dates as dates, `until` also UFO."""

    kind: str
    at: datetime | date
    until: datetime | date | str = ""
    by: str = ""
    text: str = ""


@dataclass(slots=True)
class Invented:
    """An invented order."""

    ref: str
    kind: str
    reference: str
    perpetrator: Somebody
    victims: list[Somebody]
    events: list[Happened]
    conditions: list[tuple[str, str]]
    court: str = ""
    case_ref: str = ""
    without_notice: str = ""
    power_of_arrest: str = ""
    replaces: str = ""
    event_refs: list[str] = field(default_factory=list)


class Histories:
    """Writes histories that end at `now`: nothing happens after it."""

    def __init__(self, chance: random.Random, now: datetime, holidays: Holidays) -> None:
        self._chance = chance
        self._now = now
        self._holidays = holidays

    def conditions(self) -> list[tuple[str, str]]:
        """Two to four conditions."""
        return sorted(self._chance.sample(_CONDITIONS, self._chance.randint(2, 4)))

    def some_time_ago(self, longest_days: float) -> datetime:
        """An instant, the nearer the likelier."""
        back = longest_days * self._chance.random() ** 1.4
        return self._whole(self._now - timedelta(days=back) - 10 * HOUR)

    def notice(self, authorised: datetime, dapn: bool) -> tuple[list[Happened], datetime | None]:
        """A notice's events, and when the order that follows it was made, if it was."""
        chance = self._chance
        events = [Happened("AUTHORISED", authorised, by="Supt 1000")]
        roll = chance.random()
        if roll < 0.04:
            return events, None
        served = self._whole(authorised + HOUR * chance.uniform(0.5, 5))
        events.append(Happened("SERVED", served, by=f"PC {chance.randint(2000, 6999)}"))
        due = hearing_latest(served, self._holidays)
        heard = max(
            self._whole(served + HOUR), self._whole(local_midnight(local_day(due)) + HOUR * chance.uniform(9.5, 12))
        )
        heard = min(heard, due)
        if heard > self._now:
            return self._past(events), None
        if roll < 0.07:
            return self._past(events), None  # nobody recorded an outcome
        events.append(Happened("HEARING", heard))
        decided = self._whole(heard + HOUR * chance.uniform(0.2, 1.5))
        if roll < 0.12:
            decided += 7 * DAY  # adjourned
        if roll < 0.22:
            events.append(Happened("REFUSED", decided, text="Test not met."))
            return self._past(events), None
        if roll < 0.26:
            events.append(Happened("WITHDRAWN", decided))
            return self._past(events), None
        return self._past(events), decided if decided <= self._now else None

    def dvpo(self, made: datetime) -> list[Happened]:
        """A domestic violence protection order of 14 to 28 days; now and then with a stated end nobody gave."""
        chance = self._chance
        days = chance.choices((28, 21, 14), (80, 10, 10))[0]
        until: date | str = last_day_of_days(local_day(made), days) if chance.random() < 0.97 else ""
        events = [Happened("APPLIED", made - 20 * HOUR), Happened("MADE", made, until)]
        return self._lived(events, made, service=0.9, breach=0.12, last=made + 28 * DAY)

    def order(self, kind: str, made: datetime) -> list[Happened]:
        """Any other order of a court."""
        chance = self._chance
        rules = KINDS[kind]
        events = [Happened("APPLIED", made - DAY * chance.randint(3, 40))]
        roll = chance.random()
        if roll < 0.02:
            return self._past(events)
        if roll < 0.05:
            events.append(Happened("REFUSED" if chance.random() < 0.6 else "WITHDRAWN", made))
            return self._past(events)
        until = self._until(kind, made)
        events.append(Happened("MADE", made, until))
        last = self._now if until in ("", "UFO") or isinstance(until, str) else local_midnight(until)
        events = self._lived(events, made, service=0.93, breach=0.08, last=last)
        if kind == "NMO" and chance.random() < 0.3:
            events.append(Happened("RETURN_DATE", local_day(made + 14 * DAY)))
        if rules.review_months == 1:
            reviewed = made + 30 * DAY
            while reviewed < min(self._now, last) and len(events) < 12:
                next_review = local_day(reviewed + 28 * DAY)
                events.append(Happened("REVIEWED", local_day(reviewed), next_review, "Tactical board", "No change."))
                reviewed += DAY * chance.choice((28, 28, 35))
        ended = self._whole(made + DAY * chance.randint(30, 500))
        if chance.random() < 0.07 and ended < min(self._now, last):
            events.append(Happened(chance.choice(("DISCHARGED", "DISCHARGED", "QUASHED", "SET_ASIDE")), ended))
        elif chance.random() < 0.02 and made + 20 * DAY < self._now:
            events.append(Happened("STAYED", self._whole(made + 15 * DAY), local_day(made + 25 * DAY)))
        return self._past(events)

    def _until(self, kind: str, made: datetime) -> date | str:
        chance, day = self._chance, local_day(made)
        rules = KINDS[kind]
        if rules.open_ended and chance.random() < 0.25:
            return "UFO"
        if chance.random() < 0.02:
            return ""
        if not rules.open_ended:
            return last_day_of_days(day, chance.choice((56, 90, 120)))
        if rules.least_months:
            return last_day_of_months(day, rules.least_months + chance.choice((0, 0, 12, 36)))
        return last_day_of_months(day, chance.choice((6, 12, 12, 12, 24)))

    def _lived(
        self, events: list[Happened], made: datetime, *, service: float, breach: float, last: datetime
    ) -> list[Happened]:
        chance = self._chance
        if chance.random() < service:
            served = self._whole(made + HOUR * chance.uniform(1, 60))
            events.append(Happened("SERVED", served, by=f"PC {chance.randint(2000, 6999)}"))
        elif chance.random() < 0.4:
            events.append(Happened("TOLD", self._whole(made + HOUR * chance.uniform(5, 90)), by="by telephone"))
        if chance.random() < 0.88:
            events.append(Happened("ON_PNC", self._whole(made + HOUR * chance.uniform(4, 80))))
        if chance.random() < breach:
            breached = self._whole(made + (min(last, self._now) - made) * chance.uniform(0.1, 0.9))
            crime = f"20/{chance.randint(100000, 999999)}/{breached:%y}"
            events.append(Happened("BREACHED", breached, by=crime, text="Seen outside the home (demonstration)."))
            if chance.random() < 0.6:
                events.append(Happened("ARRESTED", breached + HOUR))
                if chance.random() < 0.8:
                    events.append(Happened("PRODUCED", self._whole(breached + HOUR * chance.uniform(8, 20))))
        return self._past(events)

    def _past(self, events: list[Happened]) -> list[Happened]:
        today = local_day(self._now)
        return [
            event
            for event in events
            if event.kind == "RETURN_DATE"
            or (event.at <= self._now if isinstance(event.at, datetime) else event.at <= today)
        ]

    @staticmethod
    def _whole(at: datetime) -> datetime:
        return at.astimezone(UTC).replace(second=0, microsecond=0)
