"""The cells of a list of orders. Built here and not in templates: a page has hundreds, and a template is slow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.template.defaultfilters import capfirst
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orders.search.results import InArea, Perpetrator, Result
from orders.templatetags.order_words import age, day, days_left, end, in_court_by

register = template.Library()


@register.filter
def standing_tag(standing: str) -> SafeString:
    """A standing as a tag."""
    return format_html('<strong class="register-tag register-tag--{}">{}</strong>', standing, standing.title())


@register.filter
def alarms(result: Result) -> SafeString:
    """What of an order must not be missed: it is live and not served; it was breached."""
    found = []
    if result.assessment.standing == "live" and result.assessment.service == "not served":
        found.append("Not served")
    if result.breaches:
        found.append(f"Breached × {result.breaches}" if result.breaches > 1 else "Breached")
    tag = '<br><strong class="register-tag register-tag--alarm">{}</strong>'
    return format_html_join("", tag, ((words,) for words in found))


@register.filter
def ends(result: Result, at: datetime) -> SafeString:
    """When an order ends or how it ended, and how long that still is."""
    until = result.in_force_until
    match result.assessment.standing:
        case "ended":
            how = capfirst(result.assessment.ended_by or "")
            return format_html("{}, {}", how, end(until)) if until else format_html("{}", how)
        case "live":
            left = format_html('<br><span class="register-meta">{}</span>', days_left(until, at)) if until else ""
            court = result.in_court
            words = format_html("<br><strong>{}</strong>", capfirst(in_court_by(court, at))) if court else ""
            return format_html("{}{}{}", capfirst(end(until)), left, words)
        case "unconfirmed":
            return SafeString("Not confirmed: ring the civil orders team")
    return SafeString("Not in force")


@register.filter
def lives_in(areas: Sequence[InArea]) -> SafeString:
    """The local policing areas of those who are party to an order, and who of them lives there."""
    where = [area for area in areas if area.level == "lpa"]
    if not areas:
        return SafeString("Not placed")
    line = '{} <span class="register-meta">({})</span>'
    return format_html_join(SafeString("<br>"), line, ((area.name, " and ".join(area.roles)) for area in where))


@register.filter
def person_and_birth(person: Perpetrator | None, at: datetime) -> SafeString:
    """Whom an order binds, and when they were born."""
    if person is None:
        return SafeString("")
    born = person.date_of_birth
    return format_html(
        '{}, {}<br><span class="govuk-!-font-weight-regular register-meta">{}</span>',
        person.family_name.upper(),
        person.given_names,
        f"born {day(born)} ({age(born, at)})" if born else "date of birth not known",
    )
