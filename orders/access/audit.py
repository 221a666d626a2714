"""Writing the log of Data Protection Act 2018 s.62: before the answer leaves, in the same transaction as a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orders.models import AuditEntry, Category, User


def record(
    *,
    by: User | None,
    category: Category,
    action: str,
    orders: Iterable[int] = (),
    recipients: Iterable[str] = (),
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Add one entry. `by` None is the register itself (the daily email, an import by schedule).

    `orders` are the ids of the orders shown, changed or told of; `detail` what was asked for, in words that may be
    read by an auditor: never an answer.
    """
    return AuditEntry.objects.create(
        category=category,
        action=action,
        user=by,
        user_name=by.username if by else "",
        orders=sorted(set(orders)),
        recipients=sorted(set(recipients)),
        reason=reason,
        detail=dict(detail or {}),
        address=address,
    )
