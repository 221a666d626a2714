"""The pack for the board's sitting: an order a page, as plain data; `pack_pdf` prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from govuk_forms.turning import straight
from orders.models import Condition
from orders.record import facts
from orders.reviews.month import Review
from orders.search.cards import condition_runs
from orders.statute import EVENT_KINDS, KINDS, Effective, OrderFacts, effective
from orders.templatetags.order_words import day, end, moment


@dataclass(frozen=True, slots=True)
class Page:
    """What the board reads of one order: who is bound, until when, what is forbidden, and what has happened since.

    Nothing of a protected person, and no words of a restricted order that the reader has not opened.
    """

    review: Review
    title: str
    facts: tuple[tuple[str, str], ...]
    forbidden: tuple[str, ...]
    happened: tuple[tuple[str, str], ...]


def pages(found: Sequence[Review], now: datetime) -> list[Page]:
    """The pages of a month's list, in its order, in a constant number of queries."""
    open_ids = [one.result.order.pk for one in found if not one.result.hidden]
    known = facts.load(open_ids)
    forbidden: dict[int, list[str]] = {}
    rows = Condition.objects.filter(order_id__in=open_ids, superseded__isnull=True).order_by("code", "source_ref")
    for condition in rows:
        if condition_runs(condition, now):
            forbidden.setdefault(condition.order_id, []).append(condition.code)
    return [_page(one, known.get(one.result.order.pk), forbidden.get(one.result.order.pk, []), now) for one in found]


def _page(one: Review, known: OrderFacts | None, codes: list[str], now: datetime) -> Page:
    order, result = one.result.order, one.result
    if result.hidden or known is None:
        return Page(one, f"{order.reference}: restricted", (("Standing", result.assessment.standing),), (), ())
    person = result.perpetrator
    name = "" if person is None else straight(f"{person.family_name.upper()}, {person.given_names}").rstrip(", ")
    happened = [effect for effect in effective(known.kind, known.events) if effect.at <= now]
    listed = (
        ("Order", f"{KINDS[order.kind].name} {order.reference}"),
        ("Born", "not known" if person is None or person.date_of_birth is None else day(person.date_of_birth)),
        ("Standing", f"{result.assessment.standing}, until {end(result.in_force_until)}"),
        ("Service", result.assessment.service),
        ("PNC", result.assessment.pnc),
        ("Lives in", ", ".join(place.name for place in result.areas if place.level == "lpa") or "not placed"),
        ("Last review", "none" if one.last is None else f"{day(one.last.event.at)}: {one.last.event.text}"),
        ("Review", f"{one.state}, due {day(one.due_on)}" if one.due_on else one.state),
        ("Breaches since", str(one.breaches)),
    )
    return Page(one, name, listed, result.conditions, tuple((moment(e.at), _said(e)) for e in happened[-12:]))


def _said(effect: Effective) -> str:
    """An event without its text, which may name a protected person."""
    return EVENT_KINDS[effect.kind].label if effect.kind in EVENT_KINDS else effect.kind
