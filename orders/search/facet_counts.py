"""How many orders each filter would leave: of those that have not ended, which is what a facet is asked for.

Each facet leaves out its own filter and keeps the others, so that the number beside a choice is what a search with that
choice finds. They are counted over the rows that search lists, so that none tells of what may not be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.core.exceptions import EmptyResultSet
from django.db import connection

from orders.access import grants, permissions
from orders.models import User
from orders.querysets import HOMES, NO_HOMES, standing_is
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.facet_columns import columns, moment
from orders.search.narrowing import asks_content
from orders.search.pieces import Piece, joined, written
from orders.statute import FAR

NOT_ENDED = ("live", "unconfirmed", "pending")

Facets = dict[str, dict[str, int]]
"""By filter and choice, as they stand in an address."""


def facet_counts(question: Question, user: User, *, among: Sequence[int] | None = None) -> Facets:
    """The counts of every facet in one pass over the rows, two where some are about to change.

    Of the standings asked for those that have not ended count; where only ended ones are asked for, nothing does.
    `among`: the only orders that can count, of a question with a person: `by_person.find` has found them already.
    """
    at, whole_force = question.at, question.area.level == "force"
    asked = [name for name in NOT_ENDED if not question.standings or name in question.standings]
    conditions = {name: condition for name, condition in by_area.narrowed(question).items() if condition}
    counts, names = columns(whole_force=whole_force, narrowed=frozenset(conditions))
    facets: Facets = {}
    for facet, choice in names:
        facets.setdefault(facet, {})[choice] = 0
    if not asked or not permissions.may_search(user):
        return facets
    rows = _rows(question.whole, user, among)
    if rows is None:
        return facets
    told, told_values = grants.told(user, "held.order_id")
    standing = written(reduce(or_, (standing_is(name, at) for name in asked)))
    columns_told = f"{', '.join(_COLUMNS)}, {told} AS told, valid_until"
    held = Piece(f"SELECT {columns_told} FROM ({rows.sql}) held WHERE ", (*told_values, *rows.values))  # noqa: S608 - ours
    if by_area.is_now(question):
        # Read by the index of what holds now, which knows where the ended ones begin.
        now = Piece("ended_from > %s", (at,)) & standing
        parts = [joined("", [held, Piece(f"valid_until {sign} %s", (FAR,)) & now]) for sign in ("=", "<")]
    else:
        parts = [joined("", [held, standing])]
    found = joined(" UNION ALL ", parts)
    narrowed = {
        name: Piece("told") & written(condition) if asks_content([name], question.only) else written(condition)
        for name, condition in conditions.items()
    }
    fits = joined("", [Piece(f", {one.sql} AS fits_{name}", one.values) for name, one in narrowed.items()])
    roles = "roles" if permissions.sees_secret_places(user) else "roles_shown"
    instants = moment(at)
    statement = f"""
        SELECT {counts} FROM (
            SELECT *{fits.sql} FROM (
                SELECT *, {roles} & {HOMES} AS _seen, roles & {NO_HOMES} AS _unplaced
                  FROM ({found.sql}) AS found) AS seen) AS asked
         CROSS JOIN {instants.sql}"""  # noqa: S608 - pieces of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [*fits.values, *found.values, *instants.values])
        for (facet, choice), number in zip(names, cursor.fetchone() or (), strict=True):
            facets[facet][choice] = number
    return facets


def _rows(question: Question, user: User, among: Sequence[int] | None) -> Piece | None:
    """The rows that are counted, None where there cannot be any."""
    if by_area.all_are_counted(question, user):
        return by_area.plain(question, user, by_area.holds(question.at))
    if among is None:
        found = by_area.rows(question, user)
    else:
        found = by_area.rows_of_anybody(question, user).filter(order_id__in=among)
    try:
        return Piece(*found.order_by().values_list("order_id", *_COLUMNS, "valid_until").query.sql_with_params())
    except EmptyResultSet:
        return None


_COLUMNS = (
    "kind", "live_from", "live_until", "ended_from", "roles", "roles_shown", "served_from", "on_pnc_from",
    "on_pnc_until", "breached_at", "breaches", "review_due_on", "conditions",
)  # fmt: skip
"""What is asked about."""
