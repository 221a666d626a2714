"""A mail server that takes everything and counts: `python -m bench.sink PORT`; says what it took when it is stopped."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_IDENTITY = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Counting:
    """How often each message came, by its Message-ID and recipient, and how large the largest was."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[bytes, str]] = Counter()
        self.largest = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Count a message and forget it."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        found = _IDENTITY.search(content)
        self.taken.update((found[1] if found else b"", recipient) for recipient in envelope.rcpt_tos)
        self.largest = max(self.largest, len(content))
        return "250 taken"

    def summary(self) -> dict[str, int]:
        """How many messages came, how many different ones, and the size of the largest in bytes."""
        return {"taken": sum(self.taken.values()), "different": len(self.taken), "largest": self.largest}


def main() -> int:
    """Until SIGTERM."""
    counting, stop = Counting(), threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    controller = Controller(counting, hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stop.wait()
    controller.stop()
    sys.stdout.write(json.dumps(counting.summary()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
