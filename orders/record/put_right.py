"""What somebody puts right in an order or person from a source, and what the source says of it all the same.

An import compares with the source's word and leaves what stands here (orders/imports/put_right.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from orders.models import Order, Person, PutRight, Recording


def note(row: Order | Person, changed: Mapping[str, Any], recording: Recording) -> None:
    """Keep what the source said of fields that are about to be changed by hand; `row` is as it was before.

    A field that is given the source's word again is the source's again.
    """
    if row.source == "register":
        return
    owner: dict[str, Any] = {"order": row} if isinstance(row, Order) else {"person": row}
    standing = {one.field: one for one in PutRight.objects.filter(**owner, superseded__isnull=True)}
    for name, value in changed.items():
        if name == "replaces":
            continue  # replaces_ref says it
        kept = standing.get(name)
        says = kept.source_says if kept else _plain(getattr(row, name))
        # An order of another source that this one follows has no key of this source.
        differs = _plain(value) != says or (
            name == "replaces_ref" and changed.get("replaces") is not None and not value
        )
        if kept is None and differs:
            PutRight.objects.create(**owner, field=name, source_says=says, recording=recording)
        elif kept is not None and not differs:
            PutRight.objects.filter(pk=kept.pk).update(superseded=recording)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
