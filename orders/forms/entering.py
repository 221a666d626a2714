"""The question pages by which an order is entered: one form a page, each only for the kinds that need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from govuk_forms.dates import DateField, Moment, MomentField
from govuk_forms.forms import GovukForm
from orders.forms.people import DescribedFields, HomeFields, aliases_of
from orders.forms.putting_right import CONDITION_CODES
from orders.models import Area, Person
from orders.record.storing import NewCondition, NewPerson
from orders.statute import (
    KINDS,
    Event,
    KindRules,
    OrderFacts,
    age_error,
    comes_before,
    followed_errors,
    local_day,
    local_midnight,
    made_errors,
    shorter,
)
from orders.statute.periods import DVPO_DAYS, last_day_of_days

FIRST_KINDS = ("DVPN", "DVPO", "NMO", "SPO", "ISPO")
COMMON = [(code, f"{KINDS[code].name} ({code})") for code in FIRST_KINDS]
OTHERS = [(code, f"{rules.name} ({code})") for code, rules in KINDS.items() if code not in FIRST_KINDS]
NEW_PERSON = "new"


class KindForm(GovukForm):
    """What kind of order it is."""

    kind = forms.ChoiceField(
        label="What kind of order is it?",
        choices=[*COMMON, *OTHERS],
        widget=forms.RadioSelect,
        error_messages={"required": "Select the kind of order"},
    )


class NumbersForm(GovukForm):
    """By which numbers it is known."""

    reference = forms.CharField(
        label="Reference",
        help_text="The number that officers quote.",
        max_length=100,
        error_messages={"required": "Enter the reference"},
    )
    court = forms.CharField(label="Court", max_length=200, error_messages={"required": "Enter the court that made it"})
    case_ref = forms.CharField(label="Court case number, if known", max_length=100, required=False)
    officer = forms.CharField(label="Officer in the case, if known", max_length=100, required=False)

    def __init__(self, kind: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if KINDS[kind].is_notice:
            del self.fields["court"], self.fields["case_ref"]


class NoticeForm(GovukForm):
    """What a civil court says besides."""

    without_notice = forms.ChoiceField(
        label="Was it made without notice to the respondent?",
        help_text="If so, breach is an offence only once they know of it (Family Law Act 1996 s.42A(2)).",
        choices=[("Y", "Yes, without notice"), ("N", "No, they were given notice"), ("U", "The order does not say")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it was made without notice"},
    )
    power_of_arrest = forms.ChoiceField(
        label="Is a power of arrest attached?",
        help_text="Without one, nobody can be arrested for breach alone (Family Law Act 1996 s.47).",
        choices=[("Y", "Yes"), ("N", "No"), ("U", "The order does not say")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether a power of arrest is attached"},
    )

    def __init__(self, kind: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if kind != "OCC":
            del self.fields["power_of_arrest"]

    def answer(self, name: str) -> bool | None:
        """Yes, no, or not known."""
        return {"Y": True, "N": False}.get(str(self.cleaned_data.get(name)))


class WhenForm(GovukForm):
    """When it began, until when it runs, and whether it has been served; `followed` is what it follows."""

    def __init__(self, kind: str, *args: Any, followed: OrderFacts | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rules, self.followed = KINDS[kind], followed
        if self.rules.is_notice:
            self.fields["at"] = MomentField(
                called="Time of authorisation", label="When was it authorised?", not_future=True
            )
            self.fields["by"] = forms.CharField(
                label="Who authorised it: name and rank",
                max_length=200,
                error_messages={"required": "Enter who authorised it"},
            )
        else:
            self.fields["at"] = MomentField(
                called="When it was made",
                label="When was it made?",
                help_text="Leave the time blank if the order does not give it.",
                time_required=False,
                not_future=True,
            )
            self._ask_end()
        self.fields["served"] = forms.ChoiceField(
            label="Has it been served?",
            choices=[("yes", "Yes"), ("no", "No, or not known: it is listed for service")],
            widget=forms.RadioSelect,
            error_messages={"required": "Select whether it has been served"},
        )
        self.fields["served_at"] = MomentField(
            called="Time of service", label="If served, when", required=False, time_required=False, not_future=True,
            help_text="Clocks are counted from it." if self.rules.hearing_source else "",
        )  # fmt: skip
        self.fields["served_by"] = forms.CharField(label="If served, by whom", max_length=200, required=False)

    def _ask_end(self) -> None:
        rules, choices = self.rules, [("date", "On a date")]
        if rules.most_days:
            choices = [("days", f"After a number of days, {rules.least_days} to {rules.most_days}"), *choices]
        if rules.open_ended:
            choices.append(("open", "Until further order"))
        if not rules.most_days and rules.open_ended:
            choices.append(("unknown", "The order does not say"))
        self.fields["ends"] = forms.ChoiceField(
            label="When does it end?", choices=choices, widget=forms.RadioSelect,
            error_messages={"required": "Select when it ends"},
        )  # fmt: skip
        if rules.most_days:
            self.fields["days"] = forms.IntegerField(
                label="Number of days, counting the day it was made as the first",
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
                error_messages={"invalid": "Number of days must be a number, like 28"},
            )
        self.fields["until"] = DateField(
            called="Its last day", label="Its last day, if it ends on a date", required=False
        )
        if rules.least_months:
            self.fields["short"] = forms.CharField(
                label=f"If it is for less than {rules.least_months // 12} years, why",
                help_text=f"The Act requires at least {rules.least_months // 12} years ({rules.act}).",
                max_length=500,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """What one answer requires of another, and what the Act allows."""
        values = super().clean() or {}
        self.count_only_with("served", "yes", "served_at", "served_by")
        self.count_only_with("ends", "days", "days")
        self.count_only_with("ends", "date", "until")
        if values.get("served") == "yes" and not values.get("served_at") and "served_at" not in self.errors:
            self.add_error("served_at", "Enter the time of service")
        if values.get("ends") == "date" and not values.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter its last day")
        if values.get("ends") == "days" and "days" not in self.errors and values.get("days") not in DVPO_DAYS:
            self.add_error("days", "Number of days must be 14 to 28 (Crime and Security Act 2010 s.28(10))")
        if not self.errors and not self.rules.is_notice:
            self._against_the_act(values)
        if not self.errors and values.get("served_at"):
            self._served_after(values)
        if not self.errors:
            order = OrderFacts(self.rules.code, "")
            for problem in followed_errors(order, self.begun(), self.followed):
                self.add_error("at", f"{problem[0].upper()}{problem[1:]}")
        return values

    def _against_the_act(self, values: dict[str, Any]) -> None:
        made = self.begun()
        for problem in made_errors(self.rules, made):
            field, _, words = problem.partition(": ")
            name = {"text": "short", "until": "days" if values["ends"] == "days" else "until"}.get(field)
            self.add_error(name if name in self.fields else "ends", f"{words[0].upper()}{words[1:]}")

    def _served_after(self, values: dict[str, Any]) -> None:
        served: Moment = values["served_at"]
        early = comes_before(Event("SERVED", served.at, served.is_date), self.begun())
        if early:
            word = "authorised" if self.rules.is_notice else "made"
            self.add_error("served_at", f"Time of service is before the order was {word}; one of the two is wrong")

    def begun(self) -> Event:
        """That it was authorised, or made until its end."""
        values = self.cleaned_data
        moment: Moment = values["at"]
        if self.rules.is_notice:
            return Event("AUTHORISED", moment.at, moment.is_date, by=values["by"].strip())
        until = values.get("until") if values["ends"] == "date" else None
        if values["ends"] == "days":
            until = last_day_of_days(local_day(moment.at), values["days"])
        return Event(
            "MADE", moment.at, moment.is_date, until=None if until is None else local_midnight(until),
            until_is_date=until is not None, until_open=values["ends"] == "open",
            text=(values.get("short") or "").strip(),
        )  # fmt: skip

    def events(self, court: str = "") -> list[Event]:
        """What has happened to it so far."""
        values, begun = self.cleaned_data, self.begun()
        if court:
            begun = replace(begun, by=court)
        if values["served"] != "yes":
            return [begun]
        served: Moment = values["served_at"]
        return [begun, Event("SERVED", served.at, served.is_date, by=(values.get("served_by") or "").strip())]

    def is_short(self) -> bool:
        """Whether it is for less than its Act requires."""
        return not self.rules.is_notice and shorter(self.rules, self.begun())


class PersonForm(DescribedFields, GovukForm):
    """Somebody the order is about; where the register may hold them already, it is asked first whether that is them.

    `binds`: of the respondent, the kind of order and the day on which it began, to be held to what its Act requires.
    """

    def __init__(
        self,
        alike: Sequence[tuple[Person, str]],
        *args: Any,
        protected: bool,
        binds: tuple[str, date] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.binds = binds
        if protected:
            self.fields["relationship"] = forms.CharField(
                label="What the respondent is to them", max_length=100, required=False, help_text="Like: former partner"
            )
        self.held = alike
        self.alike = {str(person.public_id): person for person, _ in alike}
        if alike:
            self.fields["same"] = forms.ChoiceField(
                label="Is it one of these people?",
                choices=[
                    *((str(person.public_id), f"Yes: {_known(person)} ({why})") for person, why in alike),
                    (NEW_PERSON, "No: it is somebody else"),
                ],
                widget=forms.RadioSelect,
                error_messages={
                    "required": "The register holds somebody like that. Select whether it is the same person",
                    "invalid_choice": "Select whether it is the same person",
                },
            )
            self.order_fields(["same"])

    def clean(self) -> dict[str, Any]:
        """Of somebody whom the register holds nothing else needs to be said."""
        values = super().clean() or {}
        if values.get("same") in self.alike:
            for name in [name for name in self.errors if name != "same"]:
                del self.errors[name]
        if not self.errors:
            self._of_age(values)
        return values

    def _of_age(self, values: dict[str, Any]) -> None:
        known = self.alike.get(values.get("same", ""))
        born = known.date_of_birth if known is not None else values.get("date_of_birth")
        wrong = age_error(self.binds[0], born, self.binds[1]) if self.binds else ""
        if wrong:
            self.add_error("same" if known is not None else "date_of_birth", wrong)

    def person(self) -> Person | NewPerson:
        """Who it is: a person of the register, or a new one. The form must be valid."""
        values = self.cleaned_data
        chosen = self.alike.get(values.get("same", ""))
        if chosen is not None:
            return chosen
        return NewPerson(
            family_name=values["family_name"], given_names=values["given_names"], date_of_birth=values["date_of_birth"],
            sex=values["sex"], pnc_id=values["pnc_id"],
            aliases=tuple((family, given) for family, given in aliases_of(values["aliases"])),
        )  # fmt: skip


def _known(person: Person) -> str:
    born = f", born {person.date_of_birth:%-d %B %Y}" if person.date_of_birth else ", date of birth not known"
    pnc = f", PNC {person.pnc_id}" if person.pnc_id else ""
    return f"{person.family_name.upper()}, {person.given_names}{born}{pnc}"


class HomeForm(HomeFields, GovukForm):
    """Where they live. `began` is the day on which the order began, from which they lived there at the latest."""

    def __init__(self, *args: Any, force: Area | None, began: date | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limit(force)
        self.began = began
        since = self.fields["from_on"]
        since.required = began is None
        if began is not None:
            since.help_text = (
                f"Leave it blank if it is not known: then it counts from {began:%-d %B %Y}, when the order began."
            )

    def clean(self) -> dict[str, Any]:
        """Since when, at the latest, where nobody knows more."""
        values = super().clean()
        if values.get("from_on") is None and "from_on" not in self.errors:
            values["from_on"] = self.began
        return values


class MoreForm(GovukForm):
    """Whether the order protects anybody else."""

    more = forms.ChoiceField(
        label="Does the order protect anybody else?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it protects anybody else"},
    )


class ConditionsForm(GovukForm):
    """What the order forbids or requires, as it words it."""

    LEAST, MORE = 3, 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.count = self.LEAST
        while f"text_{self.count}" in self.data and self.count < 60:
            self.count += 1
        if "add" in self.data:
            self.count += self.MORE
        for number in range(1, self.count + 1):
            self.fields[f"about_{number}"] = forms.ChoiceField(
                label=f"Condition {number}: what it is about", choices=[("", ""), *CONDITION_CODES], required=False
            )
            self.fields[f"text_{number}"] = forms.CharField(
                label=f"Condition {number}: as the order words it",
                max_length=4000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        """A condition needs both; an order forbids or requires something."""
        values = super().clean() or {}
        for number in range(1, self.count + 1):
            code, text = values.get(f"about_{number}"), (values.get(f"text_{number}") or "").strip()
            if code and not text:
                self.add_error(f"text_{number}", f"Write condition {number} as the order words it")
            if text and not code:
                self.add_error(f"about_{number}", f"Select what condition {number} is about")
        if not self.errors and not self.conditions():
            self.add_error("text_1", "Write at least one condition: officers act on it")
        return values

    def conditions(self) -> list[NewCondition]:
        """The conditions."""
        return [
            NewCondition(self.cleaned_data[f"about_{number}"], self.cleaned_data[f"text_{number}"].strip())
            for number in range(1, self.count + 1)
            if self.cleaned_data.get(f"about_{number}") and (self.cleaned_data.get(f"text_{number}") or "").strip()
        ]


def rules_of(kind: str) -> KindRules:
    """What the law says of a kind."""
    return KINDS[kind]
