"""Taking a search away: which columns, in what form and for what; recorded before the first byte leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from orders.access import audit, permissions
from orders.access.allowed import EXPORT_ROWS
from orders.access.permissions import Action
from orders.models import Category, Role, User
from orders.search import by_area, by_person, exports
from orders.search.by_area import Question
from orders.search.exports import COLUMNS, FORMATS, Copy
from orders.search.filters import PageFilter
from orders.templatetags.order_words import moment
from orders.views.access import address_of, permitted, user_of

PURPOSES = {
    "briefing": "A briefing or tasking",
    "court": "Court proceedings",
    "review": "A review of orders",
    "safeguarding": "Safeguarding, or a meeting of agencies",
    "inspection": "An audit or inspection",
    "other": "Something else",
}
PAGE_LASTS = timedelta(hours=12)
"""So long a page may stand open before what it says is too old to be taken away."""


class ExportForm(forms.Form):
    """What to take away, in what form, and what for. `moment` and `shown` say what the page had counted, and when."""

    columns = forms.MultipleChoiceField(
        label="Columns",
        choices=[(name, column.heading) for name, column in COLUMNS.items()],
        initial=list(COLUMNS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one column"},
    )
    format = forms.ChoiceField(
        label="Format",
        choices=[(name, words) for name, (words, _, _) in FORMATS.items()],
        initial="xlsx",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a format"},
    )
    purpose = forms.ChoiceField(
        label="What is it for?",
        choices=list(PURPOSES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the export is for"},
    )
    words = forms.CharField(
        label="Say in a few words for what",
        min_length=5,
        max_length=300,
        error_messages={
            "required": "Say in a few words what the export is for",
            "min_length": "Say what the export is for in at least 5 characters",
        },
    )
    moment = forms.CharField(required=False, widget=forms.HiddenInput)
    shown = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, of_person: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not of_person:
            columns = self.fields["columns"]
            columns.choices = [one for one in columns.choices if one[0] != "matched"]  # type: ignore[attr-defined] # its own

    def clean_columns(self) -> list[str]:
        """The columns in the order in which the list has them."""
        chosen = set(self.cleaned_data["columns"])
        return [name for name in COLUMNS if name in chosen]


@permitted(Action.EXPORT)
def export_page(request: HttpRequest) -> HttpResponseBase:
    """The question page of an export, whose address has the query of the search; posted, the file."""
    user = user_of(request)
    asked = PageFilter(request.GET, user=user, now=_moment(request.POST.get("moment", "")))
    question = asked.question()
    context: dict[str, Any] = {"question": question, "query": request.GET.urlencode()}
    if question is None:
        return render(request, "orders/export.html", context | {"errors": asked.form.errors}, status=400)
    of_person, most = question.person is not None, permissions.export_rows(user)
    ids, matched = _found(question, user, most)
    too_many = len(ids) > most
    filters = filter_words(asked)
    context |= {"count": len(ids), "most": most, "too_many": too_many, "filters": filters, "may_take": who_may_take()}
    if request.method != "POST":
        shown = {"moment": question.at.isoformat(), "shown": len(ids)}
        context["form"] = ExportForm(initial=shown, of_person=of_person)
        return render(request, "orders/export.html", context)
    context["form"] = form = ExportForm(request.POST, of_person=of_person)
    if too_many or not form.is_valid():
        return render(request, "orders/export.html", context, status=400)
    if form.cleaned_data["shown"] != len(ids):
        context["changed_from"] = form.cleaned_data["shown"]
        again = request.POST.copy()
        again["moment"], again["shown"] = question.at.isoformat(), str(len(ids))
        context["form"] = ExportForm(again, of_person=of_person)
        return render(request, "orders/export.html", context, status=409)
    return _file(request, question, ids, matched, form.cleaned_data, filters)


def _file(
    request: HttpRequest,
    question: Question,
    ids: list[int],
    matched: dict[int, str],
    chosen: dict[str, Any],
    filters: list[str],
) -> StreamingHttpResponse:
    user, now = user_of(request), timezone.now()
    purpose = f"{PURPOSES[chosen['purpose']]}: {chosen['words']}"
    audit.record(
        by=user,
        category=Category.DISCLOSURE,
        action="export",
        orders=ids,
        chosen=PURPOSES[chosen["purpose"]],
        reason=chosen["words"],
        detail={
            "query": {name: values for name, values in request.GET.lists() if any(values)},
            "purpose": chosen["purpose"],
            "format": chosen["format"],
            "columns": chosen["columns"],
            "found": len(ids),
            "at": question.at.isoformat(),
        },
        address=address_of(request),
    )
    mark: str = settings.PROTECTIVE_MARKING
    about = [
        mark,
        f"Civil orders: {len(ids):,} found",
        f"Exported by {user} ({user.username}) on {moment(now)}",
        f"As at {moment(question.at)}" + (f", as known at {moment(question.known_at)}" if question.known_at else ""),
        *filters,
        f"Purpose: {purpose}",
        "A copy does not change when the register does: check the register before acting.",
        mark,
    ]
    if settings.DEMONSTRATION:
        about.insert(1, "DEMONSTRATION DATA: every person is invented")
    copy = Copy(ids, user, question.at, question.known_at, mark, about, chosen["columns"], matched)
    _, content_type, write = FORMATS[chosen["format"]]
    name = exports.file_name(chosen["format"], timezone.localdate(now))
    return StreamingHttpResponse(
        write(copy), content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _found(question: Question, user: User, most: int) -> tuple[list[int], dict[int, str]]:
    """The orders that the search shows, in its order, and why; one more than `most` says that there are too many."""
    if question.person is not None:
        answer = by_person.find(question, user, offset=0, limit=most + 1)
        return answer.order_ids, {pk: f"{match} ({match.how})" for pk, match in answer.matched.items()}
    counted = by_area.counts(question, user, ended_at_most=most)
    return by_area.page(question, user, offset=0, limit=most + 1, counted=counted), {}


def _moment(text: str) -> datetime | None:
    """The instant of which the page told the count, so that the file is of the same; None for a page too old."""
    now = timezone.now()
    try:
        moment = datetime.fromisoformat(text)
        return moment if now - PAGE_LASTS < moment <= now else None
    except (ValueError, TypeError):
        return None


def filter_words(asked: PageFilter) -> list[str]:
    """What was asked, a line for each filter that is set."""
    found = []
    for name, field in asked.form.fields.items():
        value = asked.form.cleaned_data.get(name)
        if value in (None, "", [], ()) or name in ("at", "known_at"):
            continue
        words = {str(key): str(label) for key, label in getattr(field, "choices", ()) if name != "area"}
        if typed := getattr(value, "text", ""):
            found.append(f"Searched for: {typed}")
            continue
        values = value if isinstance(value, list | tuple) else [value]
        found.append(f"{field.label or name}: {', '.join(words.get(str(one), str(one)) for one in values)}")
    return found


def who_may_take() -> list[tuple[str, int]]:
    """Each role and how many rows it may take, the largest first."""
    return sorted(((Role(role).label, rows) for role, rows in EXPORT_ROWS.items()), key=lambda one: -one[1])
