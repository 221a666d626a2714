"""What is owed: the days that lack a run, the emails of those days, and a delivery to each mailbox, in one transaction.

Whoever asks first makes the rows; who asks again finds them. An email that reached nobody by the next day is
replaced: its news goes with the next one, which says which days it covers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef, Q, Subquery

from notifications import emails, hold, sheet, telling
from notifications.digest import Owed, build
from notifications.models import (
    DEFAULT_TIME,
    Baseline,
    Delivery,
    DigestRun,
    Letter,
    Mailbox,
    Mode,
    SendingTime,
    Status,
)
from notifications.news import News
from notifications.service_day import DAYS_LOOKED_BACK, begins, owed
from orders.access.sealing import Key, for_letters
from orders.models import Area, Level, OrderList
from orders.statute import local_day

log = structlog.get_logger(__name__)

FIRST_WINDOW = timedelta(hours=24)
"""What an area's very first email calls new: the rest was there before anybody asked to be told."""

ONE_DAY = timedelta(days=1)

AT_ONCE = 50
"""Areas whose words are in memory together."""

LOCK = 7_305_001
"""Of the database: one process plans at a time."""


def told_areas(day: date) -> list[Area]:
    """The local policing areas that are told on a local day: those of DIGEST_FORCES, else of forces with a mailbox.

    A force whose mailboxes were all switched off or taken away lately is told too: its areas are alarms, not silent.
    """
    areas = Area.objects.filter(level=Level.LPA).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    areas = areas.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))
    if settings.DIGEST_FORCES:
        areas = areas.filter(force__code__in=settings.DIGEST_FORCES)
    else:
        lately = DigestRun.objects.filter(day__gte=day - timedelta(days=DAYS_LOOKED_BACK)).order_by()
        areas = areas.filter(
            Q(force__in=Mailbox.objects.order_by().values("area__force")) | Q(force__in=lately.values("area__force"))
        )
    return list(areas.select_related("force").order_by("code"))


def sending_times() -> dict[int, time]:
    """By area, its own local time; DEFAULT_TIME where there is none."""
    return dict(SendingTime.objects.values_list("area_id", "at"))


def plan(now: datetime) -> list[DigestRun]:
    """Make the rows that are owed and are not there. Safe to repeat, and to run twice at once. Returns the new runs."""
    sending = hold.state(now)
    if sending.held_since is not None:
        return []
    with _alone() as alone:
        if not alone:
            return []
        with transaction.atomic():
            _one_snapshot()
            wanted = _wanted(now, sending.first_day)
            try:
                with transaction.atomic():
                    made = make(wanted, now)
            except Exception:
                # One area's rows must not keep the others from their news.
                log.exception("digests_not_built", areas=len(wanted))
                made = [run for one in wanted for run in _make_alone(one, now)]
            _add_mailboxes(now)
    return made


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process is the one that plans. The lock is taken before the transaction that reads what is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        got = bool(cursor.fetchone()[0])
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _one_snapshot() -> None:
    """All that is read belongs to one instant, so that an order that commits meanwhile is wholly in the next email."""
    if len(connection.savepoint_ids) == 0 and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _make_alone(one: Owed, now: datetime) -> list[DigestRun]:
    try:
        with transaction.atomic():
            return make([one], now)
    except Exception:
        log.exception("digest_not_built", area=one.area.code)
        return []


def _wanted(now: datetime, first_day: date) -> list[Owed]:
    """The areas that are owed an email now, and the days it covers."""
    at_times, areas = sending_times(), told_areas(local_day(now))
    made: dict[int, set[date]] = defaultdict(set)
    since = local_day(now) - timedelta(days=DAYS_LOOKED_BACK + 1)
    for area_id, day in DigestRun.objects.filter(day__gte=since).values_list("area_id", "day"):
        made[area_id].add(day)
    began = dict(DigestRun.objects.order_by().values_list("area_id").annotate(Min("day")))
    days = {
        area.pk: owed(
            now,
            at_times.get(area.pk, DEFAULT_TIME),
            made=made[area.pk],
            first=max(first_day, began.get(area.pk, first_day)),
            known=area.pk in began,
        )
        for area in areas
    }
    return prepare([area for area in areas if days[area.pk]], days)


def prepare(areas: Sequence[Area], days: Mapping[int, Sequence[date]]) -> list[Owed]:
    """What each area is to be told: its days with those of an email that reached nobody, and the last that did.

    An area to which something is being sent at this moment is left for the next time.
    """
    runs = DigestRun.objects.filter(area__in=areas, at__isnull=False, replaced_at__isnull=True).annotate(
        reached=Exists(REACHED), busy=Exists(Delivery.objects.filter(run=OuterRef("pk"), status=Status.SENDING))
    )
    last = {run.area_id: run for run in runs.order_by("area_id", "-day").distinct("area_id")}
    before = {run.area_id: run for run in runs.filter(reached=True).order_by("area_id", "-day").distinct("area_id")}
    found = []
    for area in areas:
        open_one = last.get(area.pk)
        if open_one is not None and open_one.busy:
            continue
        covered = set(days[area.pk])
        if open_one is not None and not open_one.reached:
            covered |= _days(open_one.first_day, open_one.day)
        newest = max(covered)
        covered = {day for day in covered if (newest - day).days < DAYS_LOOKED_BACK}
        found.append(Owed(area, tuple(sorted(covered)), before.get(area.pk)))
    return found


REACHED = Delivery.objects.filter(run=OuterRef("pk"), bounced_at__isnull=True).filter(
    Q(status__in=[Status.SENT, Status.UNKNOWN]) | Q(doubts__gt=0)
)
"""An email that a server took, or may have taken, and that did not come back."""


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def make(wanted: Sequence[Owed], now: datetime) -> list[DigestRun]:
    """Store what these areas are told: the run, its words, what it carries, and a delivery to each mailbox."""
    if not wanted:
        return []
    _ready(wanted, now)
    news = build(wanted, now, all_live=settings.DIGEST_ATTACH)
    runs = DigestRun.objects.bulk_create([_run(news[one.area.pk], now) for one in wanted])
    by_area = {run.area_id: run for run in runs}
    DigestRun.objects.bulk_create(
        [
            DigestRun(area=one.area, day=day, first_day=day, planned_at=now, caught_up_by=by_area[one.area.pk])
            for one in wanted
            for day in one.days[:-1]
        ],
        ignore_conflicts=True,  # a day whose own email reached nobody has a run already
    )
    _deliveries(write_letters(runs, news), runs, now)
    telling.carry({pk: one.events for pk, one in news.items()}, by_area)
    keep_lists(news.values())
    return runs


def keep_lists(news: Iterable[News]) -> None:
    """Store the lists that the links of emails open."""
    OrderList.objects.bulk_create(
        [
            OrderList(
                key=key,
                title=f"{one.lists[key]}: {one.area.name}, {one.day}",
                force_id=one.area.force_or_self_id,
                orders=list(orders),
            )
            for one in news
            for key, orders in one.list_orders.items()
        ],
        batch_size=1_000,
    )


def preview(area: Area, day: date, at: datetime) -> News | None:
    """What the email of a local day would say at an instant; nothing is stored. None while one is being sent."""
    with transaction.atomic():
        wanted = prepare([area], {area.pk: [day]})
        _ready(wanted, at)
        news = build(wanted, at)
        transaction.set_rollback(True)
    return news.get(area.pk)


def _ready(wanted: Sequence[Owed], now: datetime) -> None:
    """What an email that reached nobody was to carry is untold again, and an area's first has its baseline."""
    _replace(wanted, now)
    for day in {one.days[-1] for one in wanted}:
        fresh = [one.area for one in wanted if one.days[-1] == day]
        known = set(Baseline.objects.filter(area__in=fresh).values_list("area_id", flat=True))
        new = [area for area in fresh if area.pk not in known]
        if new:
            telling.set_baseline(new, before=begins(day, DEFAULT_TIME) - FIRST_WINDOW)


def _replace(wanted: Sequence[Owed], now: datetime) -> None:
    """Emails that reached nobody reach nobody any more: what they carried is to be told again."""
    dead = DigestRun.objects.filter(
        ~Exists(REACHED), area__in=[one.area for one in wanted], at__isnull=False, replaced_at__isnull=True
    )
    ids = list(dead.values_list("pk", flat=True))
    if ids:
        telling.give_back(ids)
        Delivery.objects.filter(run__in=ids, status=Status.QUEUED).update(
            status=Status.FAILED, next_attempt_at=None, answer="Replaced: its news went with a later email."
        )
        DigestRun.objects.filter(pk__in=ids).update(replaced_at=now)


def _run(news: News, now: datetime) -> DigestRun:
    return DigestRun(
        area=news.area,
        day=news.day,
        first_day=news.covers[0],
        planned_at=now,
        at=news.at,
        since=news.since,
        counts=news.counts,
        lists=news.lists,
        orders=list(news.orders),
        listed=list(news.listed),
        named=list(news.named),
        placed=list(news.placed),
    )


def write_letters(runs: Sequence[DigestRun], news: Mapping[int, News]) -> dict[tuple[int, str], int]:
    """Store the words of all runs, some at a time, because together they are large: their ids by run and mode."""
    sealed = zip(runs, for_letters(run.orders for run in runs), strict=True)
    found: dict[tuple[int, str], int] = {}
    while some := list(islice(sealed, AT_ONCE)):
        written = [letter for run, key in some for letter in letters(run, news[run.area_id], key)]
        found |= {(letter.run_id, letter.mode): letter.pk for letter in Letter.objects.bulk_create(written)}
    return found


def letters(run: DigestRun, news: News, key: Key) -> Iterator[Letter]:
    """The words of a run in each mode, sealed; not stored."""
    for mode in Mode:
        written = emails.write(news, mode)
        attached = settings.DIGEST_ATTACH and mode == Mode.FULL and written.cut
        yield Letter(
            run=run,
            mode=mode,
            subject=written.subject,
            text=key.seal(written.text),
            html=key.seal(written.html),
            sheet=key.seal_bytes(sheet.write(news)) if attached else None,
        )


def _deliveries(words: Mapping[tuple[int, str], int], runs: Sequence[DigestRun], now: datetime) -> None:
    boxes: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for area_id, address, mode in Mailbox.objects.filter(is_active=True).values_list("area_id", "address", "mode"):
        boxes[area_id].append((address, mode))
    Delivery.objects.bulk_create(
        [
            Delivery(
                run=run, area_id=run.area_id, letter_id=words[run.pk, mode], address=address, next_attempt_at=now
            )
            for run in runs
            for address, mode in boxes[run.area_id]
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _add_mailboxes(now: datetime) -> None:
    """A mailbox that came after its area's email was written gets that one too, if it is of the day."""
    lacking = (
        Mailbox.objects.filter(is_active=True)
        .annotate(
            run=Subquery(
                DigestRun.objects.filter(
                    area=OuterRef("area"), at__isnull=False, replaced_at__isnull=True, planned_at__gt=now - ONE_DAY
                ).order_by("-day").values("pk")[:1]
            )
        )
        .filter(~Exists(Delivery.objects.filter(run=OuterRef("run"), address=OuterRef("address"))), run__isnull=False)
    )  # fmt: skip
    for mailbox in lacking:
        letter = Letter.objects.get(run=mailbox.run, mode=mailbox.mode)
        Delivery.objects.bulk_create(
            [Delivery(run_id=letter.run_id, area_id=mailbox.area_id, letter=letter, address=mailbox.address,
                      next_attempt_at=now)],
            ignore_conflicts=True,
        )  # fmt: skip
