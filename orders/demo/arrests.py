"""Invented counts of arrests, so that notices served are a plausible share of them in each area."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from orders.demo.histories import Invented
from orders.statute import local_day

MONTHS = 24
USUAL, LOW, HIGH = (0.06, 0.11), 0.03, 0.19
"""What share of arrests leads to a notice: between two numbers; in one area each below and above what is expected."""
LOW_AREA, HIGH_AREA = "WMP-DUD", "WMP-SOL"


class Arrests:
    """Sees the invented orders, and makes arrests to go with the notices among them; none yet for the present month."""

    def __init__(self, seed: int, today: date) -> None:
        self._chance = random.Random(seed + 1)
        this = today.year * 12 + today.month - 1
        self._months = [date(month // 12, month % 12 + 1, 1) for month in range(this - MONTHS, this)]
        self._served: Counter[tuple[date, str]] = Counter()
        self._areas: set[str] = set()

    def see(self, order: Invented) -> None:
        """Count a notice that was served, in the area of its respondent's last home."""
        homes = [home.neighbourhood for home in order.perpetrator.homes if home.neighbourhood]
        if not homes:
            return
        area = homes[-1].rpartition("-")[0]
        self._areas.add(area)
        served = next((event.at for event in order.events if event.kind == "SERVED"), None)
        if order.kind == "DVPN" and served is not None:
            day = local_day(served) if isinstance(served, datetime) else served
            self._served[day.replace(day=1), area] += 1

    def counts(self) -> Iterator[tuple[date, str, int]]:
        """Month, area and count, for every month and area."""
        for month in self._months:
            for area in sorted(self._areas):
                share = {LOW_AREA: LOW, HIGH_AREA: HIGH}.get(area) or self._chance.uniform(*USUAL)
                yield month, area, round(max(self._served[month, area], 0.5) / share)
