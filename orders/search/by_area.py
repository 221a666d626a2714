"""A search of one area at one instant: how many orders of each standing, and a page of them, live first.

Rules in `docs/search.md`. What can be asked is decided by the filters; who may see an answer by `permissions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from orders.access import permissions
from orders.access.grants import may_be_told
from orders.models import Area, Event, Level, OrderList, QuarantinedOrder, StaleOrder, User
from orders.querysets import HOMES, NO_HOMES, STANDINGS, PlaceQuerySet, few_order_ids, lives_there
from orders.record.as_known import places
from orders.search.asked import PersonAsked
from orders.search.matching import Fitting, fitting, orders_numbered
from orders.search.narrowing import (
    ONE_DAY,
    asks_content,
    ends_within,
    has_condition,
    is_breached,
    is_on_pnc,
    is_served,
    needs,
)
from orders.search.pieces import Piece, joined, written
from orders.statute import DAWN, FAR


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `area` at any level; `role` one of `querysets.ROLES` or None for any; no kinds or standings: all.

    `at` is the instant asked about (UTC). `known_at`: answer from what had been recorded by then. `served` and
    `on_pnc`: whether that was so at `at`. `reference`: as an officer would type it. `only`: one of ONLY, what needs
    something done. `ending`: live, and its last day at most so many days from today (a notice has no such day).
    `open_homes`: in a neighbourhood only what an email may tell of it. `listed`: the key of an `OrderList`.
    `breached`: in the last so many days, EVER or NEVER. `conditions`: codes of which one at least runs. `team`: who
    owns the order, as its source names them now.
    `person`: who is looked for, `exact` by exactly these words. A restricted order is found neither by what describes a
    person nor by a filter that asks what it says, unless the reader has given a reason to open it.
    """

    area: Area
    at: datetime
    known_at: datetime | None = None
    role: str | None = None
    kinds: tuple[str, ...] = ()
    standings: tuple[str, ...] = ()
    served: bool | None = None
    on_pnc: bool | None = None
    reference: str = ""
    only: str = ""
    ending: int | None = None
    open_homes: bool = False
    listed: str = ""
    breached: int | None = None
    conditions: tuple[str, ...] = ()
    team: str = ""
    person: PersonAsked | None = None
    exact: bool = False

    def asking(self, person: PersonAsked) -> Question:
        """The same of a person."""
        return replace(self, person=person)

    @property
    def whole(self) -> Question:
        """The same without the filters that a search page has numbers beside; see `narrowed`."""
        return replace(
            self, role=None, kinds=(), served=None, on_pnc=None, only="", ending=None, breached=None, conditions=()
        )

    def of_standings(self, standings: tuple[str, ...]) -> Question:
        """The same of some standings."""
        return replace(self, standings=standings)


def fold_reference(text: str) -> str:
    """A reference without case, spaces and punctuation, as `Order.reference_folded` holds it."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def rows(question: Question, user: User) -> PlaceQuerySet:
    """The places that answer a question, whatever their standing, as far as the user may see them."""
    return _held(question, user).filter(_begun(question))


def _held(question: Question, user: User) -> PlaceQuerySet:
    """As `rows`, and pending ones to which nothing had happened by then: who uses it asks that of the pending alone."""
    found = _held_of_anybody(question, user)
    if question.person is None:
        return found
    fits = fitting_person(question, user)
    if fits is None:
        return found.none()
    # The SELECT is that of matching.py, its values put in by the driver.
    of_orders = f"SELECT fits.order_id FROM ({fits.select.sql}) fits"  # noqa: S608
    return found.filter(order_id__in=RawSQL(of_orders, fits.select.values))  # noqa: S611 - as above


def fitting_person(question: Question, user: User) -> Fitting | None:
    """The parties of orders of the user's force that fit the person of a question; None where nobody can."""
    person = question.person
    if person is None or not person or user.force_id is None or not permissions.may_search(user):
        return None
    if not person.describes:
        orders = orders_numbered(person.number)
        numbered = (
            "SELECT id AS order_id, NULL::bigint AS person_id, NULL AS role, '{}'::int[] AS tokens, 0 AS cost,"
            " false AS by_alias"
        )
        return Fitting(Piece(f"{numbered} FROM unnest(%s::bigint[]) id", (orders,)), ()) if orders else None
    return fitting(
        person,
        user.force_id,
        lpa_id=_lpa_of(question, user),
        known_at=question.known_at,
        exact=question.exact,
        secret_places=permissions.sees_secret_places(user),
    )


def _lpa_of(question: Question, user: User) -> int | None:
    """The local policing area of the user's force that holds all a question asks of; None for more than one.

    What was known at another time is looked for in the force: not all rows of the past have keys of smaller areas. So
    is what a neighbourhood holds while orders wait to be worked out again, since it may have lain in another area.
    """
    area = question.area
    if question.known_at is not None or area.force_id != user.force_id:
        return None
    if area.level == Level.LPA:
        return area.pk
    return None if StaleOrder.objects.exists() else area.parent_id


def rows_of_anybody(question: Question, user: User) -> PlaceQuerySet:
    """As `rows`, whoever the parties are; but restricted orders only if the reader may be told what is asked about."""
    return _held_of_anybody(question, user).filter(_begun(question))


def _held_of_anybody(question: Question, user: User) -> PlaceQuerySet:
    found = places(question.at, question.known_at).in_area(question.area)
    if not permissions.may_search(user) or user.force_id is None:
        return found.none()
    if question.area.force_or_self_id != user.force_id:
        seen = found.model._default_manager.filter(
            order_id=OuterRef("order_id"),
            area_id=user.force_id,
            valid_from__lte=question.at,
            valid_until__gt=question.at,
        )
        if question.known_at is not None:
            seen = seen.filter(Q(("known_from__lte", question.known_at), ("known_until__gt", question.known_at)))
        found = found.filter(Exists(seen))
    found = found.with_roles_seen(secret_places=permissions.sees_secret_places(user))
    conditions = narrowed(question)
    for condition in conditions.values():
        found = found.filter(condition)
    if question.reference:
        found = found.filter(order__reference_folded=fold_reference(question.reference))
    if question.open_homes:
        found = found.filter(roles_emailed__gt=0)
    if question.listed:
        found = found.filter(order_id__in=listed(question.listed, user))
    if question.team:
        # The few or many orders of a team are read from an index of their own.
        found = found.filter(order__owner_force_id=user.force_id, order__team=question.team)
    person = question.person
    if person is not None and person.describes and person.number:
        found = found.filter(order_id__in=orders_numbered(person.number))
    filters = [*conditions, "team"] if question.team else conditions
    if asks_content(filters, question.only) or (person is not None and person.describes):
        found = found.filter(may_be_told(user))
    return found


def _begun(question: Question) -> Q:
    """Of the past: nothing is pending before anything happened to it; but an order without any event is (contract).

    Each look for a first event is dear, and taken for dearer by the planner, which then reads all of an index to make
    fewer of them. So whoever can asks this of the pending alone, which are few.
    """
    if is_now(question):
        return Q()
    # A subquery of its own for each pending row: with EXISTS the planner reads all events instead.
    first = Subquery(Event.objects.filter(order_id=OuterRef("order_id")).order_by("at").values("at")[:1])
    return Q(live_from__lte=question.at) | Q(LessThanOrEqual(Coalesce(first, DAWN), question.at))


def narrowed(question: Question) -> dict[str, Q]:
    """What narrows a question, by the filter that asks for it: of rows `with_roles_seen`."""
    at = question.at
    found = {"role": lives_there(question.role, whole_force=question.area.level == "force")}
    if question.kinds:
        found["kind"] = Q(kind__in=question.kinds)
    if question.served is not None:
        found["served"] = is_served(question.served, at)
    if question.on_pnc is not None:
        found["on_pnc"] = is_on_pnc(question.on_pnc, at)
    if question.only:
        found["only"] = needs(question.only, at)
    if question.ending is not None:
        found["ending"] = ends_within(question.ending, at)
    if question.breached is not None:
        found["breached"] = is_breached(question.breached, at)
    if question.conditions:
        found["condition"] = has_condition(question.conditions)
    return found


def listed(key: str, user: User) -> list[int]:
    """The orders of a list of the user's force; none where there is no such list."""
    return next(iter(OrderList.objects.filter(key=key, force_id=user.force_id).values_list("orders", flat=True)), [])


def counts(question: Question, user: User, *, ended_at_most: int | None = None) -> dict[str, int]:
    """How many orders of each standing answer the question, the standings not asked for too.

    Ended orders can be counted up to a number: one more than `ended_at_most` means that there are more. Where the
    register keeps their number (`all_are_counted`) it is exact all the same.
    """
    if ended_at_most is not None and all_are_counted(question, user):
        return _counts_kept(question, user)
    found = _held(question, user)
    if is_now(question):
        return found.counts_now(question.at, ended_at_most=ended_at_most)
    counted = found.counts(question.at, pending=_begun(question))
    if ended_at_most is not None:
        counted["ended"] = min(counted["ended"], ended_at_most + 1)
    return counted


def all_are_counted(question: Question, user: User) -> bool:
    """Whether the number of ended orders is kept: of an area of one's own force, by role and kind and nothing else."""
    plain = Question(question.area, question.at, role=question.role, kinds=question.kinds, standings=question.standings)
    return question == plain and question.area.force_or_self_id == user.force_id and is_now(question)


_COUNTS_KEPT = """
    WITH found AS MATERIALIZED (
        SELECT live_from, live_until, ended_from, true AS lasts FROM ({not_ended}) held WHERE valid_from <= %s
        UNION ALL
        SELECT live_from, live_until, ended_from, false FROM ({changing}) held WHERE valid_from <= %s)
    SELECT count(*) FILTER (WHERE live_from <= %s AND live_until > %s),
           count(*) FILTER (WHERE live_from <= %s AND live_until <= %s AND ended_from > %s),
           count(*) FILTER (WHERE live_from > %s),
           (SELECT coalesce(sum(stints), 0)::bigint FROM ({tallied}) tallied)
           - (SELECT count(*) FROM ({not_ended}) held) - (SELECT count(*) FROM ({not_begun}) held)
           + count(*) FILTER (WHERE NOT lasts AND ended_from <= %s)
      FROM found"""


def plain(question: Question, user: User, *more: Piece, table: str = "orders_place") -> Piece:
    """The SQL of the rows of a question that `all_are_counted`, at whatever instant, of which `more` holds.

    The same rows as `rows` gives, if `more` says that they hold. Nearly every page asks for such, and more than once;
    Django takes longer to write it than the database to answer.
    """
    seen = "roles" if permissions.sees_secret_places(user) else "roles_shown"
    asked = [
        Piece("area_id = %s", (question.area.pk,)),
        written(lives_there(question.role, whole_force=question.area.level == Level.FORCE)),
        *([written(Q(kind__in=question.kinds))] if question.kinds else ()),
        *more,
    ]
    where = joined(" AND ", asked)
    named = f"SELECT *, {seen} & {HOMES} AS _seen, roles & {NO_HOMES} AS _unplaced FROM {table}"  # noqa: S608 - our names
    return Piece(f"SELECT * FROM ({named}) named WHERE {where.sql}", where.values)  # noqa: S608 - as above


def holds(at: datetime) -> Piece:
    """The condition that a stint holds an instant."""
    return Piece("valid_from <= %s AND valid_until > %s", (at, at))


def _counts_kept(question: Question, user: User) -> dict[str, int]:
    """`counts` where the number of ended orders is kept: all there are, less those that have not ended.

    A stint that begins later, of an order that has ended before, is there and is not yet an order of the area.
    """
    if not permissions.may_search(user):
        return dict.fromkeys(STANDINGS, 0)
    at = question.at
    lasting = Piece("valid_until = %s", (FAR,))
    not_ended = plain(question, user, lasting, Piece("ended_from > %s", (at,)))
    late = Piece("ended_from <= %s AND valid_from > %s AND valid_from > ended_from", (at, at))
    not_begun = plain(question, user, lasting, late)
    changing = plain(question, user, Piece("valid_until > %s AND valid_until < %s", (at, FAR)))
    tallied = plain(question, user, table="orders_placetally")
    statement = _COUNTS_KEPT.format(
        not_ended=not_ended.sql, not_begun=not_begun.sql, changing=changing.sql, tallied=tallied.sql
    )
    values = [
        *not_ended.values, at, *changing.values, at, *[at] * 6, *tallied.values, *not_ended.values, *not_begun.values,
        at,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(zip(STANDINGS, cursor.fetchone() or (), strict=True))


def page(question: Question, user: User, *, offset: int, limit: int, counted: dict[str, int]) -> list[int]:
    """The ids of orders `offset` to `offset + limit` of the answer, live first. `counted` is the answer of `counts`."""
    if not permissions.may_search(user):
        return []
    if sum(counted.values()) <= FEW:
        names, start, stop = wanted(question), offset, offset + limit
        if all_are_counted(question, user):
            held = plain(question, user, holds(question.at))
            return few_order_ids(held.sql, held.values, names, question.at, start=start, stop=stop)
        return rows(question, user).all_order_ids(names, question.at, start=start, stop=stop)
    parts: list[tuple[str, int, int]] = []
    for standing in wanted(question):
        if offset >= counted[standing]:
            offset -= counted[standing]
            continue
        stop = min(counted[standing], offset + limit)
        parts.append((standing, offset, stop))
        limit -= stop - offset
        offset = 0
        if limit <= 0:
            break
    base, pending = _held(question, user), _begun(question)
    return base.ids_of_several(parts, question.at, is_now=is_now(question), pending=pending) if parts else []


FEW = 500
"""So many orders are sorted sooner than they are asked for standing by standing."""


def wanted(question: Question) -> list[str]:
    """The standings asked for, in the order in which they are listed."""
    return [standing for standing in STANDINGS if standing in (question.standings or STANDINGS)]


def is_now(question: Question) -> bool:
    """Whether a question is about the present or later, from what is known now: which of two ways is the faster one."""
    return question.known_at is None and question.at > timezone.now() - ONE_DAY


def asked_count(question: Question, counted: dict[str, int]) -> int:
    """How many rows the whole answer has, of the standings asked for."""
    return sum(counted[standing] for standing in question.standings or STANDINGS)


def ending_before(question: Question, user: User, until: datetime) -> PlaceQuerySet:
    """Live orders that end before an instant, soonest first."""
    return rows(question, user).standing("live", question.at).filter(live_until__lte=until)


def new_since(question: Question, user: User, since: datetime) -> PlaceQuerySet:
    """Orders first recorded after an instant, the latest first, whatever their standing."""
    return (
        rows(question, user)
        .filter(order__first_recording__recorded_at__gt=since)
        .order_by(F("order__first_recording__recorded_at").desc(), "order_id")
    )


def quarantined(reference: str, user: User) -> list[QuarantinedOrder]:
    """Orders received of which nothing could be applied, by exact reference; of the user's own force only."""
    folded = fold_reference(reference)
    if not folded or not permissions.may_search(user):
        return []
    return list(
        QuarantinedOrder.objects.filter(
            resolved_by__isnull=True, reference_folded=folded, owner_force_id=user.force_id
        ).select_related("run")
    )


def quarantined_count(user: User) -> int:
    """How many orders of the user's force were received and not applied."""
    if not permissions.may_search(user):
        return 0
    return QuarantinedOrder.objects.filter(resolved_by__isnull=True, owner_force_id=user.force_id).count()
