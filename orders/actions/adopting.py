"""An order entered by hand found to be one that a source sent, and that undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from django.utils import timezone

from orders.access.permissions import Action
from orders.access.sealing import erased_orders, of_order, unseal, unsealed
from orders.models import Adoption, Category, Condition, Event, Order, QuarantinedOrder, Recording, User
from orders.record import facts
from orders.record.storing import NewCondition, store_conditions, store_events, take_back
from orders.record.writing import SOURCE, Form, Refused, again_if_broken_off, writing
from orders.statute import EVENT_KINDS, ONCE, effective
from orders.statute import Event as StatuteEvent
from orders.statute.why import when

Word = Literal["source", "entered", "open"]
"""Whose word counts where what was entered by hand and what the source sent contradict each other; or nobody's yet."""

_TOLD_ONCE = ONCE | {"SERVED"}


@again_if_broken_off
def adopt(
    entered: Order, imported: Order, *, word: Word, by: User | None, reason: str, form: Form | None = None
) -> Order:
    """Say that an order entered by hand is one that a source sent: the source's stands for both. Raises Refused.

    What was recorded by hand and the source does not tell goes over to it, and so does that it is restricted. Where
    both tell of the same thing with another time or end, `word` decides; left "open", the order is unconfirmed until
    somebody finds out.
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
        moved: dict[str, Any] = {"followers": list(entered.followers.order_by("pk").values_list("pk", flat=True))}
        write.add(moved["followers"])
        entered.followers.update(replaces=imported, recording=write.recording)
        changes: dict[str, Any] = {}
        if entered.replaces_id and not imported.replaces_id:
            changes["replaces_id"] = moved["replaces"] = entered.replaces_id
        if word == "open" and contradicted:
            changes["doubt_since"] = timezone.now()
            moved["doubt"] = changes["doubt_since"].isoformat()
        if entered.restricted and not imported.restricted:
            (why,) = unseal([entered.restricted_reason])
            changes |= {"restricted": True, "restricted_reason": of_order(imported.pk).seal(why)}
        Order.objects.filter(pk=imported.pk).update(**changes, recording=write.recording)
        Order.objects.filter(pk=entered.pk).update(same_as=imported, recording=write.recording)
        Adoption.objects.create(entered=entered, imported=imported, recording=write.recording, moved=moved)
    return Order.objects.get(pk=imported.pk)


@again_if_broken_off
def undo_adopt(adoption: Adoption, *, by: User | None, reason: str, form: Form | None = None) -> None:
    """Say that they were two orders after all: each tells again what it told before. Raises Refused.

    What the source sent since stays with its order, and so do documents and that it is restricted. What was recorded by
    hand since may be of either, which nobody but a person can know: until that has been cleared, it is refused.
    """
    if not reason.strip():
        raise Refused(["reason: is missing; say by what you know that they are two orders"])
    both = [adoption.imported_id, adoption.entered_id]
    with writing(
        by=by, action="undo adoption", reason=reason, orders=both, needs=Action.MERGE, form=form,
        category=Category.COMBINATION,
    ) as write:  # fmt: skip
        if not Adoption.objects.filter(pk=adoption.pk, undone__isnull=True).update(undone=write.recording):
            raise Refused(["order: this has already been undone"])
        if erased_orders(both):
            raise Refused(["order: has been erased"])
        if resting := _resting(adoption):
            raise Refused(resting)
        words = f"They are two orders after all: {reason}"
        told = Event.objects.filter(recording=adoption.recording, order=adoption.imported_id)
        for event in list(told.not_taken_back().order_by("pk")):
            take_back(event, words, write.recording)  # a retraction too, so that what the source said counts again
        conditions = Condition.objects.filter(recording=adoption.recording, order=adoption.imported_id)
        conditions.filter(superseded__isnull=True).update(superseded=write.recording)
        followers = Order.objects.filter(pk__in=adoption.moved["followers"], replaces=adoption.imported_id)
        write.add(followers.values_list("pk", flat=True))
        imported = Order.objects.get(pk=adoption.imported_id)
        # That it follows the source's order stays so where the source has said it since.
        followers = followers.exclude(replaces_ref=imported.source_ref)
        followers.update(replaces=adoption.entered_id, recording=write.recording)
        Order.objects.filter(pk=imported.pk).update(**_as_before(imported, adoption), recording=write.recording)
        Order.objects.filter(pk=adoption.entered_id).update(same_as=None, recording=write.recording)


def _as_before(imported: Order, adoption: Adoption) -> dict[str, Any]:
    """What the adoption changed of the heading, as it was, unless somebody or the source has changed it since."""
    changes: dict[str, Any] = {}
    if imported.replaces_id == adoption.moved.get("replaces") and not imported.replaces_ref:
        changes["replaces"] = None
    doubted = imported.doubt_since is not None and imported.doubt_since.isoformat() == adoption.moved.get("doubt")
    if doubted and not QuarantinedOrder.objects.filter(order=imported, resolved_by__isnull=True).exists():
        changes["doubt_since"] = None
    return changes


def _resting(adoption: Adoption) -> list[str]:
    """What rests on the two being one, each with what to do about it."""
    found = []
    later = Adoption.objects.filter(imported=adoption.imported_id, pk__gt=adoption.pk, undone__isnull=True)
    found += [f"order: {one.entered} was found to be the same order since; undo that first" for one in later]
    # What the source said was put right belongs to the source's order.
    put_right = Event.objects.filter(
        order=adoption.imported_id, kind="RETRACTED", recording__gt=adoption.recording_id,
        retracts__recording__run__isnull=False,
    ).values("recording")  # fmt: skip
    since = (
        Event.objects.filter(order=adoption.imported_id, recording__gt=adoption.recording_id, recording__run=None)
        .not_taken_back()
        .exclude(kind="RETRACTED")
        .exclude(recording__in=put_right)
        .order_by("pk")
    )
    found += [
        f"order: {EVENT_KINDS[event.kind].label} was recorded since, for {when(event.at)}. Take it back under History, "
        "make them two again, and record it of the order to which it happened"
        for event in since
    ]
    followers = Order.objects.filter(
        replaces=adoption.imported_id, source=SOURCE, first_recording__gt=adoption.recording_id
    )
    found += [
        f"order: {follower} was entered since as following it. Put right there what it follows, make them two again, "
        "and say then which of the two it follows"
        for follower in followers.order_by("pk")
    ]
    return found


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
