"""Records that look alike: told apart for good, or an order entered by hand found to be one that a source sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from django.utils import timezone

from orders.access.permissions import Action
from orders.access.sealing import unsealed
from orders.models import Category, Condition, Event, Order, Person, Recording, ToldApart, User
from orders.record import facts
from orders.record.storing import NewCondition, store_conditions, store_events, take_back
from orders.record.writing import SOURCE, Form, Refused, again_if_broken_off, writing
from orders.statute import ONCE, effective
from orders.statute import Event as StatuteEvent

Word = Literal["source", "entered", "open"]
"""Whose word counts where what was entered by hand and what the source sent contradict each other; or nobody's yet."""

_TOLD_ONCE = ONCE | {"SERVED"}


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


@again_if_broken_off
def adopt(
    entered: Order, imported: Order, *, word: Word, by: User | None, reason: str, form: Form | None = None
) -> Order:
    """Say that an order entered by hand is one that a source sent: the source's stands for both. Raises Refused.

    What was recorded by hand and the source does not tell goes over to it. Where both tell of the same thing with
    another time or end, `word` decides; left "open", the order is unconfirmed until somebody finds out.
    """
    if not reason.strip():
        raise Refused(["reason: is missing; say by what you know that they are one order"])
    if entered.source != SOURCE or imported.source == SOURCE:
        raise Refused(["order: one must have been entered by hand and the other imported"])
    with writing(
        by=by, action="adopt order", reason=reason, orders=[entered, imported], needs=Action.MERGE, form=form,
        category=Category.COMBINATION,
    ) as write:  # fmt: skip
        entered, imported = Order.objects.get(pk=entered.pk), Order.objects.get(pk=imported.pk)
        if entered.same_as_id is not None:
            raise Refused(["order: has already been adopted"])
        if entered.kind != imported.kind:
            raise Refused([f"kind: one is a {entered.kind}, the other a {imported.kind}; correct one of them first"])
        missing, contradicted = compared(entered, imported)
        store_events(imported, facts.in_words(missing), write.recording)
        if word == "entered":
            for theirs, ours in contradicted:
                take_back(Event.objects.get(pk=int(theirs.ref)), f"By hand: {reason}", write.recording)
                store_events(imported, facts.in_words([ours]), write.recording)
        if not Condition.objects.filter(order=imported, superseded__isnull=True).exists():
            _copy_conditions(entered, imported, write.recording)
        followers = Order.objects.filter(replaces=entered)
        write.touched |= set(followers.values_list("pk", flat=True))
        followers.update(replaces=imported, recording=write.recording)
        changes: dict[str, Any] = {}
        if entered.replaces_id and not imported.replaces_id:
            changes["replaces"] = entered.replaces
        if word == "open" and contradicted:
            changes["doubt_since"] = timezone.now()
        Order.objects.filter(pk=imported.pk).update(**changes, recording=write.recording)
        Order.objects.filter(pk=entered.pk).update(same_as=imported, recording=write.recording)
    return Order.objects.get(pk=imported.pk)


def compared(entered: Order, imported: Order) -> tuple[list[StatuteEvent], list[tuple[StatuteEvent, StatuteEvent]]]:
    """What was recorded by hand and the source does not tell; and pairs (theirs, ours) that contradict each other."""
    known = facts.load([entered.pk, imported.pk])
    theirs = [effect.event for effect in effective(imported.kind, known[imported.pk].events)]
    missing, contradicted = [], []
    for effect in effective(entered.kind, known[entered.pk].events):
        event = effect.event
        same_kind = [other for other in theirs if other.kind == event.kind]
        if any(_same(other, event) for other in same_kind):
            continue
        if same_kind and event.kind in _TOLD_ONCE:
            contradicted.append((same_kind[0], event))
        else:
            missing.append(event)
    return missing, contradicted


def _copy_conditions(entered: Order, imported: Order, opened: Recording) -> None:
    held = unsealed(Condition.objects.filter(order=entered, superseded__isnull=True), "text")
    conditions = [
        NewCondition(one.code, one.text, one.begins, one.begins_is_date, one.until, one.until_is_date) for one in held
    ]
    store_conditions(imported, conditions, opened)


def _same(one: StatuteEvent, other: StatuteEvent) -> bool:
    def told(event: StatuteEvent) -> StatuteEvent:
        return replace(event, by="", text="", ref="", retracts="")

    return told(one) == told(other)
