"""What pages say of areas in numbers: how many orders of each are live, new or need something done.

Each is what a search of that area would find, asked once for all areas of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from orders.access import permissions
from orders.access.grants import may_be_told
from orders.models import Area, Place, User
from orders.querysets import lives_there, standing_is
from orders.record.as_known import places
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.narrowing import ONLY, TOLD_OF_ALL, needs


def needing(question: Question, user: User) -> dict[str, int]:
    """How many orders need each thing of ONLY, whatever their standing."""
    told = may_be_told(user)
    wanted = {
        name: Count("order_id", filter=needs(name, question.at) & (Q() if name in TOLD_OF_ALL else told))
        for name in ONLY
    }
    found = (
        by_area.rows(question, user).order_by().aggregate(**{name.replace("-", "_"): wanted[name] for name in wanted})
    )
    return {name: found[name.replace("-", "_")] for name in ONLY}


def live_by_area(question: Question, user: User, areas: Sequence[Area]) -> dict[int, int]:
    """How many live orders each of some areas of the user's force has, by area id: one query for all of them."""
    if not permissions.may_search(user):
        return {}
    counted = (
        Place.objects.at(question.at)
        .filter(standing_is("live", question.at), area__in=[a.pk for a in areas if a.force_id == user.force_id])
        .filter(**{f"{'roles' if permissions.sees_secret_places(user) else 'roles_shown'}__gt": 0})
        .order_by()
        .values_list("area_id")
        .annotate(count=Count("order_id"))
    )
    return dict(counted)


FIGURES = ("live", "new", "unserved", "ending", "breached", "unconfirmed", "not_placed")
"""What an area page says of each area; "not placed": live, of people without a known home, under the force only."""


def of_areas(question: Question, user: User, areas: Sequence[Area]) -> dict[int, dict[str, int]]:
    """The FIGURES of some areas of the user's force, by area id: one query for all of them.

    Each is what `counts` or `needing` of that area gives; "not placed" is the same whatever the role asked for.

    Of the question only `at`, `known_at` and `role` count.
    """
    own = {area.pk for area in areas if area.force_or_self_id == user.force_id}
    figures = {pk: dict.fromkeys(FIGURES, 0) for pk in own}
    if not permissions.may_search(user) or not own:
        return figures
    at = question.at
    there = lives_there(question.role, whole_force=False)
    if question.role is None:
        there |= Q(area_id=user.force_id)
    told = may_be_told(user)
    wanted = {"new": there & needs("new", at)}
    wanted |= {name: there & needs(name, at) & told for name in ("unserved", "ending", "breached")}
    wanted |= {name: there & standing_is(name, at) for name in ("live", "unconfirmed")}
    wanted["not_placed"] = lives_there("not placed", whole_force=True) & standing_is("live", at)
    found: Any = (
        places(question.at, question.known_at)
        .filter(area_id__in=own)
        .with_roles_seen(secret_places=permissions.sees_secret_places(user))
        .order_by()
        .values_list("area_id")
        .annotate(**{f"_{name}": Count("order_id", filter=condition) for name, condition in wanted.items()})
    )
    for area_id, *counted in found:
        figures[area_id] = dict(zip(wanted, counted, strict=True))
    return figures
