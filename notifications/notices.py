"""Telling of what must not go untold, a message for each row: rows first, so that none is lost.

The row was written with what it tells of. It is tried until a mail server has taken the message; twice is better than
never. Each sort of row is told by a module of its own, which writes the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Generic, TypeVar

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.html import escape

from notifications import delivery, hold, letters
from notifications.smtp import Connection, NoServer, Outcome
from orders.models import FactorReset, SecretOpening

log = structlog.get_logger(__name__)
Row = TypeVar("Row", SecretOpening, FactorReset)

CLAIM = timedelta(minutes=5)
RETRY_MINUTES = (1, 5, 15, 60)

_CLAIM = """
    UPDATE {table} SET attempts = attempts + 1, next_attempt_at = %(until)s
     WHERE id = (SELECT id FROM {table} WHERE told_at IS NULL AND next_attempt_at <= %(now)s
                  ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""


@dataclass(frozen=True, slots=True)
class Notice(Generic[Row]):
    """A sort of row that is told of: what is read with one, the addresses (the first that may be told counts), the
    message to an address, and the words for when none may be told. `name` stands in the log and the message's id.
    """

    rows: type[Row]
    name: str
    with_it: tuple[str, ...]
    addresses: Callable[[Row], tuple[str, ...]]
    message: Callable[[Row, str], bytes]
    nobody: str


def tell(now: datetime, notice: Notice[Row]) -> int:
    """Tell of what nobody has been told of yet. Returns how many messages a server took."""
    if hold.state(now).held_since is not None:
        return 0
    told, server = 0, None
    try:
        while (row := _claimed(now, notice)) is not None:
            address = next((one for one in notice.addresses(row) if delivery.allowed(one)), None)
            if address is None:
                _later(row, notice, notice.nobody)
                continue
            if server is None:
                try:
                    server = Connection()
                except NoServer as problem:
                    _later(row, notice, str(problem))
                    break
            sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
            message = notice.message(row, address)
            answer = server.send(message, sender=sender, address=address, before_data=lambda: None)
            if answer.outcome == Outcome.SENT:
                notice.rows._default_manager.filter(pk=row.pk).update(told_at=timezone.now(), answer=answer.text)
                told += 1
            else:
                _later(row, notice, answer.text)
            if not answer.reusable:
                server = None
    finally:
        if server is not None:
            server.close()
    return told


def written(subject: str, text: str, *, address: str, identity: str) -> bytes:
    """A message of plain text, with the marking in its subject; `identity` is what its id begins with."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return letters.made(
        subject=f"[{settings.PROTECTIVE_MARKING}] Civil orders: {subject}",
        text=text,
        html=f'<html lang="en-GB"><body><pre>{escape(text)}</pre></body></html>',
        address=address,
        identity=f"<{identity}@{domain}>",
    )


def _claimed(now: datetime, notice: Notice[Row]) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(table=notice.rows._meta.db_table), {"now": now, "until": now + CLAIM})
        row = cursor.fetchone()
    return notice.rows._default_manager.select_related(*notice.with_it).get(pk=row[0]) if row else None


def _later(row: Row, notice: Notice[Row], answer: str) -> None:
    minutes = RETRY_MINUTES[min(row.attempts, len(RETRY_MINUTES)) - 1]
    notice.rows._default_manager.filter(pk=row.pk).update(
        answer=answer, next_attempt_at=timezone.now() + timedelta(minutes=minutes)
    )
    log.error(f"{notice.name}_not_told", row=row.pk, attempts=row.attempts, answer=answer)
