"""From the register's rows to what the law is asked about: many orders at once, in a constant number of queries.

`known_at` limits every answer to what the register itself had stored by that instant (extract contract, rule 9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from orders.access.sealing import unseal
from orders.models import Order
from orders.record.copying import array_of
from orders.record.instants import remember_instants
from orders.statute import Event, Follower, Holidays, OrderFacts


def holidays() -> Holidays:
    """The bank holidays of England and Wales that are loaded, each year whole, and when courts sit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(day) FROM orders_bankholiday")
        ((days,),) = cursor.fetchall()
    return Holidays.of(days or (), settings.COURT_SITS)


# The orders that follow one, in the order in which they were recorded.
_FOLLOWERS = """(
    SELECT json_agg(json_build_array(n.id, n.kind, n.reference) ORDER BY n.id) FROM orders_order n{join}
     WHERE n.replaces_id = {order}.id{known})"""

# An order whose parties have all been taken back was recorded in error: the import that brought it was undone.
_HEADINGS_NOW = """
    SELECT o.id, o.kind, o.reference, o.without_notice, o.power_of_arrest, o.doubt_since, f.kind,
           EXISTS (SELECT FROM orders_party p WHERE p.order_id = o.id)
           AND NOT EXISTS (SELECT FROM orders_party p WHERE p.order_id = o.id AND p.superseded_id IS NULL), {followers}
      FROM orders_order o LEFT JOIN orders_order f ON f.id = o.replaces_id
     WHERE o.id = ANY(%(ids)s::bigint[])"""

# The heading that was current at an instant: the latest recorded by then, be it the present row or a kept version.
_HEADINGS_THEN = """
    SELECT DISTINCT ON (h.id) h.id, h.kind, h.reference, h.without_notice, h.power_of_arrest, h.doubt_since,
           (SELECT f.kind FROM orders_order f JOIN orders_recording fr ON fr.id = f.first_recording_id
             WHERE f.id = h.replaces_id AND fr.recorded_at <= %(known_at)s),
           EXISTS (SELECT FROM orders_party p JOIN orders_recording pr ON pr.id = p.recording_id
                    WHERE p.order_id = h.id AND pr.recorded_at <= %(known_at)s)
           AND NOT EXISTS (SELECT FROM orders_party p JOIN orders_recording pr ON pr.id = p.recording_id
                             LEFT JOIN orders_recording ps ON ps.id = p.superseded_id
                            WHERE p.order_id = h.id AND pr.recorded_at <= %(known_at)s
                              AND (p.superseded_id IS NULL OR ps.recorded_at > %(known_at)s)), {followers}
      FROM (SELECT id, kind, reference, without_notice, power_of_arrest, doubt_since, replaces_id, recording_id,
                   2147483647::bigint AS version FROM orders_order WHERE id = ANY(%(ids)s::bigint[])
            UNION ALL
            SELECT id, kind, reference, without_notice, power_of_arrest, doubt_since, replaces_id, recording_id, pgh_id
              FROM orders_orderversion WHERE id = ANY(%(ids)s::bigint[])) h
      JOIN orders_recording r ON r.id = h.recording_id
     WHERE r.recorded_at <= %(known_at)s
     ORDER BY h.id, r.recorded_at DESC, h.version DESC"""

_HEADINGS_NOW = _HEADINGS_NOW.format(followers=_FOLLOWERS.format(order="o", join="", known=""))
_HEADINGS_THEN = _HEADINGS_THEN.format(
    followers=_FOLLOWERS.format(
        order="h",
        join=" JOIN orders_recording nr ON nr.id = n.first_recording_id",
        known=" AND nr.recorded_at <= %(known_at)s",
    )
)

_EVENTS = """
    SELECT e.order_id, e.id, e.source_ref, e.kind, e.at, e.at_is_date, e.until, e.until_is_date, e.until_open,
           e.by_whom, e.text, e.retracts_id, e.retracts_ref
      FROM orders_event e{join}
     WHERE e.order_id = ANY(%(ids)s::bigint[]){known}
     ORDER BY e.order_id, e.id"""


def load(order_ids: Iterable[int], *, known_at: datetime | None = None) -> dict[int, OrderFacts]:
    """The facts of each order by id. An order of which nothing had been stored by `known_at` is left out.

    The words of events (`text`, `by`) stay sealed: the law needs none of them. `in_words` opens them; pages
    unseal the rows they show.
    """
    ids = list(order_ids)
    if not ids:
        return {}
    values: dict[str, Any] = {"ids": array_of(ids), "known_at": known_at}
    with connection.cursor() as cursor:
        cursor.execute(_HEADINGS_NOW if known_at is None else _HEADINGS_THEN, values)
        headings = cursor.fetchall()
        following = {row[0]: row[-1] or () for row in headings}
        events = _events([*ids, *(one[0] for rows in following.values() for one in rows)], known_at, cursor)
    return {
        pk: OrderFacts(
            kind=kind,
            reference=reference,
            events=events.get(pk, ()),
            followers=tuple(Follower(kind, reference, events.get(one, ())) for one, kind, reference in following[pk]),
            follows=follows,
            without_notice=without_notice,
            power_of_arrest=power_of_arrest,
            doubt_since=doubt_since,
            in_error=in_error,
        )
        for pk, kind, reference, without_notice, power_of_arrest, doubt_since, follows, in_error, _ in headings
    }


def followed(order: Order) -> OrderFacts | None:
    """The facts of the notice, interim or earlier order that an order follows, if it follows one."""
    return None if order.replaces_id is None else load([order.replaces_id]).get(order.replaces_id)


def in_words(events: Sequence[Event]) -> list[Event]:
    """Events as `load` gives them, with their words unsealed, to be told to somebody or recorded of another order."""
    words = unseal(word for event in events for word in (event.text, event.by))
    return [replace(event, text=text, by=by) for event, text, by in zip(events, words[::2], words[1::2], strict=True)]


def _events(ids: list[int], known_at: datetime | None, cursor: Any) -> Mapping[int, tuple[Event, ...]]:
    if known_at is None:
        query = _EVENTS.format(join="", known="")
    else:
        query = _EVENTS.format(
            join=" JOIN orders_recording r ON r.id = e.recording_id", known=" AND r.recorded_at <= %(known_at)s"
        )
    remember_instants(cursor)
    cursor.execute(query, {"ids": array_of(ids), "known_at": known_at})
    rows_of: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in cursor.fetchall():
        rows_of[row[0]].append(row)
    return {pk: tuple(_event(row, rows) for row in rows) for pk, rows in rows_of.items()}


def _event(row: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> Event:
    _, pk, _, kind, at, at_is_date, until, until_is_date, until_open, by_whom, text, retracts_id, retracts_ref = row
    if kind == "RETRACTED":
        target = retracts_id if retracts_id is not None else _retracted_by_ref(retracts_ref, rows)
        retracts = "" if target is None else str(target)
    else:
        retracts = ""
    return Event(
        kind=kind,
        at=at,
        at_is_date=at_is_date,
        until=until,
        until_is_date=until_is_date,
        until_open=until_open,
        by=by_whom,
        text=text,
        ref=str(pk),
        retracts=retracts,
    )


def _retracted_by_ref(ref: str, rows: list[tuple[Any, ...]]) -> int | None:
    """The event that a source means by its own key: after corrections, the latest recorded under that key."""
    return max((row[1] for row in rows if row[2] == ref), default=None)
