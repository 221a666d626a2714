"""Which people somebody may see, and which of them by name."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from orders.access import grants, permissions
from orders.models import GrantKind, Party, User


def known_people(ids: Iterable[int], user: User) -> tuple[set[int], set[int]]:
    """Of some people those in an order that the user may see, and of these those in one that is open to them."""
    visible = permissions.visible_orders(user, timezone.now())
    parties = Party.objects.filter(person__in=set(ids), superseded__isnull=True, order__in=visible)
    rows = list(parties.values_list("person_id", "order_id", "order__restricted"))
    restricted = {order for _, order, hidden in rows if hidden}
    opened = grants.held(user, GrantKind.RESTRICTED, restricted)
    named = {person for person, order, hidden in rows if not hidden or order in opened}
    return {person for person, _, _ in rows}, named
