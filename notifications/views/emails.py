"""What became of the daily emails, by day and area; what each said, exactly as sent; and what tomorrow's would say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from csp.decorators import csp_replace
from django import forms
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from govuk_forms.forms import GovukForm
from notifications import alarms, delivery, emails, hold, letters, planning
from notifications.models import DEFAULT_TIME, Delivery, DigestRun, Mailbox, Status
from notifications.service_day import begins, latest
from notifications.views import access
from orders.access import audit
from orders.access.permissions import Action, may
from orders.access.sealing import ERASED, unseal
from orders.models import Area, Category, User
from orders.statute import local_day
from orders.views.access import address_of, permitted, user_of

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """One area on one day: in words, with the delivery to open. `missing`: it should have been told and was not."""

    words: str
    missing: bool
    delivery: Delivery | None


@permitted(Action.EMAILS_WATCH)
def overview(request: HttpRequest) -> HttpResponse:
    """Every area of the user's force by day, what is missing in red, and what is wrong now."""
    user, now = user_of(request), timezone.now()
    areas = list(access.areas(user))
    days = [local_day(now) - timedelta(days=back) for back in range(DAYS_SHOWN)]
    cells = _cells(user, areas, days, now)
    return render(
        request,
        "notifications/emails.html",
        {
            "days": days,
            "rows": [(area, [cells[area.pk, day] for day in days]) for area in areas],
            "problems": [
                problem for problem in alarms.problems(now) if problem.area is None or problem.area in areas
            ],
            "failing": access.mailboxes(user).filter(failed_at__isnull=False),
            "may_read": may(user, Action.EMAILS_READ),
            "may_keep": may(user, Action.EMAILS_MANAGE),
        },
    )  # fmt: skip


def _cells(user: User, areas: list[Area], days: list[date], now: datetime) -> dict[tuple[int, date], Cell]:
    times = planning.sending_times()
    runs = {
        (run.area_id, run.day): run
        for run in DigestRun.objects.filter(area__in=areas, day__in=days).select_related("caught_up_by")
    }
    sent: dict[int, list[Delivery]] = defaultdict(list)
    wanted = {run.caught_up_by_id or run.pk for run in runs.values()}
    for one in access.deliveries(user).filter(run__in=wanted).order_by("-status", "pk"):
        sent[one.run_id].append(one)
    began = dict(DigestRun.objects.filter(area__in=areas).order_by().values_list("area").annotate(Min("day")))
    first_day = hold.state(now).first_day
    with_box = set(Mailbox.objects.filter(is_active=True, area__in=areas).values_list("area_id", flat=True))
    found = {}
    for area in areas:
        for day in days:
            run = runs.get((area.pk, day))
            owed = begins(day, times.get(area.pk, DEFAULT_TIME)) + alarms.GRACE <= now
            # An area that was never told is owed its latest day only; what came before its first run was not owed.
            due = day >= first_day and (day == days[0] or day > began.get(area.pk, days[0]))
            found[area.pk, day] = _cell(run, sent, owed=owed, due=due, today=day == days[0], box=area.pk in with_box)
    return found


def _cell(
    run: DigestRun | None, sent: dict[int, list[Delivery]], *, owed: bool, due: bool, today: bool, box: bool
) -> Cell:
    if run is None:
        if due and owed:
            return Cell("No mailbox" if not box else "Not made", missing=True, delivery=None)
        return Cell("Due later" if today else "Not owed", missing=False, delivery=None)
    told_by = run.caught_up_by or run
    rows = sent[told_by.pk]
    best = next((row for row in rows if row.status == Status.SENT and row.bounced_at is None), None) or next(
        iter(rows), None
    )
    if best is None:
        return Cell("No mailbox", missing=True, delivery=None)
    words = best.get_status_display()
    if best.bounced_at:
        words = "Came back"
    elif best.status == Status.SENT and run.caught_up_by is not None:
        words = f"Caught up {told_by.day:%d %b}"
    elif best.doubts and best.status == Status.SENT:
        words = "Sent, perhaps twice"
    missing = best.status in (Status.FAILED, Status.UNKNOWN) or bool(best.bounced_at)
    return Cell(words, missing=missing or (owed and best.status != Status.SENT), delivery=best)


class ResendForm(GovukForm):
    """Why an email is sent once more."""

    reason = forms.CharField(
        label="Why is it sent again?",
        min_length=delivery.MIN_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "Say why it is sent again",
            "min_length": f"Say why in at least {delivery.MIN_REASON} characters",
        },
    )


@permitted(Action.EMAILS_WATCH, post=Action.EMAILS_RESEND)
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: its words as sent, who got them, what the server said; and sending it again."""
    user = user_of(request)
    found = get_object_or_404(access.deliveries(user), pk=pk)
    form = ResendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            again = delivery.resend(found, by=user, reason=form.cleaned_data["reason"])
        except ValueError as refused:
            form.add_error("reason", str(refused).partition(": ")[2].capitalize())
        else:
            audit.record(
                by=user, category=Category.DISCLOSURE, action="ask for an email again", orders=found.run.orders,
                recipients=[found.address], reason=again.reason, address=address_of(request),
            )  # fmt: skip
            return redirect("notifications:email", pk=again.pk)
    may_read = may(user, Action.EMAILS_READ)
    if may_read:
        _log_reading(request, user, found)
    others = access.deliveries(user).filter(run=found.run).exclude(pk=found.pk).order_by("pk")
    return render(
        request,
        "notifications/email.html",
        {
            "delivery": found,
            "text": unseal([found.letter.text])[0] if may_read else "",
            "again_because": unseal([found.reason])[0],
            "others": others,
            "form": form if may(user, Action.EMAILS_RESEND) else None,
        },
        status=400 if form.errors else 200,
    )


def _log_reading(request: HttpRequest, user: User, found: Delivery) -> None:
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="read a sent email",
        orders=found.run.orders,
        detail={"area": found.area.code, "day": found.run.day.isoformat()},
        address=address_of(request),
    )


@permitted(Action.EMAILS_READ)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """The message byte for byte as it was handed to the mail server, as a file."""
    user = user_of(request)
    found = get_object_or_404(access.deliveries(user), pk=pk, message__isnull=False)
    _log_reading(request, user, found)
    response = HttpResponse(letters.bytes_of(found) or ERASED.encode(), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="civil-orders-{found.area.code}-{found.run.day}.eml"'
    return response


# What was sent has its styles in itself; nothing of it can run, load or be framed.
@permitted(Action.EMAILS_READ)
@csp_replace(  # type: ignore[arg-type]  # its types know no view with arguments
    {
        "default-src": ["'none'"],
        "script-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "sandbox": ["allow-top-navigation"],
    }
)
def as_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of an email as sent, alone."""
    user = user_of(request)
    found = get_object_or_404(access.deliveries(user), pk=pk)
    _log_reading(request, user, found)
    message = letters.bytes_of(found)
    if message is None:
        return HttpResponse(unseal([found.letter.html]))
    sent = cast(EmailMessage, message_from_bytes(message, policy=cast(Any, policy.default)))
    body = sent.get_body(("html",))
    if body is None:
        raise Http404
    return HttpResponse(body.get_content())


@permitted(Action.EMAILS_READ)
def preview(request: HttpRequest) -> HttpResponse:
    """What the next email of an area would say if it were written now. Stores nothing but that somebody looked."""
    user, now = user_of(request), timezone.now()
    areas = list(access.areas(user))
    wanted = request.GET.get("area") or (user.home_area.code if user.home_area else "")
    area = next(
        (one for one in areas if one.code == wanted), areas[0] if areas and not request.GET.get("area") else None
    )
    if area is None:
        raise Http404
    day = latest(now, planning.sending_times().get(area.pk, DEFAULT_TIME)) + timedelta(days=1)
    news = planning.preview(area, day, now)
    written = emails.write(news) if news else None
    audit.record(
        by=user, category=Category.CONSULTATION, action="preview an email", detail={"area": area.code},
        address=address_of(request),
    )  # fmt: skip
    return render(
        request,
        "notifications/preview.html",
        {"area": area, "areas": areas, "day": day, "written": written, "now": now},
    )


@permitted(Action.PUBLIC)
def health(request: HttpRequest) -> HttpResponse:
    """200 when every area has been told, 503 with what is wrong in numbers: whoever asks learns no more."""
    now = timezone.now()
    counted: dict[str, int] = defaultdict(int)
    for problem in alarms.problems(now):
        counted[problem.kind.value] += 1
    last = alarms.last_tick()
    if last is None or now - last > alarms.SILENCE:
        counted["scheduler silent"] += 1
    words = "".join(f"{kind}: {count}\n" for kind, count in sorted(counted.items()))
    return HttpResponse(words or "ok\n", status=503 if counted else 200, content_type="text/plain")


def alarm_lines(request: HttpRequest) -> list[str]:
    """What an administrator reads at the top of every page."""
    user = user_of(request)
    if not may(user, Action.EMAILS_MANAGE):
        return []
    return [problem.text for problem in alarms.problems(timezone.now())]
