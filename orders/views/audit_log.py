"""The log for auditors: search it, what is odd in it, a sample to review, and all of it for the Commissioner."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action, may
from orders.models import AuditEntry, AuditSeal, Category, Verdict
from orders.oversight import seals
from orders.oversight.entries import COLUMNS, Asked, actions_there_are, entries, lines, references
from orders.oversight.oddities import oddities
from orders.oversight.sample import DAYS, ONE_IN, drawn, review
from orders.record.writing import Refused
from orders.search.exports import cell
from orders.search.filters import StrictForm
from orders.statute import local_day, local_midnight
from orders.templatetags.order_words import moment
from orders.views.access import address_of, permitted, user_of
from orders.views.doing import sentence

PAGE_SIZE = 50
MOST_PAGES = 200
ODD_DAYS = 7


NOT_A_DAY = {"invalid": "Give a real date, as 2026-03-31."}
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
_DAYS = [
    MinValueValidator(FIRST_DAY, "Give a day of the years 1990 to 2199."),
    MaxValueValidator(LAST_DAY, "Give a day of the years 1990 to 2199."),
]


class LogForm(StrictForm):
    """What can be asked of the log."""

    reference = forms.CharField(required=False, max_length=100, label="Order: its reference")
    username = forms.CharField(required=False, max_length=150, label="Person: their sign-in name")
    category = forms.ChoiceField(required=False, choices=[("", "Any"), *Category.choices], label="Kind of operation")
    action = forms.ChoiceField(required=False, label="What was done")
    first = forms.DateField(required=False, label="From the day", error_messages=NOT_A_DAY, validators=_DAYS)
    last = forms.DateField(required=False, label="To the day", error_messages=NOT_A_DAY, validators=_DAYS)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["action"]
        field.choices = [("", "Anything"), *((name, name) for name in actions_there_are())]

    def asked(self) -> Asked:
        """What is asked, of a form that could be read."""
        return Asked(**{name: self.cleaned_data[name] for name in Asked.__dataclass_fields__})


class PurposeForm(GovukForm):
    """Why the log is taken away."""

    purpose = forms.CharField(
        label="What is it for?", min_length=10, max_length=300,
        help_text="For example: requested by the Information Commissioner, with their reference.",
        error_messages={"min_length": "Say what it is for in at least 10 characters"},
    )  # fmt: skip


class ReviewForm(GovukForm):
    """What a look came to."""

    verdict = forms.ChoiceField(
        label="Was it for a proper purpose?", choices=Verdict.choices, widget=forms.RadioSelect,
        error_messages={"required": "Select what it came to"},
    )  # fmt: skip
    note = forms.CharField(
        label="Note", required=False, max_length=500, help_text="Unless it was plainly proper.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@permitted(Action.AUDIT)
def audit_page(request: HttpRequest) -> HttpResponse:
    """Search the log. Looking at it is in the log too."""
    user, form = user_of(request), LogForm(request.GET)
    if not form.is_valid():
        return render(request, "orders/audit_log.html", {"form": form}, status=400)
    found = entries(form.asked(), user)
    limited: Any = _Limited(found)
    pages: Any = Paginator(limited, PAGE_SIZE)
    page = pages.get_page(form.cleaned_data["page"] or 1)
    listed = audit.readable(page.object_list)
    audit.record(
        by=user, category=Category.CONSULTATION, action="read the log", address=address_of(request),
        detail={name: str(value) for name, value in form.cleaned_data.items() if value},
    )  # fmt: skip
    last = AuditSeal.objects.last()
    return render(
        request,
        "orders/audit_log.html",
        {
            "form": form, "page": page, "entries": [(one, _named(one, references(listed, user))) for one in listed],
            "query": urlencode({name: str(value) for name, value in request.GET.items() if value and name != "page"}),
            "seal": last, "unsealed": seals.unsealed(), "more": pages.count > PAGE_SIZE * MOST_PAGES,
        },
    )  # fmt: skip


class _Limited:
    """Entries that are counted no further than can be turned through."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def __getitem__(self, part: Any) -> Any:
        return self._found[part]

    def count(self) -> int:
        """How many, one more than can be turned through where there are more."""
        number: int = self._found.order_by()[: PAGE_SIZE * MOST_PAGES + 1].count()
        return min(number, PAGE_SIZE * MOST_PAGES + 1)

    def __len__(self) -> int:
        return self.count()


def _named(entry: AuditEntry, known: dict[int, Any]) -> tuple[list[Any], int]:
    """The orders of an entry that are named, and how many besides it is about."""
    named = [known[pk] for pk in entry.orders if pk in known]
    return named, len(entry.orders) - len(named)


@permitted(Action.AUDIT)
def oddities_page(request: HttpRequest) -> HttpResponse:
    """What somebody should be asked about, of the last days."""
    user, now = user_of(request), timezone.now()
    if user.force is None:
        return render(request, "orders/no_area.html")
    since = local_midnight(local_day(now) - timedelta(days=ODD_DAYS - 1))
    audit.record(by=user, category=Category.CONSULTATION, action="read oddities", address=address_of(request))
    return render(
        request,
        "orders/audit_oddities.html",
        {"odd": oddities(user.force, since, now), "since": since, "days": ODD_DAYS},
    )


@permitted(Action.AUDIT_SAMPLE)
def sample_page(request: HttpRequest) -> HttpResponse:
    """The looks drawn by lot, and saying of one what it came to."""
    user, now = user_of(request), timezone.now()
    form = ReviewForm(request.POST if request.method == "POST" else None)
    entry: AuditEntry | None
    if request.method == "POST":
        entry = get_object_or_404(drawn(user, now), pk=_number(request.POST.get("entry", "")))
        if form.is_valid():
            try:
                review(entry, Verdict(form.cleaned_data["verdict"]), by=user, note=form.cleaned_data["note"], now=now)
            except Refused as refused:
                for problem in refused.messages:
                    field, _, words = problem.partition(": ")
                    form.add_error(field if field in form.fields else None, sentence(words))
            else:
                messages.success(request, "Recorded. The next one is below.")
                return redirect("orders:audit-sample")
    else:
        entry = drawn(user, now).first()
    audit.record(
        by=user, category=Category.CONSULTATION, action="review sample", address=address_of(request),
        orders=entry.orders if entry is not None else [],
    )  # fmt: skip
    if entry is not None:
        (entry,) = audit.readable([entry])
    known = references([entry], user) if entry is not None else {}
    return render(
        request,
        "orders/audit_sample.html",
        {
            "form": form, "entry": entry, "named": _named(entry, known) if entry is not None else None,
            "may_audit": may(user, Action.AUDIT), "waiting": drawn(user, now).order_by().count(),
            "days": DAYS, "one_in": ONE_IN,
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


@permitted(Action.AUDIT)
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """The log, or the part that was asked for, as CSV; the purpose is asked, and written before the first byte."""
    user, asked = user_of(request), LogForm(request.GET)
    if not asked.is_valid():
        return render(request, "orders/audit_log.html", {"form": asked}, status=400)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    found = entries(asked.asked(), user)
    if not form.is_valid():
        context = {
            "form": form,
            "title": "Take the log away",
            "words": "Download (CSV)",
            "back": reverse("orders:audit"),
        }
        return render(request, "ordersite/question.html", context, status=400 if form.errors else 200)
    now = timezone.now()
    audit.record(
        by=user, category=Category.DISCLOSURE, action="export the log", reason=form.cleaned_data["purpose"],
        detail={name: str(value) for name, value in asked.cleaned_data.items() if value}, address=address_of(request),
    )  # fmt: skip
    mark = f"{settings.PROTECTIVE_MARKING}: taken by {user}, {moment(now)}: {form.cleaned_data['purpose']}"
    rows = _marked(mark, lines(found.filter(at__lte=now), user))
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="log-{local_day(now):%Y-%m-%d}.csv"'
    return answer


def _marked(mark: str, rows: Iterator[list[str]]) -> Iterator[bytes]:
    yield _csv([[mark], list(COLUMNS)])
    number = 0
    for row in rows:
        number += 1
        yield _csv([row])
    yield _csv([[f"{mark}. {number} entries: the file is whole."]])


def _csv(rows: list[list[str]]) -> bytes:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([cell(words) for words in row] for row in rows)
    return out.getvalue().encode()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
