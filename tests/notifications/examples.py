"""Emails of any size as plain data, without a database: for pictures and for what mail programs make of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from notifications.news import Figure, Line, News, Section
from orders.models import Area, Level

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
KINDS = ("NMO", "DVPO", "SPO", "RO", "OCC", "SHPO")
NAMES = ("AHMED, A", "BAKER-FOTHERINGHAM, B", "CLARKE, G", "O’DONNELL, S", "DŽUMHUR, E", "HUSSAIN, M")
WARDS = ("Bentley and Darlaston North", "Palfrey", "Bloxwich East", "Aldridge Central and South", "Pleck")
TITLES = (
    "Do first: deadlines", "New since the last email", "Changed since the last email", "Breached since the last email",
    "Live and not known to be served", "Live and not on PNC", "Ending within 14 days",
    "Unconfirmed: do not rely on these for an arrest", "Reviews due: for the tactical board",
    "Recorded for the first time, but ended before",
)  # fmt: skip
SHARES = (40, 8, 10, 40, 6, 12, 7, 50, 30, 60)
"""One order in so many of the live ones stands in each section."""
NOTES = {
    0: "hearing by 14:10 on Tuesday 24 November 2026",
    2: "served, put on PNC",
    6: "in 3 days; interim: nobody is protected after it unless it is renewed or the full order made",
}
WHOLE = 4
"""So many sections, from the first, are never cut."""


def line(number: int, *, note: str = "") -> Line:
    """One live order; every sixth of no end, every seventh in the area as a whole only."""
    return Line(
        order_id=number,
        public_id=f"00000000-0000-4000-8000-{number:012}",
        reference=f"{KINDS[number % 6]}/2026/{number:04}" + ("/WALSALL-BENTLEY" if number % 9 == 4 else ""),
        kind=KINDS[number % 6],
        who=NAMES[number % 6],
        where=() if number % 7 == 3 else (WARDS[number % 5],),
        roles=("subject lives here", "protected person lives here") if number % 4 == 1 else ("subject lives here",),
        standing="live",
        until=None if number % 6 == 5 else AT + timedelta(days=number % 90, hours=18),
        note=note,
        flags=("NOT SERVED", "BREACHED")[: number % 3] if number % 5 == 0 else (),
    )


def example(orders: int) -> News:
    """The email of an area with so many live orders, the sections filled in proportion."""
    numbers = range(1, orders + 1)
    sections = []
    for place, (title, share) in enumerate(zip(TITLES, SHARES, strict=True)):
        held = [number for number in numbers if number % share == place % share] or list(
            numbers[:1] if place < 2 else ()
        )
        lines = tuple(line(number, note=NOTES.get(place, "")) for number in held)
        shown = lines if place < WHOLE else lines[:25]
        sections.append(Section(title, len(lines), shown, {"area": "WMP-WAL", "list": "k"}, whole=place < WHOLE))
    counts = {"new": 1, "changed": 2, "deadlines": 0, "unserved": 4, "off-pnc": 5, "unconfirmed": 7, "review": 8}
    wards = [Figure(len(numbers[place::6]), name, {"area": f"WMP-WAL-{place:02}"}) for place, name in enumerate(WARDS)]
    return News(
        area=Area(code="WMP-WAL", name="Walsall", level=Level.LPA),
        day=date(2026, 11, 24),
        at=AT,
        since=AT - timedelta(days=1),
        covers=(date(2026, 11, 24),),
        extracted_at=AT - timedelta(minutes=20),
        not_applied=0,
        counts={name: sections[place].count for name, place in counts.items()}
        | {"live": orders, "ending": sections[6].count},
        ending=tuple(
            Figure(
                sections[6].count * days // 14, "today" if days == 0 else f"within {days} days", {"ending": str(days)}
            )
            for days in (0, 2, 7, 14)
        ),
        sections=tuple(sections),
        neighbourhoods=tuple(wards),
        live=Section("All live", orders, tuple(line(number) for number in numbers[:60]), {"area": "WMP-WAL"}),
        not_placed=Figure(3, "not placed", {"area": "WMP"}),
    )
