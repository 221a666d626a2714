"""Finding a person: how many orders of each standing, and a page of them, the best match first, with why it matched.

Built on `by_area`: whoever asks for a person sees no order that the same question without a person would not show.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, ExpressionWrapper
from django.db.models.expressions import Combinable, RawSQL

from orders.access.grants import may_be_told
from orders.models import Level, Person, User
from orders.people import names
from orders.people.names import EXACT, Closeness
from orders.querysets import STANDINGS
from orders.record.as_known import described
from orders.search import by_area
from orders.search.asked import PersonAsked, Understood, understand
from orders.search.by_area import Question
from orders.search.matching import MISSED, Term
from orders.search.narrowing import asks_content
from orders.search.pieces import Piece
from orders.search.planned import fetched

__all__ = ["Answer", "Match", "PersonAsked", "Understood", "find", "understand"]

SPELLINGS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Match:
    """What of an order matched: `on` family name, given names, alias, date of birth, PNC ID, postcode or number.

    `value` as the register writes it; `how`: exact, spelling, nickname, sound, beginning or near. `person_id` is the
    party that matched and `role` what they are in the order, None and blank for a number.
    """

    on: str
    value: str
    how: str
    person_id: int | None = None
    role: str = ""

    def __str__(self) -> str:
        """Why it was found, in words. Of a victim no name is told beyond what was typed: a list is no place for it."""
        party = f" ({self.role})" if self.role else ""
        if self.role != "victim":
            return f"{self.on} {self.value}{party}"
        return f"{self.on}{party}" if self.how == "exact" else f"{self.on}, {_HOW[self.how]}{party}"

    @property
    def told(self) -> str:
        """`value`, but of a victim only where it is what was typed."""
        return "" if self.role == "victim" and self.how != "exact" else self.value


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found. `counts` of every standing; `order_ids` the page; `spellings` other ones among what was found.

    `not_ended`: the orders of those who fit that have not ended, all of them and whatever the filters; None where
    nobody was asked for.
    """

    counts: dict[str, int]
    order_ids: list[int] = field(default_factory=list)
    matched: dict[int, Match] = field(default_factory=dict)
    spellings: tuple[str, ...] = ()
    not_ended: Sequence[int] | None = None

    def total(self, standings: Sequence[str] = ()) -> int:
        """How many rows the whole answer has, of some standings or of all."""
        return sum(self.counts[standing] for standing in standings or STANDINGS)


_HOW = {
    "spelling": "spelt otherwise", "nickname": "a nickname", "sound": "sounding alike", "beginning": "beginning so",
    "near": "nearly so", "initial": "beginning so",
}  # fmt: skip

_NONE = dict.fromkeys(STANDINGS, 0)

_LEVEL = "CASE WHEN cost = 0 AND NOT by_alias THEN 0 WHEN cost = 0 THEN 1 WHEN cost = 1 THEN 2 ELSE 3 END"
"""Exact, alias, nearly the same, perhaps the same: live first within each."""

# OFFSET 0 keeps each order's places a look-up of their own: joined, they might be read area by area.
_FOUND = """
    WITH named AS MATERIALIZED ({named}){there},
    placed AS MATERIALIZED (
        SELECT named.order_id, named.person_id, named.role, named.tokens, cost, by_alias, {level} AS level,
               CASE WHEN live_from > %s THEN 2 WHEN live_until > %s THEN 0
                    WHEN ended_from > %s THEN 1 ELSE 3 END AS rank,
               live_from, live_until, ended_from, fits
          FROM {source} named CROSS JOIN LATERAL ({rows} OFFSET 0) AS place (live_from, live_until, ended_from, fits)),
    best AS MATERIALIZED (
        SELECT DISTINCT ON (order_id) *,
               extract(epoch FROM CASE rank WHEN 0 THEN live_until WHEN 1 THEN greatest(live_until, live_from)
                                            WHEN 2 THEN live_from ELSE ended_from END)
               * CASE rank WHEN 3 THEN -1 ELSE 1 END AS soonest
          FROM placed WHERE fits ORDER BY order_id, level, cost, person_id)
    SELECT live, unconfirmed, pending, ended,
           CASE row_number() OVER shown WHEN 1 THEN spelt END, CASE row_number() OVER shown WHEN 1 THEN not_ended END,
           page.order_id, page.person_id, page.role,
           described.family_name, described.given_names, described.aliases::text, described.date_of_birth,
           described.pnc_id
      FROM (SELECT count(*) FILTER (WHERE rank = 0) AS live, count(*) FILTER (WHERE rank = 1) AS unconfirmed,
                   count(*) FILTER (WHERE rank = 2) AS pending, count(*) FILTER (WHERE rank = 3) AS ended,
                   (SELECT array_agg(DISTINCT abs(token))
                      FROM (SELECT unnest(tokens) AS token
                              FROM (SELECT tokens FROM best ORDER BY level, rank, cost, soonest LIMIT 100) first) one
                     WHERE abs(token) = ANY(%s::int[])) AS spelt,
                   (SELECT array_agg(DISTINCT order_id) FROM placed WHERE rank < 3) AS not_ended
              FROM best) AS counted
      LEFT JOIN LATERAL (
           SELECT order_id, person_id, role, level, rank, cost, soonest FROM best WHERE rank = ANY(%s::int[])
            ORDER BY level, rank, cost, soonest, order_id LIMIT %s OFFSET %s) AS page ON true
      LEFT JOIN orders_person described ON described.id = page.person_id
    WINDOW shown AS (ORDER BY level, rank, cost, soonest, order_id)
     ORDER BY level, rank, cost, soonest, order_id"""

# Of those who fit, most live elsewhere. Of few that is seen in the index of an order's places, one after the other; of
# many in a list of all orders of the area. Said plainly, the planner may read all of the area for each of them.
_THERE = """,
    many AS MATERIALIZED (SELECT count(*) > %s AS are FROM named),
    here AS MATERIALIZED (
        SELECT order_id FROM orders_place
         WHERE (SELECT are FROM many) AND area_id = %s AND valid_from <= %s AND valid_until > %s),
    there AS MATERIALIZED (
        SELECT * FROM named
         WHERE CASE WHEN (SELECT are FROM many) THEN order_id IN (SELECT order_id FROM here)
                    ELSE EXISTS (SELECT FROM orders_place l
                                  WHERE l.order_id = named.order_id AND l.area_id + 0 = %s OFFSET 0) END)"""

_MANY = {Level.NEIGHBOURHOOD: 20, Level.LPA: 100}
"""From how many on it is faster to list the area, which is as large as its level."""


def find(question: Question, user: User, *, offset: int, limit: int) -> Answer:
    """Orders `offset` to `offset + limit` that answer a question with a person, and what matched in each."""
    person = question.person
    if person is None:
        raise ValueError("this question asks for no person")
    named, terms = _named(question, user)
    if named is None:
        return Answer(dict(_NONE), not_ended=())
    rows: Any = by_area.rows_of_anybody(question.whole, user).filter(order_id=RawSQL("named.order_id", []))
    rows = rows.order_by().annotate(_fits=_narrowing(question, user))
    try:
        sql, values = rows.values_list("live_from", "live_until", "ended_from", "_fits").query.sql_with_params()
    except EmptyResultSet:
        return Answer(dict(_NONE), not_ended=())
    near = {pk: text for term in terms for pk, (text, close) in term.near.items() if close.cost > EXACT}
    wanted = [STANDINGS.index(standing) for standing in question.standings or STANDINGS]
    # Everybody who fits lives in their force, and what was known then stands in another table.
    by_word = any(not term.is_initial for term in terms)
    is_part = question.known_at is None and question.area.level != Level.FORCE and not by_word
    statement = _FOUND.format(
        named=named.sql, level=_LEVEL, rows=sql, there=_THERE if is_part else "", source="there" if is_part else "named"
    )
    at, area = question.at, question.area
    there: list[Any] = [_MANY[Level(area.level)], area.pk, at, at, area.pk] if is_part else []
    found = fetched(statement, [*named.values, *there, *[at] * 3, *values, list(near), wanted, limit, offset])
    counts = dict(zip(STANDINGS, found[0][:4], strict=True))
    page = [_Hit(*row[6:]) for row in found if row[6] is not None]
    spellings = [near[pk] for pk in found[0][4] or ()]
    return Answer(
        counts,
        [hit.order_id for hit in page],
        _matches(question, person, terms, page),
        tuple(sorted({spelling.capitalize() for spelling in spellings})[:SPELLINGS_SHOWN]),
        found[0][5] or (),
    )


def _narrowing(question: Question, user: User) -> Combinable:
    """Whether a row of the whole answers to the filters of a question."""
    conditions = by_area.narrowed(question)
    if question.role is None:
        del conditions["role"]
    if asks_content(conditions, question.only):
        conditions["told"] = may_be_told(user)
    if not conditions:
        return RawSQL("true", [])
    return ExpressionWrapper(reduce(and_, conditions.values()), BooleanField())


def _named(question: Question, user: User) -> tuple[Piece | None, tuple[Term, ...]]:
    """Order, person, tokens, cost and by_alias of the parties that fit; for a number alone, of the orders."""
    fits = by_area.fitting_person(question, user)
    if fits is None:
        return None, ()
    return fits.select, fits.terms


class _Hit(NamedTuple):
    """An order of the page, and the party that fits as now described; no party where a number was asked for."""

    order_id: int
    person_id: int | None
    role: str | None
    family_name: str
    given_names: str
    aliases: str
    date_of_birth: date | None
    pnc_id: str

    def person(self) -> Person:
        """The party."""
        return Person(
            pk=self.person_id, family_name=self.family_name, given_names=self.given_names, pnc_id=self.pnc_id,
            aliases=json.loads(self.aliases), date_of_birth=self.date_of_birth,
        )  # fmt: skip


def _matches(question: Question, person: PersonAsked, terms: Sequence[Term], page: Sequence[_Hit]) -> dict[int, Match]:
    if not person.describes:
        return {hit.order_id: Match("number", person.number, "exact") for hit in page}
    if question.known_at is None:
        people = {hit.person_id: hit.person() for hit in page if hit.person_id is not None}
    else:
        then = described(Person.objects.filter(pk__in={hit.person_id for hit in page}), question.known_at)
        people = dict(then)
    return {
        hit.order_id: replace(_match(person, terms, people[hit.person_id]), role=hit.role or "")
        for hit in page
        if hit.person_id in people
    }


def _match(asked: PersonAsked, terms: Sequence[Term], person: Person) -> Match:
    """The furthest of what matched, for that is what the reader must judge."""
    born = person.date_of_birth
    if terms:
        on, value, close = max((_of_term(term, person) for term in terms), key=_worth_telling)
        if close.cost > EXACT or on == "alias" or born is None or asked.born is None or _is_on(asked, person):
            return Match(on, value, close.how, person.pk)
        return Match("date of birth", str(born), "near", person.pk)
    if asked.pnc_id:
        return Match("PNC ID", person.pnc_id, "exact", person.pk)
    if asked.born is not None:
        return Match("date of birth", str(born), "exact" if _is_on(asked, person) else "near", person.pk)
    return Match("postcode", asked.postcode or asked.outward, "exact", person.pk)


def _is_on(asked: PersonAsked, person: Person) -> bool:
    born, day = asked.born, person.date_of_birth
    if born is None or day is None:
        return False
    return day.year in born.years and born.month in (None, day.month) and born.day in (None, day.day)


def _worth_telling(found: tuple[str, str, Closeness]) -> tuple[int, bool, bool]:
    on, _, close = found
    return close.cost, on == "alias", on == "family name"


def _of_term(term: Term, person: Person) -> tuple[str, str, Closeness]:
    """Which name of a person a word fits best, and how closely."""
    fields = [
        ("family name", person.family_name, names.family_tokens(person.family_name)),
        ("given names", person.given_names, names.tokens(person.given_names)),
    ]
    for alias in person.aliases:
        given = alias[1] if len(alias) > 1 else ""
        fields.append(
            ("alias", f"{alias[0]}, {given}".rstrip(", "), (*names.family_tokens(alias[0]), *names.tokens(given)))
        )
    close_to = dict(term.near.values())
    best = ("family name", person.family_name, Closeness(MISSED, "near"))
    for on, value, tokens in fields:
        for token in tokens:
            close = close_to.get(token)
            if term.is_initial and token.startswith(term.spellings[0]):
                close = Closeness(EXACT, "initial")
            if close is not None and close.cost < best[2].cost:
                best = (on, value, close)
    return best
