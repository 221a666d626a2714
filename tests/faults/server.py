"""A real SMTP server on a socket that misbehaves on cue: it speaks RFC 5321 and does exactly what a cue says."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import ssl
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

HELD_SECONDS = 20
Cue = str
"""What to do with a message, by recipient or for the next that comes:

`451`, `550 …` answer the recipient so · `data 452 …` answer the message so after its final dot · `421 mid` close in the
middle of the session · `hold mail`, `hold rcpt`, `hold data` say nothing more at that step · `hang` say nothing after DATA was handed over, but keep it · `drop` keep it and close without an
answer · `drop early` close in the middle of DATA and keep nothing · `slow` answer byte by byte.
"""


@dataclass
class Caught:
    """What the server took, and what it will do: `cues` for whoever comes next, `refusals` by recipient."""

    messages: list[EmailMessage] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_cue(self) -> Cue:
        """The cue for a message that comes now."""
        with self.lock:
            return self.cues.pop(0) if self.cues else ""

    def keep(self, raw: bytes) -> None:
        """Take a message: from now on it is in the mailbox."""
        message = email.message_from_bytes(raw, policy=cast(Any, email.policy.default))
        with self.lock:
            self.messages.append(cast(EmailMessage, message))

    def by_address(self) -> dict[str, list[EmailMessage]]:
        """What each recipient has."""
        found: dict[str, list[EmailMessage]] = defaultdict(list)
        with self.lock:
            for message in self.messages:
                found[str(message["to"])].append(message)
        return found


class Server:
    """The server, in threads of this process; `certificate` makes it offer STARTTLS."""

    def __init__(self, *, certificate: Path | None = None) -> None:
        self.caught = Caught()
        self.certificate = certificate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening and cut what is open: the next who calls is refused."""
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.caught.connections += 1
            self._open.add(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        conversation = Conversation(self, connection)
        with contextlib.suppress(OSError, ValueError):
            conversation.run()
        with contextlib.suppress(OSError):
            conversation.file.close()
            conversation.connection.close()
            connection.close()
        self._open.discard(connection)


class Conversation:
    """One connection."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        self.server, self.caught = server, server.caught
        self.connection = connection
        self.file = connection.makefile("rb")
        self.recipient = ""
        self.cue = ""

    def say(self, line: str) -> None:
        """Answer a line; on the cue `slow`, byte by byte."""
        raw = line.encode() + b"\r\n"
        if self.cue == "slow":
            for byte in raw:
                time.sleep(0.7)
                self.connection.sendall(bytes([byte]))
        else:
            self.connection.sendall(raw)

    def run(self) -> None:
        """Until the other side goes, or a cue ends it."""
        self.say("220 misbehaving")
        while line := self.file.readline():
            verb = line.decode(errors="replace").strip().upper()
            if verb.startswith(("EHLO", "HELO")):
                self.say("250-misbehaving")
                if self.server.certificate is not None:
                    self.say("250-STARTTLS")
                self.say("250 OK")
            elif verb == "STARTTLS":
                self._encrypt()
            elif verb.startswith("MAIL"):
                self.cue = self.caught.next_cue()
                if self.cue == "421 mid":
                    self.say("421 going down")
                    return
                self._hold("hold mail")
                self.say("250 OK")
            elif verb.startswith("RCPT"):
                self._hold("hold rcpt")
                self._recipient(line.decode())
            elif verb == "DATA":
                if not self._data():
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 OK")

    def _hold(self, step: Cue) -> None:
        """Say nothing for a long while if the cue says so."""
        if self.cue == step:
            self.caught.held.set()
            time.sleep(HELD_SECONDS)

    def _encrypt(self) -> None:
        self.say("220 go on")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.server.certificate))
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")

    def _recipient(self, line: str) -> None:
        self.recipient = line[line.index("<") + 1 : line.index(">")]
        refusal = self.caught.refusals.get(self.recipient, "")
        if refusal or self.cue[:1].isdigit():
            self.say(refusal or self.cue)
        else:
            self.say("250 OK")

    def _data(self) -> bool:
        """Whether the conversation goes on."""
        self._hold("hold data")
        self.say("354 go on")
        lines: list[bytes] = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            if self.cue == "drop early" and len(lines) > 3:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        if line == b"":
            return False
        if self.cue.startswith("data "):
            self.say(self.cue.removeprefix("data "))
            return True
        raw = b"".join(lines)
        self.caught.keep(raw)
        if self.cue == "hang":
            self.caught.held.set()
            time.sleep(HELD_SECONDS)
            return False
        if self.cue == "drop":
            return False
        self.say("250 kept")
        return True
