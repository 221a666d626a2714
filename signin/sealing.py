"""Encryption of what signing in stores, with keys derived from SECRET_KEY, which is not in the database.

An old SECRET_KEY under `SECRET_KEY_FALLBACKS` still opens what was sealed with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """What was sealed was changed, or sealed with a key that is gone."""


def seal(text: str) -> bytes:
    """The text, encrypted and authenticated."""
    return _box((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """The text again. Raises CannotOpen."""
    try:
        return _box((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise CannotOpen from error


def keyed_hash(purpose: str, text: str) -> str:
    """A hash that cannot be computed, so not guessed either, without the key."""
    return hmac.new(_derived(settings.SECRET_KEY, purpose), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, "sealing"))) for key in keys])


@lru_cache(maxsize=32)
def _derived(key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"signin {purpose}".encode()).derive(key.encode())
