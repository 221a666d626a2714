"""Nobody waits in silence: what is wrong with the daily email, told in the log, on pages, by health and by webhook.

What is wrong is worked out from the rows at the instant asked, so that health says it even if nothing else runs.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q

from notifications import hold
from notifications.models import DEFAULT_TIME, Alarm, AlarmKind, Delivery, DigestRun, Mailbox, Sending, Status
from notifications.planning import sending_times, told_areas
from notifications.service_day import begins, latest
from orders.models import Area
from orders.statute import local_day

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=30)
"""How long after its time an area may be without a sent email."""

SILENCE = timedelta(minutes=10)
"""How long the scheduler may say nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong now, of an area or of everything; `text` names nobody."""

    kind: AlarmKind
    area: Area | None
    day: date
    text: str


def problems(now: datetime) -> list[Problem]:
    """All that is wrong at an instant."""
    sending = hold.state(now)
    if sending.held_since is not None:
        return [
            Problem(
                AlarmKind.HELD, None, local_day(now),
                f"No daily email is sent: {sending.held_why} Name the first day owed: bin/manage resume_digests.",
            )
        ]  # fmt: skip
    areas = told_areas(local_day(now))
    if not areas:
        return [
            Problem(AlarmKind.NO_MAILBOX, None, local_day(now), "No area has a mailbox: nobody is told of anything.")
        ]
    boxes = set(Mailbox.objects.filter(is_active=True).values_list("area_id", flat=True))
    found = [
        Problem(AlarmKind.NO_MAILBOX, area, local_day(now), f"{area.name} has no mailbox: nobody there is told.")
        for area in areas
        if area.pk not in boxes
    ]
    return found + _late([area for area in areas if area.pk in boxes], sending, now) + _set_back(now)


def _set_back(now: datetime) -> list[Problem]:
    """The clock of this machine went forward and back: emails were made before their day, which is not made again."""
    ahead = DigestRun.objects.filter(planned_at__gt=now + SILENCE).order_by("-day").first()
    if ahead is None:
        return []
    words = f"The clock was set back: emails were made at a time that lies ahead, the last for {ahead.day:%d %B %Y}."
    return [Problem(AlarmKind.CLOCK, None, local_day(now), words)]


def _late(areas: Sequence[Area], sending: Sending, now: datetime) -> list[Problem]:
    """Areas that should have had an email half an hour ago, and have none that a server took."""
    times = sending_times()
    days = {area.pk: latest(now, times.get(area.pk, DEFAULT_TIME)) for area in areas}
    sent = Delivery.objects.filter(status=Status.SENT, bounced_at__isnull=True)
    runs = DigestRun.objects.filter(area__in=areas, day__in=set(days.values()))
    reached = set(
        runs.filter(Q(pk__in=sent.values("run")) | Q(caught_up_by__in=sent.values("run"))).values_list(
            "area_id", "day"
        )
    )  # fmt: skip
    made = set(runs.values_list("area_id", "day"))
    found = []
    for area in areas:
        day = days[area.pk]
        due = max(begins(day, times.get(area.pk, DEFAULT_TIME)), sending.began_at)
        if day < sending.first_day or now < due + GRACE or (area.pk, day) in reached:
            continue
        why = "its email was not taken by the mail server" if (area.pk, day) in made else "its email was not made"
        found.append(Problem(AlarmKind.LATE, area, day, f"{area.name} has not been told on {day:%d %B %Y}: {why}."))
    return found


def check(now: datetime) -> list[Problem]:
    """Raise what is new, end what is over, tell the duty address, and say by heartbeat that all is well."""
    current = problems(now)
    known = {(alarm.kind, alarm.area_id, alarm.day): alarm for alarm in Alarm.objects.filter(over_at__isnull=True)}
    wanted = {(problem.kind.value, problem.area.pk if problem.area else None, problem.day) for problem in current}
    over = [alarm.pk for key, alarm in known.items() if key not in wanted]
    Alarm.objects.filter(pk__in=over).update(over_at=now)
    for problem in current:
        alarm, fresh = Alarm.objects.get_or_create(
            kind=problem.kind, area=problem.area, day=problem.day, defaults={"text": problem.text, "raised_at": now}
        )
        if alarm.over_at is not None:
            Alarm.objects.filter(pk=alarm.pk).update(over_at=None, told_at=None)
        if fresh or alarm.over_at is not None:
            log.error("digest_alarm", kind=problem.kind, area=problem.area and problem.area.code, text=problem.text)
    _tell(now)
    Sending.objects.filter(pk=1).update(last_tick_at=now)
    if not current:
        _heartbeat(now)
    return current


def _tell(now: datetime) -> None:
    """By a second route, which is not email: one message for all that nobody has been told of yet."""
    untold = list(Alarm.objects.filter(told_at__isnull=True, over_at__isnull=True).select_related("area"))
    if not untold or not settings.ALARM_WEBHOOK_URL:
        return
    words = [alarm.text for alarm in untold]
    body = {
        "text": f"{settings.PROTECTIVE_MARKING} Civil orders register: " + " ".join(words),
        "alarms": [
            {"kind": alarm.kind, "area": alarm.area.code if alarm.area else None, "day": alarm.day.isoformat(),
             "text": alarm.text}
            for alarm in untold
        ],
        "url": settings.BASE_URL,
    }  # fmt: skip
    answer = _call(settings.ALARM_WEBHOOK_URL, json.dumps(body).encode())
    taken = answer.startswith("2")
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in untold]).update(
        told_at=now if taken else None, told_answer=answer
    )
    if not taken:
        log.error("alarm_not_told", answer=answer)


def _heartbeat(now: datetime) -> None:
    """Once a day, when every area has been told: whoever listens raises an alarm when it does not come."""
    today = local_day(now)
    sending = Sending.objects.get(pk=1)
    if not settings.HEARTBEAT_URL or sending.heartbeat_day == today:
        return
    times, areas = sending_times(), told_areas(today)
    if any(latest(now, times.get(area.pk, DEFAULT_TIME)) != today for area in areas):
        return
    sent = (
        Delivery.objects.filter(status=Status.SENT, run__day=today, run__is_alert=False)
        .values("area")
        .distinct()
        .count()
    )
    if sent >= len(areas) and _call(settings.HEARTBEAT_URL, None).startswith("2"):
        Sending.objects.filter(pk=1).update(heartbeat_day=today)


def _call(url: str, body: bytes | None) -> str:
    """What a web address answered, its status first; or what went wrong."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - set by whoever installs the register
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except (OSError, ValueError) as error:
        return f"not reached: {error}"[:500]


def last_tick() -> datetime | None:
    """When the scheduler last did its round."""
    return Sending.objects.filter(pk=1).values_list("last_tick_at", flat=True).first()
