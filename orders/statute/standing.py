"""Standing: whether an order is pending, live, unconfirmed or ended at an instant, and by what it ended.

An order is what has happened to it. For each period between effects there is one outlook; together they tile all time.
Each counts only what has taken effect by its beginning, so that what came later never shows earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from orders.statute.clocks import hearing_latest
from orders.statute.effects import Effective, effective
from orders.statute.facts import DAWN, FAR, OrderFacts, Outlook
from orders.statute.holidays import Holidays, HolidaysNotKnown
from orders.statute.kinds import KINDS, Form, KindRules
from orders.statute.local_time import end_of_local_day, local_day
from orders.statute.periods import last_day_of_days, last_day_of_months

INSTANT = timedelta(microseconds=1)
"""A notice not heard is still live at the very instant of its deadline, "not later than" (CSA 2010 s.27(3)), so its
`live_until`, like every other the first instant outside, is one microsecond after it."""

RECORDED_IN_ERROR = "recorded in error"
"""By what an order ended that never was one: what brought it into the register was undone."""

_ENDINGS = {
    "REFUSED": "refused",
    "WITHDRAWN": "withdrawn",
    "LAPSED": "lapsed",
    "DISCHARGED": "discharged",
    "QUASHED": "quashed",
    "SET_ASIDE": "set aside",
}
_DETERMINATIONS = frozenset({"REFUSED", "WITHDRAWN"})
_INERT = frozenset(
    {"ATTEMPTED", "LISTED", "RETURN_DATE", "APPEALED", "ON_PNC", "PNC_REQUESTED", "OFF_PNC", "REVIEWED", "NOTIFIED",
     "BREACHED", "ARRESTED", "PRODUCED", "RELEASED", "BREACH_RESULT", "APPLIED", "AUTHORISED", "SERVICE_UNKNOWN"}
)  # fmt: skip


class Course(NamedTuple):
    """How an order runs, as far as is known at an instant. The fields are those of an outlook, without its period."""

    live_from: datetime = FAR
    live_until: datetime = FAR
    ended_from: datetime = FAR
    ended_by: str | None = None
    offence_from: datetime | None = None


_PENDING = Course()


class Determination(NamedTuple):
    """What a following order did to the one before it: its making, or its refusal or withdrawal unmade."""

    at: datetime
    word: str


def outlooks(facts: OrderFacts, holidays: Holidays) -> tuple[Outlook, ...]:
    """All that can be said of an order, for all time: outlooks from DAWN to FAR without gap or overlap.

    Neighbours that say the same are one, and a time of waiting joins the outlook whose start it waits for.
    """
    joined: list[Outlook] = []
    for outlook in tiling(facts, holidays):
        if joined and _says_the_same(joined[-1], outlook):
            before = joined.pop()
            outlook = Outlook(
                before.valid_from, outlook.valid_until, outlook.live_from, outlook.live_until, outlook.ended_from,
                outlook.ended_by, outlook.offence_from,
            )  # fmt: skip
        joined.append(outlook)
    return tuple(joined)


def _says_the_same(before: Outlook, after: Outlook) -> bool:
    if before.live_from >= before.valid_until:
        return after.live_from >= after.valid_from
    return (
        before.live_from == after.live_from
        and before.live_until == after.live_until
        and before.ended_from == after.ended_from
        and before.ended_by == after.ended_by
        and before.offence_from == after.offence_from
    )


def tiling(facts: OrderFacts, holidays: Holidays, known: Sequence[Effective] | None = None) -> list[Outlook]:
    """The outlooks before any are joined: one from each instant at which something takes effect.

    `known`: what is `effective` of its events, where that has been worked out.
    """
    if facts.in_error:
        return [Outlook(DAWN, FAR, DAWN, DAWN, DAWN, RECORDED_IN_ERROR, None)]
    rules = KINDS[facts.kind]
    told = effective(facts.kind, facts.events) if known is None else known
    effects = [effect for effect in told if effect.kind not in _INERT]
    determinations = followers_determine(facts)
    cuts = {effect.at for effect in effects} | {determination.at for determination in determinations}
    if facts.doubt_since is not None:
        cuts.add(facts.doubt_since)
    instants = [DAWN, *sorted(cut for cut in cuts if DAWN < cut < FAR), FAR]
    tiles = []
    for starts, ends in pairwise(instants):
        course = run(
            rules,
            [effect for effect in effects if effect.at <= starts],
            [determination for determination in determinations if determination.at <= starts],
            facts,
            holidays,
        )
        if facts.doubt_since is not None and facts.doubt_since <= starts:
            course = _in_doubt(course, starts)
        tiles.append(_tile(starts, ends, course))
    return tiles


def _tile(starts: datetime, ends: datetime, course: Course) -> Outlook:
    return Outlook(
        starts, ends, course.live_from, course.live_until, course.ended_from, course.ended_by, course.offence_from
    )


def _in_doubt(course: Course, since: datetime) -> Course:
    """While newer information was received and not applied, what would be live is unconfirmed (contract, rule 1)."""
    live_until = min(course.live_until, max(since, course.live_from))
    return Course(course.live_from, live_until, course.ended_from, course.ended_by, course.offence_from)


def followers_determine(facts: OrderFacts) -> list[Determination]:
    """How the orders that follow a notice or an interim determine it (contract, rule 3); nothing, for other kinds."""
    form = KINDS[facts.kind].form
    if form is Form.ORDER:
        return []
    found = []
    for follower in facts.followers:
        effects = effective(follower.kind, follower.events)
        made = next((effect.at for effect in effects if effect.kind == "MADE"), None)
        if made is not None:
            found.append(Determination(made, "determined" if form is Form.NOTICE else "replaced"))
        found += [
            Determination(effect.at, _ENDINGS[effect.kind])
            for effect in effects
            if effect.kind in _DETERMINATIONS and (made is None or effect.at < made)
        ]
    return sorted(found, key=lambda determination: (determination.at, determination.word))


def run(
    rules: KindRules,
    effects: Sequence[Effective],
    determinations: Sequence[Determination],
    facts: OrderFacts,
    holidays: Holidays,
) -> Course:
    """How the order runs on what has taken effect: `effects` of its own events and `determinations` by others."""
    if not effects and not determinations:
        return _PENDING
    if rules.is_notice:
        return _notice(effects, determinations, holidays)
    course = _made(rules, effects, determinations)
    course = _stayed(course, effects)
    return _with_offence(course, rules, effects, facts)


def _first(found: Sequence[Determination], effects: Sequence[Effective], words: frozenset[str]) -> Determination | None:
    own = [Determination(effect.at, _ENDINGS[effect.kind]) for effect in effects if effect.kind in words]
    return min([*own, *found], key=lambda determination: determination.at, default=None)


def _notice(effects: Sequence[Effective], determinations: Sequence[Determination], holidays: Holidays) -> Course:
    """In force from service until the application is determined, if it is heard in time.

    Crime and Security Act 2010 ss.25-27; Domestic Abuse Act 2021 ss.22-29. Not heard in time the Act is silent, so the
    notice is neither live nor ended but unconfirmed, until somebody records what became of it.
    """
    ended = _first(determinations, effects, _DETERMINATIONS | {"LAPSED"})
    served = next((effect.at for effect in effects if effect.kind == "SERVED"), None)
    if served is None or (ended is not None and ended.at <= served):
        return _PENDING if ended is None else Course(ended.at, ended.at, ended.at, ended.word)
    try:
        deadline = hearing_latest(served, holidays)
    except HolidaysNotKnown:
        live_until = served
    else:
        heard = any(effect.kind == "HEARING" and effect.at <= deadline for effect in effects)
        live_until = FAR if heard else deadline + INSTANT
    if ended is None:
        return Course(served, live_until, FAR)
    return Course(served, min(live_until, ended.at), ended.at, ended.word)


def _made(rules: KindRules, effects: Sequence[Effective], determinations: Sequence[Determination]) -> Course:
    """In force from the instant it is made until its stated end, unless something ends it before."""
    terminal = frozenset({"DISCHARGED", "QUASHED", "SET_ASIDE"})
    made = next((effect for effect in effects if effect.kind == "MADE"), None)
    if made is None:
        ended = _first(determinations, effects, terminal | _DETERMINATIONS)
        return _PENDING if ended is None else Course(ended.at, ended.at, ended.at, ended.word)
    # A refusal recorded on an order already made is of some other application, unless the order is an interim, which
    # the main application's determination ends (Stalking Protection Act 2019 s.5(6)).
    words = terminal | _DETERMINATIONS if rules.form is Form.INTERIM else terminal
    ended = _first(
        [found for found in determinations if found.at >= made.at],
        [effect for effect in effects if effect.at >= made.at],
        words,
    )
    live_from, live_until, ended_from = _term(rules, made.at, effects, ended.at if ended else FAR)
    if ended is not None and ended.at < ended_from:
        return Course(live_from, min(live_until, ended.at), ended.at, ended.word)
    return Course(live_from, live_until, ended_from, "expired" if ended_from < FAR else None)


def _term(
    rules: KindRules, made_at: datetime, effects: Sequence[Effective], before: datetime
) -> tuple[datetime, datetime, datetime]:
    """From when and until when the order last ran, and from when it is over.

    The latest stated end prevails; one stated after the order had run out starts it anew from there.
    """
    starts, stated = made_at, None
    for effect in effects:
        if effect.at > before or effect.kind not in ("MADE", "VARIED", "RENEWED") or effect.until is None:
            continue
        if stated is not None and stated <= effect.at:
            starts = effect.at
        stated = effect.until
    made_on = local_day(made_at)
    cap = end_of_local_day(last_day_of_days(made_on, rules.most_days)) if rules.most_days else FAR
    if stated is not None:
        over = min(stated, cap)
        return min(starts, over), over, over
    if rules.least_days:
        return made_at, end_of_local_day(last_day_of_days(made_on, rules.least_days)), cap
    if rules.least_months:
        return made_at, end_of_local_day(last_day_of_months(made_on, rules.least_months)), cap
    return made_at, made_at, cap


def _stayed(course: Course, effects: Sequence[Effective]) -> Course:
    """While stayed an order has no effect and is pending; afterwards it runs on to the same end."""
    resumes: datetime | None = None
    for effect in effects:
        if effect.kind == "STAYED" and course.live_from <= effect.at < course.ended_from:
            resumes = max(resumes or effect.at, effect.until or FAR)
        elif effect.kind == "LIFTED" and resumes is not None:
            resumes = min(resumes, effect.at)
    if resumes is None or resumes <= course.live_from:
        return course
    resumes = min(resumes, course.ended_from)
    return Course(resumes, max(resumes, course.live_until), course.ended_from, course.ended_by, course.offence_from)


def _with_offence(course: Course, rules: KindRules, effects: Sequence[Effective], facts: OrderFacts) -> Course:
    """From when breach is provably an offence: at once; of an NMO without notice, once the respondent knows of it.

    Family Law Act 1996 s.42A(1)-(2); Director of Public Prosecutions v Stephenson [2025] EWHC 950 (Admin): the order
    itself is in force all the same. Where nobody said whether notice was given, it counts as made without.
    """
    if not rules.is_offence:
        return course
    if rules.code != "NMO" or facts.without_notice is False:
        return Course(course.live_from, course.live_until, course.ended_from, course.ended_by, DAWN)
    knew = next((effect.at for effect in effects if effect.kind in ("SERVED", "TOLD")), None)
    return Course(course.live_from, course.live_until, course.ended_from, course.ended_by, knew)
