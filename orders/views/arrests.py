"""Arrests for violent domestic abuse by month and area: entered here where the extract does not bring them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from govuk_forms.forms import GovukForm
from orders.access.permissions import Action, may, searchable_areas
from orders.actions.arrests import tell_arrests
from orders.insight.period import Period
from orders.models import Area, ArrestCount, Level
from orders.statute import local_day
from orders.views.access import permitted, user_of
from orders.views.insight import MonthField

SHOWN_MONTHS = 12


class ArrestsForm(GovukForm):
    """A count for a month of an area."""

    area = forms.ModelChoiceField(Area.objects.none(), to_field_name="code", label="Area", empty_label=None)
    month = MonthField(label="Month", help_text="For example 2026-03.")
    count = forms.IntegerField(
        label="Arrests for violent domestic abuse offences", min_value=0, max_value=100_000,
        help_text="As custody counted them, for the whole month.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )  # fmt: skip
    source = forms.CharField(
        label="Where the count comes from", max_length=100, help_text="For example: custody report."
    )

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["area"]
        field.queryset = areas

    def clean_month(self) -> Any:
        """A month that is over or has begun."""
        month = self.cleaned_data["month"]
        if month > local_day(timezone.now()):
            raise ValidationError("This month has not begun. Choose one that has.")
        return month


@permitted(Action.FIGURES, post=Action.RECORD)
def arrests_page(request: HttpRequest) -> HttpResponse:
    """What is known of each month and area, and a form for who may enter it."""
    user = user_of(request)
    areas = searchable_areas(user).filter(level__in=[Level.FORCE, Level.LPA]).order_by("-level", "code")
    form = ArrestsForm(request.POST or None, areas=areas)
    if form.is_valid():
        asked = form.cleaned_data
        before = tell_arrests(asked["area"], asked["month"], asked["count"], source=asked["source"], by=user)
        was = "" if before is None else f" It was {before}."
        messages.success(request, f"{asked['area']}, {asked['month']:%B %Y}: {asked['count']} arrests recorded.{was}")
        return redirect("orders:arrests")
    months = list(Period.to(local_day(timezone.now()), SHOWN_MONTHS))
    shown = sorted(areas, key=lambda area: (area.level != Level.FORCE, area.code))
    counted = {
        (row.month, row.area_id): row.count for row in ArrestCount.objects.filter(area__in=shown, month__in=months)
    }
    return render(
        request,
        "orders/arrests.html",
        {
            "form": form if may(user, Action.RECORD) else None,
            "months": months,
            "lines": [(area, [counted.get((month, area.pk)) for month in months]) for area in shown],
        },
        status=400 if form.errors else 200,
    )
