"""The teams that own orders, for the list to choose one from."""

from __future__ import annotations

from django.db import connection

from orders.access import permissions
from orders.models import User

MOST_TEAMS = 200


def teams(user: User) -> list[str]:
    """The teams that own orders of the user's force, by name; no more than a list can hold.

    Each is found by a step in an index, so that it takes no longer where a team has very many orders.
    """
    if not permissions.may_search(user) or user.force_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE team (name) AS (
                   (SELECT team FROM orders_order WHERE owner_force_id = %(force)s AND team > '' ORDER BY team LIMIT 1)
                   UNION ALL
                   SELECT (SELECT team FROM orders_order WHERE owner_force_id = %(force)s AND team > team_before.name
                            ORDER BY team LIMIT 1)
                     FROM team AS team_before WHERE team_before.name IS NOT NULL)
               SELECT name FROM team WHERE name IS NOT NULL LIMIT %(most)s""",
            {"force": user.force_id, "most": MOST_TEAMS},
        )
        return [row[0] for row in cursor.fetchall()]
