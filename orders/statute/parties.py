"""Whom an order of a kind can bind: somebody who had been born, and of the age that its Act requires."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from orders.statute.effects import effective
from orders.statute.facts import Event
from orders.statute.kinds import KINDS
from orders.statute.local_time import local_day


def age_on(born: date, day: date) -> int:
    """Whole years on a day; somebody born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def began_on(kind: str, events: Iterable[Event]) -> date | None:
    """The local day on which a notice was authorised, failing that served, or an order made; None before that."""
    days = {effect.kind: local_day(effect.event.at) for effect in reversed(effective(kind, events))}
    wanted = ("AUTHORISED", "SERVED") if KINDS[kind].is_notice else ("MADE",)
    return next((days[name] for name in wanted if name in days), None)


def age_error(kind: str, born: date | None, began: date | None) -> str:
    """Why an order that began on a day cannot bind somebody, as a sentence without its stop; blank if it can.

    Nothing is said where either day is not known.
    """
    if born is None or began is None:
        return ""
    rules = KINDS[kind]
    if born > began:
        return f"Date of birth is after the {rules.code} began, on {began:%-d %B %Y}; one of the two is wrong"
    age = age_on(born, began)
    if rules.least_age is None or age >= rules.least_age:
        return ""
    return (
        f"A {rules.code} binds only somebody aged {rules.least_age} or over ({rules.age_source}); born on "
        f"{born:%-d %B %Y} they were {age} on {began:%-d %B %Y}"
    )
