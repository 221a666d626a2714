"""Giving a file to the scanner of the installation (DOCUMENT_SCAN_COMMAND) before it is kept.

The command reads the file from its standard input, as `clamdscan --no-summary -` does, so that what describes people
lies nowhere unsealed. It is run without a shell. Whatever is not exit status 0 within its time refuses the file.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

import structlog
from django.conf import settings

from orders.documents.content import NotADocument

log = structlog.get_logger(__name__)


def scan(content: bytes) -> None:
    """Let the scanner look at a file. Raises NotADocument if it refuses, fails, hangs or is not there."""
    command: Sequence[str] = settings.DOCUMENT_SCAN_COMMAND
    if not command:
        return
    try:
        scanner = subprocess.Popen(  # from the settings, without a shell; nothing of the file is among its arguments
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as problem:
        log.error("document_scanner_missing", error=type(problem).__name__)
        raise NotADocument("The scanner cannot be started, so nothing is taken. Tell an administrator") from None
    try:
        scanner.communicate(content, timeout=settings.DOCUMENT_SCAN_SECONDS)
    except subprocess.TimeoutExpired:
        _end(scanner)
        log.error("document_scanner_silent", seconds=settings.DOCUMENT_SCAN_SECONDS)
        raise NotADocument(
            f"The scanner did not answer within {settings.DOCUMENT_SCAN_SECONDS} seconds, so the file was not taken. "
            "Try again, or tell an administrator"
        ) from None
    if scanner.returncode != 0:
        log.warning("document_refused_by_scanner", status=scanner.returncode)
        raise NotADocument(
            f"The scanner refused the file (status {scanner.returncode}), so it was not taken. Do not open it; tell "
            "your information security team"
        )


def _end(scanner: subprocess.Popen[bytes]) -> None:
    """The scanner and whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(scanner.pid, signal.SIGKILL)
    scanner.wait()
