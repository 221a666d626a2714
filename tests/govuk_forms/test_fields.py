"""The fields of a form: marked up as GOV.UK Frontend's own examples, and dates that clock changes do not bend."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template

from govuk_forms.dates import DateField, Moment, MomentField
from govuk_forms.forms import GovukForm

COMPONENTS = Path(__file__).parents[2] / "frontend/node_modules/govuk-frontend/dist/govuk/components"
VOID = {"input", "br"}
SCRIPTS = {"data-module"}  # their examples name scripts that we do not load


class Tree(HTMLParser):
    """A page's elements and words in order, without blanks and what scripts would read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {name: value for name, value in attrs if name not in SCRIPTS}
        kept["class"] = " ".join(sorted((kept.get("class") or "").split()))
        self.found.append((tag, tuple(sorted((name, value or "") for name, value in kept.items()))))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(" ".join(data.split()))


def example(component: str, name: str) -> str:
    fixtures = json.loads((COMPONENTS / component / "fixtures.json").read_text())["fixtures"]
    return next(str(fixture["html"]) for fixture in fixtures if fixture["name"] == name)


def rendered(field: forms.Field, name: str, error: str = "", heading: bool = False, **data: str) -> str:
    form = type("Form", (GovukForm,), {name: field})(data or None, auto_id="%s")
    if error:
        form.is_valid()
        form.errors.clear()
        form.add_error(name, error)
    template = Template('{% include "govuk_forms/field.html" with field=field heading=heading %}')
    return template.render(Context({"field": form[name], "heading": heading}))


def plain(text: str) -> str:
    """Their examples leave the weight of legends and labels to whoever uses them; ours are bold on every page."""
    for ours in (" govuk-fieldset__legend--s", " govuk-label--s"):
        text = text.replace(ours, "")
    return text


def test_a_text_with_an_error_is_their_example() -> None:
    field = forms.CharField(label="National Insurance number", required=False)
    error = "Enter a National Insurance number in the correct format"
    ours = plain(rendered(field, "input-with-error-message", error, **{"input-with-error-message": ""}))
    theirs = example("input", "with error message").replace('name="test-name-3"', 'name="input-with-error-message"')
    assert Tree(ours).found == Tree(theirs).found


def test_a_date_with_hint_and_error_is_their_example() -> None:
    field = DateField(called="Date", label="What is your date of birth?", help_text="For example, 31 3 1980")
    ours = plain(rendered(field, "dob-errors", "Error message goes here", **{"dob-errors_day": ""}))
    ours = ours.replace('name="dob-errors_', 'name="')
    assert Tree(ours).found == Tree(example("date-input", "with error message and hint")).found


@pytest.mark.parametrize(
    ("name", "error"), [("default", ""), ("with hint and error message", "Please select an option")]
)
def test_radios_are_their_example(name: str, error: str) -> None:
    hint = "This includes changing your last name or spelling your name differently." if error else ""
    field = forms.ChoiceField(
        label="Have you changed your name?",
        help_text=hint,
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    key = "example-default" if not error else "example-error-message-hint"
    data = {key: ""} if error else {}
    theirs = example("radios", name)
    if error:
        theirs = theirs.replace('name="example-error-message"', f'name="{key}"')
    names = {part for part in theirs.split('"') if part.startswith("example")}
    assert key in names
    assert Tree(plain(rendered(field, key, error, **data))).found == Tree(theirs).found


def test_the_only_question_of_a_page_is_its_heading() -> None:
    field = forms.ChoiceField(label="Which?", choices=[("a", "A")], widget=forms.RadioSelect)
    assert '<h1 class="govuk-fieldset__heading">Which?</h1>' in rendered(field, "which", heading=True)


class BirthForm(GovukForm):
    born = DateField(called="Date of birth", label="Born", not_future=True)


def born(day: str, month: str, year: str) -> BirthForm:
    return BirthForm({"born_day": day, "born_month": month, "born_year": year})


def test_a_date_may_name_its_month() -> None:
    for month in ("3", "03", "mar", "March", "MARCH"):
        form = born("31", month, "1980")
        assert form.is_valid()
        assert form.cleaned_data["born"] == date(1980, 3, 31)


@pytest.mark.parametrize(
    ("typed", "message", "target"),
    [
        (("", "", ""), "Enter the date of birth", "day"),
        (("31", "", "1980"), "Date of birth must include a month", "month"),
        (("", "", "1980"), "Date of birth must include a day and a month", "day"),
        (("31", "3", "80"), "Year must include 4 numbers", "year"),
        (("31", "13", "1980"), "Date of birth must be a real date", "month"),
        (("29", "2", "2023"), "Date of birth must be a real date", "day"),
        (("x", "3", "1980"), "Date of birth must be a real date", "day"),
        (("1", "1", "9000"), "Date of birth must be today or in the past", "day"),
    ],
)
def test_a_wrong_date_says_what_is_wrong_and_where(typed: tuple[str, str, str], message: str, target: str) -> None:
    form = born(*typed)
    assert not form.is_valid()
    assert form.errors["born"] == [message]
    page = Template("{% load govuk %}{% error_summary form %}{{ form }}").render(Context({"form": form}))
    assert f'<a href="#id_born-{target}">{message}</a>' in page
    for text in typed:
        assert not text or f'value="{text}"' in page, "what was typed is kept"


class ServedForm(GovukForm):
    served = MomentField(called="Time of service", label="Served")


def served(day: str, clock: str) -> ServedForm:
    year, month, number = day.split("-")
    return ServedForm({"served_day": number, "served_month": month, "served_year": year, "served_time": clock})


@pytest.mark.parametrize(
    ("day", "clock", "at"),
    [
        ("2026-01-05", "14:30", "2026-01-05T14:30"),
        ("2026-07-05", "14:30", "2026-07-05T13:30"),
        ("2026-07-05", "1430", "2026-07-05T13:30"),
        ("2026-07-05", "2.30pm", "2026-07-05T13:30"),
        ("2026-07-05", "12am", "2026-07-04T23:00"),
        ("2026-10-25", "01:30 BST", "2026-10-25T00:30"),
        ("2026-10-25", "1:30 gmt", "2026-10-25T01:30"),
        ("2026-10-25", "02:00", "2026-10-25T02:00"),
    ],
)
def test_a_time_is_local(day: str, clock: str, at: str) -> None:
    form = served(day, clock)
    assert form.is_valid(), form.errors
    moment = form.cleaned_data["served"]
    assert moment == Moment(datetime.fromisoformat(at).replace(tzinfo=UTC))
    again = ServedForm(initial={"served": moment})
    value = again["served"].value()
    assert served(day, value[3]).fields["served"].clean(value) == moment, "what is shown is read back as the same"


@pytest.mark.parametrize(
    ("day", "clock", "message"),
    [
        (
            "2026-03-29",
            "01:30",
            "01:30 on 29 March 2026 did not happen: the clocks went forward over it. Check the time",
        ),
        (
            "2026-10-25",
            "01:30",
            (
                "01:30 on 25 October 2026 happened twice: the clocks went back over it. Write 01:30 BST for the first "
                "or 01:30 GMT for the second"
            ),
        ),
        ("2026-07-05", "14:30 GMT", "14:30 on 5 July 2026 was not GMT. Leave out GMT"),
        ("2026-07-05", "25:00", "Time must be a time of day, like 14:30, not 25:00"),
        ("2026-07-05", "noon", "Time must be a time of day, like 14:30, not noon"),
        ("2026-07-05", "7", "Time must be a time of day, like 14:30, not 7"),
        ("2026-07-05", "", "Time of service must include a time, like 14:30"),
    ],
)
def test_a_time_that_cannot_be_is_refused(day: str, clock: str, message: str) -> None:
    form = served(day, clock)
    assert form.errors == {"served": [message]}
    assert form["served"].error_target == "id_served-time"


def test_a_date_alone_counts_where_the_time_may_be_unknown() -> None:
    field = MomentField(called="Made", time_required=False, required=False)
    assert field.clean(["5", "7", "2026", ""]) == Moment(datetime(2026, 7, 4, 23, tzinfo=UTC), is_date=True)
    assert field.clean(["", "", "", ""]) is None
    with pytest.raises(forms.ValidationError, match="Enter the made"):
        field.clean(["", "", "", "14:30"])


def test_a_future_time_is_refused_where_it_cannot_be() -> None:
    now = datetime(2026, 7, 5, 13, 0, tzinfo=UTC)
    field = MomentField(called="Time of service", not_future=True, now=lambda: now)
    with pytest.raises(forms.ValidationError, match="must be today or in the past"):
        field.clean(["6", "7", "2999", "10:00"])
    field = MomentField(called="Time of service", now=lambda: now)
    field.not_future = True
    field.day_of = lambda typed, required: date(2026, 7, 5)  # type: ignore[method-assign] # whatever today is
    with pytest.raises(forms.ValidationError, match="must be in the past"):
        field.clean(["5", "7", "2026", "14:01"])
    assert field.clean(["5", "7", "2026", "14:00"]).at == now


def test_errors_of_the_whole_form_are_in_the_summary() -> None:
    form = born("31", "3", "1980")
    form.add_error(None, "This was recorded already")
    page = Template("{% load govuk %}{% error_summary form %}").render(Context({"form": form}))
    assert "<li>This was recorded already</li>" in page


def test_what_is_typed_is_escaped() -> None:
    form = born('"><b>', "3", "1980")
    assert not form.is_valid()
    page = Template("{% load govuk %}{% error_summary form %}{{ form }}").render(Context({"form": form}))
    assert "<b>" not in page
