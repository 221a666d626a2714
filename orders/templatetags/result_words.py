"""The rows of a list of orders. Built here and not in templates: a page has hundreds of cells, and a template is slow.

Every word that comes from the register goes through `escape` where it is put between marks, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.safestring import SafeString

from orders.search.cards import InArea, Perpetrator
from orders.search.results import Result
from orders.templatetags.order_words import age, day, days_left, end, in_court_by, kind_name, named

register = template.Library()

_ANY = UUID(int=0)


@register.filter
@cache
def standing_tag(standing: str) -> SafeString:
    """A standing as a tag."""
    return SafeString(
        f'<strong class="register-tag register-tag--{escape(standing)}">{escape(standing.title())}</strong>'
    )


@register.filter
def alarms(result: Result) -> SafeString:
    """What of an order must not be missed: it is live and not served; it was breached."""
    found = []
    if result.assessment.standing == "live" and result.assessment.service == "not served":
        found.append("Not served")
    if result.breaches:
        found.append(f"Breached × {result.breaches}" if result.breaches > 1 else "Breached")
    tag = '<br><strong class="register-tag register-tag--alarm">'
    return SafeString("".join(f"{tag}{words}</strong>" for words in found))


@register.filter
def ends(result: Result, at: datetime) -> SafeString:
    """When an order ends or how it ended, and how long that still is."""
    until = result.in_force_until
    match result.assessment.standing:
        case "ended":
            how, over = escape(capfirst(result.assessment.ended_by or "")), result.assessment.ended_at
            latest = " at the latest" if result.assessment.at_least and how == "Expired" else ""
            return SafeString(f"{how}, {end(over)}{latest}" if over else how)
        case "live":
            left = f'<br><span class="register-meta">{days_left(until, at)}</span>' if until else ""
            court = result.in_court
            words = f"<br><strong>{capfirst(in_court_by(court, at))}</strong>" if court else ""
            least = " at least" if result.assessment.at_least else ""
            return SafeString(f"{capfirst(end(until))}{least}{left}{words}")
        case "unconfirmed":
            return SafeString("Not confirmed: ring the civil orders team")
    return SafeString("Not in force")


def _lives_in(areas: Sequence[InArea]) -> str:
    """The local policing areas of those who are party to an order, and who of them lives there."""
    if not areas:
        return "Not placed"
    return "<br>".join(
        f'{escape(area.name)} <span class="register-meta">({" and ".join(area.roles)})</span>'
        for area in areas
        if area.level == "lpa"
    )


def _person_and_birth(person: Perpetrator | None, at: datetime) -> str:
    """Whom an order binds, and when they were born."""
    if person is None:
        return ""
    born = person.date_of_birth
    words = f"born {day(born)} ({age(born, at)})" if born else "date of birth not known"
    return f'{named(person)}<br><span class="govuk-!-font-weight-regular register-meta">{words}</span>'


_CELL = '<td class="govuk-table__cell" data-label="'
_HEAD = '<th scope="row" class="govuk-table__header">'


@register.simple_tag
def result_rows(
    results: Iterable[Result], at: datetime, link: str = "", matched: Mapping[int, Any] | str = ""
) -> SafeString:
    """The rows of results: `link` ends the address of each, `matched` says by the id of an order why it was found."""
    why = matched if isinstance(matched, Mapping) else {}
    before, after = reverse("orders:order", args=[_ANY]).split(str(_ANY))
    after = escape(f"{after}{link}")
    rows = []
    for result in results:
        order = result.order
        heading = (
            f'{_CELL}Order"><a class="govuk-link" href="{before}{order.public_id}{after}">{escape(order.reference)}</a>'
            f'<br><abbr class="register-meta" title="{escape(kind_name(order.kind))}">{escape(order.kind)}</abbr></td>'
        )
        standing = standing_tag(result.assessment.standing)
        if result.hidden:
            rows.append(
                f'<tr class="govuk-table__row">{_HEAD}Restricted</th>{heading}<td class="govuk-table__cell">{standing}'
                f'</td>{_CELL}Ends">Restricted</td>{_CELL}Lives in">Restricted</td>'
                f'{_CELL}Must not">Restricted</td></tr>'
            )
            continue
        match = why.get(order.pk)
        matching = (
            '<br><span class="govuk-!-font-weight-regular register-matched">matched: '
            f"<bdi>{escape(str(match))}</bdi></span>"
            if match
            else ""
        )
        doubt = '<br><span class="register-meta">Newer information not applied</span>' if order.doubt_since else ""
        forbidden = escape("; ".join(result.conditions)) or "See the order"
        rows.append(
            f'<tr class="govuk-table__row">{_HEAD}{_person_and_birth(result.perpetrator, at)}{matching}</th>{heading}'
            f'<td class="govuk-table__cell">{standing}{alarms(result)}{doubt}</td>{_CELL}Ends">{ends(result, at)}</td>'
            f'{_CELL}Lives in">{_lives_in(result.areas)}</td>{_CELL}Must not">{forbidden}</td></tr>'
        )
    return SafeString("\n".join(rows))
