"""Deciding about a person: their group, keeping them until another review, erasing them; with a reason, by somebody."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from orders.access import audit, erasure, reasons, sealing
from orders.access.permissions import Action, may
from orders.documents import store
from orders.models import Area, Category, Order, Party, Person, RetentionDecision, RetentionGroup, RetentionStep, User
from orders.people import names
from orders.record.writing import Refused, again_if_broken_off
from orders.retention.due import review_of
from orders.statute import local_day
from orders.statute.periods import months_after

LONGEST_YEARS = 10
"""Even what is kept until the 100th birthday is looked at every 10 years."""


def set_group(person: Person, group: str, *, reason: str, by: User) -> RetentionDecision:
    """Say to which group a person belongs. Raises Refused and PermissionDenied."""
    _refuse([] if group in RetentionGroup.values else ["group: select a group"], reason)
    return _record(person, RetentionStep.GROUP, "set retention group", reason=reason, by=by, group=group)


def keep(person: Person, until: date, *, reason: str, by: User) -> RetentionDecision:
    """Keep a person until their next review on a local day. Raises Refused and PermissionDenied."""
    today = local_day(timezone.now())
    problems = []
    if until <= today:
        problems.append("until: must be after today")
    elif until > months_after(today, 12 * LONGEST_YEARS):
        problems.append(f"until: must be at most {LONGEST_YEARS} years on; then it is looked at again")
    force, _ = _permit(person, by)
    review = review_of(person, force, timezone.now())
    if review is not None and review.ended_on is None:
        problems.append("until: an order of theirs has not ended; they are kept without a decision until it has")
    _refuse(problems, reason)
    return _record(person, RetentionStep.KEEP, "keep person", reason=reason, by=by, keep_until=until)


@again_if_broken_off
def erase(person: Person, *, typed: str, reason: str, by: User) -> erasure.Erased:
    """Erase a person for good. `typed` is their family name, typed to confirm. Raises Refused and PermissionDenied."""
    force, _ = _permit(person, by)
    matches = bool(typed.strip()) and names.fold(typed) == names.fold(person.family_name)
    _refuse([] if matches else ["typed: is not their family name; type it as it stands above"], reason)
    with transaction.atomic():
        done = erasure.erase(person, by=by, reason=reason.strip())
        RetentionDecision.objects.create(
            person=person, force=force, step=RetentionStep.ERASE, reason=reasons.sealed(reason, outlives=True), by=by
        )
        transaction.on_commit(store.discard_erased)
    return done


def _record(
    person: Person,
    step: RetentionStep,
    action: str,
    *,
    reason: str,
    by: User,
    group: str = "",
    keep_until: date | None = None,
) -> RetentionDecision:
    force, orders = _permit(person, by)
    try:
        sealed = sealing.of_person(person.pk).seal(reason.strip())
    except sealing.ErasedKeyError:
        raise Refused(["person: has been erased"]) from None
    with transaction.atomic():
        audit.record(
            by=by,
            category=Category.ALTERATION,
            action=action,
            orders=orders,
            detail={"person": str(person.public_id), "group": group, "until": keep_until and keep_until.isoformat()},
        )
        return RetentionDecision.objects.create(
            person=person, force=force, step=step, group=group, keep_until=keep_until, reason=sealed, by=by
        )


def _permit(person: Person, by: User) -> tuple[Area, list[int]]:
    """The user's force, and the orders of a person that it owns. Raises PermissionDenied if there is none."""
    if not may(by, Action.RETENTION) or by.force is None:
        raise PermissionDenied
    parties = Party.objects.filter(person=person, superseded__isnull=True)
    owned = Order.objects.filter(pk__in=parties.values("order"), owner_force=by.force)
    found = list(owned.values_list("pk", flat=True))
    if not found:
        raise PermissionDenied
    return by.force, found


def _refuse(problems: list[str], reason: str) -> None:
    if not reason.strip():
        problems = [*problems, "reason: is missing; say why"]
    if problems:
        raise Refused(problems)
