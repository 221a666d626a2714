"""How much there is to do: of each worklist how many, since when, how many somebody has and how many the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q

from orders.access.permissions import Action, may
from orders.models import Area, Level, User
from orders.querysets import standing_is
from orders.work import state
from orders.work.likenesses import pairs, quarantined
from orders.work.lists import LISTS, NOT_ENDED, Worklist, gaps, of_area

Counted = tuple[int, datetime | None, int, int]
"""How many, the oldest, how many somebody has, how many the reader has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One list in an area: `oldest` is since when its longest waiting has waited; `mine` how many the reader has."""

    worklist: Worklist
    count: int
    oldest: datetime | None
    assigned: int
    mine: int

    @property
    def nobody(self) -> int:
        """How many nobody has."""
        return self.count - self.assigned


def summary(area: Area, user: User, at: datetime) -> list[Line]:
    """All lists of an area of the user's force, in order of harm. Those of the whole force are empty elsewhere."""
    force = area.force or area
    done, owned = state.done(force), state.owned(force)
    found: dict[str, Counted] = {}
    of_rows = [one for one in LISTS.values() if one.holds is not None]
    for ended in (False, True):
        lists = [one for one in of_rows if one.of_ended is ended]
        found |= _counted(lists, area, user, at, done, owned)
    if area.level == Level.FORCE:
        alike = [(pair.key, None) for pair in pairs(area, user, at)]
        found["duplicates"] = _listed("duplicates", alike, user, done, owned)
        waiting = [(f"q{one.pk}", one.run.started_at) for one in quarantined(area, user)]
        found["quarantined"] = _listed("quarantined", waiting, user, done, owned)
    nothing = (0, None, 0, 0)
    return [Line(one, *found.get(one.name, nothing)) for one in LISTS.values()]


def _counted(
    lists: Iterable[Worklist],
    area: Area,
    user: User,
    at: datetime,
    done: dict[str, set[str]],
    owned: dict[str, dict[str, int]],
) -> dict[str, Counted]:
    """The lists of orders, in one statement over the rows that may be on any of them."""
    lists = [one for one in lists if not one.whole_force or area.level == Level.FORCE]
    if not lists or not may(user, Action.WORKLISTS):
        return {}
    base = of_area(area, user, at).order_by()
    ran_out: list[int] = []
    if lists[0].of_ended:
        base = base.filter(standing_is("ended", at))
    else:
        standing = Q()
        for name in NOT_ENDED:
            standing |= standing_is(name, at)
        ran_out = gaps(area, user, at)
        base = base.filter(standing | Q(order_id__in=ran_out))
    wanted: dict[str, Any] = {}
    for number, one in enumerate(lists):
        holds = one.holds(at) if one.holds is not None else Q()
        if one.name == "interim-gaps":
            holds |= Q(order_id__in=ran_out)
        holds &= ~Q(order_id__in=_orders(done.get(one.name, ())))
        having = owned.get(one.name, {})
        wanted[f"count_{number}"] = Count("order_id", filter=holds)
        wanted[f"oldest_{number}"] = Min(F(one.since), filter=holds)
        wanted[f"assigned_{number}"] = Count("order_id", filter=holds & Q(order_id__in=_orders(having)))
        own = [item for item, owner in having.items() if owner == user.pk]
        wanted[f"mine_{number}"] = Count("order_id", filter=holds & Q(order_id__in=_orders(own)))
    answer = base.aggregate(**wanted)
    return {
        one.name: (
            answer[f"count_{number}"],
            answer[f"oldest_{number}"],
            answer[f"assigned_{number}"],
            answer[f"mine_{number}"],
        )
        for number, one in enumerate(lists)
    }


def _listed(
    name: str,
    items: Iterable[tuple[str, datetime | None]],
    user: User,
    done: dict[str, set[str]],
    owned: dict[str, dict[str, int]],
) -> Counted:
    left = [(key, since) for key, since in items if key not in done.get(name, ())]
    having = owned.get(name, {})
    return (
        len(left),
        min((since for _, since in left if since is not None), default=None),
        sum(key in having for key, _ in left),
        sum(having.get(key) == user.pk for key, _ in left),
    )


def _orders(items: Iterable[str]) -> list[int]:
    """The ids of the orders that items are called by: o123."""
    return [int(item[1:]) for item in items if item.startswith("o")]
