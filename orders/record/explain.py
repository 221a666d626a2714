"""What the register holds about one order at an instant, and why: the answer that the extract contract fixes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from orders.models import Order
from orders.record import facts
from orders.search.by_area import fold_reference
from orders.statute import Assessment, assess


def matching(reference: str) -> list[Order]:
    """The orders meant by a reference as officers quote it, or by `source:order_ref`. Empty if there is none."""
    source, colon, source_ref = reference.partition(":")
    if colon:
        found = list(Order.objects.filter(source=source, source_ref=source_ref))
        if found:
            return found
    exact = list(Order.objects.filter(reference=reference).order_by("pk"))
    if exact:
        return exact
    folded = fold_reference(reference)
    return list(Order.objects.filter(reference_folded=folded).order_by("pk")) if folded else []


def explain(order: Order, *, at: datetime, known_at: datetime | None = None) -> dict[str, Any]:
    """The answer of `bin/manage explain`: instants in UTC, `standing` None if nothing had been stored by `known_at`."""
    known = facts.load([order.pk], known_at=known_at).get(order.pk)
    head = {
        "reference": order.reference,
        "source_ref": order.source_ref,
        "kind": order.kind,
        "at": instant(at),
        "known_at": None if known_at is None else instant(known_at),
    }
    if known is None:
        return head | {"standing": None}
    head["kind"], head["reference"] = known.kind, known.reference
    return head | told(assess(known, at, facts.holidays()))


def told(assessment: Assessment) -> dict[str, Any]:
    """An assessment as plain data."""
    review = assessment.review
    return {
        "standing": assessment.standing,
        "ended_by": assessment.ended_by,
        "in_force": [
            [instant(starts), None if ends is None else instant(ends)] for starts, ends in assessment.in_force
        ],
        "offence_provable": assessment.offence_provable,
        "facets": {
            "service": assessment.service,
            "pnc": assessment.pnc,
            "review": None if review is None else {"due_on": review.due_on, "overdue": review.overdue},
        },
        "deadlines": [
            {
                "rule": deadline.rule,
                "due": instant(deadline.due),
                "met": deadline.met,
                "source": deadline.source,
                **({"time_not_recorded": True} if deadline.time_not_recorded else {}),
            }
            for deadline in assessment.deadlines
        ],
        "why": [{"text": reason.text, "source": reason.source} for reason in assessment.why],
        "flags": [{"text": reason.text, "source": reason.source} for reason in assessment.flags],
    }


def instant(at: datetime) -> str:
    """An instant as the contract writes it: UTC, `Z`, fractions of a second only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
