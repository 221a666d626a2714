"""What stands at the head of an order, put right; what it forbids, varied; and who may open it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from orders.access import sealing
from orders.access.permissions import Action
from orders.actions.by_hand import refuse_unlawful, too_young
from orders.models import Condition, Event, Order, User
from orders.record import facts, put_right
from orders.record.storing import NewCondition, store_conditions, store_events
from orders.record.writing import Form, Refused, Write, again_if_broken_off, writing
from orders.statute import KINDS, effective, event_errors, followed_errors, following_error, made_errors
from orders.statute import Event as StatuteEvent

HEADING = ("kind", "reference", "court", "case_ref", "without_notice", "power_of_arrest", "team", "officer", "replaces")
"""The fields of a heading that a person can put right."""


@again_if_broken_off
def correct_heading(
    order: Order, changes: Mapping[str, Any], *, by: User | None, reason: str, form: Form | None = None
) -> Order:
    """Put right fields of HEADING; the database keeps what stood there before. Raises Refused."""
    _needs_reason(reason, "say what was wrong, for whoever reads the order next")
    unknown = changes.keys() - set(HEADING)
    if unknown:
        raise Refused([f"{name}: is not part of a heading" for name in sorted(unknown)])
    followed = changes.get("replaces")
    both = [order] if followed is None else [order, followed]
    with writing(by=by, action="correct heading", reason=reason, orders=both, needs=Action.CORRECT, form=form) as write:
        current = Order.objects.get(pk=order.pk)
        changed = {name: value for name, value in changes.items() if getattr(current, name) != value}
        problems = _heading_errors(current, changed, by_hand=by is not None)
        if problems:
            raise Refused(problems)
        # An order that was followed until now is no longer ended by this one, so that its places change too.
        write.touched |= {pk for pk in (current.replaces_id,) if pk is not None}
        if "replaces" in changed:
            changed["replaces_ref"] = followed.source_ref if followed and followed.source == current.source else ""
        put_right.note(current, changed, write.recording)
        Order.objects.filter(pk=order.pk).update(**changed, recording=write.recording)
    return Order.objects.get(pk=order.pk)


def _heading_errors(order: Order, changed: Mapping[str, Any], *, by_hand: bool) -> list[str]:
    if not changed:
        return ["reference: nothing is changed"]
    problems = []
    if "reference" in changed and not str(changed["reference"]).strip():
        problems.append("reference: is missing; give the number that officers quote")
    kind = changed.get("kind", order.kind)
    if kind not in KINDS:
        return [*problems, f"kind: {kind!r} is no kind of order the register knows"]
    known = facts.load([order.pk])[order.pk]
    if "kind" in changed:
        wrong = [problem for event in known.events for problem in event_errors(kind, event)]
        if not wrong and by_hand:
            made = [effect.event for effect in effective(kind, known.events) if effect.kind == "MADE"]
            wrong = [words.partition(": ")[2] for event in made for words in made_errors(KINDS[kind], event)]
            wrong += too_young(order, kind, known.events)
        problems += [f"kind: cannot be {kind} while this is recorded: {problem}" for problem in wrong]
    followed = changed.get("replaces")
    if followed is not None and followed.pk == order.pk:
        problems.append("replaces: an order cannot follow itself")
    if followed is not None and Order.objects.filter(pk=followed.pk, replaces=order).exists():
        problems.append("replaces: that order follows this one")
    if by_hand and followed is not None and (misplaced := following_error(kind, followed.kind)):
        problems.append(f"replaces: {misplaced}")
    if followed is not None and not problems:
        own, before = replace(known, kind=kind), facts.load([followed.pk])[followed.pk]
        wrong = [words for event in own.events for words in followed_errors(own, event, before)]
        problems += [f"replaces: cannot be that order: {words}" for words in wrong]
    return problems


@again_if_broken_off
def restrict(order: Order, *, by: User | None, reason: str, form: Form | None = None) -> None:
    """Show of an order only its kind and standing until a reader has given a reason. Raises Refused."""
    _needs_reason(reason, "say why the order is restricted")
    _set_restricted(order, by=by, restricted=True, reason=reason, form=form)


@again_if_broken_off
def unrestrict(order: Order, *, by: User | None, reason: str, form: Form | None = None) -> None:
    """Open an order to all who may see it. Raises Refused."""
    _needs_reason(reason, "say why the order no longer needs to be restricted")
    _set_restricted(order, by=by, restricted=False, reason=reason, form=form)


def _set_restricted(order: Order, *, by: User | None, restricted: bool, reason: str, form: Form | None) -> None:
    action = "restrict order" if restricted else "unrestrict order"
    with writing(by=by, action=action, reason=reason, orders=[order], needs=Action.RESTRICT, form=form) as write:
        done = Order.objects.filter(pk=order.pk, restricted=not restricted).update(
            restricted=restricted,
            restricted_reason=sealing.of_order(order.pk).seal(reason) if restricted else "",
            recording=write.recording,
        )
        if not done:
            raise Refused([f"restricted: the order {'is already' if restricted else 'is not'} restricted"])


@again_if_broken_off
def vary(
    order: Order,
    event: StatuteEvent,
    *,
    by: User | None,
    ended: Sequence[Condition] = (),
    added: Sequence[NewCondition] = (),
    reason: str = "",
    form: Form | None = None,
) -> Event:
    """Record that an order was varied or renewed: which conditions ended then, which began. Raises Refused.

    A condition that ended keeps its row, and another says until when it ran; so the order says at each instant what it
    said then.
    """
    with writing(by=by, action="vary order", reason=reason, orders=[order], form=form) as write:
        refuse_unlawful(order, [event], by=by)
        (stored,) = store_events(order, [event], write.recording)
        gone = Condition.objects.filter(order=order, superseded__isnull=True, pk__in=[one.pk for one in ended])
        if gone.count() != len(ended):
            raise Refused(["conditions: one of them has been changed meanwhile; look at the order again"])
        for condition in list(gone):
            _end(condition, event.at, write)
        store_conditions(order, added, write.recording)
    return stored


def _end(condition: Condition, at: datetime, write: Write) -> None:
    """What ends at an instant or with the beginning of a day ran until then."""
    Condition.objects.filter(pk=condition.pk).update(superseded=write.recording)
    condition.pk = None
    condition._state.adding = True
    condition.until, condition.until_is_date = at, False
    condition.recording = write.recording
    condition.save()


def _needs_reason(reason: str, remedy: str) -> None:
    if not reason.strip():
        raise Refused([f"reason: is missing; {remedy}"])
