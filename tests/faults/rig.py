"""The register as it runs, on services of its own that can be killed: PostgreSQL, broker, workers, beats, mail server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from embedded import broker, database
from embedded.environment import PROJECT
from embedded.place import Place, passing_place
from embedded.processes import Service, start
from tests.faults.server import Server

MESSAGE_SECONDS = 4
PATIENCE = 60.0


@dataclass(frozen=True)
class Outcome:
    """What came of one fault, in emails: owed, refused by the server for good, accepted by it, lost, and accepted twice.

    Twice without a word is `duplicated`; `flagged` if the archive says that it was sent again. `seconds` until settled.
    """

    fault: str
    owed: int
    refused: int
    accepted: int
    lost: int
    duplicated: int
    flagged: int
    seconds: float

    @property
    def good(self) -> bool:
        """Whether everybody has the news once, or twice and flagged, but for whom the server refused."""
        return self.lost == self.duplicated == 0 and self.accepted == self.owed - self.refused + self.flagged


class Rig:
    """Services and processes. Everything is asked of the database directly, as an outsider would."""

    def __init__(self, *, orders: int = 200) -> None:
        self.place: Place = passing_place()
        self.server = Server().__enter__()
        self.postgres: Service = database.begin(self.place, durable=True)
        self.broker: Service = broker.begin(self.place)
        self.processes: list[Service] = []
        self.killed: list[Service] = []
        self.environment = os.environ | {
            "CIVIL_ORDERS_MODE": "demonstration",
            "DATABASE_URL": database.url(self.place),
            "MIGRATION_DATABASE_URL": database.url(self.place, database.OWNER),
            "BROKER_URL": broker.url(self.place),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.server.port}",
            "EMAIL_TIMEOUT_SECONDS": "2",
            "EMAIL_MESSAGE_SECONDS": str(MESSAGE_SECONDS),
            "TICK_SECONDS": "1",
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
        }
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_demo", "--orders", str(orders))
        self.last_mailbox = self.ask("SELECT max(id) FROM notifications_mailbox")[0][0]
        self.special: dict[str, str] = {}
        self.news: list[tuple[Any, ...]] = []

    def manage(self, *arguments: str) -> None:
        """Run a management command; raises with what it said if it fails."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that commits each statement."""
        with psycopg.connect(
            host=str(self.place.sockets / "pg"), user="postgres", dbname=database.NAME, autocommit=True
        ) as connection:
            yield connection

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.connection() as connection:
            return connection.execute(query, values or None).fetchall()

    def tell(self, statement: str) -> None:
        """Run a statement."""
        with self.connection() as connection:
            connection.execute(statement)

    def fresh(self) -> None:
        """As if nobody had ever been told: the same news is owed to everybody again."""
        self.stop_all()
        for table in ("carried", "delivery", "letter", "digestrun", "alarm", "sending"):
            self.tell(f"DELETE FROM notifications_{table}")
        self.tell(f"DELETE FROM notifications_mailbox WHERE id > {self.last_mailbox}")
        self.special.clear()
        self.server.certificate = None
        self.server.caught.messages.clear()
        self.server.caught.cues.clear()
        self.server.caught.refusals.clear()
        self.server.caught.held.clear()

    def worker(self) -> Service:
        """Start a worker of two processes."""
        return self._celery(
            "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"
        )

    def beat(self) -> Service:
        """Start a scheduler."""
        return self._celery("beat", "--schedule", str(self.place.state / f"beat{len(self.processes)}"), "--pidfile", "")

    def _celery(self, *arguments: str) -> Service:
        number = len(self.processes)
        command = [sys.executable, "-m", "celery", "--app", "ordersite", "--quiet", *arguments, "--loglevel", "warning"]
        service = start(
            arguments[0], command, log=self.place.state / "log" / f"{arguments[0]}{number}.log",
            environment=self.environment | self.special,
        )  # fmt: skip
        self.processes.append(service)
        return service

    def kill(self, service: Service) -> None:
        """As a power cut would: the whole group, at once."""
        self.killed.append(service)
        os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait(20)

    def restart_postgres(self) -> None:
        """Kill PostgreSQL and start it again on the same files."""
        self.kill(self.postgres)
        self.postgres = database.begin(self.place, durable=True)

    def restart_broker(self) -> None:
        """Kill the broker and start it again on the same files."""
        self.kill(self.broker)
        self.broker = broker.begin(self.place)

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Wait until something is so; raises after PATIENCE seconds."""
        until = time.monotonic() + PATIENCE
        while not ready():
            self._supervise()
            if time.monotonic() > until:
                rows = self.ask("SELECT address, status, doubts, attempts, answer FROM notifications_delivery")
                raise AssertionError(f"not within {PATIENCE:.0f} s: {what}\n{rows}\n{self.tails()}")
            time.sleep(0.1)

    def _supervise(self) -> None:
        """Start again what stopped by itself, as `bin/run` and any supervisor do; what we killed stays dead."""
        for service in list(self.processes):
            if service.process.poll() is not None and service not in self.killed:
                self.killed.append(service)
                if service.name == "worker":
                    self.worker()
                else:
                    self.beat()

    def hurry(self) -> None:
        """As if the waits before the next tries were over."""
        self.tell("UPDATE notifications_delivery SET next_attempt_at = now() WHERE next_attempt_at > now()")

    def settled(self, days: int = 1) -> bool:
        """Whether every address has its emails of so many days, or will not get them. Waits are hurried on the way."""
        self.hurry()
        ((made, done, owed),) = self.ask(
            """SELECT count(*), count(*) FILTER (WHERE next_attempt_at IS NULL), (SELECT count(*) FROM notifications_mailbox)
                 FROM notifications_delivery"""
        )
        return bool(made >= owed * days and made == done)

    def outcome(self, fault: str, began: float) -> Outcome:
        """Compare what the mail server has with what was owed, and with what the archive says of each email."""
        rows = self.ask("SELECT message_id, status, doubts, attempts FROM notifications_delivery")
        taken = Counter(str(message["message-id"]) for message in self.server.caught.messages)
        doubts = {identity: doubts for identity, status, doubts, _ in rows if status != "failed"}
        assert taken.keys() <= doubts.keys(), "the server has an email that the archive does not say was sent"
        assert all(attempts > 0 for _, _, _, attempts in rows), "an email is settled that nobody tried to send"
        news = self.ask("SELECT area_id, count(*) FROM notifications_carried GROUP BY area_id ORDER BY area_id")
        self.news = self.news or news
        assert news == self.news, "not the same news is told as after the other faults"
        uncarried = self.ask(
            """SELECT count(*) FROM notifications_carried c WHERE NOT EXISTS (
                 SELECT FROM notifications_delivery d WHERE d.run_id = c.run_id AND d.status IN ('sent', 'unknown'))"""
        )[0][0]
        assert uncarried == 0, "events are taken as told by an email that reached nobody"
        twice = {identity for identity, times in taken.items() if times > 1}
        return Outcome(
            fault=fault,
            owed=len(rows),
            refused=len(rows) - len(doubts),
            accepted=taken.total(),
            lost=len(doubts.keys() - taken.keys()),
            duplicated=sum(not doubts[identity] for identity in twice),
            flagged=sum(doubts[identity] > 0 for identity in twice),
            seconds=time.monotonic() - began,
        )

    def tails(self) -> str:
        """The last that the processes said."""
        return "\n".join(f"{service.name}: {service.tail()}" for service in self.processes[-4:])

    def stop_all(self) -> None:
        """Stop workers and schedulers, all at once: each takes seconds to finish what it does."""
        with ThreadPoolExecutor() as stopping:
            list(stopping.map(Service.stop, self.processes))
        self.processes.clear()
        self.killed.clear()

    def close(self) -> None:
        """Stop everything and delete its files."""
        self.stop_all()
        self.server.stop()
        for service in (self.broker, self.postgres):
            service.stop()
        shutil.rmtree(self.place.sockets, ignore_errors=True)
