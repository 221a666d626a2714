"""Which parties of orders fit a person who is looked for, as SQL: by spelling first, then by the keys of a force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Q

from orders.access import sealing
from orders.models import Order, Residence
from orders.models.order import folded
from orders.people import names
from orders.people.names import CLOSE, EXACT, FAR, Closeness
from orders.people.party_names import BORN, INITIAL, PNC, TOKEN, day_value, keys_in, month_value, pnc_value, year_value
from orders.record.as_known import held
from orders.search.asked import Born, PersonAsked
from orders.search.pieces import Piece
from orders.search.planned import fetched

MISSED = 3
"""What a word costs that nothing of a person's names fits, where the date of birth does."""

NOT_THE_DAY = 2
"""What a date of birth costs of which only month and year fit."""

_BEGINNINGS = 60
"""Tokens that begin with a word are taken up to so many."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word asked for, with its spellings, and the tokens of the register that are near it: id, text, how close."""

    spellings: tuple[str, ...]
    near: dict[int, tuple[str, Closeness]] = field(default_factory=dict)

    @property
    def is_initial(self) -> bool:
        """Whether it is a letter, for which any name that begins with it will do."""
        return len(self.spellings) == 1 and len(self.spellings[0]) == 1

    def ids(self, *costs: int) -> list[int]:
        """The ids of tokens at these costs, or at any."""
        return [pk for pk, (_, close) in self.near.items() if not costs or close.cost in costs]


def terms(name: str, *, exact: bool) -> list[Term]:
    """The words of a name with the tokens near them; `exact`: only the words themselves."""
    spelt = _spelt(name)
    found = _looked_up(spelt, exact=exact)
    if exact:
        return found
    taken_apart: list[tuple[str, ...]] = []
    for term in found:
        taken_apart += [(half,) for half in _halves(term)] or [term.spellings]
    return found if taken_apart == spelt else _looked_up(taken_apart, exact=False)


def _spelt(name: str) -> list[tuple[str, ...]]:
    """The words of a name; one after "or" is another spelling of the word before it."""
    found: list[tuple[str, ...]] = []
    is_other = False
    for word in names.words_asked(name):
        if word == "or" and found:
            is_other = True
        elif is_other:
            found[-1] = (*found[-1], word)
            is_other = False
        else:
            found.append(tuple(filter(None, (word, names.without_particle(word, name)))))
    return found


def _looked_up(spelt: Sequence[tuple[str, ...]], *, exact: bool) -> list[Term]:
    found = [Term(spellings) for spellings in spelt]
    asked: list[tuple[str, tuple[Term, ...], int]] = [
        (word, (term,), EXACT) for term in found if not term.is_initial for word in term.spellings
    ]
    if not exact:
        # Written as one word in the register: De Silva as Desilva.
        asked += [
            (one.spellings[0] + other.spellings[0], (one, other), CLOSE)
            for one, other in pairwise(found)
            if not one.is_initial and not other.is_initial
        ]
    if not asked:
        return found
    words = [word for word, _, _ in asked]
    for number, pk, token in fetched(_SAME, [words]) if exact else _near(words, [least for _, _, least in asked]):
        word, of_terms, least = asked[number]
        close = names.closeness(word, token)
        if close is None or (least == CLOSE and (close.cost > CLOSE or close.how == "nickname")):
            continue
        close = Closeness(max(close.cost, least), close.how if close.cost >= least else "spelling")
        for term in of_terms:
            if pk not in term.near or close.cost < term.near[pk][1].cost:
                term.near[pk] = (token, close)
    return found


_SAME = """
    SELECT asked.number::int - 1, t.id, t.token
      FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, number)
      JOIN orders_nametoken t ON asked.word COLLATE "C" = t.token"""

_NEAR = """
    SELECT asked.number, near.id, near.token
      FROM unnest(%s::int[], %s::int[]) AS asked (number, key)
     CROSS JOIN LATERAL (SELECT id, token FROM orders_nametoken WHERE keys @> ARRAY[asked.key] OFFSET 0) AS near
     UNION ALL
    SELECT asked.number, near.id, near.token
      FROM unnest(%s::int[], %s::text[], %s::text[]) AS asked (number, first, after)
     CROSS JOIN LATERAL (SELECT id, token FROM orders_nametoken
                          WHERE token >= asked.first COLLATE "C" AND token < asked.after COLLATE "C"
                          ORDER BY token LIMIT %s) AS near"""
"""Key by key from the index. Of many keys at once the planner would rather compare every token of the register, not
knowing how long it takes to compare two lists. And words that begin so."""


def _near(words: Sequence[str], least: Sequence[int]) -> Iterable[tuple[int, int, str]]:
    """Tokens that may be near some words: the number of the word, id and token, each once."""
    keys = [(number, key) for number, word in enumerate(words) for key in names.keys_asked(word)]
    begun = [
        (number, word, word[:-1] + chr(ord(word[-1]) + 1))
        for number, word in enumerate(words)
        if len(word) > 2 and least[number] == EXACT
    ]
    by_key = [list(column) for column in zip(*keys, strict=True)]
    by_beginning = [list(column) for column in zip(*begun, strict=True)] or [[], [], []]
    return dict.fromkeys(fetched(_NEAR, [*by_key, *by_beginning, _BEGINNINGS]))


def _halves(term: Term) -> tuple[str, ...]:
    """Two names that were written as one word, if the word itself is none."""
    word = term.spellings[0]
    if len(word) < 6 or term.ids(EXACT, CLOSE):
        return ()
    halves = {word[:at]: word[at:] for at in range(3, len(word) - 2)}
    known = {token for _, _, token in fetched(_SAME, [[*halves, *halves.values()]])}
    both = [(left, right) for left, right in halves.items() if left in known and right in known]
    return max(both, key=lambda pair: min(map(len, pair)), default=())


@dataclass(frozen=True, slots=True)
class Fitting:
    """The parties that fit: a SELECT of order_id, person_id, role, tokens, cost, by_alias; and what it was made of."""

    select: Piece
    terms: tuple[Term, ...]


def fitting(
    person: PersonAsked,
    force_id: int,
    *,
    lpa_id: int | None,
    known_at: datetime | None,
    exact: bool,
    secret_places: bool,
) -> Fitting | None:
    """The parties of orders of a force that fit a person; None where nobody can.

    `lpa_id`: the local policing area of that force in which the orders are looked for, now as always. Those of the
    whole force are given all the same where the question has no name.
    """
    words = terms(person.name, exact=exact) if person.name else []
    found = _where(person, words, force_id, lpa_id or force_id, exact=exact)
    if found is None:
        return None
    keys, where = found
    if person.postcode or person.outward:
        where = where & _lives_at(person, secret_places=secret_places, known_at=known_at)
    cost, by_alias = _cost(words, person.born), _by_alias(words)
    costs = [0] * len(keys or ())
    if keys is not None and words and not words[0].is_initial:
        # Each row comes by one key, and the key says what it costs: comparing lists costs more than finding the row.
        cost, costs = Piece("asked.cost"), [close.cost for _, close in words[0].near.values()]
        by_alias = Piece(f"asked.cost = {EXACT} AND ({by_alias.sql})", by_alias.values)
    columns = f"n.order_id, n.person_id, n.role, n.tokens, ({cost.sql}) AS cost, ({by_alias.sql}) AS by_alias"
    values = (*cost.values, *by_alias.values)
    now, past = (Piece(f"{table} n") if keys is None else _by_key(table, keys, costs) for table in _TABLES)
    # Put together from the pieces of this file; what was typed is among the values only.
    if known_at is None:
        select = f"SELECT {columns} FROM {now.sql} WHERE {where.sql}"  # noqa: S608 - pieces of ours
        return Fitting(Piece(select, (*values, *now.values, *where.values)), tuple(words))
    then = f"""
        SELECT {columns} FROM {now.sql} JOIN orders_recording r ON r.id = n.recording_id
         WHERE {where.sql} AND r.recorded_at <= %s
        UNION ALL
        SELECT {columns} FROM {past.sql} JOIN orders_recording r ON r.id = n.recording_id
          JOIN orders_recording s ON s.id = n.superseded_id
         WHERE {where.sql} AND r.recorded_at <= %s AND s.recorded_at > %s"""  # noqa: S608 - pieces of ours
    of_both = [(*values, *table.values, *where.values, known_at) for table in (now, past)]
    return Fitting(Piece(then, (*of_both[0], *of_both[1], known_at)), tuple(words))


_TABLES = ("orders_partyname", "orders_partynamepast")


def _by_key(table: str, keys: Sequence[int], costs: Sequence[int]) -> Piece:
    """The parties of a table that have one of some keys, some perhaps twice: key by key, for the reason of `_NEAR`.

    `costs`: those of the keys, in the same order, as `asked.cost` of each row.

    Where there are several lists the planner multiplies what it takes each for, and does read the index.
    """
    found = f"SELECT * FROM {table} WHERE keys @> ARRAY[asked.key] OFFSET 0"  # noqa: S608 - one of ours
    asked = "unnest(%s::bigint[], %s::int[]) AS asked (key, cost)"
    return Piece(f"{asked} CROSS JOIN LATERAL ({found}) n", (list(keys), list(costs)))


_AMONG = "n.keys && %s::bigint[]"


def _where(
    person: PersonAsked, words: Sequence[Term], force_id: int, area_id: int, *, exact: bool
) -> tuple[list[int] | None, Piece] | None:
    """Who fits: what must hold of them; where it is but one list of keys, that list apart. None where nobody can.

    Words are looked for in an area, which is the force or a local policing area of it; all else in the force.
    """

    def among(sort: int, values: Iterable[int]) -> Piece:
        return Piece(_AMONG, (keys_in(area_id if sort == TOKEN else force_id, sort, values),))

    def term(word: Term) -> Piece:
        return among(INITIAL, [ord(word.spellings[0])]) if word.is_initial else among(TOKEN, word.ids())

    every = [term(word) for word in words if word.is_initial or word.near]
    fits_all = len(every) == len(words)
    parts = list(every)
    if person.born is not None:
        parts.append(among(BORN, _born_values(person.born, near=bool(words) and not exact)))
    if person.pnc_id:
        parts.append(among(PNC, [pnc_value(person.pnc_id)]) & Piece("n.pnc_id = %s", (person.pnc_id,)))
    if not parts and not (person.postcode or person.outward):
        return None
    if fits_all and len(parts) == 1 and (one := parts[0]).sql == _AMONG:
        return one.values[0], Piece("true")
    whole = Piece("true")
    for part in parts:
        whole = whole & part
    if fits_all and (exact or len(words) < 2 or person.born is None or person.born.on is None):
        return None, whole
    ids = [pk for word in words for pk in word.ids()]
    if exact or person.born is None or person.born.on is None or not ids:
        return None
    # Somebody born on that very day needs to fit one of the words only.
    loose = among(BORN, [day_value(person.born.on)]) & among(TOKEN, ids)
    if person.pnc_id:
        loose = loose & Piece("n.pnc_id = %s", (person.pnc_id,))
    if not fits_all:
        return None, loose
    return None, Piece(f"(({whole.sql}) OR ({loose.sql}))", (*whole.values, *loose.values))


def near_dates(day: date) -> list[date]:
    """The days that are easily taken for a date of birth: day and month exchanged, a year before or after."""
    found = []
    for year, month, number in (
        (day.year, day.day, day.month), (day.year - 1, day.month, day.day), (day.year + 1, day.month, day.day),
    ):  # fmt: skip
        try:
            found.append(date(year, month, number))
        except ValueError:
            continue
    return found


def _born_values(born: Born, *, near: bool) -> list[int]:
    day = born.on
    if day is not None:
        wanted = [day_value(day)]
        if near:
            wanted += [*map(day_value, near_dates(day)), month_value(day.year, day.month)]
        return wanted
    years = born.years
    if near and len(years) == 1:
        years = (years[0] - 1, years[0], years[0] + 1)
    if born.month is not None:
        return [month_value(year, born.month) for year in years]
    return [year_value(year) for year in years]


def _cost(words: Sequence[Term], born: Born | None) -> Piece:
    parts, values = ["0"], list[Any]()
    for word in words:
        if not word.is_initial:
            # One text whichever of them there are.
            whens = " ".join(f"WHEN n.tokens && %s::int[] THEN {cost}" for cost in (EXACT, CLOSE, FAR))
            parts.append(f"CASE {whens} ELSE {MISSED} END")
            for cost in (EXACT, CLOSE, FAR):
                ids = word.ids(cost)
                values.append([*ids, *(-pk for pk in ids)])
    if born is not None and born.on is not None:
        parts.append(
            f"CASE WHEN n.date_of_birth = %s THEN 0 WHEN n.date_of_birth = ANY(%s) THEN 1 ELSE {NOT_THE_DAY} END"
        )
        values += [born.on, near_dates(born.on)]
    elif born is not None:
        parts.append("CASE WHEN extract(year FROM n.date_of_birth) = ANY(%s::int[]) THEN 0 ELSE 1 END")
        values.append(list(born.years))
    return Piece(" + ".join(parts), tuple(values))


def _by_alias(words: Sequence[Term]) -> Piece:
    """Whether some word is that of an alias alone: asked of those of whom all words are exact."""
    exact = [word.ids(EXACT) for word in words if not word.is_initial]
    if not exact:
        return Piece("false")
    return Piece(" OR ".join("NOT n.tokens && %s::int[]" for _ in exact), tuple(exact))


def _lives_at(person: PersonAsked, *, secret_places: bool, known_at: datetime | None) -> Piece:
    """Parties with a home at a postcode or outward code. The one place that matches addresses with what was typed.

    Without the permission for secret places: homes said not to be secret, and those of perpetrators of which nobody
    said that they are. What has been superseded since is never matched then, for what it hides now may not be known.
    """
    homes = Residence.objects.all() if secret_places else Residence.objects.filter(superseded__isnull=True)
    homes = held(homes, known_at)
    if person.postcode:
        homes = homes.filter(postcode_index=sealing.postcode_index(person.postcode))
    else:
        homes = homes.filter(outward_index=sealing.district_index(person.outward))
    if not secret_places:
        homes = homes.filter(Q(secret=False) | Q(secret__isnull=True))
    found = list(homes.values_list("person_id", "secret"))
    told = sorted({pk for pk, secret in found if secret_places or secret is False})
    untold = sorted({pk for pk, secret in found} - set(told))
    return Piece(
        "n.order_id IN (SELECT y.order_id FROM orders_party y WHERE y.person_id = ANY(%s::bigint[]))"
        " AND (n.person_id = ANY(%s::bigint[]) OR n.role = 'perpetrator' AND n.person_id = ANY(%s::bigint[]))",
        ([*told, *untold], told, untold),
    )


def orders_numbered(number: str) -> list[int]:
    """The ids of orders with a reference or a case number, folded."""
    return list(
        Order.objects.alias(_case=folded("case_ref"))
        .filter(Q(reference_folded=number) | Q(_case=number))
        .values_list("pk", flat=True)
    )
