"""A force's register in two bundles: all there was until yesterday evening, and what today brought."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from orders.demo.arrests import Arrests
from orders.demo.bundle_writer import BundleWriter, write
from orders.demo.histories import COURTS, HOUR, Happened, Histories, Invented
from orders.demo.people import People
from orders.statute import Holidays, local_day

SOURCE = "demonstration"
DATA = Path(__file__).resolve().parents[1] / "data"
_KINDS = {
    "DVPN": 34, "NMO": 24, "SPO": 6, "ISPO": 4, "RO": 11, "OCC": 5, "PHAI": 3, "DAPN": 1, "DAPO": 2, "FMPO": 1,
    "FGMPO": 1, "SHPO": 3, "ISHPO": 1, "SRO": 1, "ISRO": 1,
}  # fmt: skip
_LONGEST_DAYS = {"DVPN": 700.0, "ISPO": 300.0}
CHANGED_SHARE = 0.02
"""How many orders are new or changed today, of all."""


class Demonstration:
    """Invented orders, the same for the same number, seed and instant."""

    def __init__(self, *, orders: int, seed: int, now: datetime, holidays: Holidays) -> None:
        self.orders = orders
        self.now = now
        self.evening = now - timedelta(hours=12)
        """When the first bundle was taken; the second is of now."""
        self._chance = random.Random(seed)
        self._holidays = holidays
        self._people = People(self._chance, _postcodes(), local_day(now))
        self._then = Histories(self._chance, self.evening, holidays)
        self._today = Histories(self._chance, now, holidays)
        self._arrests = Arrests(seed, local_day(now))
        self._count = 0
        self._kept: list[Invented] = []

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both bundles below a folder, and return where they are."""
        news = max(20, int(self.orders * CHANGED_SHARE))
        before = BundleWriter(folder / "until-yesterday", source=SOURCE, extracted_at=self.evening, mode="full")
        for order in self._orders(self._then, self.orders - news // 2):
            before.add(order)
            if len(self._kept) < news and order.kind in ("NMO", "DVPO", "SPO") and order.events[-1].kind != "REFUSED":
                self._kept.append(order)
            self._arrests.see(order)
        for month, area, count in self._arrests.counts():
            before.add_arrests(month, area, count)
        first = before.close()
        today = [*self._changed(), *self._orders(self._today, news // 2, newest=True)]
        second = write(folder / "today", today, source=SOURCE, extracted_at=self.now, mode="changes")
        return first, second

    def _orders(self, histories: Histories, number: int, *, newest: bool = False) -> Iterator[Invented]:
        made = 0
        kinds, weights = list(_KINDS), list(_KINDS.values())
        while made < number:
            kind = self._chance.choices(kinds, weights)[0]
            for order in self._case(kind, histories, newest=newest):
                made += 1
                yield order

    def _case(self, kind: str, histories: Histories, *, newest: bool) -> Iterator[Invented]:
        began = (
            self.now - HOUR * self._chance.uniform(1, 10)
            if newest
            else histories.some_time_ago(_LONGEST_DAYS.get(kind, 1_400.0))
        ).replace(second=0, microsecond=0)
        order = self._order(kind, began)
        if kind in ("DVPN", "DAPN"):
            order.events, made = histories.notice(began, kind == "DAPN")
            yield order
            if made is not None:
                follower = self._order("DVPO" if kind == "DVPN" else "DAPO", made, like=order)
                follower.events = histories.dvpo(made) if kind == "DVPN" else histories.order("DAPO", made)
                yield follower
            return
        order.events = histories.order(kind, began)
        if kind == "ISPO" and self._chance.random() < 0.6:
            made = began + timedelta(days=self._chance.randint(20, 50))
            if made < histories.some_time_ago(0.0):
                full = self._order("SPO", made, like=order)
                full.events = histories.order("SPO", made)
                yield order
                yield full
                return
        yield order

    def _order(self, kind: str, began: datetime, like: Invented | None = None) -> Invented:
        self._count += 1
        chance = self._chance
        ref = f"DEMO-{self._count}"
        court = "" if kind in ("DVPN", "DAPN") else chance.choice(COURTS)
        return Invented(
            ref=ref,
            kind=kind,
            reference=f"{kind}/{local_day(began).year}/{self._count:06}",
            perpetrator=like.perpetrator if like else self._people.perpetrator(),
            victims=like.victims
            if like
            else [self._people.victim() for _ in range(chance.choices((1, 2), (92, 8))[0])],
            events=[],
            conditions=self._then.conditions(),
            court=court,
            case_ref=f"{local_day(began):%y}-{chance.randint(10000, 99999)}" if court else "",
            without_notice=chance.choice("YYN") if kind in ("NMO", "OCC") else "",
            power_of_arrest=chance.choice("YN") if kind == "OCC" else "",
            replaces=like.ref if like else "",
        )

    def _changed(self) -> Iterator[Invented]:
        """Orders known before to which something happened today."""
        chance = self._chance
        at = (self.now - 2 * HOUR).replace(second=0, microsecond=0)
        for number, order in enumerate(self._kept):
            kinds = {event.kind for event in order.events}
            if "MADE" not in kinds:
                continue
            match number % 6:
                case 0 if "SERVED" not in kinds:
                    order.events.append(Happened("SERVED", at, by="PC 4377"))
                case 1:
                    crime = f"20/{chance.randint(100000, 999999)}/{at:%y}"
                    order.events.append(Happened("BREACHED", at, by=crime, text="Messages sent (demonstration)."))
                case 2 if order.kind == "NMO":
                    order.events.append(Happened("VARIED", at, text="A zone was added (demonstration)."))
                case 3 if order.kind == "NMO":
                    order.events.append(Happened("DISCHARGED", at, text="On the applicant's application."))
                case 4:
                    self._people.move(order.victims[0], local_day(self.now))
                case _:
                    if "ON_PNC" not in kinds:
                        order.events.append(Happened("ON_PNC", at))
            yield order


def _postcodes() -> dict[str, list[str]]:
    """The demonstration postcodes of each of the force's neighbourhoods."""
    found: dict[str, list[str]] = {}
    with (DATA / "postcodes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["neighbourhood"].startswith("WMP"):
                bare = row["postcode"]
                found.setdefault(row["neighbourhood"], []).append(f"{bare[:-3]} {bare[-3:]}")
    return found
