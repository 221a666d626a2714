"""The areas and teams of a reader's force, which a search page lists: read when they change, and asked about each time.

They are the same for everybody of a force and are kept by each process under what the database says of them at that
moment: a digest of the areas themselves, so that no change of theirs can be missed, whoever makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from orders.access import permissions
from orders.models import Area, Level, User

Choices = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Groups of areas, each a code and a name."""


@dataclass(frozen=True)
class Areas:
    """The areas of a force, by code. What `area` gives belongs to whoever asked: nobody else sees it changed."""

    rows: tuple[tuple[int, str, str, str, int | None, int | None], ...]

    @cached_property
    def _by_code(self) -> dict[str, int]:
        return {row[1]: row[0] for row in self.rows}

    @cached_property
    def _by_id(self) -> dict[int, tuple[int, str, str, str, int | None, int | None]]:
        return {row[0]: row for row in self.rows}

    def area(self, code: str) -> Area | None:
        """The area of a code, with those it lies in; None if it is none of the force's."""
        pk = self._by_code.get(code)
        return None if pk is None else self.of_id(pk)

    def of_id(self, pk: int | None) -> Area | None:
        """The area of an id, with those it lies in; None if it is none of the force's."""
        row = self._by_id.get(pk or 0)
        if row is None:
            return None
        area = Area.from_db(connection.alias, _FIELDS, row)
        area.parent, area.force = self.of_id(row[4]), self.of_id(row[5])
        return area

    @cached_property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Code and name of each."""
        return tuple((row[1], row[2]) for row in self.rows)

    @cached_property
    def choices(self) -> Choices:
        """For a list with groups: the force, then each local policing area with its neighbourhoods."""
        whole, lpas = [], {}
        within: dict[int | None, list[tuple[str, str]]] = {}
        for pk, code, name, level, parent, _ in self.rows:
            if level == Level.FORCE:
                whole.append((code, name))
            elif level == Level.LPA:
                lpas[pk] = (code, name)
            else:
                within.setdefault(parent, []).append((code, name))
        groups = [("Whole force", tuple(whole)), ("Local policing areas", tuple(lpas.values()))]
        for pk, (_, lpa) in lpas.items():
            inside = tuple((code, f"{name}, {lpa}") for code, name in within.get(pk, ()))
            groups.append((f"Neighbourhoods of {lpa}", inside))
        return tuple(group for group in groups if group[1])


MOST_TEAMS = 200

# Each team is found by a step in an index, so that it takes no longer where a team has very many orders.
_TEAMS = f"""
    WITH RECURSIVE team (name) AS (
        (SELECT team FROM orders_order WHERE owner_force_id = %(force)s AND team > '' ORDER BY team LIMIT 1)
        UNION ALL
        SELECT (SELECT team FROM orders_order WHERE owner_force_id = %(force)s AND team > team_before.name
                 ORDER BY team LIMIT 1)
          FROM team AS team_before WHERE team_before.name IS NOT NULL)
    SELECT name FROM team WHERE name IS NOT NULL LIMIT {MOST_TEAMS}"""  # noqa: S608 - a number of ours

_NOT_APPLIED = """
    SELECT count(*) FROM orders_quarantinedorder WHERE owner_force_id = %(force)s AND resolved_by_id IS NULL"""

_NONE = Areas(())
_FIELDS = ("id", "code", "name", "level", "parent_id", "force_id")
_COLUMNS = ", ".join(_FIELDS)
_OF_FORCE = "orders_area WHERE id = %(force)s OR force_id = %(force)s"
_DIGEST = f"SELECT md5(string_agg(ROW({_COLUMNS})::text, '' ORDER BY code)) FROM {_OF_FORCE}"  # noqa: S608 - our names

_READ = f"SELECT ({_DIGEST}), ARRAY({_TEAMS}), ({_NOT_APPLIED})"

_kept: dict[int, tuple[str, Areas]] = {}
"""By force: the digest of its areas, and the areas that have it."""


@dataclass(frozen=True)
class Own:
    """What a reader may choose of: the areas of their force, and the teams that own its orders.

    `not_applied`: how many orders of the force were received and could not be applied, so that no choice finds them.
    """

    areas: Areas
    teams: Sequence[str]
    not_applied: int


def own(user: User) -> Own:
    """The areas and teams of a reader's force; none where they may not search."""
    if not permissions.may_search(user) or user.force_id is None:
        return Own(_NONE, [], 0)
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"force": user.force_id})
        ((digest, teams, not_applied),) = cursor.fetchall()
    return Own(_areas(user.force_id, digest), teams, not_applied)


def _areas(force: int, digest: str) -> Areas:
    kept = _kept.get(force)
    if kept is not None and kept[0] == digest:
        return kept[1]
    with connection.cursor() as cursor:
        # Its digest is read with them: they may have been changed since it was asked for.
        cursor.execute(
            f"SELECT ({_DIGEST}), {_COLUMNS} FROM {_OF_FORCE} ORDER BY code",  # noqa: S608 - as above
            {"force": force},
        )
        rows = cursor.fetchall()
    areas = Areas(tuple(row[1:] for row in rows))
    if rows:
        _kept[force] = (rows[0][0], areas)
    return areas
