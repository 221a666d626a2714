"""The keys of FIELD_KEYS and of the file FIELD_KEYS_FILE, as the settings hold them."""

from __future__ import annotations

import base64
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from orders.access import keyring


def found(given: list[str], file: str, *, production: bool) -> list[str]:
    """The entries given and those of the file, if one is named; outside production known ones where there are none.

    Raises ImproperlyConfigured, with the remedy, if they make no keyring or, in production, one that everybody knows.
    """
    entries = [*given, *(_lines(file) if file else [])]
    if not entries:
        if production:
            raise ImproperlyConfigured(
                "FIELD_KEYS_FILE is not set: what describes people is stored sealed, and needs keys that do not lie in "
                "the database. `bin/manage make_field_keys` makes some. See docs/security/sealing.md."
            )
        # For demonstration and tests only: known to everybody.
        entries = [
            f"{name}:{base64.b64encode(bytes([byte] * 32)).decode()}" for byte, name in enumerate(("open", "index"))
        ]
    try:
        keyring.read(entries)
    except keyring.KeyringError as error:
        raise ImproperlyConfigured(str(error)) from None
    if production and any(entry.startswith("open:") for entry in entries):
        raise ImproperlyConfigured("FIELD_KEYS holds the key of demonstrations and tests, which everybody knows.")
    return entries


def _lines(file: str) -> list[str]:
    try:
        lines = Path(file).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"FIELD_KEYS_FILE cannot be read: {type(error).__name__}.") from None
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
