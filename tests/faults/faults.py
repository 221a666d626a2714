"""Each fault by name: what is done to the register while it sends. What must be true afterwards is the same for all."""

from __future__ import annotations

import time
from collections.abc import Callable

import trustme

from tests.faults.rig import Outcome, Rig

Fault = Callable[[Rig], None]


def _smtp(*cues: str) -> Fault:
    """The mail server misbehaves for the first messages that come."""

    def fault(rig: Rig) -> None:
        rig.server.caught.cues += cues
        rig.worker()
        rig.beat()

    return fault


def _one_refused(rig: Rig) -> None:
    """A third address of an area is refused for good: the others of the area get theirs."""
    area = rig.ask("SELECT area_id FROM notifications_mailbox ORDER BY id LIMIT 1")[0][0]
    for name in ("second", "refused"):
        rig.tell(
            "INSERT INTO notifications_mailbox (area_id, address, mode, is_active, failed_why) "
            f"VALUES ({area}, '{name}@lpa.demo.invalid', 'full', true, '')"
        )
    rig.server.caught.refusals["refused@lpa.demo.invalid"] = "550 No such mailbox"
    rig.worker()
    rig.beat()
    rig.wait(rig.settled, "the others have theirs")
    rows = rig.ask("SELECT status, answer FROM notifications_delivery WHERE address LIKE 'refused@%'")
    assert rows == [("failed", "550 No such mailbox (to RCPT TO)")], rows


def _tls_fails(rig: Rig) -> None:
    """The server shows a certificate that nobody vouches for: nothing is handed to it until it shows a good one."""
    trusted, strange = trustme.CA(), trustme.CA()
    authority, certificate = rig.place.state / "authority.pem", rig.place.state / "server.pem"
    trusted.cert_pem.write_to_path(str(authority))
    strange.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    rig.server.certificate = certificate
    rig.special = {"EMAIL_URL": f"smtp+tls://localhost:{rig.server.port}", "EMAIL_CA_FILE": str(authority)}
    rig.worker()
    rig.beat()
    refused = "SELECT 1 FROM notifications_delivery WHERE answer LIKE '%CERTIFICATE_VERIFY_FAILED%'"
    rig.wait(lambda: bool(rig.ask(refused)), "the certificate is refused")
    assert not rig.server.caught.messages
    trusted.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))


def _killed_while_held(cue: str) -> Fault:
    """The worker is killed while the server holds it at a step of the conversation."""

    def fault(rig: Rig) -> None:
        rig.server.caught.cues.append(cue)
        worker = rig.worker()
        rig.beat()
        rig.wait(rig.server.caught.held.is_set, f"the worker is at: {cue}")
        rig.kill(worker)
        rig.worker()

    return fault


def _killed_after_claim(rig: Rig) -> None:
    """The worker is killed when it has claimed a message and waits to log the disclosure."""
    with rig.connection() as connection:
        worker = rig.worker()
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE orders_auditentry IN ACCESS EXCLUSIVE MODE")
        rig.beat()
        held = "SELECT 1 FROM notifications_delivery WHERE status = 'sending'"
        rig.wait(lambda: bool(rig.ask(held)), "a worker has claimed and waits")
        rig.kill(worker)
        connection.execute("ROLLBACK")
    rig.worker()


def _killed_before_it_wrote(rig: Rig) -> None:
    """The worker is killed when the server has taken the message and the row does not say so yet."""
    rig.tell(
        """CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$"""
    )
    rig.tell(
        """CREATE TRIGGER dawdle BEFORE UPDATE ON notifications_delivery FOR EACH ROW
           WHEN (NEW.status = 'sent') EXECUTE FUNCTION dawdle()"""
    )
    worker = rig.worker()
    rig.beat()
    sleeping = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    rig.wait(lambda: bool(rig.ask(sleeping)), "a worker writes down the answer")
    rig.kill(worker)
    # With its client gone the statement would still be carried out; a power cut would not do that.
    rig.ask(f"SELECT pg_terminate_backend(pid) FROM ({sleeping}) AS busy")
    rig.tell("DROP TRIGGER dawdle ON notifications_delivery")
    rig.worker()


def _broker_killed(rig: Rig) -> None:
    """The broker is killed while there is something to send."""
    rig.server.caught.cues += ["451 Later"] * 3
    rig.worker()
    rig.beat()
    rig.wait(lambda: bool(rig.server.caught.messages), "something is sent")
    rig.restart_broker()


def _postgres_killed(rig: Rig) -> None:
    """PostgreSQL is killed while a message is handed over."""
    rig.server.caught.cues.append("hold rcpt")
    rig.worker()
    rig.beat()
    rig.wait(rig.server.caught.held.is_set, "a worker is in the middle of a conversation")
    rig.restart_postgres()


def _no_beat_for_three_days(rig: Rig) -> None:
    """Nobody asked for three days: one email covers them."""
    rig.worker()
    beat = rig.beat()
    rig.wait(rig.settled, "the first day is sent")
    rig.kill(beat)
    rig.tell("UPDATE notifications_digestrun SET day = day - 3, first_day = first_day - 3")
    rig.tell("UPDATE notifications_sending SET first_day = first_day - 3")
    before = len(rig.server.caught.messages)
    rig.beat()
    rig.wait(lambda: rig.settled(days=2), "each area has another email")
    for message in rig.server.caught.messages[before:]:
        body = message.get_body(("plain",))
        assert body is not None
        assert "because none could be sent before" in " ".join(body.get_content().split())
    gaps = rig.ask("SELECT area_id, count(*), max(day) - min(day) + 1 FROM notifications_digestrun GROUP BY area_id")
    assert all((count, days) == (4, 4) for _, count, days in gaps), gaps


def _two_beats_four_workers(rig: Rig) -> None:
    """Everything twice and more, at once."""
    for _ in range(4):
        rig.worker()
    for _ in range(2):
        rig.beat()


FAULTS: dict[str, Fault] = {
    "none": _smtp(),
    "greylisted 451": _smtp("451 Greylisted", "451 Greylisted", "451 Greylisted"),
    "421 in mid session": _smtp("421 mid", "421 mid"),
    "one of three refused 550": _one_refused,
    "silent after DATA": _smtp("hang"),
    "dropped after the final dot": _smtp("drop", "drop"),
    "slow, byte by byte": _smtp("slow"),
    "disk full 452": _smtp("data 452 Insufficient storage", "data 452 Insufficient storage"),
    "dropped during DATA": _smtp("drop early"),
    "TLS failure": _tls_fails,
    "worker killed after its claim": _killed_after_claim,
    "worker killed at MAIL FROM": _killed_while_held("hold mail"),
    "worker killed at RCPT TO": _killed_while_held("hold rcpt"),
    "worker killed at DATA": _killed_while_held("hold data"),
    "worker killed after the final dot": _killed_while_held("hang"),
    "worker killed before it wrote down the answer": _killed_before_it_wrote,
    "broker killed": _broker_killed,
    "PostgreSQL killed": _postgres_killed,
    "no scheduler for three days": _no_beat_for_three_days,
    "two schedulers, four workers": _two_beats_four_workers,
}


SMALL = (
    "one of three refused 550", "dropped after the final dot", "TLS failure", "worker killed after the final dot",
    "two schedulers, four workers",
)  # fmt: skip
"""Those that run with every test; `bin/faults` runs all."""


def run(rig: Rig, name: str) -> Outcome:
    """Do one fault from a fresh start, and wait until everything is settled."""
    rig.fresh()
    began = time.monotonic()
    FAULTS[name](rig)
    rig.wait(rig.settled, "everything is settled")
    return rig.outcome(name, began)
