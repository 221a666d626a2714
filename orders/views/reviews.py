"""The monthly review at an area's tactical board: the list, recording what was decided, and the pack to take along."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import xlsxwriter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from govuk_forms.dates import DateField
from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action, may, searchable_areas
from orders.models import Area, Category, Level, Order, User
from orders.record.writing import Changed, Form, Refused, Repeated
from orders.reviews.month import Review, following, list_of_month, on_time, public_ids
from orders.reviews.pack import pages
from orders.reviews.record import OUTCOMES, Decision, record_reviews
from orders.search.exports import cell
from orders.search.filters import StrictForm, default_area
from orders.statute import local_day
from orders.statute.periods import months_after
from orders.templatetags.order_words import day, moment
from orders.views.access import address_of, permitted, user_of
from orders.views.doing import sentence
from orders.views.insight import FIRST_YEAR, LAST_YEAR, MonthField
from orders.views.restricted import opened


class MonthForm(StrictForm):
    """Which month of which area. Blank is this month of the user's own."""

    area = forms.ModelChoiceField(Area.objects.none(), to_field_name="code", required=False)
    month = MonthField(required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        field: Any = self.fields["area"]
        field.queryset = searchable_areas(user).exclude(level=Level.NEIGHBOURHOOD)
        self.areas = sorted(field.queryset, key=lambda area: (area.level != Level.FORCE, area.code))


class DecisionForm(GovukForm):
    """What the board decided about the orders that were ticked."""

    outcome = forms.ChoiceField(
        label="What the board decided",
        choices=list(OUTCOMES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Select what the board decided"},
    )
    action = forms.CharField(
        label="What is to be done",
        required=False,
        max_length=500,
        help_text="Unless there is no change. Do not name a protected person.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner = forms.CharField(label="Who does it", required=False, max_length=100, help_text="Unless there is no change.")
    next_on = DateField(called="The date of the next review", label="Next review", help_text="Usually a month on.")
    key = forms.UUIDField(widget=forms.HiddenInput)  # fmt: skip


class _Asked:
    """The list that a request asks for."""

    def __init__(self, request: HttpRequest) -> None:
        self.user, self.now = user_of(request), timezone.now()
        self.form = MonthForm(request.GET, user=self.user)
        self.area: Area | None = None
        self.found: list[Review] = []
        if not self.form.is_valid():
            return
        home = default_area(self.user)
        home = home.parent if home is not None and home.level == Level.NEIGHBOURHOOD else home
        self.area = self.form.cleaned_data["area"] or home
        self.month: date = self.form.cleaned_data["month"] or local_day(self.now).replace(day=1)
        if self.area is not None:
            self.found = list_of_month(self.area, self.user, self.month, self.now)
            restricted = opened(request, [one.result.order for one in self.found if one.result.hidden])
            if restricted:
                self.found = list_of_month(self.area, self.user, self.month, self.now, opened=restricted)

    @property
    def query(self) -> str:
        """The query of this list."""
        return urlencode({"area": self.area.code if self.area else "", "month": f"{self.month:%Y-%m}"})

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        """The answer where nothing can be shown."""
        if not self.form.is_valid():
            context = {"errors": self.form.errors, "path": request.path}
            return render(request, "orders/not_understood.html", context, status=400)
        return render(request, "orders/no_area.html") if self.area is None else None

    def log(self, request: HttpRequest, action: str, category: Category = Category.CONSULTATION) -> None:
        """Write the look, or the disclosure, before it leaves."""
        audit.record(
            by=self.user, category=category, action=action, orders=[one.result.order.pk for one in self.found],
            detail={"area": self.area.code if self.area else "", "month": f"{self.month:%Y-%m}"},
            address=address_of(request),
        )  # fmt: skip


@permitted(Action.WORKLISTS, post=Action.REVIEWS)
def reviews_list_page(request: HttpRequest) -> HttpResponse:
    """The list of a month; with POST, record a decision about those ticked."""
    asked = _Asked(request)
    refused = asked.refused(request)
    if refused is not None or asked.area is None:
        return refused or HttpResponse(status=400)
    first = {"next_on": months_after(local_day(asked.now), 1), "key": uuid4()}
    form = DecisionForm(request.POST if request.method == "POST" else None, initial=first)
    ticked = request.POST.getlist("order")
    if request.method == "POST" and form.is_valid():
        answer = _record(request, asked, form, ticked)
        if answer is not None:
            return answer
    asked.log(request, "look at reviews")
    force = asked.area.force or asked.area
    lpas = [one for one in asked.form.areas if one.level == Level.LPA]
    states = [one.state for one in asked.found]
    return render(
        request,
        "orders/reviews.html",
        {
            "area": asked.area, "areas": asked.form.areas, "month": asked.month, "month_value": f"{asked.month:%Y-%m}",
            "previous": _link(asked.month - timedelta(days=1)), "next": _link(following(asked.month)),
            "reviews": asked.found, "counts": {state: states.count(state) for state in ("overdue", "due", "done")},
            "query": asked.query, "now": asked.now, "ticked": ticked,
            "form": form if may(asked.user, Action.REVIEWS) else None,
            "shares": _shares(lpas, asked), "force": force, "may_export": may(asked.user, Action.EXPORT),
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _shares(lpas: list[Area], asked: _Asked) -> list[tuple[Area, Any]]:
    found = on_time(lpas, asked.user, asked.month, asked.now)
    return [(area, found[area.pk]) for area in lpas]


def _record(request: HttpRequest, asked: _Asked, form: DecisionForm, ticked: list[str]) -> HttpResponse | None:
    """Carry it out; what is refused becomes an error of the form, and what was typed is kept."""
    known = public_ids(one.result.order.pk for one in asked.found)
    orders: list[Order] = [known[key] for key in dict.fromkeys(ticked) if key in known]
    if len(orders) != len(set(ticked)):
        form.add_error(
            None, "Some of those ticked are no longer on this list. Look at it as it now is, and tick again."
        )
        return None
    said, here = form.cleaned_data, request.get_full_path()
    decision = Decision(said["outcome"], said["next_on"], said["action"], said["owner"])
    try:
        record_reviews(orders, decision, at=_at(asked), by=asked.user, form=Form(said["key"], leads_to=here[:200]))
    except Repeated:
        messages.info(request, "This was recorded already, and has been recorded once.")
        return redirect(here)
    except (Refused, Changed) as refused:
        for problem in getattr(refused, "messages", ["The order has changed since. Look at it and record again."]):
            field, _, words = problem.partition(": ")
            form.add_error(field if field in form.fields else None, sentence(words or field))
        return None
    number = len(orders)
    messages.success(request, f"Recorded for {number} {'order' if number == 1 else 'orders'}: {decision.words}.")
    return redirect(here)


def _at(asked: _Asked) -> datetime:
    return asked.now.replace(microsecond=0)


@permitted(Action.WORKLISTS)
def review_pack(request: HttpRequest) -> HttpResponse:
    """The pack of a month to print, an order a page; with `.pdf`, as PDF."""
    asked = _Asked(request)
    refused = asked.refused(request)
    if refused is not None or asked.area is None:
        return refused or HttpResponse(status=400)
    asked.log(request, "print review pack", Category.DISCLOSURE)
    found = pages([one for one in asked.found if one.state != "done"], asked.now)
    if request.path.endswith(".pdf"):
        from orders.reviews.pack_pdf import as_pdf  # what it loads is much, and seldom needed

        taken = f"taken by {asked.user}, {moment(asked.now)}"
        month = f"{asked.month:%B %Y}"
        content = as_pdf(asked.area, month, found, marking=settings.PROTECTIVE_MARKING, taken=taken)
        answer = HttpResponse(content, content_type="application/pdf")
        name = f"reviews-{asked.area.code}-{asked.month:%Y-%m}.pdf"
        answer["Content-Disposition"] = f'inline; filename="{name}"'
        return answer
    return render(
        request,
        "orders/review_pack.html",
        {"area": asked.area, "month": asked.month, "pages": found, "query": asked.query, "now": asked.now},
    )


@permitted(Action.EXPORT)
def review_sheet(request: HttpRequest) -> HttpResponse:
    """The list of a month as a spreadsheet, marked and recorded like every export."""
    asked = _Asked(request)
    refused = asked.refused(request)
    if refused is not None or asked.area is None:
        return refused or HttpResponse(status=400)
    asked.log(request, "export reviews", Category.DISCLOSURE)
    mark = f"{settings.PROTECTIVE_MARKING}: taken by {asked.user}, {moment(asked.now)}"
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Reviews")
        sheet.set_column(0, len(COLUMNS) - 1, 22)
        lines = [[mark], [f"{asked.area.name}: reviews of {asked.month:%B %Y}"], list(COLUMNS)]
        lines += [_row(one) for one in asked.found]
        for number, line in enumerate([*lines, [mark]]):
            for column, words in enumerate(line):
                sheet.write_string(number, column, cell(words))
    answer = HttpResponse(
        file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    name = f"reviews-{asked.area.code}-{asked.month:%Y-%m}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


COLUMNS = (
    "Reference",
    "Kind",
    "Family name",
    "Given names",
    "Review",
    "Due",
    "Last review",
    "Breaches since",
    "Changes",
)


def _row(one: Review) -> list[str]:
    order, person = one.result.order, one.result.perpetrator
    if one.result.hidden:
        return [order.reference, order.kind, "Restricted", "", one.state, "", "", "", ""]
    return [
        order.reference, order.kind, person.family_name if person else "", person.given_names if person else "",
        one.state, day(one.due_on), day(one.last.event.at) if one.last else "none", str(one.breaches),
        "; ".join(dict.fromkeys(change.kind for change in one.changes)),
    ]  # fmt: skip


def _link(month: date) -> str:
    """A month as an address has it; nothing for one that cannot be asked for."""
    return f"{month:%Y-%m}" if FIRST_YEAR <= month.year <= LAST_YEAR else ""
