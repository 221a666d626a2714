"""Why an order stands as it does, in words a sergeant understands, each sentence with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orders.statute.clocks import hearing_latest
from orders.statute.effects import Effective
from orders.statute.event_kinds import STATED_END_EVENTS
from orders.statute.facts import FAR, OrderFacts, Outlook, Reason
from orders.statute.holidays import Holidays, HolidaysNotKnown
from orders.statute.kinds import KINDS, Form, KindRules
from orders.statute.local_time import LONDON, ONE_DAY, local_day
from orders.statute.periods import days_through, last_day_of_days, last_day_of_months
from orders.statute.standing import INSTANT, Determination

REGISTER = "Register: how it is decided"
_ENDED = {
    "refused": "The application was refused",
    "withdrawn": "The application was withdrawn",
    "lapsed": "A person recorded that it lapsed unheard",
    "discharged": "The court discharged it",
    "quashed": "It was quashed on appeal",
    "set aside": "The court set it aside",
    "determined": "The order that was applied for was made, which determined the application",
    "replaced": "The full order was made, which replaced it",
}


def when(at: datetime) -> str:
    """An instant in local words: 16:40 on Tuesday 2 April 2024."""
    local = at.astimezone(LONDON)
    return f"{local:%H:%M} on {local:%A} {local.day} {local:%B %Y}"


def at_or_on(effect: Effective) -> str:
    """When an event happened: at a time, or on a day where the time was not recorded."""
    if not effect.event.at_is_date:
        return f"at {when(effect.at)}"
    day = local_day(effect.event.at)
    return f"on {day:%A} {day.day} {day:%B %Y} (time not recorded)"


def until_when(at: datetime) -> str:
    """An end, the first instant outside, in local words: a midnight is the end of the day before."""
    local = at.astimezone(LONDON)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        day = local.date() - ONE_DAY
        return f"the end of {day:%A} {day.day} {day:%B %Y}"
    return when(at)


def reasons(
    facts: OrderFacts,
    outlook: Outlook,
    effects: Sequence[Effective],
    determinations: Sequence[Determination],
    at: datetime,
    holidays: Holidays,
) -> tuple[Reason, ...]:
    """The explanation of a standing: how it began, until when it runs or by what it ended, what is not certain."""
    if facts.in_error:
        return (Reason("It was recorded in error: what brought it into the register was undone.", REGISTER),)
    rules = KINDS[facts.kind]
    standing = outlook.standing_at(at)
    found = [_beginning(rules, effects, outlook, standing)]
    if rules.is_notice and any(effect.kind == "SERVED" for effect in effects):
        found += _hearing(rules, effects, at, standing, holidays)
    if standing == "live":
        found.append(_live_until(rules, outlook, effects))
    elif standing == "unconfirmed":
        found += _unconfirmed(facts, rules, effects, at)
    elif standing == "ended":
        found.append(_ended(rules, outlook, effects))
    elif any(effect.kind == "STAYED" for effect in effects) and any(effect.kind == "MADE" for effect in effects):
        until = "it is lifted" if outlook.live_from >= FAR else until_when(outlook.live_from)
        found.append(Reason(f"It is stayed until {until}: meanwhile it is not in force.", "Stay recorded by the court"))
    found += _knowledge(facts, rules, effects, standing, outlook, at)
    return tuple(found)


def _beginning(rules: KindRules, effects: Sequence[Effective], outlook: Outlook, standing: str) -> Reason:
    first = {effect.kind: effect for effect in reversed(effects)}
    if rules.is_notice:
        if "SERVED" in first:
            return Reason(f"Served {at_or_on(first['SERVED'])}; a notice is in force from service.", rules.act)
        if "AUTHORISED" in first:
            return Reason(
                "Authorised, and not known to have been served: a notice is in force from service.", rules.act
            )
    elif "MADE" in first:
        return Reason(f"Made {at_or_on(first['MADE'])}; in force from when it was made, served or not.", rules.act)
    elif "APPLIED" in first:
        return Reason(f"Applied for on {local_day(first['APPLIED'].at):%-d %B %Y}, and not made.", rules.act)
    if standing == "ended":
        return Reason("It was never in force.", rules.act)
    return Reason("Nothing has been recorded that would bring it into force.", rules.act)


def _hearing(
    rules: KindRules, effects: Sequence[Effective], at: datetime, standing: str, holidays: Holidays
) -> list[Reason]:
    served = next(effect for effect in effects if effect.kind == "SERVED")
    try:
        due = hearing_latest(served.at, holidays)
    except HolidaysNotKnown as problem:
        return [Reason(f"The deadline for the hearing is not known: {problem}.", rules.hearing_source)]
    heard = next((effect for effect in effects if effect.kind == "HEARING" and effect.at <= due), None)
    if heard is not None:
        return [Reason(f"Heard {at_or_on(heard)}, in time; it continues until determined.", rules.hearing_source)]
    text = (
        f"The application must be heard by {when(due)}: 48 hours from service, leaving out Sundays, Christmas Day, "
        "Good Friday and bank holidays."
    )
    found = [Reason(text, rules.hearing_source)]
    if standing == "unconfirmed":
        found.append(
            Reason(
                "That time has passed and no hearing or outcome is recorded. The Act does not say what follows: "
                "do not rely on the notice for an arrest; ring the civil orders team.",
                rules.hearing_source,
            )
        )
    return found


def at_least(rules: KindRules, outlook: Outlook, effects: Sequence[Effective]) -> bool:
    """Whether an order of which nobody stated the end is in force for the least that its Act allows (contract, 7)."""
    return (
        not rules.is_notice
        and outlook.live_from < outlook.live_until < outlook.ended_from
        and not any(effect.until is not None for effect in effects if effect.kind in STATED_END_EVENTS)
    )


def _live_until(rules: KindRules, outlook: Outlook, effects: Sequence[Effective]) -> Reason:
    if outlook.live_until >= FAR:
        words = "until the application is determined" if rules.is_notice else "until further order"
        if rules.form is Form.INTERIM:
            words = "until the application is determined or it is replaced"
        return Reason(f"In force {words}.", rules.act)
    if rules.is_notice:
        return Reason("In force, if nothing else happens, until that deadline.", rules.act)
    if at_least(rules, outlook, effects):
        text = f"In force until {until_when(outlook.live_until)} at least: its end was not stated, and the least the "
        return Reason(f"{text}Act allows is {_least(rules)}.", rules.act)
    return Reason(f"In force until {until_when(outlook.live_until)}.", rules.act)


def _unconfirmed(facts: OrderFacts, rules: KindRules, effects: Sequence[Effective], at: datetime) -> list[Reason]:
    found = []
    if facts.doubt_since is not None and facts.doubt_since <= at:
        found.append(
            Reason("Newer information about this order was received and could not be applied.", "Extract contract")
        )
    stated = any(effect.until is not None for effect in effects if effect.kind in STATED_END_EVENTS)
    if not rules.is_notice and not stated:
        least = _least(rules)
        text = "Its end was not stated" + (f", and the least the Act allows, {least}, has passed." if least else ".")
        found.append(Reason(text + " Find out from the court before relying on it.", rules.act))
    return found


def _least(rules: KindRules) -> str:
    if rules.least_days:
        return f"{rules.least_days} days"
    return f"{rules.least_months // 12} years" if rules.least_months else ""


def _ended(rules: KindRules, outlook: Outlook, effects: Sequence[Effective]) -> Reason:
    if outlook.ended_by == "expired" and at_least(rules, outlook, effects):
        text = (
            f"Its end was not stated. The Act allows at least {_least(rules)}, until {until_when(outlook.live_until)}, "
            f"and at most {rules.most_days} days: it had run out by {until_when(outlook.ended_from)}."
        )
        return Reason(text, rules.act)
    if outlook.ended_by == "expired":
        return Reason(f"It ran out at {until_when(outlook.ended_from)}.", rules.act)
    words = _ENDED.get(outlook.ended_by or "", "It ended")
    return Reason(f"{words} at {until_when(outlook.ended_from)}.", rules.act)


def _knowledge(
    facts: OrderFacts,
    rules: KindRules,
    effects: Sequence[Effective],
    standing: str,
    outlook: Outlook,
    at: datetime,
) -> list[Reason]:
    """What breach comes to now, and what the respondent must be told first."""
    if standing not in ("live", "unconfirmed"):
        return []
    found = [Reason(rules.breach_words, rules.breach_source)]
    unknown = outlook.offence_from is None or at < outlook.offence_from
    if rules.is_offence and unknown:
        found.append(
            Reason(
                "In force, and not known to be served. Breach is an offence only if the respondent knew of the order: "
                "tell them of it and record the time.",
                "Family Law Act 1996 s.42A(2); DPP v Stephenson [2025] EWHC 950 (Admin)",
            )
        )
    elif not rules.is_notice and not any(effect.kind in ("SERVED", "TOLD") for effect in effects):
        found.append(
            Reason("Not known to be served: it is in force all the same. Serve it, and record the time.", rules.act)
        )
    if facts.kind == "OCC":
        found.append(power_of_arrest(facts.power_of_arrest))
    return found


def power_of_arrest(attached: bool | None) -> Reason:
    """Whether a constable may arrest without warrant for breach of this occupation order."""
    if attached:
        words = (
            "This order has a power of arrest attached: arrest without warrant for breach, and bring before a court "
            "within 24 hours, leaving out Sundays, Good Friday and Christmas Day."
        )
    elif attached is None:
        words = "No power of arrest is recorded as attached: ask before arresting for breach."
    else:
        words = "No power of arrest is attached: breach alone is no ground to arrest."
    return Reason(words, "Family Law Act 1996 s.47(2), (6)-(7)")


def flags(
    facts: OrderFacts, effects: Sequence[Effective], determinations: Sequence[Determination], at: datetime
) -> tuple[Reason, ...]:
    """What is out of the ordinary about an order: lengths the Act does not allow, hearings without a result."""
    rules = KINDS[facts.kind]
    found = list(length_flags(rules, effects))
    for effect in effects:
        if effect.kind == "RETURN_DATE" and effect.at <= at:
            later = any(
                other.kind in ("HEARING", "VARIED", "DISCHARGED") and other.at >= effect.at for other in effects
            )
            if not later:
                found.append(
                    Reason(
                        f"The hearing on notice listed for {local_day(effect.at):%-d %B %Y} has no result recorded.",
                        "Family Law Act 1996 s.45",
                    )
                )
    return tuple(found)


def length_flags(rules: KindRules, effects: Sequence[Effective]) -> list[Reason]:
    """Stated ends that the Act does not allow. They are kept as given and flagged; a maximum still caps them."""
    made = next((effect for effect in effects if effect.kind == "MADE"), None)
    if made is None or made.until is None:
        return []
    first = local_day(made.at)
    if made.until >= FAR:
        if rules.open_ended:
            return []
        return [Reason(f"It is stated to be until further order, which a {rules.code} cannot be.", rules.act)]
    last = local_day(made.until - INSTANT)
    days = days_through(first, last)
    if rules.most_days and days > rules.most_days:
        capped = last_day_of_days(first, rules.most_days)
        return [
            Reason(
                f"Its stated end gives {days} days; the Act allows {rules.most_days}. It is not counted as in force "
                f"after {capped:%-d %B %Y}.",
                "Crime and Security Act 2010 s.28(10)",
            )
        ]
    if rules.least_days and days < rules.least_days:
        text = f"Its stated end gives {days} days; the Act requires at least {rules.least_days}."
        return [Reason(text, "Crime and Security Act 2010 s.28(10)")]
    if rules.least_months and last < last_day_of_months(first, rules.least_months):
        text = f"Its stated end is earlier than the {_least(rules)} that the Act requires."
        return [Reason(text, rules.act)]
    return []
