"""Measures the daily email on a register that `bench.register` filled: `python -m bench.digest --orders 100000`.

Builds and writes the emails of every local policing area beside one hand-written pass of SQL over the same rows, plans
them in a process of its own for its memory, and sends many through a real SMTP server on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import django

T = TypeVar("T")

FORCES = 43
MOST_SECONDS = 8.0
MOST_RATIO = 2.0
MOST_MEGABYTES = 400

# The live list of every area with all that a line shows, and the neighbourhoods by which it is counted: what no program
# that writes these emails can do without. It finds neither what is new nor what changed, nor any deadline.
EVERY_LINE = """
    SELECT p.area_id, p.order_id, p.kind, p.live_until, p.roles, p.served_from, p.on_pnc_from, p.on_pnc_until,
           p.review_due_on, p.breaches[1] <= %(at)s, o.public_id, o.reference, o.restricted, s.family_name,
           left(s.given_names, 1){neighbourhoods}
      FROM orders_place p
      JOIN orders_area a ON a.id = p.area_id AND a.level = 'lpa'
      JOIN orders_order o ON o.id = p.order_id
      JOIN orders_party y ON y.order_id = o.id AND y.role = 'perpetrator' AND y.superseded_id IS NULL
      JOIN orders_person s ON s.id = y.person_id
     WHERE p.live_from <= %(at)s AND p.live_until > %(at)s AND p.ended_from > %(at)s AND p.valid_from <= %(at)s
       AND p.valid_until > %(at)s AND p.roles & 3 > 0
     ORDER BY p.area_id, p.live_until, p.order_id"""

NEIGHBOURHOODS = """,
           ARRAY(SELECT n.area_id FROM orders_place n WHERE n.order_id = p.order_id AND n.valid_from <= %(at)s
                    AND n.valid_until > %(at)s AND n.roles_emailed > 0)"""

_PLAN = """
import json, resource, time, django
django.setup()
from django.utils import timezone
from bench.timing import statements
from notifications import emails, planning
took = dict(built=0.0, composed=0.0)
def timed(name, run):
    def call(*values, **named):
        began = time.perf_counter()
        try:
            return run(*values, **named)
        finally:
            took[name] += time.perf_counter() - began
    return call
planning.build, emails.write = timed("built", planning.build), timed("composed", emails.write)
began = time.perf_counter()
with statements() as watched:
    runs = planning.plan(timezone.now())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
seconds = time.perf_counter() - began
print(json.dumps({"runs": len(runs), "seconds": seconds, "statements": watched.number, "mb": peak} | took))
"""

_SEND = """
import django
django.setup()
from notifications.delivery import drain
while drain(seconds=3600).tries:
    pass
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was measured, the figure with its unit, and whether it is what it must be."""

    what: str
    figure: str
    good: bool | None = None
    target: str = ""

    def __str__(self) -> str:
        verdict = "" if self.good is None else "PASS" if self.good else "MISSED"
        return f"| {self.what:<44} | {self.figure:<58} | {self.target:<18} | {verdict:<6} |"


def measure(emails: int, workers: int) -> Iterator[Line]:
    """The lines, as they are measured."""
    from django.utils import timezone

    from notifications.models import Letter, Mailbox
    from orders.models import Area, Level, Order

    now = timezone.now()
    areas = list(Area.objects.filter(level=Level.LPA).select_related("force").order_by("code"))
    Mailbox.objects.bulk_create(
        (Mailbox(area=area, address=f"{area.code.lower()}@lpa.demo.invalid") for area in areas), ignore_conflicts=True
    )
    yield Line("register", f"{Order.objects.count():,} orders, {len(areas)} areas")
    yield from _building(areas, now)
    yield from _planning(len(areas))
    largest = max(len(letter.text.encode()) + len(letter.html.encode()) for letter in Letter.objects.iterator())
    yield Line("largest letter, before encoding", f"{largest:,} bytes")
    _add_deliveries(emails)
    yield _sending(workers)


def _building(areas: list, now: datetime) -> Iterator[Line]:  # type: ignore[type-arg]  # models exist after setup
    """Build and write all, against one pass of SQL; and the statements of a tenth of the areas and of all."""
    from bench.timing import statements
    from notifications import emails, planning, telling
    from notifications.digest import build
    from notifications.models import Mode
    from orders.statute import local_day

    telling.set_baseline(areas, before=now - timedelta(days=1))
    owed = planning.prepare(areas, {area.pk: [local_day(now)] for area in areas})
    few = owed[: max(1, len(owed) // 10)]
    rows = _one_pass(now)
    with statements() as of_few:
        build(few, now)
    floors, shorter, builds = [], [], []
    for _ in range(3):
        floors.append(_clocked(lambda: _one_pass(now))[1])
        shorter.append(_clocked(lambda: _one_pass(now, neighbourhoods=False))[1])
        with statements() as of_all:
            news, seconds = _clocked(lambda: build(owed, now))
        builds.append(seconds)
    floor, built = min(floors), min(builds)
    yield Line("one pass of SQL, read by the client", f"{floor:.2f} s, {rows:,} rows")
    yield Line("  without neighbourhoods", f"{min(shorter):.2f} s")
    yield Line("built", f"{built:.2f} s", built <= MOST_SECONDS, f"at most {MOST_SECONDS:g} s")
    yield Line(
        "  × the one pass",
        f"{built / floor:.2f}; {built / min(shorter):.2f} × that without neighbourhoods",
        built / floor <= MOST_RATIO,
        f"at most {MOST_RATIO:g}",
    )
    yield Line(
        "  statements",
        f"{of_few.number} for {len(few)} areas, {of_all.number} for {len(owed)}",
        of_all.number == of_few.number,
        "constant",
    )
    _, composed = _clocked(lambda: [emails.write(one, Mode.FULL) for one in news.values()])
    yield Line("composed in full", f"{composed:.2f} s, {composed / len(areas) * 1000:.1f} ms each")


def _planning(areas: int) -> Iterator[Line]:
    """What a worker does at six, alone in a process: runs, letters, deliveries and what they carry, in one commit."""
    done = subprocess.run([sys.executable, "-c", _PLAN], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    yield Line(
        "planned, both modes, one commit",
        f"{said['seconds']:.2f} s, {said['runs']} runs, {said['statements']} statements",
        said["runs"] == areas,
        "a run an area",
    )
    stored = said["seconds"] - said["built"] - said["composed"]
    yield Line(
        "  of it", f"built {said['built']:.2f}, composed {said['composed']:.2f}, sealed and stored {stored:.2f} s"
    )
    yield Line("  memory of that process at most", f"{said['mb']:.0f} MB", said["mb"] <= MOST_MEGABYTES,
               f"at most {MOST_MEGABYTES} MB")  # fmt: skip


def _one_pass(at: datetime, *, neighbourhoods: bool = True) -> int:
    """Read it as fast as it can be read; returns how many rows."""
    from django.db import connection
    from psycopg.types.datetime import TimestamptzLoader

    with connection.cursor() as cursor:
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(EVERY_LINE.format(neighbourhoods=NEIGHBOURHOODS if neighbourhoods else ""), {"at": at})
        return len(cursor.fetchall())


def _clocked(run: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    found = run()
    return found, time.perf_counter() - began


def _add_deliveries(wanted: int) -> None:
    """Further addresses of the same areas, until there are as many deliveries as are to be sent; all due now."""
    from django.utils import timezone

    from notifications.models import Delivery, Mailbox

    having = list(Delivery.objects.values_list("run_id", "area_id", "letter_id").order_by("pk"))
    made = [
        Delivery(
            run_id=run, area_id=area, letter_id=letter, address=f"n{number // len(having)}.a{area}@lpa.demo.invalid"
        )
        for number in range(max(0, wanted - len(having)))
        for run, area, letter in (having[number % len(having)],)
    ]
    Mailbox.objects.bulk_create((Mailbox(area_id=one.area_id, address=one.address) for one in made), batch_size=2_000)
    Delivery.objects.bulk_create(made, batch_size=2_000)
    Delivery.objects.update(next_attempt_at=timezone.now())


def _sending(workers: int) -> Line:
    """Send all that is due with so many processes, through a server that counts."""
    from notifications.models import Delivery, Status

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], stdout=subprocess.PIPE, text=True)
    if sink.stdout is None or sink.stdout.readline() != "ready\n":
        raise RuntimeError("the counting mail server did not start")
    owed = Delivery.objects.filter(status=Status.QUEUED).count()
    environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "EMAIL_CONNECTIONS": str(workers)}
    began = time.perf_counter()
    senders = [subprocess.Popen([sys.executable, "-c", _SEND], env=environment) for _ in range(workers)]
    for sender in senders:
        sender.wait()
    seconds = time.perf_counter() - began
    sink.send_signal(signal.SIGTERM)
    said = json.loads(sink.stdout.read())
    sink.wait()
    sent = Delivery.objects.filter(status=Status.SENT).count()
    lost, twice = owed - said["different"], said["taken"] - said["different"]
    return Line(
        f"sent by {workers} workers",
        f"{seconds:.1f} s, {sent:,} of {owed:,}, {sent / seconds:,.0f} a second; lost {lost}, twice {twice}",
        (sent, lost, twice) == (owed, 0, 0),
        "none lost or twice",
    )


def main() -> int:
    """The command; exit status 1 if a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.digest", description=__doc__)
    parser.add_argument("--orders", type=int, help="fill the database first, unless it has orders")
    parser.add_argument("--forces", type=int, default=FORCES, help="each with ten local policing areas")
    parser.add_argument("--emails", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    django.setup()
    from orders.models import Order

    if options.orders and not Order.objects.exists():
        # In a process of its own: what filling takes is not what the email takes.
        size = ["--orders", str(options.orders), "--forces", str(options.forces)]
        subprocess.run([sys.executable, "-m", "bench.register", *size], stdout=sys.stderr, check=True)
    good = True
    for line in measure(options.emails, options.workers):
        print(line, flush=True)
        good = good and line.good is not False
    return 0 if good else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
