"""Sealing the log in batches, and verifying it: an entry removed, altered or slipped in shows.

Writers of the log wait for nobody: a sealer comes after them and seals the entries of transactions that are over. Each
seal hashes its entries and the seal before it, and signs that with a key that is not in the database, so that
whoever can write to the database can still not make a chain that fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from orders.access.keyring import keyring
from orders.models import AuditSeal

_LOCK = 4_217_002

# The columns of the log, in words that no setting of a session changes.
_LINE = """concat_ws(chr(31), id, extract(epoch FROM at)::numeric(20, 6), category, action,
           coalesce(user_id::text, '-'), user_name, array_to_string(orders, ','), array_to_string(recipients, ','),
           reason, detail::text,
           coalesce(host(address), '-'), xid)"""

_ENTRIES = f"""
    SELECT {_LINE} FROM orders_auditentry
     WHERE id > %(after_id)s AND id <= %(last_id)s AND xid >= %(from_xid)s AND xid < %(until_xid)s ORDER BY id"""  # noqa: S608 - our own text

_HORIZON = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, coalesce((SELECT max(id) FROM orders_auditentry), 0)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A seal that its entries do not fit, and how."""

    seal: int
    words: str


def seal() -> int:
    """Seal what is over and not yet sealed. Returns how many entries. Two sealers at once seal nothing twice."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_HORIZON)
        horizon, last_id = cursor.fetchone() or (0, 0)
        before = AuditSeal.objects.last()
        if before is None:
            made = AuditSeal(chain=1, after_id=0, last_id=last_id, from_xid=0, until_xid=horizon)
        elif horizon < before.until_xid:
            # The database lives on another server now, whose transactions count from elsewhere.
            made = AuditSeal(
                chain=before.chain + 1, after_id=before.last_id, last_id=last_id, from_xid=0, until_xid=horizon
            )
        else:
            made = AuditSeal(
                chain=before.chain, after_id=before.after_id, last_id=last_id,
                from_xid=before.until_xid, until_xid=horizon,
            )  # fmt: skip
        digest, made.count = _digest(made, "" if before is None else before.digest)
        if made.count == 0:
            return 0
        made.digest, made.mac = digest, sign(made, digest)
        made.save()
        return made.count


def sign(one: AuditSeal, digest: str) -> str:
    """The digest and the bounds of a seal under the key outside the database."""
    bounds = f"{one.chain}.{one.after_id}.{one.last_id}.{one.from_xid}.{one.until_xid}.{one.count}.{digest}"
    return keyring().index("audit seal", bounds)


def verify() -> Iterator[Fault]:
    """Each seal that does not hold, the earliest first. What came after the last seal is not sealed yet: `unsealed`."""
    before: AuditSeal | None = None
    for one in AuditSeal.objects.iterator(chunk_size=500):
        digest, count = _digest(one, "" if before is None else before.digest)
        if count != one.count:
            yield Fault(one.pk, f"{one.count:,} entries were sealed and {count:,} are there")
        elif digest != one.digest:
            yield Fault(one.pk, "an entry was altered, or the seal before this one")
        elif sign(one, one.digest) != one.mac:
            yield Fault(one.pk, "the seal itself was not made by the register, or FIELD_KEYS is another")
        if before is not None and (one.pk != before.pk and not _follows(before, one)):
            yield Fault(one.pk, "a seal before this one is missing")
        before = one
    if before is not None:
        stray = _old_entries(before) - sum(AuditSeal.objects.values_list("count", flat=True))
        if stray > 0:
            yield Fault(before.pk, f"{stray:,} entries are older than the last seal and under none")


def _old_entries(last: AuditSeal) -> int:
    """How many entries there are that the last seal, or one before it, should cover."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM orders_auditentry WHERE NOT ({_NEWER})", _newer(last))  # noqa: S608 - a text of ours
        (count,) = cursor.fetchone() or (0,)
    return int(count)


_NEWER = "id > %(after_id)s AND (xid >= %(until_xid)s OR id > %(last_id)s)"
"""What no seal covers yet, seen from the last one."""


def _newer(last: AuditSeal) -> dict[str, int]:
    return {"after_id": last.after_id, "until_xid": last.until_xid, "last_id": last.last_id}


def _follows(before: AuditSeal, one: AuditSeal) -> bool:
    if one.chain == before.chain:
        return one.from_xid == before.until_xid and one.after_id == before.after_id
    return one.chain == before.chain + 1 and one.after_id == before.last_id


def unsealed() -> int:
    """How many entries no seal covers yet."""
    last = AuditSeal.objects.last()
    with connection.cursor() as cursor:
        if last is None:
            cursor.execute("SELECT count(*) FROM orders_auditentry")
        else:
            cursor.execute(f"SELECT count(*) FROM orders_auditentry WHERE {_NEWER}", _newer(last))  # noqa: S608 - a text of ours
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _digest(one: AuditSeal, before: str) -> tuple[str, int]:
    """The hash of a seal's entries after the digest of the seal before, and how many they are."""
    found, count = hashlib.sha256(before.encode()), 0
    bounds = {
        "after_id": one.after_id, "last_id": one.last_id, "from_xid": one.from_xid, "until_xid": one.until_xid,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, bounds)
        while lines := cursor.fetchmany(5_000):
            for (line,) in lines:
                found.update(hashlib.sha256(line.encode()).digest())
                count += 1
    return found.hexdigest(), count
