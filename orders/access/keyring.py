"""The keys that lie outside the database: those that wrap every other key, and the one that postcodes are looked up by.

They come from FIELD_KEYS or the file FIELD_KEYS_FILE, one entry a line, `name:base64 of 32 bytes`. The first seals; the
others still open what they sealed, until `bin/manage rotate_field_keys` has wrapped it anew. The entry named `index`
seals nothing: postcodes are found again by their keyed hash.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

INDEX = "index"
_NONCE = 12


class KeyringError(Exception):
    """A keyring that cannot be used: in words, with the remedy; never with a key."""


@dataclass(frozen=True)
class Keyring:
    """The wrapping keys by name, the one that seals first, and the key of look-ups."""

    wrapping: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @property
    def first(self) -> str:
        """The name of the key that seals."""
        return next(iter(self.wrapping))

    def wrap(self, key: bytes, owner: int) -> tuple[str, bytes]:
        """A key wrapped by the first one, bound to the id of its row; with the name of what wrapped it."""
        nonce = os.urandom(_NONCE)
        sealed = _cipher(self.wrapping[self.first]).encrypt(nonce, key, str(owner).encode())
        return self.first, nonce + sealed

    def unwrap(self, name: str, wrapped: bytes, owner: int) -> bytes:
        """The key again. Raises KeyringError if the key that wrapped it is not here, or it is not whole."""
        if name not in self.wrapping:
            raise KeyringError(f"FIELD_KEYS lacks the key {name!r}, by which something in the database is sealed.")
        try:
            return _cipher(self.wrapping[name]).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], str(owner).encode())
        except InvalidTag:
            raise KeyringError(f"The key {owner} in the database is damaged, or {name!r} is another key.") from None

    def index(self, kind: str, text: str) -> str:
        """By what a value of some kind is found again: the same for the same text, telling nothing of it."""
        found = hmac.digest(self.index_key, f"{kind}\0{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(found[:18]).decode()


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    """What wraps with a key, made once: an import wraps tens of thousands."""
    return AESGCM(key)


def read(entries: Iterable[str]) -> Keyring:
    """The keyring of some entries. Raises KeyringError, naming the entry and the remedy."""
    wrapping: dict[str, bytes] = {}
    for entry in entries:
        name, _, text = entry.strip().partition(":")
        if not re.fullmatch(r"[a-z0-9-]{1,32}", name):
            raise KeyringError("A key of FIELD_KEYS has no name. Each is name:base64, the name of a-z, 0-9, hyphens.")
        if name in wrapping:
            raise KeyringError(f"FIELD_KEYS has two keys named {name!r}.")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise KeyringError(f"The key {name!r} is not 32 bytes in base64. `bin/manage make_field_keys` makes some.")
        wrapping[name] = key
    index_key = wrapping.pop(INDEX, None)
    if index_key is None or not wrapping:
        raise KeyringError("FIELD_KEYS needs a key named `index` and at least one other. See docs/security/sealing.md.")
    if len({index_key, *wrapping.values()}) <= len(wrapping):
        raise KeyringError("Two names of FIELD_KEYS have the same key.")
    return Keyring(wrapping, index_key)


def keyring() -> Keyring:
    """The keyring of this installation."""
    return _of(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=4)
def _of(entries: tuple[str, ...]) -> Keyring:
    return read(entries)


def made(name: str) -> str:
    """A new entry with a random key."""
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"
