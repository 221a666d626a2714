"""Why somebody did something, in their own words: sealed, because such words may name whom it was about.

Under the key of the order, or of whatever orders, it is about, so that they go with whoever of those is erased; under
the person's own key where there is no order; else under the register's, which is rotated like the others and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orders.access import sealing
from orders.models import Party

MOST = 50
"""Words about more orders than so many tell of nobody in particular: the purpose of an export, an import."""


def sealed(words: str, *, orders: Iterable[int] = (), people: Iterable[int] = (), outlives: bool = False) -> str:
    """Words as they are stored, by the ids of the orders and people they are about; what is sealed stays as it is.

    `outlives`: they are still to be read when all of those have been erased.
    """
    words = words.strip()
    if not words or sealing.is_token(words):
        return words
    return _key(sorted(set(orders)), sorted(set(people)), outlives).seal(words)


def _key(orders: list[int], people: list[int], outlives: bool) -> sealing.Key:
    try:
        if len(orders) == 1 and not outlives:
            return sealing.of_order(orders[0])
        if not orders and len(people) == 1 and not outlives:
            return sealing.of_person(people[0])
        if not orders and people and not outlives:
            parties = Party.objects.filter(person__in=people, superseded__isnull=True)
            orders = sorted(set(parties.values_list("order_id", flat=True)))
        if 0 < len(orders) <= MOST and not outlives:
            return sealing.for_letters([orders])[0]
    except sealing.ErasedKeyError:
        pass  # Somebody opens or puts right what is left of an order of which everybody was erased.
    return sealing.of_register()


def opened(words: Any, keys: Mapping[int, sealing.Key]) -> Any:
    """Texts, in whatever lists and dictionaries they stand, with every token in them opened."""
    if isinstance(words, dict):
        return {name: opened(value, keys) for name, value in words.items()}
    if isinstance(words, list):
        return [opened(value, keys) for value in words]
    return sealing.open_within(words, keys) if isinstance(words, str) else words
