"""How many orders each filter would leave: of those that have not ended, which is what a facet is asked for.

Each facet leaves out its own filter and keeps the others, so that the number beside a choice is what a search with that
choice finds. They are counted over the rows that search lists, so that none tells of what may not be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from orders.access import permissions
from orders.access.grants import may_be_told
from orders.models import User
from orders.models.place import CONDITION_BITS
from orders.querysets import HOMES, NO_HOMES, ROLES, lives_there, standing_is
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.narrowing import (
    EVER,
    NEVER,
    ONLY,
    asks_content,
    ends_within,
    has_condition,
    is_breached,
    is_on_pnc,
    is_served,
    needs,
)
from orders.search.pieces import Piece, joined, written
from orders.statute import FAR, KINDS

NOT_ENDED = ("live", "unconfirmed", "pending")
BREACHED_DAYS = (7, 30, 90, 365)
ENDING_DAYS = (7, 14, 28)

Facets = dict[str, dict[str, int]]
"""By filter and choice, as they stand in an address."""


def facet_counts(question: Question, user: User) -> Facets:
    """The counts of every facet in one pass over the rows, two where some are about to change.

    Of the standings asked for those that have not ended count; where only ended ones are asked for, nothing does.
    """
    options = _options(question)
    asked = [name for name in NOT_ENDED if not question.standings or name in question.standings]
    facets: Facets = {facet: dict.fromkeys(choices, 0) for facet, choices in options.items()}
    if not asked or not permissions.may_search(user):
        return facets
    whole = replace(
        question, role=None, kinds=(), served=None, on_pnc=None, only="", ending=None, breached=None, conditions=()
    )
    standing = reduce(or_, (standing_is(name, question.at) for name in asked))
    held = by_area.rows(whole, user).filter(standing).order_by()
    rows = held.annotate(told=may_be_told(user))
    is_now = by_area.is_now(question)
    if is_now:
        rows = rows.filter(ended_from__gt=question.at)
    try:
        sql, values = rows.values_list(*_COLUMNS, "told", "valid_until").query.sql_with_params()
    except EmptyResultSet:
        return facets
    parts = [Piece(sql, tuple(values))]
    if is_now:
        # Read by the index of what holds now, which knows where the ended ones begin.
        parts = [
            Piece(f"SELECT * FROM ({sql}) held WHERE valid_until {sign} %s", (*values, FAR))  # noqa: S608 - Django's own
            for sign in ("=", "<")
        ]
    found = joined(" UNION ALL ", parts)
    narrowed = {
        name: _told(name, question.only, written(condition))
        for name, condition in by_area.narrowed(question).items()
        if condition
    }
    fits = joined(
        ", ", [Piece("*"), *(Piece(f"{one.sql} AS fits_{name}", one.values) for name, one in narrowed.items())]
    )
    wanted = [
        _counted(_told(facet, choice, written(condition)), [f"fits_{name}" for name in narrowed if name != facet])
        for facet, choices in options.items()
        for choice, condition in choices.items()
    ]
    columns = joined(", ", wanted)
    roles = "roles" if permissions.sees_secret_places(user) else "roles_shown"
    statement = f"""
        SELECT {columns.sql} FROM (
            SELECT {fits.sql} FROM (
                SELECT *, {roles} & {HOMES} AS _seen, roles & {NO_HOMES} AS _unplaced
                  FROM ({found.sql}) AS found ({", ".join(_COLUMNS)}, told, valid_until)) AS seen) AS asked"""  # noqa: S608 - pieces of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [*columns.values, *fits.values, *found.values])
        counted = iter(cursor.fetchone() or ())
    return {facet: {choice: next(counted) for choice in choices} for facet, choices in options.items()}


_COLUMNS = (
    "kind", "live_from", "live_until", "ended_from", "roles", "roles_shown", "served_from", "on_pnc_from",
    "on_pnc_until", "breached_at", "breaches", "review_due_on", "conditions",
)  # fmt: skip
"""What is asked about."""


def _told(facet: str, choice: str, condition: Piece) -> Piece:
    """A choice, of what the reader may be told if it asks what an order says."""
    return Piece("told") & condition if asks_content([facet], choice) else condition


def _counted(choice: Piece, others: Sequence[str]) -> Piece:
    return Piece(f"count(*) FILTER (WHERE {' AND '.join((*others, choice.sql))})", choice.values)


def _options(question: Question) -> dict[str, dict[str, Q]]:
    at, force = question.at, question.area.level == "force"
    roles = [role for role in ROLES if force or role != "not placed"]
    return {
        "role": {"": lives_there(None, whole_force=force)}
        | {role: lives_there(role, whole_force=force) for role in roles},
        "kind": {code: Q(kind=code) for code in KINDS},
        "served": {"Y": is_served(True, at), "N": is_served(False, at)},
        "on_pnc": {"Y": is_on_pnc(True, at), "N": is_on_pnc(False, at)},
        "only": {name: needs(name, at) for name in ONLY},
        "ending": {str(days): ends_within(days, at) for days in ENDING_DAYS},
        "breached": {"ever": is_breached(EVER, at), "never": is_breached(NEVER, at)}
        | {str(days): is_breached(days, at) for days in BREACHED_DAYS},
        "condition": {code: has_condition([code]) for code in CONDITION_BITS},
    }
