"""What is asked to put right what was recorded, and what the court changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from govuk_forms.dates import DateField, Moment, MomentField
from orders.access import permissions
from orders.forms.doing import DoingForm
from orders.models import Condition, Event, Order, User
from orders.record.explain import matching
from orders.record.storing import NewCondition
from orders.statute import AHEAD, EVENT_KINDS, KINDS, STATED_END_EVENTS, local_midnight
from orders.statute import Event as StatuteEvent

CONDITION_CODES = [
    ("A", "A: no violence or threats"),
    ("B", "B: no contact"),
    ("C", "C: not enter premises"),
    ("D", "D: not enter a zone"),
    ("E", "E: leave, or not evict or exclude"),
    ("F", "F: surrender something, or notify police"),
    ("G", "G: must do something"),
    ("H", "H: electronic means"),
    ("I", "I: weapons"),
    ("Z", "Z: other"),
]
YES_NO_UNKNOWN = [("Y", "Yes"), ("N", "No"), ("", "Not known")]


class ReasonedForm(DoingForm):
    """A form that asks why."""

    reason = forms.CharField(
        label="Why",
        help_text="Whoever reads the order next sees it, with your name.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why"},
    )


class EventForm(ReasonedForm):
    """An event as it was recorded, to be recorded rightly."""

    field_order = ["what", "at", "until", "by", "text", "reason"]

    def __init__(self, event: Event, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.event = event
        rules = EVENT_KINDS[event.kind]
        self.fields["what"] = forms.ChoiceField(
            label="What was wrong?",
            choices=[("right", "It happened, but was recorded wrongly"), ("never", "It did not happen to this order")],
            widget=forms.RadioSelect,
            initial="right",
            error_messages={"required": "Select what was wrong"},
        )
        self.fields["at"] = MomentField(
            called="When",
            label="When it happened",
            help_text="Leave the time blank if it is not known.",
            time_required=False,
            not_future=event.kind not in AHEAD,
        )
        if rules.until_means:
            self.fields["until"] = MomentField(
                called=rules.until_means.capitalize(),
                label=rules.until_means.capitalize(),
                required=False,
                time_required=False,
                help_text="Leave the time blank for the whole day. Leave all blank if it has none.",
            )
        if event.kind in STATED_END_EVENTS:
            self.fields["open"] = forms.BooleanField(label="Until further order", required=False)
        self.fields["by"] = forms.CharField(label="Who, or which court", max_length=200, required=False)
        self.fields["text"] = forms.CharField(
            label="Details", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.order_fields(["what", "at", "until", "open", "by", "text", "reason"])

    @staticmethod
    def told(event: Event) -> dict[str, Any]:
        """What was recorded."""
        until = None if event.until is None else Moment(event.until, event.until_is_date)
        return {
            "at": Moment(event.at, event.at_is_date), "until": until, "open": event.until_open, "by": event.by_whom,
            "text": event.text,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """To record the same again puts nothing right."""
        values = super().clean() or {}
        self.count_only_with("what", "right", "at", "until", "open", "by", "text")
        if not self.errors and values.get("what") == "right":
            told = self.told(self.event)
            if all(values.get(name, told[name]) == told[name] for name in told):
                self.add_error("at", "Nothing is changed. Change what was wrong")
        if values.get("open") and values.get("until"):
            self.add_error("open", "Give an end or until further order, not both")
        return values

    def right(self) -> list[StatuteEvent]:
        """The event as it should have been recorded; none, if it did not happen."""
        values = self.cleaned_data
        if values["what"] == "never":
            return []
        moment: Moment = values["at"]
        until: Moment | None = values.get("until")
        return [
            StatuteEvent(
                self.event.kind,
                moment.at,
                moment.is_date,
                until=until.at if until else None,
                until_is_date=bool(until and until.is_date),
                until_open=bool(values.get("open")),
                by=values["by"].strip(),
                text=values["text"].strip(),
            )
        ]


class HeadingForm(ReasonedForm):
    """The heading of an order."""

    reference = forms.CharField(
        label="Reference", max_length=100, error_messages={"required": "Enter the number that officers quote"}
    )
    kind = forms.ChoiceField(label="Kind", choices=[(code, f"{rules.name} ({code})") for code, rules in KINDS.items()])
    court = forms.CharField(label="Court", max_length=200, required=False)
    case_ref = forms.CharField(label="Court case number", max_length=100, required=False)
    without_notice = forms.ChoiceField(
        label="Made without notice?", choices=YES_NO_UNKNOWN, required=False, widget=forms.RadioSelect
    )
    power_of_arrest = forms.ChoiceField(
        label="Power of arrest attached?", choices=YES_NO_UNKNOWN, required=False, widget=forms.RadioSelect
    )
    officer = forms.CharField(label="Officer in the case", max_length=100, required=False)
    team = forms.CharField(label="Team", max_length=100, required=False)
    follows = forms.CharField(
        label="Reference of the notice or order that it follows",
        max_length=100,
        required=False,
        help_text="Blank if it follows none.",
    )

    def __init__(self, order: Order, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order, self.user = order, user
        self.order_fields([
            "reference", "kind", "court", "case_ref", "without_notice", "power_of_arrest", "officer", "team", "follows",
            "reason",
        ])  # fmt: skip
        if order.kind not in ("NMO", "OCC"):
            del self.fields["without_notice"]
        if order.kind != "OCC":
            del self.fields["power_of_arrest"]

    @staticmethod
    def told(order: Order) -> dict[str, Any]:
        """What stands there."""
        words = {True: "Y", False: "N", None: ""}
        return {
            "reference": order.reference, "kind": order.kind, "court": order.court, "case_ref": order.case_ref,
            "without_notice": words[order.without_notice], "power_of_arrest": words[order.power_of_arrest],
            "officer": order.officer, "team": order.team,
            "follows": order.replaces.reference if order.replaces else "",
        }  # fmt: skip

    def clean_follows(self) -> Order | None:
        """The order that is meant, one of the user's force."""
        typed = self.cleaned_data["follows"].strip()
        if not typed:
            return None
        seen = permissions.visible_orders(self.user, timezone.now())
        found = list(seen.filter(pk__in=[order.pk for order in matching(typed)]).exclude(pk=self.order.pk))
        if len(found) != 1:
            raise forms.ValidationError(
                "There is no such order. Check the reference" if not found else "More than one order has that reference"
            )
        return found[0]

    def changes(self) -> dict[str, Any]:
        """The fields that are to change."""
        values, answers = self.cleaned_data, {"Y": True, "N": False, "": None}
        wanted: dict[str, Any] = {
            name: values[name].strip() for name in ("reference", "kind", "court", "case_ref", "officer", "team")
        }
        for name in ("without_notice", "power_of_arrest"):
            if name in self.fields:
                wanted[name] = answers[values[name]]
        wanted["replaces"] = values["follows"]
        return {name: value for name, value in wanted.items() if getattr(self.order, name) != value}

    def differences(self) -> list[dict[str, str]]:
        """What changes, in words."""
        labels = {"replaces": "Follows"}
        return [
            {
                "key": labels.get(name) or str(self.fields[name].label),
                "value": f"{_said(getattr(self.order, name))} becomes {_said(value)}",
            }
            for name, value in self.changes().items()
        ]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else "nothing"


class RestrictForm(ReasonedForm):
    """Why an order is restricted, or no longer."""

    def __init__(self, *args: Any, restricted: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = (
            "Why does it no longer need to be restricted?" if restricted else "Why must it be restricted?"
        )
        self.fields["reason"].help_text = (
            "Everybody who may see the order opens it without a reason again."
            if restricted
            else "Readers see its kind and whether it is in force, and give a reason for the rest. "
            "Do not name anybody here."
        )


class VaryForm(DoingForm):
    """What a court changed."""

    ADDED = 3

    def __init__(self, conditions: Sequence[Condition], kind: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rules = KINDS[kind]
        self.fields["at"] = MomentField(
            called="When it was varied", label="When it was varied", time_required=False, not_future=True
        )
        self.fields["by"] = forms.CharField(label="Court", max_length=200, required=False)
        if conditions:
            self.fields["ended"] = forms.MultipleChoiceField(
                label="Which conditions ended?",
                help_text="Of one that was changed, tick the old and write the new below.",
                choices=[(str(one.pk), one.text) for one in conditions],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        for number in range(1, self.ADDED + 1):
            self.fields[f"about_{number}"] = forms.ChoiceField(
                label=f"New condition {number}: what it is about", choices=[("", ""), *CONDITION_CODES], required=False
            )
            self.fields[f"text_{number}"] = forms.CharField(
                label=f"New condition {number}: as the order words it",
                max_length=4000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        choices = [("same", "It does not change"), ("date", "On another date")]
        if rules.open_ended:
            choices.append(("open", "Until further order"))
        self.fields["ends"] = forms.ChoiceField(
            label="When does the order end?", choices=choices, widget=forms.RadioSelect, initial="same"
        )
        self.fields["until"] = DateField(called="New last day", label="New last day, if it changes", required=False)
        self.fields["text"] = forms.CharField(
            label="Anything else to note", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )

    def clean(self) -> dict[str, Any]:
        """A condition needs both its code and its words; something must have changed."""
        values = super().clean() or {}
        values.setdefault("ended", [])
        self.count_only_with("ends", "date", "until")
        for number in range(1, self.ADDED + 1):
            code, text = values.get(f"about_{number}"), (values.get(f"text_{number}") or "").strip()
            if code and not text:
                self.add_error(f"text_{number}", "Write the condition as the order words it")
            if text and not code:
                self.add_error(f"about_{number}", "Select what the condition is about")
        if values.get("ends") == "date" and not values.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter the new last day")
        if not self.errors and not values["ended"] and not self.added() and values.get("ends") == "same":
            self.add_error(None, "Nothing is changed. Tick or write a condition, or give another end")
        return values

    def event(self) -> StatuteEvent:
        """The event."""
        values = self.cleaned_data
        moment: Moment = values["at"]
        until = values["until"] if values["ends"] == "date" else None
        return StatuteEvent(
            "VARIED", moment.at, moment.is_date, until=local_midnight(until) if until else None,
            until_is_date=until is not None, until_open=values["ends"] == "open", by=values["by"].strip(),
            text=values["text"].strip(),
        )  # fmt: skip

    def added(self) -> list[NewCondition]:
        """The conditions that began."""
        values, moment = self.cleaned_data, self.cleaned_data.get("at")
        return [
            NewCondition(values[f"about_{number}"], values[f"text_{number}"].strip(), moment.at, moment.is_date)
            for number in range(1, self.ADDED + 1)
            if moment is not None and values.get(f"about_{number}") and (values.get(f"text_{number}") or "").strip()
        ]
