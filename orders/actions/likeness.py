"""Records that look alike and are two, told apart for good."""

from __future__ import annotations

from orders.access.permissions import Action
from orders.models import Order, Person, ToldApart, User
from orders.record.writing import again_if_broken_off, writing


@again_if_broken_off
def tell_people_apart(one: Person, other: Person, *, by: User | None, reason: str = "") -> ToldApart:
    """Say that two people who look alike are two; they are not proposed as one again."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    with writing(
        by=by, action="tell people apart", reason=reason, people=[first.pk, second.pk], needs=Action.MERGE
    ) as write:
        found, _ = ToldApart.objects.get_or_create(
            person=first, other_person=second, defaults={"recording": write.recording}
        )
    return found


@again_if_broken_off
def tell_orders_apart(one: Order, other: Order, *, by: User | None, reason: str = "") -> ToldApart:
    """Say that two orders that look alike are two; they are not proposed as one again."""
    first, second = sorted((one, other), key=lambda order: order.pk)
    with writing(by=by, action="tell orders apart", reason=reason, orders=[first, second], needs=Action.MERGE) as write:
        found, _ = ToldApart.objects.get_or_create(
            order=first, other_order=second, defaults={"recording": write.recording}
        )
    return found
