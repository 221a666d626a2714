"""What is likely to be recorded of an order next, and what follows what was just recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from orders.forms.happened import SLUG_OF, can_happen
from orders.statute import KINDS, LEADS_TO, effective

if TYPE_CHECKING:
    from orders.views.order_record import Record


@dataclass(frozen=True, slots=True)
class Step:
    """A link: what it does, and where it leads."""

    words: str
    url: str


def likely(record: Record) -> list[Step]:
    """The few things that are likeliest to be recorded now, for the top of the order's page."""
    kinds = {effect.kind for effect in effective(record.known.kind, record.known.events)}
    standing = record.assessment.standing
    rules = KINDS[record.known.kind]
    wanted: list[tuple[str, str]] = []
    if rules.is_notice and "AUTHORISED" not in kinds and "SERVED" not in kinds:
        wanted.append(("AUTHORISED", "Record that it was authorised"))
    if not rules.is_notice and "MADE" not in kinds:
        wanted.append(("MADE", "Record that it was made"))
    if standing in ("live", "unconfirmed", "pending") and "SERVED" not in kinds:
        wanted.append(("SERVED", "Record service"))
    if standing in ("live", "unconfirmed"):
        if not {"SERVED", "TOLD"} & kinds:
            wanted.append(("TOLD", "They have been told"))
        wanted.append(("BREACHED", "Record a breach"))
        if "ARRESTED" in kinds and not {"PRODUCED", "RELEASED"} & kinds:
            wanted.insert(0, ("PRODUCED", "Brought before the court"))
        if record.assessment.pnc == "awaiting":
            wanted.append(("ON_PNC", "Put on PNC"))
    if record.assessment.pnc == "removal due":
        wanted.append(("OFF_PNC", "Taken off PNC"))
    if rules.is_notice and "SERVED" in kinds and standing in ("live", "unconfirmed"):
        wanted.insert(0, ("HEARING", "Record the hearing"))
    possible = {one.kind for one in can_happen(record.known.kind)}
    found = [
        Step(words, reverse("orders:order-record", args=[record.current.public_id, SLUG_OF[kind]]))
        for kind, words in wanted
        if kind in possible
    ]
    leads = leads_to_order(record)
    return [*([leads] if leads and standing in ("live", "unconfirmed") else []), *found]


def leads_to_order(record: Record) -> Step | None:
    """Entering the order that a notice or an interim leads to, unless there is one."""
    code = LEADS_TO.get(record.known.kind)
    if code is None or record.known.followers:
        return None
    return Step(f"Enter the {code} that follows", f"{reverse('orders:draft-begin')}?follows={record.current.public_id}")


def next_steps(record: Record, recorded: Sequence[str]) -> list[Step]:
    """What follows what was just recorded; what is likely anyway comes after it."""
    return likely(record)[:5] if recorded else likely(record)[:3]
