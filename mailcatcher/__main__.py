"""`python -m mailcatcher SMTP_PORT HTTP_PORT FOLDER`: catch mail on this machine only, and show it."""

from __future__ import annotations

import email
import email.policy
import html
import re
import sys
import threading
import time
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

STYLE = """
:root { color-scheme: light dark }
body { font: 17px/1.45 Helvetica, Arial, sans-serif; margin: 0 auto; padding: 16px; max-width: 1100px }
li { margin: 0 0 12px } iframe { width: 100%; height: 75vh; border: 1px solid #888; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere } .band { background: #ffdd00; color: #000; padding: 8px 12px }
"""
_NAME = re.compile(r"/([0-9]+-[0-9]+)(\.html|\.txt)?\Z")


class Keeper:
    """Keeps each message as a file, named by when it came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Store a message; named last, so that a reader never sees half of one."""
        self.count += 1
        name = f"{time.time_ns() // 1_000_000}-{self.count}"
        content = envelope.content or b""
        part = self.folder / f"{name}.part"
        part.write_bytes(content if isinstance(content, bytes) else content.encode())
        part.rename(self.folder / f"{name}.eml")
        return "250 Kept, and delivered nowhere"


def messages(folder: Path) -> list[tuple[str, EmailMessage]]:
    """What was caught, the latest first."""
    return [(path.stem, read(path)) for path in sorted(folder.glob("*.eml"), reverse=True)]


def read(path: Path) -> EmailMessage:
    """One message."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def part_of(message: EmailMessage, kind: str) -> str:
    """Its text or its HTML."""
    body = message.get_body((kind,))
    return "" if body is None else str(body.get_content())


def page(title: str, body: str) -> str:
    """A page of this little site."""
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        '<p class="band">DEMONSTRATION MAILBOX: nothing here was delivered anywhere.</p>'
        f"<main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
    )


def listing(folder: Path) -> str:
    """All messages."""
    found = messages(folder)
    if not found:
        return page("Caught emails", "<p>None yet. The first come within a minute of starting.</p>")
    items = "".join(
        f'<li><a href="/{name}">{html.escape(str(message["subject"]))}</a><br>'
        f"to {html.escape(str(message['to']))}, {html.escape(str(message['date']))}</li>"
        for name, message in found
    )
    return page(f"Caught emails: {len(found)}", f"<ul>{items}</ul>")


def one(name: str, message: EmailMessage) -> str:
    """A message with its HTML in a frame that can do nothing, and its text."""
    headers = "".join(
        f"<li><b>{html.escape(key)}</b>: {html.escape(str(value))}</li>"
        for key, value in message.items()
        if key.lower() in ("from", "to", "date", "message-id", "auto-submitted")
    )
    return page(
        str(message["subject"]),
        f'<p><a href="/">All emails</a></p><ul>{headers}</ul><h2>As a page</h2>'
        f'<iframe sandbox="" src="/{name}.html" title="The email as a page"></iframe>'
        f"<h2>As text</h2><pre>{html.escape(part_of(message, 'plain'))}</pre>",
    )


def handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    """The site over a folder."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Serve the list, a message, or one of its parts."""
            match = _NAME.match(self.path)
            path = folder / f"{match[1]}.eml" if match else None
            if self.path == "/":
                self._send(listing(folder))
            elif match is None or path is None or not path.exists():
                self._send(page("There is no such email", '<p><a href="/">All emails</a></p>'), HTTPStatus.NOT_FOUND)
            elif match[2] == ".html":
                self._send(part_of(read(path), "html"))
            elif match[2] == ".txt":
                self._send(part_of(read(path), "plain"), kind="text/plain")
            else:
                self._send(one(match[1], read(path)))

        def _send(self, text: str, status: HTTPStatus = HTTPStatus.OK, kind: str = "text/html") -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
            )
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    return Site


def main() -> None:
    """Serve until stopped."""
    smtp_port, http_port, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    Controller(Keeper(folder), hostname="127.0.0.1", port=smtp_port).start()
    site = ThreadingHTTPServer(("127.0.0.1", http_port), handler(folder))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
