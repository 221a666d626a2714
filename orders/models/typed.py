"""Words that somebody typed to search for a person, sealed at rest by the key that lies outside the database."""

from __future__ import annotations

import base64
import binascii

from orders.access.keyring import KeyringError, keyring


def seal_words(words: str, owner: int) -> str:
    """The words as they are stored, bound to the id of the user who typed them; nothing for nothing."""
    if not words:
        return ""
    name, sealed = keyring().wrap(words.encode(), owner)
    return f"{name}.{base64.b64encode(sealed).decode()}"


def open_words(sealed: str, owner: int) -> str | None:
    """The words again; None where they cannot be opened, because their key is gone or they were altered."""
    if not sealed:
        return ""
    name, _, text = sealed.partition(".")
    try:
        return keyring().unwrap(name, base64.b64decode(text, validate=True), owner).decode()
    except (KeyringError, binascii.Error, UnicodeDecodeError):
        return None
