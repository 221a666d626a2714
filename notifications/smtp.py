"""One message to one address over SMTP (RFC 5321), and what its outcome means: sent, try again, never, or in doubt.

The conversation is ours because the answer hangs on how far it came: before the message itself was handed over nothing
can have arrived; after the final dot only the server's own answer says whether it has.
"""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.conf import settings


class Outcome(Enum):
    """What became of one try."""

    SENT = "sent"
    LATER = "later"  # it did not arrive, and may if tried again
    NEVER = "never"  # the server refused this address or this message for good
    UNKNOWN = "unknown"  # handed over, and then silence


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, what the server said or what went wrong, and whether the connection can be used again."""

    outcome: Outcome
    text: str
    reusable: bool = False


class NoServer(Exception):
    """No mail server could be spoken to: nobody's fault but the server's, so no delivery failed. Try all later."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: the only one that may be spoken to without TLS."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Connection:
    """A connection to the mail server of the settings, used for many messages."""

    def __init__(self) -> None:
        self.used = 0
        self._client = self._open()

    @staticmethod
    def _open() -> smtplib.SMTP:
        host, port, seconds = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
        encrypted = settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS
        if not encrypted and not is_loopback(host):
            raise NoServer(f"{host} would be spoken to without TLS. Use smtp+tls:// or smtp+ssl:// in EMAIL_URL.")
        client: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None) if encrypted else None
            with _Limit(seconds) as limit:
                if settings.EMAIL_USE_SSL:
                    client = smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
                else:
                    client = smtplib.SMTP(host, port, timeout=seconds)
                limit.watch(client.sock)
                if settings.EMAIL_USE_TLS:
                    client.starttls(context=context)
                    limit.watch(client.sock)
                if settings.EMAIL_HOST_USER:
                    client.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
                else:
                    client.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            if client is not None:
                client.close()
            raise NoServer(f"{host}:{port} could not be spoken to: {_words(error)}") from error
        return client

    def close(self) -> None:
        """Say goodbye if the server still listens."""
        try:
            with _Limit(5) as limit:
                limit.watch(self._client.sock)
                self._client.quit()
        except (OSError, smtplib.SMTPException):
            self._client.close()

    def send(self, message: bytes, *, sender: str, address: str, before_data: Callable[[], None]) -> Answer:
        """Hand over one message. `before_data` is called at the last moment at which nothing can have arrived."""
        self.used += 1
        handed_over = False
        try:
            with _Limit(settings.EMAIL_MESSAGE_SECONDS) as limit:
                limit.watch(self._client.sock)
                for code, said, name in self._envelope(sender, address):
                    if code >= 400:
                        return self._refused(code, said, name)
                before_data()
                handed_over = True
                code, said = self._client.data(message)
        except smtplib.SMTPDataError as error:
            # DATA itself was refused: the message was not handed over.
            return self._refused(error.smtp_code, error.smtp_error, "DATA")
        except (OSError, smtplib.SMTPException) as error:
            self._client.close()
            return Answer(Outcome.UNKNOWN if handed_over else Outcome.LATER, _words(error))
        if code == 250:
            return Answer(Outcome.SENT, f"{code} {_text(said)}", reusable=True)
        return self._refused(code, said, "the message")

    def _envelope(self, sender: str, address: str):  # type: ignore[no-untyped-def]  # a generator of answers
        yield (*self._client.mail(sender), "MAIL FROM")
        yield (*self._client.rcpt(address), "RCPT TO")

    def _refused(self, code: int, said: bytes | str, what: str) -> Answer:
        """5xx is for good, everything else may pass (RFC 5321 s.4.2.1); 421 and 521 close the connection."""
        reusable = code not in (421, 521)
        try:
            if reusable:
                self._client.rset()
        except (OSError, smtplib.SMTPException):
            reusable = False
        if not reusable:
            self._client.close()
        outcome = Outcome.NEVER if 500 <= code < 600 and code not in (521, 530, 535, 538) else Outcome.LATER
        return Answer(outcome, f"{code} {_text(said)} (to {what})", reusable)


class _Limit:
    """Ends a conversation that takes longer than so many seconds altogether, however busy the server looks."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Limit:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def watch(self, connection: socket.socket | None) -> None:
        """Cut this connection when the time is over."""
        if connection is not None:
            with self._lock:
                self._sockets = [connection]
            if self._over:
                self._cut()

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            for connection in self._sockets:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    connection.close()


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:500]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__
