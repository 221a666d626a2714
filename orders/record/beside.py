"""Work of the database beside work of Python: a thread has the connection while the other one does without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


class Beside:
    """One job at a time. Between `start` and `wait` the caller must not ask the database for anything."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._job: Future[None] | None = None

    def start(self, job: Callable[[], None]) -> None:
        """Begin a job, in the caller's own transaction."""
        self._job = self._pool.submit(job)

    def wait(self) -> None:
        """Let it end. Raises what it raised."""
        if self._job is not None:
            job, self._job = self._job, None
            job.result()


@contextmanager
def beside() -> Iterator[Beside]:
    """A thread, begun with its first job, that shares the connection of this one."""
    shared = connections[DEFAULT_DB_ALIAS]

    def share() -> None:
        connections[DEFAULT_DB_ALIAS] = shared

    shared.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, "beside", share) as pool:
            yield Beside(pool)
    finally:
        shared.dec_thread_sharing()
