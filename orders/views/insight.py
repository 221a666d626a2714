"""Figures: what the force watches month by month, as charts, as the same numbers in tables, and as CSV."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may, searchable_areas
from orders.insight.figures import Figures, figures
from orders.insight.period import MOST_MONTHS, Period
from orders.insight.sections import section, sections
from orders.models import Area, Category, Level, User
from orders.search.exports import cell
from orders.search.filters import StrictForm
from orders.statute import local_day
from orders.views.access import address_of, permitted, user_of

MONTHS = 12
"""How many months are shown unless others are asked for."""


FIRST_YEAR, LAST_YEAR = 1990, 2199


class MonthField(forms.CharField):
    """A month as 2026-03, which is also what a browser's own month box sends."""

    widget = forms.TextInput(attrs={"type": "month", "class": "govuk-input govuk-input--width-10", "placeholder": ""})

    def clean(self, value: Any) -> date | None:
        """The first day of the month, None if blank. Raises ValidationError with the remedy."""
        text = super().clean(value)
        if not text:
            return None
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise ValidationError("Give the month as year and month, for example 2026-03.") from None
        if not FIRST_YEAR <= month.year <= LAST_YEAR:
            raise ValidationError(f"Give a month of the years {FIRST_YEAR} to {LAST_YEAR}.")
        return month


class PeriodForm(StrictForm):
    """What the figures can be asked for: an area of the user's force, and from which month to which."""

    area = forms.ModelChoiceField(Area.objects.none(), to_field_name="code", required=False, label="Area")
    first = MonthField(required=False, label="From the month")
    last = MonthField(required=False, label="To the month")

    def __init__(self, data: Any, *, user: User, today: date) -> None:
        super().__init__(data)
        self.today = today
        areas = searchable_areas(user).filter(level__in=[Level.FORCE, Level.LPA]).order_by("force_id", "code")
        self.areas = sorted(areas, key=lambda area: (area.level != Level.FORCE, area.code))
        field: Any = self.fields["area"]
        field.queryset, field.empty_label = areas, None
        field.error_messages["invalid_choice"] = "There is no such area in your force. Choose one of the list."

    def clean(self) -> dict[str, Any]:
        """Adds `period`. Refuses one that ends before it begins, is too long, or has not begun."""
        cleaned = super().clean()
        if "first" not in cleaned or "last" not in cleaned:
            return cleaned
        last = cleaned["last"] or self.today.replace(day=1)
        first = cleaned["first"] or max(Period.to(last, MONTHS).first, date(FIRST_YEAR, 1, 1))
        if first > self.today:
            self.add_error("first", "This month has not begun. Choose one that has.")
            return cleaned
        try:
            cleaned["period"] = Period(first, last)
        except ValueError:
            self.add_error("last", f"The last month is before the first, or the period is over {MOST_MONTHS} months.")
        return cleaned


def _asked(request: HttpRequest) -> tuple[PeriodForm, Area | None, Period | None]:
    user = user_of(request)
    form = PeriodForm(request.GET, user=user, today=local_day(timezone.now()))
    if not form.areas or not form.is_valid():
        return form, None, None
    return form, form.cleaned_data["area"] or form.areas[0], form.cleaned_data["period"]


@permitted(Action.FIGURES)
def insight_page(request: HttpRequest) -> HttpResponse:
    """All figures of one area and period. What cannot be understood is named, and nothing is shown."""
    form, area, period = _asked(request)
    if not form.areas:
        return render(request, "orders/no_area.html")
    if area is None or period is None:
        return render(request, "orders/insight.html", {"form": form}, status=400)
    found = _figures(request, form, area, period, "see figures")
    query = {"area": area.code, "first": f"{period.first:%Y-%m}", "last": f"{period.last:%Y-%m}"}
    return render(
        request,
        "orders/insight.html",
        {
            "form": form,
            "area": area,
            "period": period,
            "sections": sections(found, area),
            "query": urlencode(query),
            "shown": query,
            "may_enter": may(request.user, Action.RECORD),
        },
    )


@permitted(Action.FIGURES)
def insight_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of one section as CSV, with what they are of in the first lines."""
    form, area, period = _asked(request)
    if area is None or period is None:
        return render(request, "orders/insight.html", {"form": form}, status=400)
    found = _figures(request, form, area, period, "take figures away")
    try:
        one = section(name, found, area)
    except KeyError:
        raise Http404 from None
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = (
        f'attachment; filename="{name}-{area.code}-{period.first:%Y-%m}-{period.last:%Y-%m}.csv"'
    )
    writer = csv.writer(answer)
    writer.writerow([one.title, cell(area.name), f"{period.first:%B %Y} to {period.last:%B %Y}"])
    writer.writerow([one.definition])
    writer.writerow(one.table.headings)
    writer.writerows([cell(words) for words in row] for row in one.table.all_rows)
    return answer


def _figures(request: HttpRequest, form: PeriodForm, area: Area, period: Period, action: str) -> Figures:
    audit.record(
        by=user_of(request),
        category=Category.CONSULTATION,
        action=action,
        detail={"area": area.code, "first": f"{period.first}", "last": f"{period.last}"},
        address=address_of(request),
    )
    force = form.areas[0]
    return figures(force, form.areas, period, timezone.now())
