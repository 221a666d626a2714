"""Instants, ends and standings in the words of the pages. All times are local."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from orders.models import Event
from orders.people.warnings import SIGNALS
from orders.statute import EVENT_KINDS, KINDS, LONDON, Deadline
from orders.statute.why import power_of_arrest, until_when

register = template.Library()

_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?")


@register.filter
def moment(at: datetime | None) -> str:
    """23 November 2026, 16:40."""
    if at is None:
        return ""
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}, {local:%H:%M}"


@register.filter
def day(value: date | datetime | str | None) -> str:
    """23 November 2026; text is a date in ISO form."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(LONDON).date()
    return f"{value.day} {value:%B %Y}"


@register.filter
def end(at: datetime | None) -> str:
    """An end, the first instant outside: a midnight is the end of the day before."""
    if at is None:
        return "until further order"
    local = at.astimezone(LONDON)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        before = date.fromordinal(local.date().toordinal() - 1)
        return f"end of {before.day} {before:%B %Y}"
    return moment(at)


@register.filter
def days_left(until: datetime | None, at: datetime) -> str:
    """How long that still is: hours on the last two days, then days."""
    if until is None or until <= at:
        return ""
    left = until - at
    hours = int(left.total_seconds() // 3600)
    if hours < 48:
        return f"{hours} h {int(left.total_seconds() % 3600 // 60)} min left"
    return f"{left.days} days left"


@register.filter
def running(due: datetime, then: Any) -> SafeString:
    """How long a deadline still runs; of now a clock that static/ordersite/clock.js counts down, silent to readers."""
    if then.past:
        return escape(days_left(due, then.at))
    seconds = int((due - then.at).total_seconds())
    return format_html('<span role="timer" data-seconds-left="{}">{}</span>', seconds, days_left(due, then.at))


@register.filter
def weekday(value: date) -> str:
    """Sunday 22 November."""
    return f"{value:%A} {value.day} {value:%B}"


@register.filter
def by_when(due: datetime) -> str:
    """A deadline in words: by 14:30 on Monday 23 November 2026; a midnight is the end of the day before."""
    return f"by {until_when(due)}"


@register.filter
def sitting(deadline: Deadline, at: datetime | None = None) -> str:
    """When a court last sits before a deadline; blank where it sits until the deadline itself, or need not sit."""
    last = deadline.last_sitting
    if last is None or last >= deadline.due:
        return ""
    if at is not None and last <= at:
        return f"no court sits before that: the last rose at {until_when(last)}"
    return f"a court last sits before that until {until_when(last)}"


@register.filter
def in_court_by(deadline: Deadline, at: datetime) -> str:
    """In court by 16:00, 24 November: the deadline, or when a court last sits before it. Short, for a list."""
    last = min(deadline.last_sitting or deadline.due, deadline.due)
    if last <= at:
        return "no court sits before it"
    local = last.astimezone(LONDON)
    return f"in court by {local:%H:%M}, {local.day} {local:%B}"


@register.filter
def clock_words(rule: str) -> str:
    """What must be done, of a deadline's rule."""
    if "hearing" in rule:
        return "The application must be heard"
    return "They must be before the court" if "custody" in rule else "They must notify police of names and address"


@register.filter
def may_arrest(attached: bool | None) -> str:
    """Whether an occupation order has a power of arrest, and what follows."""
    return power_of_arrest(attached).text


@register.filter
def instant_input(value: str | None) -> str:
    """The type of input that keeps an instant as it was typed: one with a calendar takes local times only."""
    return "text" if value and not _LOCAL.fullmatch(value) else "datetime-local"


@register.filter
def kind_name(code: str) -> str:
    """The name of a kind of order."""
    return KINDS[code].name if code in KINDS else code


@register.filter
def named(who: Any) -> SafeString:
    """SMITH, John: a person, or an alias as a pair. Held apart, so that nothing in it turns its line round."""
    family, given = (*who, "")[:2] if isinstance(who, list | tuple) else (who.family_name, who.given_names)
    return format_html("<bdi>{}</bdi>", f"{family.upper()}, {given}".rstrip(", "))


@register.filter
def event_words(event: Event) -> str:
    """What happened, as a word or two."""
    return EVENT_KINDS[event.kind].label if event.kind in EVENT_KINDS else event.kind


@register.filter
def event_when(event: Event) -> str:
    """When it happened, a time only where one was recorded."""
    return day(event.at) if event.at_is_date else moment(event.at)


@register.filter
def age(born: date | None, at: datetime | None = None) -> str:
    """Age in years, today or on the local day of an instant."""
    if born is None:
        return ""
    today = timezone.localdate(at or None, LONDON)
    if today < born:
        return "not yet born"
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


@register.filter
def signal(code: str) -> str:
    """A warning signal with what it says: WE weapons."""
    return f"{code} {SIGNALS[code]}" if code in SIGNALS else code


@register.filter
def plural(count: int, words: str) -> str:
    """`3|plural:"order,orders"`: the number with the word that fits."""
    one, many = words.split(",")
    return f"{count:,} {one if count == 1 else many}"
