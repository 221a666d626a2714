"""Looking after the keys in the database: wrapping them anew when the key outside it changes, and checking them."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, transaction

from orders.access.keyring import KeyringError, keyring
from orders.models import AskedSearch, Draft, SavedSearch, SealingKey
from orders.models.typed import open_words, seal_words

BATCH = 2_000


def wrap_again() -> int:
    """Wrap every key by the first key outside the database. Batches commit by themselves; returns how many.

    Raises KeyringError if a key that wrapped one is not there any more.
    """
    ring, done = keyring(), 0
    while True:
        with transaction.atomic():
            rows = list(_others().select_for_update(skip_locked=True).order_by("pk")[:BATCH])
            for row in rows:
                key = ring.unwrap(row.wrapped_by, bytes(row.wrapped or b""), row.pk)
                row.wrapped_by, row.wrapped = ring.wrap(key, row.pk)
            SealingKey.objects.bulk_update(rows, ["wrapped_by", "wrapped"])
        if not rows:
            return done
        done += len(rows)


_TYPED = ((SavedSearch, "text"), (SavedSearch, "sealed_name"), (AskedSearch, "text"), (Draft, "text"))
"""What users typed, which is sealed by the key outside the database itself."""


def seal_typed_again() -> int:
    """Seal what users typed by the first key, after a new one was put first. Returns how many texts."""
    done, first = 0, f"{keyring().first}."
    for model, name in _TYPED:
        rows: Any = model._default_manager.exclude(**{name: ""}).exclude(**{f"{name}__startswith": first})
        for pk, owner, text in rows.values_list("pk", "owner_id", name).iterator():
            words = open_words(text, owner)
            if words is not None:
                changed = model._default_manager.filter(pk=pk, **{name: text})
                done += changed.update(**{name: seal_words(words, owner)})
    return done


def wrapped_by_others() -> int:
    """How many keys are wrapped by another key than the first."""
    return int(_others().count())


def _others() -> Any:
    return SealingKey.objects.filter(wrapped__isnull=False).exclude(wrapped_by=keyring().first)


def check_keys(databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Django's check, of `check --database default`: every key that wrapped something is there, and opens it."""
    if not databases or "default" not in databases:
        return []
    try:
        names = list(SealingKey.objects.filter(wrapped__isnull=False).values_list("wrapped_by", flat=True).distinct())
        for name in names:
            row = SealingKey.objects.filter(wrapped__isnull=False, wrapped_by=name).order_by("-pk")[0]
            keyring().unwrap(name, bytes(row.wrapped or b""), row.pk)
    except KeyringError as error:
        return [Error(str(error), hint="Put the key back: docs/security/sealing.md.", id="orders.E001")]
    except DatabaseError:
        return []  # before the first migration
    return []
