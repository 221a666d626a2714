"""The one way to write: open a recording, store facts under it, and date it as the last thing before the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from orders.access import reasons
from orders.models import ImportRun, Recording, User


@contextmanager
def recording(
    *, by: User | None, action: str, source: str = "register", run: ImportRun | None = None, reason: str = ""
) -> Iterator[Recording]:
    """Open a transaction and a recording in it; on leaving, date the recording and commit. An error stores nothing.

    `reason`, in words or sealed, may be set again on the recording until it is left: sealed under what it is about.
    """
    with transaction.atomic():
        opened = Recording.objects.create(by=by, action=action, source=source, run=run)
        opened.reason = reason
        yield opened
        opened.reason = reasons.sealed(opened.reason)
        date_recording(opened)


def date_recording(opened: Recording) -> None:
    """Store why, and give a recording its instant: the database's clock now, as near the commit as can be."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_recording
                  SET reason = %s, recorded_at = clock_timestamp(),
                      reference = (SELECT max(id) FROM orders_referencechange
                                                                      WHERE recording_id IS NOT NULL)
                WHERE id = %s RETURNING recorded_at""",
            [opened.reason, opened.pk],
        )
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError(f"recording {opened.pk} is gone")
    opened.recorded_at = row[0]
