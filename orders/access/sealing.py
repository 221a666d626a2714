"""Words about people, sealed: written as tokens under a key of their person or order, read in batches.

A token is text, `v1.<id of the key>.<base64>`, the same for the same words under the same key (AES-SIV, RFC 5297), so
that an import can see whether words changed without opening them. What is empty stays empty. What was stored unsealed
(rows made for measuring) is read as it is. Words whose key was destroyed read as ERASED. docs/security/sealing.md.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.db import connection
from django.db.models import Model

from orders.access.keyring import keyring
from orders.models import SealingKey
from orders.models.sealing import NOBODY

log = structlog.get_logger(__name__)

ERASED = "[erased]"
DAMAGED = "[cannot be read: tell an administrator]"
UNREADABLE = frozenset({ERASED, DAMAGED})

_TOKEN = re.compile(r"v1\.(\d{1,18})\.([A-Za-z0-9_-]+)")
_BYTES = re.compile(rb"v1\.(\d{1,18})\.")
Row = TypeVar("Row", bound=Model)


class ErasedKeyError(Exception):
    """Words about a person or an order that has been erased are not written."""


class Key:
    """A key in memory."""

    __slots__ = ("_cipher", "id")

    def __init__(self, pk: int, key: bytes) -> None:
        self.id = pk
        self._cipher = AESSIV(key)

    def seal(self, text: str) -> str:
        """The token of some words."""
        if not text:
            return ""
        sealed = base64.urlsafe_b64encode(self._cipher.encrypt(text.encode(), None)).rstrip(b"=").decode()
        return f"v1.{self.id}.{sealed}"

    def open(self, sealed: str) -> str:
        """The words of what stands in a token. Raises InvalidTag."""
        return self._cipher.decrypt(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)), None).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """A file, sealed."""
        return b"v1.%d." % self.id + self._cipher.encrypt(content, None)

    def opened(self, content: bytes | memoryview) -> bytes:
        """A file again that this key sealed, or that was stored unsealed. Raises InvalidTag, also for another key's."""
        match = _BYTES.match(content := bytes(content))
        return content if match is None else self.open_bytes(content[match.end() :])

    def open_bytes(self, sealed: bytes) -> bytes:
        """A file again, without the beginning that names the key. Raises InvalidTag."""
        return self._cipher.decrypt(sealed, None)


def of_people(ids: Iterable[int]) -> dict[int, Key]:
    """The keys of people by their ids; made where there is none yet. Raises ErasedKeyError."""
    return _of("person_id", ids)


def of_orders(ids: Iterable[int]) -> dict[int, Key]:
    """The keys of orders by their ids; made where there is none yet. Raises ErasedKeyError."""
    return _of("order_id", ids)


def of_person(pk: int) -> Key:
    """The key of a person."""
    return of_people([pk])[pk]


def of_order(pk: int) -> Key:
    """The key of an order."""
    return of_orders([pk])[pk]


def for_letters(told: Iterable[Iterable[int]]) -> list[Key]:
    """New keys for things that each tell of several orders, given as ids; destroyed with the first that is erased."""
    orders = [sorted(set(ids)) for ids in told]
    made = new_keys(len(orders))
    SealingKey.objects.bulk_create(_row(pk, key, tells_of=ids) for ids, (pk, key) in zip(orders, made, strict=True))
    return [Key(pk, key) for pk, key in made]


def of_register() -> Key:
    """The key of the register itself, made where there is none yet; it is never destroyed, and rotated like others."""
    row = SealingKey.objects.filter(tells_of__contains=NOBODY, person=None, order=None).order_by("pk").first()
    if row is None:  # two that are made at the same moment are both good: a token names its own
        return for_letters([NOBODY])[0]
    return Key(row.pk, keyring().unwrap(row.wrapped_by, bytes(row.wrapped or b""), row.pk))


def key_of(token: str) -> Key:
    """The key that sealed a token, to seal more under it. Raises ErasedKeyError."""
    match = _TOKEN.fullmatch(token)
    key = keys_by_id([int(match[1])]).get(int(match[1])) if match else None
    if key is None:
        raise ErasedKeyError("what this belongs to has been erased")
    return key


def tell_more(token: str, orders: Iterable[int]) -> None:
    """Say that what sealed a token tells of these orders too, given as ids: it is destroyed with the first erased.

    Nothing of a key that is a person's, an order's or the register's own, or of words that are not sealed.
    """
    match = _TOKEN.fullmatch(token)
    found = SealingKey.objects.select_for_update().filter(person=None, order=None).exclude(tells_of__contains=NOBODY)
    key = found.filter(pk=int(match[1])).first() if match else None
    if key is not None:
        key.tells_of = sorted({*key.tells_of, *orders})
        key.save(update_fields=["tells_of"])


def new_keys(count: int) -> list[tuple[int, bytes]]:
    """Ids drawn for new keys, and the keys; nothing is stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('orders_sealingkey', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [(row[0], os.urandom(64)) for row in cursor.fetchall()]


def _of(owner: str, ids: Iterable[int]) -> dict[int, Key]:
    wanted = sorted(set(ids))
    found = _held(owner, wanted)
    missing = [pk for pk in wanted if pk not in found]
    if missing:
        made = zip(missing, new_keys(len(missing)), strict=True)
        SealingKey.objects.bulk_create(
            [_row(pk, key, **{owner: owned}) for owned, (pk, key) in made], ignore_conflicts=True, batch_size=5_000
        )
        found |= _held(owner, missing)  # somebody else may have made one at the same moment
    return found


def _row(pk: int, key: bytes, **owner: Any) -> SealingKey:
    name, wrapped = keyring().wrap(key, pk)
    return SealingKey(pk=pk, wrapped_by=name, wrapped=wrapped, **owner)


def _held(owner: str, ids: Sequence[int]) -> dict[int, Key]:
    ring, found = keyring(), {}
    rows = SealingKey.objects.filter(**{f"{owner}__in": ids}).values_list(owner, "pk", "wrapped_by", "wrapped")
    for owned, pk, name, wrapped in rows:
        if wrapped is None:
            raise ErasedKeyError(f"{owner.removesuffix('_id')} {owned} has been erased")
        found[owned] = Key(pk, ring.unwrap(name, bytes(wrapped), pk))
    return found


def keys_by_id(ids: Iterable[int]) -> dict[int, Key]:
    """Keys by their own ids, in one query; those destroyed are left out."""
    ring = keyring()
    rows = SealingKey.objects.filter(pk__in=set(ids), wrapped__isnull=False).values_list("pk", "wrapped_by", "wrapped")
    return {pk: Key(pk, ring.unwrap(name, bytes(wrapped or b""), pk)) for pk, name, wrapped in rows}


def is_token(text: str) -> bool:
    """Whether a text is nothing but a token."""
    return _TOKEN.fullmatch(text) is not None


def unseal_within(texts: Iterable[str], keys_of: Callable[[set[int]], Mapping[int, Key]]) -> list[str]:
    """Texts with each token in them opened, wherever it stands; `keys_of` gives keys by their ids."""
    told = list(texts)
    keys = keys_in(told, keys_of)
    return [open_within(text, keys) for text in told]


def keys_in(texts: Iterable[str], keys_of: Callable[[set[int]], Mapping[int, Key]] = keys_by_id) -> Mapping[int, Key]:
    """The keys of all tokens that stand in some texts, in one query."""
    ids = {int(match[1]) for text in texts for match in _TOKEN.finditer(text)}
    return keys_of(ids) if ids else {}


def open_within(text: str, keys: Mapping[int, Key]) -> str:
    """A text with each token in it opened, by keys that were found before."""
    return _TOKEN.sub(lambda match: _opened(keys, match), text)


def unseal(values: Iterable[str]) -> list[str]:
    """The words of tokens, in one query for all their keys (none if there is no token)."""
    told = list(values)
    matches = [_TOKEN.fullmatch(value) if value.startswith("v1.") else None for value in told]
    ids = {int(match[1]) for match in matches if match}
    keys = keys_by_id(ids) if ids else {}
    return [value if match is None else _opened(keys, match) for value, match in zip(told, matches, strict=True)]


def unsealed(rows: Iterable[Row], *fields: str) -> list[Row]:
    """Rows with the words of some of their fields in place of the tokens, in one query. They must not be saved."""
    found = list(rows)
    words = iter(unseal(getattr(row, name) for row in found for name in fields))
    for row in found:
        for name in fields:
            setattr(row, name, next(words))
    return found


def unseal_bytes(content: bytes | memoryview | None) -> bytes | None:
    """A file that was sealed; None if there was none or its key was destroyed."""
    if content is None:
        return None
    content = bytes(content)
    match = _BYTES.match(content)
    if match is None:
        return content
    key = keys_by_id([int(match[1])]).get(int(match[1]))
    return None if key is None else key.open_bytes(content[match.end() :])


def _opened(keys: Mapping[int, Key], match: re.Match[str]) -> str:
    key = keys.get(int(match[1]))
    if key is None:
        return ERASED
    try:
        return key.open(match[2])
    except (InvalidTag, ValueError):
        log.error("sealed_words_damaged", key=key.id)
        return DAMAGED


def erased_people(ids: Iterable[int]) -> set[int]:
    """Of some people those who have been erased."""
    return set(_destroyed(person__in=list(ids)).values_list("person_id", flat=True))


def erased_orders(ids: Iterable[int]) -> set[int]:
    """Of some orders those of which an erased person was a party."""
    return set(_destroyed(order__in=list(ids)).values_list("order_id", flat=True))


def _destroyed(**owner: Any) -> Any:
    return SealingKey.objects.filter(destroyed_at__isnull=False, **owner)


def postcode_index(postcode: str) -> str:
    """By what a home with a postcode is found again, however it is typed; empty for an empty one."""
    bare = bare_postcode(postcode)
    return keyring().index("postcode", bare) if bare else ""


def outward_index(postcode: str) -> str:
    """By what homes of a postcode district are found again: what stands before the last three characters."""
    bare = bare_postcode(postcode)
    return district_index(bare[:-3]) if len(bare) > 4 else ""


def district_index(outward: str) -> str:
    """The same, of the district itself."""
    return keyring().index("outward", bare_postcode(outward)) if outward else ""


def bare_postcode(postcode: str) -> str:
    """A postcode in capitals without spaces, as the postcode table has it."""
    return "".join(postcode.split()).upper()
