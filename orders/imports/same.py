"""What of a bundle is, row by row, what was last read of it: those orders and people need not be read again.

The rows of an order (its own, its parties', conditions' and events') and those of a person (their own, their homes')
each have a digest: keyed, since the rows hold words that the register keeps sealed, and made with what the answer
rests on besides the rows: this very code, that of the law, and the codes of areas. What was read without a remark is
kept by its digest. Where the next bundle has the same one, reading it in full would find nothing, so it is left out,
unless something else has happened to it: docs/decisions/0155-reading-only-what-changed.md says why that is exact.

Two passes: the first only takes digests, the second reads the lines that are left, found again by their numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.db import connection

from orders.access.keyring import keyring
from orders.imports.bundle import Bundle
from orders.imports.corrections import Corrections
from orders.imports.manifest import ARRESTS_FILE
from orders.imports.progress import Advance
from orders.imports.reader import FileReader
from orders.record.copying import NULL, escaped

_FILES = ("orders.csv", "parties.csv", "conditions.csv", "events.csv", "people.csv", "addresses.csv")
_OF_PEOPLE = frozenset({"people.csv", "addresses.csv"})
_TOGETHER = 2_000

_TABLES = (
    "DROP TABLE IF EXISTS pg_temp.bundle_row, pg_temp.bundle_owner, pg_temp.same_order, pg_temp.same_person",
    """CREATE TEMPORARY TABLE bundle_row (
           file smallint, line int, is_person boolean, ref text COLLATE "C", person_ref text COLLATE "C", digest bytea
       ) ON COMMIT DROP""",
    'CREATE TEMPORARY TABLE same_order (order_ref text COLLATE "C" PRIMARY KEY) ON COMMIT DROP',
    'CREATE TEMPORARY TABLE same_person (person_ref text COLLATE "C" PRIMARY KEY) ON COMMIT DROP',
)

_OWNERS = """
    CREATE TEMPORARY TABLE bundle_owner ON COMMIT DROP AS
    SELECT b.is_person, b.ref, b.digest, coalesce(o.id, n.id) AS owner_id, d.touched_id,
           coalesce(d.digest = b.digest, false) AS is_same
      FROM (SELECT is_person, ref, sha256(string_agg(digest, ''::bytea ORDER BY file, digest)) AS digest
              FROM bundle_row GROUP BY is_person, ref) b
      LEFT JOIN orders_order o ON NOT b.is_person AND o.source = %(source)s AND o.source_ref = b.ref
      LEFT JOIN orders_person n ON b.is_person AND n.source = %(source)s AND n.source_ref = b.ref
      LEFT JOIN orders_lastread d ON d.is_person = b.is_person AND d.owner_id = coalesce(o.id, n.id)"""

_SAME = (
    """INSERT INTO same_person
       SELECT b.ref FROM bundle_owner b
        WHERE b.is_person AND b.is_same
          AND NOT EXISTS (SELECT FROM orders_sealingkey k
                           WHERE k.person_id = b.owner_id AND k.destroyed_at IS NOT NULL)""",
    """INSERT INTO same_order
       SELECT b.ref FROM bundle_owner b
         JOIN orders_order o ON o.id = b.owner_id JOIN orders_area a ON a.id = o.owner_force_id
        WHERE NOT b.is_person AND b.is_same AND o.doubt_since IS NULL
          AND (%(only)s::text IS NULL OR a.code = %(only)s)
          AND NOT EXISTS (SELECT FROM orders_sealingkey k WHERE k.order_id = o.id AND k.destroyed_at IS NOT NULL)
          AND NOT EXISTS (SELECT FROM orders_quarantinedorder q
                           WHERE (q.source, q.source_ref) = (o.source, o.source_ref) AND q.resolved_by_id IS NULL)
          AND NOT EXISTS (SELECT FROM bundle_row r
                            JOIN bundle_owner p ON p.is_person AND p.ref = r.person_ref
                           WHERE NOT r.is_person AND r.ref = b.ref AND r.person_ref IS NOT NULL
                             AND NOT EXISTS (SELECT FROM same_person s WHERE s.person_ref = r.person_ref))""",
)

_LEFT = """
    SELECT r.line FROM bundle_row r
     WHERE r.file = %s AND NOT EXISTS (SELECT FROM {same} s WHERE s.{column} = r.ref)
     ORDER BY r.line"""

# A key of the source under which the register has, or had, something of an order or person that was left out.
_TAKEN = """
    SELECT EXISTS (SELECT FROM stage_event s JOIN orders_event h ON h.source_ref = s.event_ref
                     JOIN orders_order o ON o.id = h.order_id AND o.source = %(source)s
                     JOIN same_order x ON x.order_ref = o.source_ref WHERE o.source_ref <> s.order_ref)
        OR EXISTS (SELECT FROM stage_condition s JOIN orders_condition h ON h.source_ref = s.condition_ref
                     JOIN orders_order o ON o.id = h.order_id AND o.source = %(source)s
                     JOIN same_order x ON x.order_ref = o.source_ref WHERE o.source_ref <> s.order_ref)
        OR EXISTS (SELECT FROM stage_address s JOIN orders_residence h ON h.source_ref = s.address_ref
                     JOIN orders_person n ON n.id = h.person_id AND n.source = %(source)s
                     JOIN same_person x ON x.person_ref = n.source_ref WHERE n.source_ref <> s.person_ref)"""

_REMARKED = """
    CREATE TEMPORARY TABLE remarked_owner ON COMMIT DROP AS
    SELECT DISTINCT r.is_person, r.ref FROM stage_remarked m
      JOIN bundle_row r ON r.line = m.line AND r.file = array_position(%(files)s::text[], m.file) - 1"""

_UNREAD = """
    UPDATE orders_lastread d SET digest = NULL FROM bundle_owner b
     WHERE d.is_person = b.is_person AND d.owner_id = b.owner_id AND d.digest IS NOT NULL
       AND NOT EXISTS (SELECT FROM same_order s WHERE NOT b.is_person AND s.order_ref = b.ref)
       AND NOT EXISTS (SELECT FROM same_person s WHERE b.is_person AND s.person_ref = b.ref)"""

# Where somebody wrote to it by hand since the comparison began, their mark is not the one that was seen then: it stays.
_READ = """
    INSERT INTO orders_lastread (is_person, owner_id, digest, touched_id)
    SELECT b.is_person, coalesce(o.id, n.id), b.digest, b.touched_id
      FROM bundle_owner b
      LEFT JOIN (SELECT p.order_ref, r.id FROM plan_order p JOIN ref_order r USING (order_ref) WHERE NOT p.stale) o
             ON NOT b.is_person AND o.order_ref = b.ref
      LEFT JOIN (SELECT p.person_ref, r.id FROM plan_person p JOIN ref_person r USING (person_ref)) n
             ON b.is_person AND n.person_ref = b.ref
     WHERE coalesce(o.id, n.id) IS NOT NULL
       AND NOT EXISTS (SELECT FROM remarked_owner m WHERE m.is_person = b.is_person AND m.ref = b.ref)
     ORDER BY 1, 2
    ON CONFLICT (is_person, owner_id) DO UPDATE SET digest = excluded.digest
     WHERE orders_lastread.touched_id IS NOT DISTINCT FROM excluded.touched_id"""


def take_digests(bundle: Bundle, corrections: Corrections, advance: Advance) -> None:
    """The first pass: fill `bundle_row` and `bundle_owner`. Raises BundleRefused for a fault of a file."""
    source = bundle.manifest.source
    with connection.cursor() as cursor:
        for statement in _TABLES:
            cursor.execute(statement)
        key = hashlib.sha256(f"{keyring().index('rows of ' + source, rules())}\0{_areas()}".encode()).digest()
        for number, name in enumerate(_FILES):
            if name not in bundle.manifest.files:
                continue
            reader = FileReader(bundle, name, corrections.of(name))
            with cursor.copy("COPY bundle_row FROM STDIN") as copy:
                for lines in _together(_lines(reader, number, key)):
                    copy.write("".join(lines))
                    advance(f"{name}: what changed", len(lines), bundle.manifest.files[name].rows)
        cursor.execute("CREATE INDEX ON bundle_row (ref)")
        cursor.execute("ANALYZE bundle_row")
        cursor.execute(_OWNERS, {"source": source})
        cursor.execute("CREATE UNIQUE INDEX ON bundle_owner (is_person, ref)")
        cursor.execute("ANALYZE bundle_owner")


def leave_out_same(*, only_force: str | None) -> None:
    """Fill `same_order` and `same_person`. `only_force`: the code of the only force that may be imported, if one is."""
    with connection.cursor() as cursor:
        for statement in _SAME:
            cursor.execute(statement, {"only": only_force})
        cursor.execute("ANALYZE same_order")
        cursor.execute("ANALYZE same_person")


def anything_left_out() -> bool:
    """Whether there is an order or person that need not be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM same_order) OR EXISTS (SELECT FROM same_person)")
        (found,) = cursor.fetchone() or (False,)
    return bool(found)


def read_all_again() -> None:
    """Leave nothing out after all."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE same_order, same_person")


def keys_are_taken(source: str) -> bool:
    """Whether a staged row has a key of something that was left out, so that the two must be judged together."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"source": source})
        (taken,) = cursor.fetchone() or (False,)
    return bool(taken)


def lines_left(name: str) -> Iterator[int] | None:
    """The numbers of the lines of a file that must be read, in order; None for all of them."""
    if name == ARRESTS_FILE:
        return None
    same, column = ("same_person", "person_ref") if name in _OF_PEOPLE else ("same_order", "order_ref")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {same})")
        if cursor.fetchone() == (False,):
            return None
    return _left(name, same, column)


def _left(name: str, same: str, column: str) -> Iterator[int]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LEFT.format(same=same, column=column), [_FILES.index(name)])
        while rows := cursor.fetchmany(10_000):
            yield from (line for (line,) in rows)


def keep_digests(*, bundle_is_older: bool) -> None:
    """Keep by their digests what has just been read; what was read and cannot be kept is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.remarked_owner")
        cursor.execute(_REMARKED, {"files": list(_FILES)})
        cursor.execute(_UNREAD)
        if not bundle_is_older:
            cursor.execute(_READ)
            cursor.execute("ANALYZE orders_lastread")


def _lines(reader: FileReader, number: int, key: bytes) -> Iterator[str]:
    """Rows of a file as COPY reads them."""
    people = reader.name in _OF_PEOPLE
    ref, has_person = "person_ref" if people else "order_ref", reader.name == "parties.csv"
    start = hashlib.blake2b(bytes([number]), key=key, digest_size=16)
    for line, said, (owner, *party) in reader.raw(ref, *(["person_ref"] if has_person else [])):
        digest = start.copy()
        digest.update(said)
        person = escaped(party[0]) if party else NULL
        yield f"{number}\t{line}\t{people:d}\t{escaped(owner)}\t{person}\t\\\\x{digest.hexdigest()}\n"


def _together(lines: Iterator[str]) -> Iterator[list[str]]:
    some: list[str] = []
    for line in lines:
        some.append(line)
        if len(some) == _TOGETHER:
            yield some
            some = []
    if some:
        yield some


def _areas() -> str:
    """What reading asks of the reference data: which codes are of which areas, at which level."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sha256(convert_to(string_agg(concat_ws(' ', id, level, code), ',' ORDER BY id), 'UTF8'))
                 FROM orders_area"""
        )
        (found,) = cursor.fetchone() or (None,)
    return bytes(found or b"").hex()


@lru_cache(maxsize=1)
def rules() -> str:
    """A digest of the code that reads, checks and compares, and of the law's: a new release reads everything again."""
    orders = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for path in sorted([*(orders / "imports").glob("*.py"), *(orders / "statute").rglob("*.py")]):
        found.update(path.read_bytes())
    return found.hexdigest()
