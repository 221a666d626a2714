"""What the digests of many areas read from the register: each function is one query, whatever the number of areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from orders.models import ImportRun, Place, QuarantinedOrder
from orders.querysets import standing_is
from orders.statute import FAR, local_day


class Here(NamedTuple):
    """An order placed in an area: search's row, with what its conditions say at the instant of the email.

    `turned` is when it last became what it is, by the law's clock. `days_left` are whole local days until its last.
    """

    order_id: int
    kind: str
    standing: str
    turned: datetime | None
    live_until: datetime
    roles: int
    served: bool
    on_pnc: bool
    review_due: bool
    days_left: int
    breached: bool


class Heading(NamedTuple):
    """What a line says of an order: its perpetrator's surname and initial, nothing of anybody else."""

    order_id: int
    public_id: str
    reference: str
    kind: str
    restricted: bool
    family_name: str | None
    initial: str | None
    breached: bool


# The conditions are those of `querysets.standing_is` and `search.ONLY`; a test compares each figure with search.
_HERE = """
    SELECT p.area_id, p.order_id, p.kind,
           CASE WHEN p.live_from > %(at)s THEN 'pending' WHEN p.live_until > %(at)s THEN 'live'
                WHEN p.ended_from > %(at)s THEN 'unconfirmed' ELSE 'ended' END,
           CASE WHEN p.live_from > %(at)s THEN NULL WHEN p.live_until > %(at)s THEN p.live_from
                WHEN p.ended_from > %(at)s THEN p.live_until ELSE p.ended_from END,
           p.live_until, p.roles & 3, p.served_from <= %(at)s, p.on_pnc_from <= %(at)s AND p.on_pnc_until > %(at)s,
           coalesce(p.review_due_on <= %(today)s, false),
           ((p.live_until - interval '1 microsecond') AT TIME ZONE 'Europe/London')::date - %(today)s,
           coalesce(p.breaches[1] <= %(at)s, false)
      FROM unnest(%(areas)s::bigint[], %(since)s::timestamptz[]) AS a (id, since)
     CROSS JOIN LATERAL (
           -- Nearly all stints that hold now have no end; these are read from the index made for them.
           SELECT * FROM orders_place
            WHERE area_id = a.id AND valid_until = %(far)s AND ended_from > a.since AND valid_from <= %(at)s
           UNION ALL
           SELECT * FROM orders_place
            WHERE area_id = a.id AND valid_until > %(at)s AND valid_until < %(far)s AND ended_from > a.since
              AND valid_from <= %(at)s) p
     WHERE p.roles & 3 > 0
     ORDER BY p.live_until, p.order_id"""

# Of an order that is here its place says whether it was breached; only of the others the events are read. LIMIT 1 where
# EXISTS would do, and OFFSET 0: else parties, people and events are read whole, which grows with the register.
_HEADINGS = """
    SELECT o.id, o.public_id::text, o.reference, o.kind, o.restricted, s.family_name, left(s.given_names, 1),
           CASE WHEN o.id = ANY(%(elsewhere)s) THEN coalesce(
               (SELECT true FROM orders_event e WHERE e.order_id = o.id AND e.kind = 'BREACHED' AND e.at <= %(at)s
                   AND NOT EXISTS (SELECT FROM orders_event r WHERE r.retracts_id = e.id) LIMIT 1), false)
           ELSE false END
      FROM orders_order o
      LEFT JOIN LATERAL (
           SELECT person_id FROM orders_party
            WHERE order_id = o.id AND role = 'perpetrator' AND superseded_id IS NULL OFFSET 0) p ON true
      LEFT JOIN LATERAL (SELECT family_name, given_names FROM orders_person WHERE id = p.person_id OFFSET 0) s ON true
     WHERE o.id = ANY(%(ids)s)"""

# The index that makes a stint unique has all of this: neither a row nor what an area was before is read.
_WARDS = """
    SELECT p.area_id, p.order_id FROM orders_place p
     WHERE p.order_id = ANY(%(ids)s) AND p.valid_from <= %(at)s AND p.valid_until > %(at)s AND p.roles_emailed > 0"""

_NEIGHBOURHOODS = """
    SELECT id, parent_id, code, name FROM orders_area WHERE parent_id = ANY(%(areas)s) AND level = 'neighbourhood'
     ORDER BY code"""

_SEEN = """
    SELECT DISTINCT g.area, p.order_id, p.roles = 0
      FROM unnest(%(of)s::bigint[], %(force)s::bigint[], %(ids)s::bigint[]) AS g (area, force, id)
      JOIN orders_place p ON p.order_id = g.id AND p.area_id = g.force
     WHERE p.valid_from <= %(at)s AND p.valid_until > %(at)s"""

_SAYS_TOO_MUCH = """
    SELECT EXISTS (SELECT FROM orders_order WHERE id = ANY(%(named)s) AND restricted)
        OR EXISTS (SELECT FROM unnest(%(placed)s::bigint[]) AS o (id)
                    WHERE NOT EXISTS (
                          SELECT FROM orders_place p JOIN orders_area n ON n.id = p.area_id
                           WHERE p.order_id = o.id AND p.valid_from <= %(at)s AND p.valid_until > %(at)s
                             AND p.roles_emailed > 0 AND n.level = 'neighbourhood'))"""

_EVENTS_STORED = "SELECT order_id, count(*) FROM orders_event WHERE order_id = ANY(%(ids)s) GROUP BY order_id"

_TOLD_ELSEWHERE = """
    SELECT DISTINCT e.order_id FROM orders_event e
     WHERE e.order_id = ANY(%(ids)s)
       AND EXISTS (SELECT FROM notifications_carried c WHERE c.event_id = e.id)"""


def _rows(query: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        # The driver's own loader of instants, which is compiled; that of Django is not.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def here(since: Mapping[int, datetime], at: datetime) -> dict[int, dict[int, Here]]:
    """By area and order: what is live, unconfirmed or pending there, and what ended since; soonest end first."""
    found: dict[int, dict[int, Here]] = {pk: {} for pk in since}
    for area_id, *values in _rows(
        _HERE, areas=list(since), since=list(since.values()), at=at, today=local_day(at), far=FAR
    ):  # fmt: skip
        row = Here._make(values)
        found[area_id][row.order_id] = row
    return found


def headings(ids: Collection[int], elsewhere: Collection[int], at: datetime) -> dict[int, Heading]:
    """The headings of orders; `elsewhere` are those of them that are not here, of which no place says all."""
    found = _rows(_HEADINGS, ids=list(ids), elsewhere=list(elsewhere), at=at)
    return {row[0]: Heading._make(row) for row in found}


class Ward(NamedTuple):
    """A neighbourhood of an area."""

    area_id: int
    code: str
    name: str


def neighbourhoods(areas: Collection[int]) -> dict[int, Ward]:
    """The neighbourhoods of areas by their ids, in the order of their codes."""
    return {pk: Ward(*values) for pk, *values in _rows(_NEIGHBOURHOODS, areas=list(areas))}


def emailed(ids: Collection[int], at: datetime) -> list[tuple[int, int]]:
    """In which neighbourhoods an email may show orders: ids of area and order. Other areas stand there too."""
    return [(area_id, order_id) for area_id, order_id in _rows(_WARDS, ids=list(ids), at=at)]


def seen_by_force(gone: Iterable[tuple[int, int, int]], at: datetime) -> dict[int, dict[int, bool]]:
    """Of triples of area, its force and an order: by area, the orders that its force may still see.

    True: the order has no party any longer, because what brought it into the register was undone.
    """
    triples = list(gone)
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    if triples:
        of, force, ids = zip(*triples, strict=True)
        for area_id, order_id, empty in _rows(_SEEN, of=list(of), force=list(force), ids=list(ids), at=at):
            found[area_id][order_id] = empty
    return found


def says_too_much(named: Collection[int], placed: Collection[int], at: datetime) -> bool:
    """Whether an order that an email of an instant names, or says a neighbourhood of, may no longer be so told."""
    return bool(_rows(_SAYS_TOO_MUCH, named=list(named), placed=list(placed), at=at)[0][0])


def events_stored(ids: Collection[int]) -> dict[int, int]:
    """How many events each order has."""
    return {row[0]: row[1] for row in _rows(_EVENTS_STORED, ids=list(ids))}


def told_elsewhere(ids: Collection[int]) -> set[int]:
    """Those orders of which some area has been told something."""
    return {row[0] for row in _rows(_TOLD_ELSEWHERE, ids=list(ids))}


def extracted_at() -> datetime | None:
    """When the latest extract was taken."""
    return ImportRun.objects.order_by("-extracted_at").values_list("extracted_at", flat=True).first()


def not_applied() -> dict[int, int]:
    """By force, how many orders were received and could not be applied."""
    found: dict[int, int] = defaultdict(int)
    for force in QuarantinedOrder.objects.filter(resolved_by__isnull=True).values_list("owner_force_id", flat=True):
        if force is not None:
            found[force] += 1
    return found


def not_placed(forces: Collection[int], at: datetime) -> dict[int, int]:
    """By force, how many live orders have a party without a home in any known area."""
    found: dict[int, int] = defaultdict(int)
    live = Place.objects.at(at).filter(standing_is("live", at), area__in=set(forces), roles__gte=4)
    for force in live.values_list("area_id", flat=True):
        found[force] += 1
    return found


NOT_LONG = timedelta(days=10)
"""How far back an arrest or a service can lie whose clock still matters: its days, the excluded ones and three more."""

_CLOCKED = """
    SELECT DISTINCT e.order_id FROM orders_event e
     WHERE e.kind IN ('ARRESTED', 'SERVED') AND e.at > %(after)s AND e.at <= %(at)s"""


def lately_clocked(at: datetime) -> set[int]:
    """The orders in which somebody was lately arrested or served."""
    return {row[0] for row in _rows(_CLOCKED, at=at, after=at - NOT_LONG)}
