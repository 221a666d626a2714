"""Writing the log of Data Protection Act 2018 s.62: before the answer leaves, in the same transaction as a change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from orders.access import reasons, sealing
from orders.models import AuditEntry, Category, User


def record(
    *,
    by: User | None,
    category: Category,
    action: str,
    orders: Iterable[int] = (),
    recipients: Iterable[str] = (),
    reason: str = "",
    chosen: str = "",
    people: Iterable[int] = (),
    outlives: bool = False,
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Add one entry. `by` None is the register itself (the daily email, an import by schedule).

    `orders` are the ids of the orders shown, changed or told of; `detail` what was asked for, in words that may be
    read by an auditor: never an answer. `chosen` is why in words of the register's own, which stand as they are;
    `reason` why in somebody's words, sealed under the key of what the entry is about: its orders, else `people` (ids).
    `outlives`: under the register's own key, because it is still to be read when all of those have been erased.
    """
    about = sorted(set(orders))
    sealed = reasons.sealed(reason, orders=about, people=people, outlives=outlives)
    return AuditEntry.objects.create(
        category=category,
        action=action,
        user=by,
        user_name=by.username if by else "",
        orders=about,
        recipients=sorted(set(recipients)),
        reason=": ".join(filter(None, (chosen, sealed))),
        detail=dict(detail or {}),
        address=address,
    )


def readable(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Entries with what was sealed in them opened, in one query; of what was erased it says so. Not to be saved."""
    found = list(entries)
    keys = sealing.keys_in(text for entry in found for text in (entry.reason, json.dumps(entry.detail)))
    for entry in found:
        entry.reason = sealing.open_within(entry.reason, keys)
        entry.detail = reasons.opened(entry.detail, keys)
    return found
