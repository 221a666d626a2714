"""What people say of a bundle: why it is mended, and why it is undone.

Such words may name whom an order is about, and an order that is not in the register yet has no key. So a bundle has a
key for all that is said of it, which comes to tell of the orders that were mended and is destroyed with the first of
them that is erased.
"""

from __future__ import annotations

from collections.abc import Iterable

from orders.access import sealing
from orders.access.reasons import MOST
from orders.models import Order, Upload
from orders.record.writing import SOURCE


def sealed(upload: Upload, words: str) -> str:
    """Words as they are stored, under the key of what was said of the bundle before."""
    try:
        key = sealing.key_of(upload.reason)
    except sealing.ErasedKeyError:  # nothing was said yet, or it was erased
        (key,) = sealing.for_letters([[]])
    return key.seal(words.strip())


def is_about(reason: str, refs: Iterable[str], source: str | None = None) -> None:
    """Say which orders a sealed reason is about, by the keys of their source; those that are here by now.

    Where the source is not known yet, the bundle not being applied, orders of any source with that key.
    """
    held = Order.objects.filter(source_ref__in=list(refs)).exclude(source=SOURCE)
    if source is not None:
        held = held.filter(source=source)
    sealing.tell_more(reason, held.values_list("pk", flat=True))


def tells_of(reason: str, orders: list[int]) -> None:
    """Say that a sealed reason is about these orders (ids); of more than so many it tells of nobody in particular."""
    if len(orders) <= MOST:
        sealing.tell_more(reason, orders)
