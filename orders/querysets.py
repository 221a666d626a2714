"""How places are asked for: by area, instant, standing and role. Every search, count, export and email starts here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThan

from orders.statute import FAR

if TYPE_CHECKING:
    from orders.models.area import Area
    from orders.models.place import PlaceRow  # noqa: F401 - in a base class, so as text
    from orders.models.user import User

STANDINGS = ("live", "unconfirmed", "pending", "ended")
"""In the order in which results are shown."""

ROLES = ("perpetrator", "victim", "either", "both", "not placed")

_PERPETRATOR, _VICTIM = 1, 2
HOMES, NO_HOMES = _PERPETRATOR | _VICTIM, 4 | 8
"""Bits of `roles`: who lives there, and on a force's row whose home is in no known area."""

_LISTED_BY: dict[str, tuple[Any, bool]] = {
    "live": (F("live_until"), False),
    # The greater of the two is `live_until`. Said plainly, the planner would walk the whole area by it to save a sort.
    "unconfirmed": (Greatest("live_until", "live_from"), False),
    "pending": (F("live_from"), False),
    "ended": (F("ended_from"), True),
}
"""By what each standing is listed, and whether the latest comes first; orders of one instant by their id."""


_LISTED = """
    SELECT order_id
      FROM (SELECT *, CASE WHEN live_from > %s THEN 2 WHEN live_until > %s THEN 0 WHEN ended_from > %s THEN 1 ELSE 3 END
                      AS standing
              FROM ({rows}) AS held) AS listed
     WHERE standing = ANY(%s::int[])
     ORDER BY standing, CASE standing WHEN 2 THEN live_from WHEN 3 THEN NULL ELSE live_until END,
              CASE standing WHEN 3 THEN ended_from END DESC, order_id
     LIMIT %s OFFSET %s"""
"""Rows of several standings, numbered as in STANDINGS and in the order of `_LISTED_BY`."""


def few_order_ids(
    rows: str, values: Sequence[Any], standings: Iterable[str], at: datetime, *, start: int, stop: int
) -> list[int]:
    """The orders `start` to `stop` of several standings, one after the other, of rows that some SQL gives: a few."""
    wanted = [STANDINGS.index(standing) for standing in standings]
    with connection.cursor() as cursor:
        # The rows are SQL of ours or of Django's, their values put in by the driver.
        cursor.execute(_LISTED.format(rows=rows), [at, at, at, *values, wanted, stop - start, start])
        return [order_id for (order_id,) in cursor.fetchall()]


def standing_is(standing: str, at: datetime) -> Q:
    """The condition that an order has a standing at an instant inside its stint (as `Outlook.standing_at`).

    The database sees to it that `live_from`, `live_until` and `ended_from` follow one another. What is said of a later
    one beyond need lets an index leave out the orders that have ended, which are nearly all.
    """
    match standing:
        case "pending":
            return Q(live_from__gt=at, live_until__gt=at, ended_from__gt=at)
        case "live":
            return Q(live_from__lte=at, live_until__gt=at, ended_from__gt=at)
        case "unconfirmed":
            return Q(live_from__lte=at, live_until__lte=at, ended_from__gt=at)
        case "ended":
            return Q(live_from__lte=at, live_until__lte=at, ended_from__lte=at)
    raise ValueError(f"{standing} is no standing")


def lives_there(role: str | None, *, whole_force: bool) -> Q:
    """The condition that somebody of a role lives in the area of a row, asked of rows `with_roles_seen`."""
    match role:
        case None:
            return Q() if whole_force else Q(("_seen__gt", 0))
        case "either":
            return Q(("_seen__gt", 0))
        case "both":
            return Q(("_seen", _PERPETRATOR | _VICTIM))
        case "perpetrator":
            return Q(("_seen__in", (_PERPETRATOR, _PERPETRATOR | _VICTIM)))
        case "victim":
            return Q(("_seen__in", (_VICTIM, _PERPETRATOR | _VICTIM)))
        case "not placed":
            return Q(("_unplaced__gt", 0))
    raise ValueError(f"{role} is no role")


def roles_seen(*, secret_places: bool) -> dict[str, Any]:
    """What `lives_there` asks about, of rows with `roles` and `roles_shown`."""
    return {
        "_seen": F("roles" if secret_places else "roles_shown").bitand(HOMES),
        "_unplaced": F("roles").bitand(NO_HOMES),
    }


def _breaches_until(at: datetime) -> Func:
    """How many breaches there were by an instant: they stand in order, so that it is how many bounds are passed."""
    return Func(Value(at), F("breaches"), function="width_bucket", output_field=models.IntegerField())


def breached_between(after: datetime | None, until: datetime) -> Q:
    """The condition that the order was breached after an instant, or ever, and not after another."""
    if after is None:
        return Q(("breaches__0__lte", until))
    return Q(("breached_at__gt", after)) & Q(GreaterThan(_breaches_until(until), _breaches_until(after)))


def forbids(bits: int) -> Q:
    """The condition that conditions of one of these bits run."""
    return Q(GreaterThan(F("conditions").bitand(bits), 0))


def _row(*values: Any) -> Func:
    """Values compared as one, the first that differs deciding: an index of just these is entered there."""
    return Func(*values, function="ROW", output_field=models.BooleanField())


class PlaceQuerySet(models.QuerySet["PlaceRow"]):
    """Rows of places. A search is always of one area, so that it needs no join and meets no order twice."""

    def at(self, at: datetime) -> PlaceQuerySet:
        """The rows whose stint holds an instant."""
        return self.filter(valid_from__lte=at, valid_until__gt=at)

    def known_at(self, known_at: datetime) -> PlaceQuerySet:
        """Of `PlaceAsKnown`: the rows that were what the register knew at an instant."""
        return self.filter(Q(("known_from__lte", known_at), ("known_until__gt", known_at)))

    def in_area(self, area: Area) -> PlaceQuerySet:
        """The rows of one area at any level."""
        return self.filter(area_id=area.pk)

    def visible_to(self, user: User, at: datetime) -> PlaceQuerySet:
        """The rows of orders that the user may see at an instant: those their force owns or that have a place in it.

        Every order that a force owns, or that is placed in one of its areas, has a row of the force itself, so the
        question is only whether there is one (extract contract, rule 17). A user without a force sees nothing.
        """
        if not user.is_active or user.force_id is None:
            return self.none()
        rows = self.model._default_manager.filter(
            order_id=OuterRef("order_id"), area_id=user.force_id, valid_from__lte=at, valid_until__gt=at
        )
        return self.filter(Exists(rows))

    def with_role(self, role: str | None, *, area: Area, secret_places: bool) -> PlaceQuerySet:
        """The rows in which somebody of that role lives in the area.

        Without a role: everybody who lives there; for a force, also the orders it owns whose parties live elsewhere or
        nowhere known. In a neighbourhood, homes marked secret count only for those who may see them.
        """
        rows: PlaceQuerySet = self.with_roles_seen(secret_places=secret_places)
        return rows.filter(lives_there(role, whole_force=area.level == "force"))

    def with_roles_seen(self, *, secret_places: bool) -> PlaceQuerySet:
        """The same rows, with what `lives_there` asks about."""
        return self.alias(**roles_seen(secret_places=secret_places))

    def of_kinds(self, kinds: Iterable[str]) -> PlaceQuerySet:
        """The rows of orders of these kinds; all, if none is named."""
        kinds = list(kinds)
        return self.filter(kind__in=kinds) if kinds else self.all()

    def standing(self, standing: str, at: datetime) -> PlaceQuerySet:
        """The rows of one standing, in the order in which it is shown."""
        key, latest_first = _LISTED_BY[standing]
        rows: PlaceQuerySet = self.filter(standing_is(standing, at)).alias(_key=key)
        return rows.order_by("-_key" if latest_first else "_key", "order_id")

    def after(self, standing: str, key: datetime, order_id: int) -> PlaceQuerySet:
        """The rows that come, in the order of one standing, after an order that it lists by `key`."""
        listed_by, latest_first = _LISTED_BY[standing]
        if latest_first:
            rows: PlaceQuerySet = self.alias(_reached=listed_by)
            return rows.filter(Q(("_reached__lt", key)) | Q(order_id__gt=order_id), Q(("_reached__lte", key)))
        return self.filter(GreaterThan(_row(listed_by, F("order_id")), _row(Value(key), Value(order_id))))

    def listed(self, at: datetime) -> dict[int, tuple[str, datetime]]:
        """By order: its standing at an instant, and the key by which that lists it."""
        so = [(standing_is(name, at), name, _LISTED_BY[name][0]) for name in STANDINGS]
        standing = Case(*(When(is_so, then=Value(name)) for is_so, name, _ in so))
        key = Case(*(When(is_so, then=by) for is_so, _, by in so))
        found = self.order_by().annotate(_standing=standing, _key=key).values_list("order_id", "_standing", "_key")
        return {order_id: (name, by) for order_id, name, by in found}

    def order_ids(self, standing: str, at: datetime, *, start: int, stop: int, is_now: bool) -> list[int]:
        """The orders `start` to `stop` of one standing, read from an index alone.

        `is_now`: `at` is about the present, when nearly every stint that holds it has no end. Those are read in their
        order, and the few that will end merged in. The live, and all of the past, come by a shorter way.
        """
        return self.ids_of_several([(standing, start, stop)], at, is_now=is_now)

    def ids_of_several(
        self, parts: Sequence[tuple[str, int, int]], at: datetime, *, is_now: bool, pending: Q | None = None
    ) -> list[int]:
        """`order_ids` of several standings, each with its `start` and `stop`, one after the other in one statement.

        `pending` is asked of those that are, besides.
        """
        found: list[tuple[str, str, Sequence[Any]]] = []
        try:
            for standing, start, stop in parts:
                if start < stop:
                    rows = self.filter(pending) if pending is not None and standing == "pending" else self
                    listed = rows._listed(standing, at, start=start, stop=stop, is_now=is_now)
                    found.append((standing, *listed.query.sql_with_params()))
        except EmptyResultSet:
            return []
        if not found:
            return []
        # What is put together are Django's own statements, their values put in by the driver.
        statement = found[0][1]
        if len(found) > 1:
            statement = " UNION ALL ".join(
                f"SELECT order_id, {'-' if _LISTED_BY[standing][1] else ''}extract(epoch FROM key), {number}"  # noqa: S608 - ours
                f" FROM ({sql}) part (order_id, key)"
                for number, (standing, sql, _) in enumerate(found)
            )
            statement += " ORDER BY 3, 2, 1"
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for _, _, values in found for value in values])
            return [row[0] for row in cursor.fetchall()]

    def _listed(self, standing: str, at: datetime, *, start: int, stop: int, is_now: bool) -> QuerySet[Any, Any]:
        """Order and key of some rows of one standing, by the way that `order_ids` tells of."""
        key, latest_first = _LISTED_BY[standing]
        listed = self.standing(standing, at).annotate(_key=key).values_list("order_id", "_key")
        if not is_now or standing == "live":
            return listed[start:stop]
        lasting, changing = (
            part[:stop] for part in (listed.filter(valid_until=FAR), listed.filter(valid_until__lt=FAR))
        )
        both = lasting.union(changing, all=True).order_by("-_key" if latest_first else "_key", "order_id")
        return both[start:stop]

    def all_order_ids(self, standings: Iterable[str], at: datetime, *, start: int, stop: int) -> list[int]:
        """The same of several standings, one after the other, in one statement that sorts: for few rows."""
        rows = self.order_by().values_list("order_id", "live_from", "live_until", "ended_from")
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            return []
        return few_order_ids(sql, values, standings, at, start=start, stop=stop)

    def counts(self, at: datetime, *, pending: Q | None = None) -> dict[str, int]:
        """How many rows there are of each standing; `pending` is asked of those that are, besides."""
        conditions = {name: standing_is(name, at) for name in STANDINGS}
        if pending is not None:
            conditions["pending"] &= pending
        wanted: dict[str, Any] = {name: Count("order_id", filter=is_so) for name, is_so in conditions.items()}
        return self.order_by().aggregate(**wanted)

    def counts_now(self, at: datetime, *, ended_at_most: int | None) -> dict[str, int]:
        """As `counts`, for an instant about the present, by the same way as `order_ids` and in one statement.

        No more ended ones are counted than one beyond `ended_at_most`, which says that there are more.
        """
        rows = self.order_by().values_list("live_from", "live_until", "ended_from")
        lasting = rows.filter(valid_until=FAR)
        ended = lasting.filter(ended_from__lte=at)
        parts = [
            lasting.filter(ended_from__gt=at),
            ended if ended_at_most is None else ended[: ended_at_most + 1],
            rows.filter(valid_until__lt=FAR),
        ]
        try:
            pieces = [part.query.sql_with_params() for part in parts]
        except EmptyResultSet:
            return dict.fromkeys(STANDINGS, 0)
        united = " UNION ALL ".join(f"({sql})" for sql, _ in pieces)
        values = [value for _, of_piece in pieces for value in of_piece]
        # The pieces are Django's own statements, their values put in by the driver.
        statement = f"""
            SELECT count(*) FILTER (WHERE live_from <= %s AND live_until > %s),
                   count(*) FILTER (WHERE live_from <= %s AND live_until <= %s AND ended_from > %s),
                   count(*) FILTER (WHERE live_from > %s), count(*) FILTER (WHERE ended_from <= %s)
              FROM ({united}) AS found"""  # noqa: S608 - Django's own
        with connection.cursor() as cursor:
            cursor.execute(statement, [*[at] * 7, *values])
            counted = dict(zip(STANDINGS, cursor.fetchone() or (), strict=True))
        if ended_at_most is not None:
            counted["ended"] = min(counted["ended"], ended_at_most + 1)
        return counted
