"""Parties and people into the rows by which a search finds a person, worked out for many orders at once.

It follows `projection.project`, which calls it in the same transaction: whoever records a fact keeps both.

A key is a number of 64 bits: an area from bit 34 on, the sort of thing in bits 32 and 33, and the thing itself in 32
bits: the id of a token; a day of birth, its month and its year; a PNC ID; the first letter of a token. Of a force there
are keys of all these; of a local policing area of tokens alone, by which nearly everybody is looked for there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from zlib import crc32

from django.db import connection

from orders.models import PartyName, PartyNamePast, Recording
from orders.people import names
from orders.record.copying import NULL, array_of, escaped, lines_into

TOKEN, BORN, PNC, INITIAL = range(4)
"""Sorts of thing in a key."""

_MONTHS, _YEARS = 4_000_000, 5_000_000
"""From where months and years are numbered, beyond every day."""


class Row(NamedTuple):
    """One row of `PartyName`, as values."""

    order_id: int
    person_id: int
    role: str
    tokens: tuple[int, ...]
    date_of_birth: date | None
    pnc_id: str
    keys: tuple[int, ...]


FIELDS = Row._fields
_COPY_FIELDS = (*FIELDS, "recording_id")


def day_value(day: date) -> int:
    """The number of a day of birth."""
    return day.toordinal()


def month_value(year: int, month: int) -> int:
    """The number of a month of birth."""
    return _MONTHS + year * 12 + month


def year_value(year: int) -> int:
    """The number of a year of birth."""
    return _YEARS + year


def pnc_value(pnc_id: str) -> int:
    """The number of a PNC ID, which others may share."""
    return crc32(pnc_id.encode())


def keys_in(area: int, sort: int, values: Iterable[int]) -> list[int]:
    """The keys of some things in a force, or of tokens in a local policing area."""
    above = (area << 34) | (sort << 32)
    return [above | value for value in values]


class Dictionary:
    """Ids of tokens; new ones are added to the register."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def ids(self, tokens: Iterable[str]) -> dict[str, int]:
        """The id of each token."""
        unknown = sorted({token for token in tokens if token not in self._ids})
        if unknown:
            with connection.cursor() as cursor:
                cursor.execute("SELECT token, id FROM orders_nametoken WHERE token = ANY(%s)", [unknown])
                self._ids |= dict(cursor.fetchall())
                new = [token for token in unknown if token not in self._ids]
                if new:
                    # In order, so that two writers never wait for each other in a circle.
                    cursor.executemany(
                        "INSERT INTO orders_nametoken (token, keys) VALUES (%s, %s) ON CONFLICT (token) DO NOTHING",
                        [(token, list(names.keys(token))) for token in new],
                    )
                    cursor.execute("SELECT token, id FROM orders_nametoken WHERE token = ANY(%s)", [new])
                    self._ids |= dict(cursor.fetchall())
        return self._ids

    def held(self, tokens: Iterable[str]) -> dict[str, int]:
        """The id of each token; 0 of one that is not held, or not with the keys that it should have."""
        wanted = sorted(set(tokens))
        with connection.cursor() as cursor:
            cursor.execute("SELECT token, id, keys FROM orders_nametoken WHERE token = ANY(%s)", [wanted])
            good = {token: pk for token, pk, keys in cursor.fetchall() if tuple(keys) == names.keys(token)}
        return {token: good.get(token, 0) for token in wanted}


_PARTIES = """
    SELECT t.order_id, t.person_id, t.role, p.family_name, p.given_names, p.aliases::text, p.date_of_birth, p.pnc_id
      FROM orders_party t JOIN orders_person p ON p.id = t.person_id
     WHERE t.order_id = ANY(%s::bigint[]) AND t.superseded_id IS NULL
     ORDER BY t.order_id, t.person_id"""


class Found(NamedTuple):
    """Where an order is found at some time or other: the ids of forces and of local policing areas."""

    forces: Sequence[int] = ()
    lpas: Sequence[int] = ()


NOWHERE = Found()

_AREAS = """
    SELECT l.order_id, coalesce(array_agg(DISTINCT a.id) FILTER (WHERE a.level = 'force'), '{}'),
           coalesce(array_agg(DISTINCT a.id) FILTER (WHERE a.level = 'lpa'), '{}')
      FROM orders_place l JOIN orders_area a ON a.id = l.area_id
     WHERE l.order_id = ANY(%s::bigint[]) AND a.level <> 'neighbourhood' GROUP BY l.order_id"""


def _parties(order_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES, [array_of(order_ids)])
        return [
            (order, person, role, list(names.distinct_tokens(family, given, json.loads(aliases))), born, pnc)
            for order, person, role, family, given, aliases, born, pnc in cursor.fetchall()
        ]


def _found(order_ids: Sequence[int]) -> dict[int, Found]:
    """Where each order is found, by the places that are stored."""
    with connection.cursor() as cursor:
        cursor.execute(_AREAS, [array_of(order_ids)])
        return {order: Found(forces, lpas) for order, forces, lpas in cursor.fetchall()}


def _rows(parties: Iterable[tuple[Any, ...]], ids: dict[str, int], places: Mapping[int, Found]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for order, person, role, tokens, born, pnc in parties:
        named = [(TOKEN << 32) | ids[token] for token, _ in tokens]
        values = named + [(INITIAL << 32) | letter for letter in {ord(token[0]) for token, _ in tokens}]
        if born is not None:
            days = day_value(born), month_value(born.year, born.month), year_value(born.year)
            values += [(BORN << 32) | value for value in days]
        if pnc:
            values.append((PNC << 32) | pnc_value(pnc))
        forces, lpas = places.get(order, NOWHERE)
        keys = [(force << 34) | value for force in forces for value in values]
        keys += [(lpa << 34) | token for lpa in lpas for token in named]
        signed = sorted([-ids[token] if of_alias else ids[token] for token, of_alias in tokens])
        found[order].append(Row(order, person, role, tuple(signed), born, pnc, tuple(sorted(keys))))
    return found


def _held(order_ids: Sequence[int]) -> dict[int, dict[Row, int]]:
    rows: dict[int, dict[Row, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(FIELDS)} FROM orders_partyname WHERE order_id = ANY(%s::bigint[])",  # noqa: S608 - Row's
            [array_of(order_ids)],
        )
        for pk, order, person, role, tokens, born, pnc, keys in cursor.fetchall():
            rows[order][Row(order, person, role, tuple(tokens), born, pnc, tuple(keys))] = pk
    return rows


class Change(NamedTuple):
    """What differs of some orders: the ids of rows that go, lines of those that come, and which orders these are."""

    gone: list[int]
    lines: str
    orders: set[int]


class Batch:
    """All that is known of the parties of some orders, and their rows that are stored, read at once."""

    def __init__(self, order_ids: Sequence[int], dictionary: Dictionary) -> None:
        self._order_ids = order_ids
        self._parties = _parties(order_ids)
        self._ids = dictionary.ids(token for party in self._parties for token, _ in party[3])
        self._stored = _held(order_ids)

    def change(self, places: Mapping[int, Found], recording: Recording) -> Change:
        """Work out what differs; `places` says where each order is found. Asks the database nothing."""
        wanted = _rows(self._parties, self._ids, places)
        changed: set[int] = set()
        gone: list[int] = []
        lines: list[str] = []
        for pk in self._order_ids:
            before, after = self._stored.get(pk, {}), wanted.get(pk, [])
            fresh = [row for row in after if row not in before]
            stale = before.keys() - set(after) if before else ()
            if fresh or stale:
                changed.add(pk)
                gone += [before[row] for row in stale]
                lines += [_line(row, recording.pk) for row in fresh]
        return Change(gone, "".join(lines), changed)


def store(change: Change, recording: Recording) -> None:
    """Store what differs, under a recording. Replaced rows become `PartyNamePast`."""
    _retire(change.gone, recording)
    if change.lines:
        with lines_into(PartyName, _COPY_FIELDS) as write:
            write(change.lines)


def _line(row: Row, recording_id: int) -> str:
    """A row as COPY reads it, in the order of _COPY_FIELDS."""
    born = NULL if row.date_of_birth is None else row.date_of_birth.isoformat()
    tokens, keys = ",".join(map(str, row.tokens)), ",".join(map(str, row.keys))
    pnc = escaped(row.pnc_id)
    return f"{row.order_id}\t{row.person_id}\t{row.role}\t{{{tokens}}}\t{born}\t{pnc}\t{{{keys}}}\t{recording_id}\n"


def _retire(ids: list[int], recording: Recording) -> None:
    if not ids:
        return
    columns = ", ".join((*FIELDS, "recording_id"))
    with connection.cursor() as cursor:
        # A row that this very recording made was never known to anybody.
        cursor.execute(
            # The columns are those of Row.
            f"""WITH gone AS (DELETE FROM orders_partyname WHERE id = ANY(%s) RETURNING *)
                INSERT INTO orders_partynamepast ({columns}, superseded_id)
                SELECT {columns}, %s FROM gone WHERE recording_id <> %s""",  # noqa: S608 - our names
            [ids, recording.pk, recording.pk],
        )


def differences(order_ids: Sequence[int]) -> dict[int, tuple[list[Row], list[Row]]]:
    """Orders whose stored rows are not what parties and people say: rows that are missing, and that are too many."""
    parties = _parties(order_ids)
    ids = Dictionary().held(token for party in parties for token, _ in party[3])
    wanted, stored = _rows(parties, ids, _found(order_ids)), _held(order_ids)
    found = {}
    for pk in order_ids:
        after, before = set(wanted.get(pk, [])), stored.get(pk, {}).keys()
        if after != before:
            found[pk] = (
                sorted(after - before, key=lambda row: row.person_id),
                sorted(before - after, key=lambda row: row.person_id),
            )
    return found


def forget_past(person_ids: Iterable[int]) -> int:
    """Delete by which names people were found before, when they are erased. Returns how many rows that were."""
    return PartyNamePast.objects.filter(person_id__in=list(person_ids)).delete()[0]


def refresh_dictionary() -> int:
    """Give tokens the keys that `names.keys` now gives them, after a rule changed; returns how many it changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, id, keys FROM orders_nametoken")
        wrong = [(list(names.keys(t)), pk) for t, pk, keys in cursor.fetchall() if tuple(keys) != names.keys(t)]
        if wrong:
            cursor.executemany("UPDATE orders_nametoken SET keys = %s WHERE id = %s", wrong)
    return len(wrong)
