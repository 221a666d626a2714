"""Postcodes from NSPL, ONSPD or a list of one's own, as a stream: read, copied beside the table, and compared with it.

The file of the whole country holds 2.7 million rows; memory holds one of them and the wards that the register knows.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import connection

from orders.imports.values import ValueProblem, day_from, postcode_from
from orders.models import Area, AreaBoundary, Level, ReferenceChange
from orders.reference.headers import NotRead, needed, places_of, vintage_of
from orders.reference.outlines import Outline, Outlines

MOST_BYTES = 4 << 30
NO_GRID_REFERENCE = 99.9
"""NSPL gives latitude 99.999999 to a postcode without a place."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The CSV itself, or the largest CSV in a zip as ONS delivers it. Raises NotRead."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        found = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
        if not found:
            raise NotRead("The zip holds no CSV file.")
        largest = max(found, key=lambda info: info.file_size)
        if largest.file_size > MOST_BYTES:
            raise NotRead(f"The CSV in the zip is larger than {MOST_BYTES >> 30} GB.")
        with archive.open(largest) as entry:
            yield entry


def stage(path: Path, change: ReferenceChange, advance: Callable[[int], None]) -> Counter[str]:
    """Copy what the file says of known areas into `postcode_new`. Returns how many rows came out in which way."""
    counted: Counter[str] = Counter()
    # Before the COPY begins, which has the connection to itself.
    known = _known()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.postcode_new")
        cursor.execute(
            "CREATE TEMPORARY TABLE postcode_new (postcode text, neighbourhood_id bigint, ended_on date) ON COMMIT DROP"
        )
        with (
            opened(path) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", errors="strict", newline="") as text,
            cursor.copy("COPY postcode_new FROM STDIN") as copy,
        ):
            try:
                for row in _rows(text, change, known, counted, advance):
                    copy.write_row(row)
            except (UnicodeDecodeError, csv.Error) as error:
                raise NotRead(f"The file is not CSV in UTF-8 (after row {counted['rows']:,}).") from error
        if not counted["placed"]:
            raise NotRead(
                "No postcode of the file lies in an area that the register knows. Load the areas first, with the ward "
                "codes (ons_code) of the file's vintage, or their boundaries."
            )
        cursor.execute(
            """DELETE FROM postcode_new a USING postcode_new b WHERE a.postcode = b.postcode AND a.ctid < b.ctid"""
        )
        counted["twice"] = cursor.rowcount
        cursor.execute("CREATE UNIQUE INDEX ON postcode_new (postcode)")
        cursor.execute("ANALYZE postcode_new")
    return counted


@dataclass(frozen=True, slots=True)
class _Known:
    """The neighbourhoods by what a file may call them; those that have gone by their own codes only."""

    by_code: dict[str, int]
    by_ward: dict[str, int]
    outlines: Outlines


def _known() -> _Known:
    held = Area.objects.filter(level=Level.NEIGHBOURHOOD)
    boundaries = AreaBoundary.objects.filter(area__valid_until__isnull=True)
    return _Known(
        dict(held.values_list("code", "pk")),
        dict(held.filter(valid_until__isnull=True).exclude(ons_code="").values_list("ons_code", "pk")),
        Outlines([Outline.of(boundary.area_id, boundary.rings) for boundary in boundaries if boundary.rings]),
    )


def _rows(
    text: IO[str], change: ReferenceChange, known: _Known, counted: Counter[str], advance: Callable[[int], None]
) -> Iterator[tuple[str, int, date | None]]:
    records = csv.reader(text)
    header = next(records, [])
    at = places_of(header, "postcode", "ended", "ward", "latitude", "longitude", "neighbourhood")
    needed(at, "postcode")
    if not {"ward", "neighbourhood", "latitude"} & at.keys():
        needed(at, "ward")
    if not change.vintage:
        change.vintage = vintage_of(header)
    by_code, by_ward, outlines = known.by_code, known.by_ward, known.outlines
    postcode_at, ended_at = at["postcode"], at.get("ended")
    ward_at, code_at = at.get("ward"), at.get("neighbourhood")
    lat_at, long_at = at.get("latitude"), at.get("longitude")
    for row in records:
        counted["rows"] += 1
        if not counted["rows"] % 50_000:
            advance(counted["rows"])
        if len(row) < len(header):
            counted["short"] += 1
            continue
        area = by_code.get(row[code_at].strip()) if code_at is not None else None
        if area is None and lat_at is not None and long_at is not None and outlines:
            area = _at_point(row[lat_at], row[long_at], outlines)
        if area is None and ward_at is not None:
            area = by_ward.get(row[ward_at].strip())
        if area is None:
            counted["elsewhere"] += 1
            continue
        try:
            postcode = postcode_from(row[postcode_at]).replace(" ", "")
        except ValueProblem:
            counted["malformed"] += 1
            continue
        ended = row[ended_at].strip() if ended_at is not None else ""
        counted["placed"] += 1
        counted["ended"] += bool(ended)
        yield postcode, area, _ended_on(ended)


def _at_point(latitude: str, longitude: str, outlines: Outlines) -> int | None:
    try:
        lat, long = float(latitude), float(longitude)
    except ValueError:
        return None
    return None if lat > NO_GRID_REFERENCE else outlines.area_at(lat, long)


def _ended_on(text: str) -> date | None:
    """The first day of the month in which Royal Mail ended it: doterm is YYYYMM, or a date."""
    if not text:
        return None
    try:
        return day_from(text if "-" in text else f"{text[:4]}-{text[4:6]}-01")
    except ValueProblem as problem:
        raise NotRead(f"doterm {text[:20]!a} is not a month (YYYYMM).") from problem


_SAME = """
    jsonb_build_object('neighbourhood', {0}.neighbourhood_id, 'ended_on', {0}.ended_on)"""

_LINES = f"""
    INSERT INTO orders_referenceline (change_id, key, before, after)
    SELECT %(change)s, coalesce(n.postcode, p.postcode),
           CASE WHEN p.postcode IS NOT NULL THEN {_SAME.format("p")} END,
           CASE WHEN n.postcode IS NOT NULL THEN {_SAME.format("n")} END
      FROM postcode_new n FULL JOIN orders_postcode p ON p.postcode = n.postcode
     WHERE n.postcode IS NULL AND %(whole)s OR p.postcode IS NULL
        OR (n.neighbourhood_id, n.ended_on) IS DISTINCT FROM (p.neighbourhood_id, p.ended_on)
        AND n.postcode IS NOT NULL"""


def compare(change: ReferenceChange) -> None:
    """Write the lines of the change: each postcode that is not as the file says."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"change": change.pk, "whole": change.whole})


# Compare and set: a line whose row is not as it was when the change was proposed stops it.
_CHECK = """
    SELECT count(*) FROM orders_referenceline l LEFT JOIN orders_postcode p ON p.postcode = l.key
     WHERE l.change_id = %(change)s
       AND (p.neighbourhood_id, p.ended_on) IS DISTINCT FROM
           ((l.{before}->>'neighbourhood')::bigint, (l.{before}->>'ended_on')::date)"""

_STORE = (
    """DELETE FROM orders_postcode p USING orders_referenceline l
        WHERE l.change_id = %(change)s AND l.key = p.postcode AND l.{after} IS NULL""",
    """INSERT INTO orders_postcode (postcode, neighbourhood_id, ended_on, is_demonstration)
       SELECT key, ({after}->>'neighbourhood')::bigint, ({after}->>'ended_on')::date, false
         FROM orders_referenceline WHERE change_id = %(change)s AND {after} IS NOT NULL
       ON CONFLICT (postcode) DO UPDATE
          SET neighbourhood_id = excluded.neighbourhood_id, ended_on = excluded.ended_on, is_demonstration = false""",
    "ANALYZE orders_postcode",
)


def store(change: ReferenceChange, before: str, after: str) -> int:
    """Put the rows of one side of the lines in place of the other. Returns how many rows were not as expected: then
    nothing has been changed."""
    values: dict[str, Any] = {"change": change.pk}
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_postcode IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_CHECK.format(before=before), values)
        (other,) = cursor.fetchone() or (0,)
        if not other:
            for statement in _STORE:
                cursor.execute(statement.format(after=after), values)
    return int(other)
