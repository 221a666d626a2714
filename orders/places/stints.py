"""Under which areas orders are found and in what stints: worked out from what is known, and stored nowhere here.

Data flows one way: events -> the law's outlooks; parties and residences -> who lives where, when; both -> stints in
areas, many orders at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from orders.models import Area
from orders.models.order import over
from orders.models.place import CONDITION_BITS, PERPETRATOR, PERPETRATOR_NOT_PLACED, VICTIM, VICTIM_NOT_PLACED
from orders.record import facts
from orders.record.copying import array_of
from orders.record.instants import remember_instants
from orders.statute import DAWN, FAR, Holidays, OrderFacts, local_midnight, marks, outlooks


class Row(NamedTuple):
    """One row of `Place`, as values."""

    order_id: int
    area_id: int
    valid_from: datetime
    valid_until: datetime
    kind: str
    live_from: datetime
    live_until: datetime
    ended_from: datetime
    roles: int
    roles_shown: int
    roles_emailed: int
    served_from: datetime
    on_pnc_from: datetime
    on_pnc_until: datetime
    breached_at: datetime | None
    review_due_on: date | None
    breaches: tuple[datetime, ...] | None
    conditions: int


FIELDS = Row._fields


VEIL = 16
"""In `emailed`, while an order is worked out: no email may tell this neighbourhood."""


class _Stay(NamedTuple):
    """A contribution to an area: from when until when, and the masks it adds; `emailed` may be VEIL."""

    starts: datetime
    ends: datetime
    roles: int
    shown: int
    emailed: int
    conditions: int = 0


class _Home(NamedTuple):
    """A residence as far as it places somebody: `area` is None where it does not."""

    starts: datetime
    ends: datetime
    area: int | None
    secret: bool | None


class Areas:
    """The tree of areas, in memory: which areas hold an area."""

    def __init__(self) -> None:
        self._above: dict[int, tuple[int, ...]] = {}
        parents = dict(Area.objects.values_list("pk", "parent_id"))
        for pk in parents:
            above, at = [], parents[pk]
            while at is not None:
                above.append(at)
                at = parents[at]
            self._above[pk] = tuple(above)

    def above(self, area: int) -> tuple[int, ...]:
        """The ids of the areas that hold this one, the nearest first."""
        return self._above[area]

    def is_force(self, area: int) -> bool:
        """Whether an area is of the widest level."""
        return not self._above[area]

    def is_lpa(self, area: int) -> bool:
        """Whether an area is a local policing area: in a force, and in nothing else."""
        return len(self._above[area]) == 1

    def is_neighbourhood(self, area: int) -> bool:
        """Whether an area is of the narrowest level: in a local policing area, in a force."""
        return len(self._above[area]) == 2


class Batch:
    """All that is now known of some orders, read at once, from which the places of each are worked out."""

    def __init__(self, order_ids: Sequence[int], areas: Areas, holidays: Holidays) -> None:
        self._known = facts.load(order_ids)
        self._owners = _owners(order_ids)  # only of orders that stand for themselves
        self._homes = _homes(order_ids)
        self._conditions = _conditions(order_ids)
        self._areas, self._holidays = areas, holidays

    def rows(self, pk: int) -> list[Row]:
        """The places of one of them; none of an order that another stands for."""
        if pk not in self._known or pk not in self._owners:
            return []
        homes, conditions = self._homes.get(pk, []), self._conditions.get(pk, [])
        return list(_rows(pk, self._known[pk], self._owners[pk], homes, conditions, self._areas, self._holidays))


def _rows(
    order_id: int,
    known: OrderFacts,
    owner: int,
    parties: list[tuple[str, list[_Home]]],
    conditions: list[_Stay],
    areas: Areas,
    holidays: Holidays,
) -> Iterator[Row]:
    stays: dict[int, list[_Stay]] = defaultdict(list)
    stays[owner] = []
    for role, homes in parties:
        lives, unplaced = (
            (PERPETRATOR, PERPETRATOR_NOT_PLACED) if role == "perpetrator" else (VICTIM, VICTIM_NOT_PLACED)
        )
        for home in homes:
            if home.area is None:
                continue
            shown = 0 if home.secret else lives
            # Nobody said that a victim's address is not secret: an email, which leaves the building, must not tell.
            emailed = 0 if home.secret or (home.secret is None and role == "victim") else lives
            above = areas.above(home.area)
            stays[home.area].append(
                _Stay(home.starts, home.ends, lives, *((shown, emailed) if above else (lives,) * 2))
            )
            wider = _Stay(home.starts, home.ends, lives, lives, lives)
            for area in above:
                stays[area].append(wider)
        stays[owner] += [_Stay(starts, ends, unplaced, unplaced, unplaced) for starts, ends in _without_home(homes)]
    _veil(stays, parties, areas)
    for of_area in stays.values():
        of_area += conditions
    # Who lives in one neighbourhood lives in all areas above it: those need to be cut only once.
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for area, of_area in stays.items():
        alike[tuple(map(id, of_area))].append(area)
    cut = [(list(_stints(stays[these[0]])), these) for these in alike.values()]
    mark = marks(known)
    served, on_pnc, off_pnc = mark.served_at or FAR, mark.on_pnc_from or FAR, mark.on_pnc_until or FAR
    breached, breaches = (mark.breached_at[-1], mark.breached_at) if mark.breached_at else (None, None)
    for outlook in outlooks(known, holidays):
        opens, closes = outlook.valid_from, outlook.valid_until
        standing = (known.kind, outlook.live_from, outlook.live_until, outlook.ended_from)
        for stints, these in cut:
            for starts, ends, (roles, shown, emailed, running) in stints:
                if starts < closes and opens < ends:
                    said = (
                        max(opens, starts), min(closes, ends), *standing, roles, shown, emailed, served, on_pnc,
                        off_pnc, breached, mark.review_due_on, breaches, running,
                    )  # fmt: skip
                    for area in these:
                        if roles or area == owner:
                            yield Row._make((order_id, area, *said))


def _veil(stays: dict[int, list[_Stay]], parties: list[tuple[str, list[_Home]]], areas: Areas) -> None:
    """While a victim's home is secret, or nobody said that it is not, emails tell of the order at area level only.

    The perpetrator's neighbourhood too: it may be the same, and where few orders are it tells which (docs/email.md).
    """
    hidden = [
        home for role, homes in parties if role == "victim" for home in homes if home.secret is not False
    ]  # fmt: skip
    for area, of_area in stays.items():
        if areas.is_neighbourhood(area):
            of_area += [_Stay(home.starts, home.ends, 0, 0, VEIL) for home in hidden]


def _without_home(homes: list[_Home]) -> Iterator[tuple[datetime, datetime]]:
    """The gaps of a person's life in which no home of theirs lies in a known area."""
    at = DAWN
    for home in sorted((home for home in homes if home.area is not None), key=lambda home: home.starts):
        if home.starts > at:
            yield at, home.starts
        at = max(at, home.ends)
    if at < FAR:
        yield at, FAR


_Masks = tuple[int, int, int, int]
"""What is the same during a stint: who lives there, is shown and is told of, and which conditions run."""

_Stint = tuple[datetime, datetime, _Masks]
"""From when until when, and what is the same all that time."""


def _stints(stays: list[_Stay]) -> Iterator[_Stint]:
    """Cut all time where the masks change; neighbours with equal masks are one stint."""
    cuts = {DAWN, FAR}
    for stay in stays:
        if DAWN < stay.starts < FAR:
            cuts.add(stay.starts)
        if DAWN < stay.ends < FAR:
            cuts.add(stay.ends)
    begun: datetime | None = None
    held: _Masks = (0, 0, 0, 0)
    for left, right in pairwise(sorted(cuts)):
        roles = shown = emailed = conditions = 0
        for starts, ends, lives, seen, told, bits in stays:
            if starts <= left and right <= ends:
                roles |= lives
                shown |= seen
                emailed |= told
                conditions |= bits
        masks = (roles, shown, 0 if emailed & VEIL else emailed, conditions)
        if begun is None:
            begun, held = left, masks
        elif masks != held:
            yield begun, left, held
            begun, held = left, masks
    if begun is not None:
        yield begun, FAR, held


def _owners(order_ids: Sequence[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, owner_force_id FROM orders_order WHERE id = ANY(%s::bigint[]) AND same_as_id IS NULL",
            [array_of(order_ids)],
        )
        return dict(cursor.fetchall())


def _homes(order_ids: Sequence[int]) -> dict[int, list[tuple[str, list[_Home]]]]:
    """For each order its parties' roles and residences. A home without a neighbourhood is where its postcode lies."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.order_id, p.role, p.person_id, r.status, r.from_on, r.to_on, r.secret,
                      coalesce(r.neighbourhood_id, n.id, r.found_in_id), a.valid_until,
                      CASE WHEN a.id IS NULL OR a.valid_until IS NOT NULL THEN r.found_in_id END
                 FROM orders_party p
                 LEFT JOIN orders_residence r ON r.person_id = p.person_id AND r.superseded_id IS NULL
                 LEFT JOIN orders_area n ON n.code = r.neighbourhood_code AND n.level = 'neighbourhood'
                      AND r.neighbourhood_id IS NULL
                 LEFT JOIN orders_area a ON a.id = coalesce(r.neighbourhood_id, n.id)
                WHERE p.order_id = ANY(%s::bigint[]) AND p.superseded_id IS NULL
                ORDER BY p.order_id, p.person_id, r.id""",
            [array_of(order_ids)],
        )
        found: dict[int, dict[int, tuple[str, list[_Home]]]] = defaultdict(dict)
        for order_id, role, person_id, status, from_on, to_on, secret, area, gone_on, after in cursor.fetchall():
            homes = found[order_id].setdefault(person_id, (role, []))[1]
            if from_on is not None:
                starts, ends = _begins(from_on), FAR if to_on is None else _begins(to_on)
                homes += _stays_at(starts, ends, area if status == "home" else None, secret, gone_on, after)
    return {order_id: list(parties.values()) for order_id, parties in found.items()}


def _conditions(order_ids: Sequence[int]) -> dict[int, list[_Stay]]:
    """For each order what its conditions add to every area: their bits, while they run by their own dates."""
    found: dict[int, list[_Stay]] = defaultdict(list)
    with connection.cursor() as cursor:
        remember_instants(cursor)
        cursor.execute(
            """SELECT order_id, code, begins, until, until_is_date FROM orders_condition
                WHERE order_id = ANY(%s::bigint[]) AND superseded_id IS NULL ORDER BY order_id, id""",
            [array_of(order_ids)],
        )
        for order_id, code, begins, until, until_is_date in cursor.fetchall():
            bit = CONDITION_BITS.get(code, CONDITION_BITS["Z"])
            ends = over(until, is_date=until_is_date)
            found[order_id].append(_Stay(begins or DAWN, ends or FAR, 0, 0, 0, bit))
    return found


def _stays_at(
    starts: datetime, ends: datetime, area: int | None, secret: bool | None, gone_on: date | None, after: int | None
) -> list[_Home]:
    """A residence in an area that has gone since is in it until then, and after that where its postcode leads.

    Without a postcode nobody knows which of the areas that followed it lies in: it stays under the one that has gone.
    """
    if area is None or gone_on is None or after is None or after == area or _begins(gone_on) >= ends:
        return [_Home(starts, ends, area, secret)]
    gone = _begins(gone_on)
    if gone <= starts:
        return [_Home(starts, ends, after, secret)]
    return [_Home(starts, gone, area, secret), _Home(gone, ends, after, secret)]


def _begins(day: date) -> datetime:
    return max(DAWN, local_midnight(day))
