"""What can be recorded of an order by a person: for each thing that happens, its questions and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from govuk_forms.dates import DateField, Moment, MomentField
from orders.forms.doing import DoingForm
from orders.statute import AHEAD, EVENT_KINDS, KINDS, KindRules, arrest_errors, local_midnight
from orders.statute import Event as StatuteEvent


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that can be recorded: the event, its address, its words, and which questions it asks.

    `by` is the label of who did it, blank where that is not asked; `how` the choices of how; `where` whether it asks
    for a place; `text` the label of what else there is to say, `text_needed` whether it must be said; `until` the label
    of a second date. `group` is the heading under which it is listed.
    """

    slug: str
    kind: str
    title: str
    group: str
    by: str = ""
    how: tuple[tuple[str, str], ...] = ()
    where: bool = False
    text: str = "Anything else to note"
    text_needed: bool = False
    until: str = ""
    hint: str = ""


_SERVED_HOW = (
    ("In person", "In person"),
    ("Left at their address", "Left at their address"),
    ("By post", "By post"),
    ("At court", "They were at court when it was made"),
    ("Otherwise", "Otherwise: say how in the note"),
)
_TOLD_HOW = (("By phone", "By phone"), ("At the roadside", "Face to face, from the record"), ("Otherwise", "Otherwise"))
SERVICE, COURT, BREACH, PNC = "Service", "Court", "Breach and arrest", "PNC and other"

HAPPENINGS: tuple[Happening, ...] = (
    Happening("served", "SERVED", "Served", SERVICE, by="Who served it", how=_SERVED_HOW, where=True,
              hint="Give the time on the record of service: clocks are counted from it."),
    Happening("told", "TOLD", "Told of the terms without being served", SERVICE, by="Who told them", how=_TOLD_HOW,
              where=True, hint="Read them the terms from the order page first."),
    Happening("attempted", "ATTEMPTED", "Tried to serve, not served", SERVICE, by="Who tried", where=True,
              text="Why it could not be served", text_needed=True),
    Happening("service-unknown", "SERVICE_UNKNOWN", "Not known whether it was served", SERVICE,
              text="Who was asked, and what they said", text_needed=True),
    Happening("authorised", "AUTHORISED", "Authorised", COURT, by="Authorising officer: name and rank"),
    Happening("applied", "APPLIED", "Applied for", COURT, by="Who applied"),
    Happening("listed", "LISTED", "Listed for a hearing", COURT, by="Court"),
    Happening("return-date", "RETURN_DATE", "Hearing on notice listed", COURT, by="Court"),
    Happening("heard", "HEARING", "Heard, or heard and adjourned", COURT, by="Court",
              until="If adjourned, the next hearing"),
    Happening("made", "MADE", "Made by the court", COURT, by="Court", until="Its last day"),
    Happening("refused", "REFUSED", "Application refused", COURT, by="Court", text="Why it was refused"),
    Happening("withdrawn", "WITHDRAWN", "Application withdrawn", COURT, by="Who withdrew it",
              text="Why it was withdrawn", text_needed=True),
    Happening("lapsed", "LAPSED", "Lapsed: not heard in time", COURT, text="How that is known", text_needed=True),
    Happening("renewed", "RENEWED", "Renewed", COURT, by="Court", until="Its new last day"),
    Happening("stayed", "STAYED", "Stayed", COURT, by="Court", until="The first day on which it runs again"),
    Happening("lifted", "LIFTED", "Stay lifted", COURT, by="Court"),
    Happening("appealed", "APPEALED", "Appealed against", COURT, by="Who appealed"),
    Happening("discharged", "DISCHARGED", "Discharged", COURT, by="Court", text="Why, and by what authority"),
    Happening("quashed", "QUASHED", "Quashed on appeal", COURT, by="Court"),
    Happening("set-aside", "SET_ASIDE", "Set aside", COURT, by="Court"),
    Happening("breached", "BREACHED", "Breached", BREACH, by="Crime reference", text="What happened",
              text_needed=True),
    Happening("arrested", "ARRESTED", "Arrested for breach", BREACH, by="Arresting officer", where=True,
              hint="The custody clock is counted from this time."),
    Happening("produced", "PRODUCED", "Brought before the court", BREACH, by="Court"),
    Happening("released", "RELEASED", "Released", BREACH, by="Who decided", text="Why, and on what conditions",
              text_needed=True),
    Happening("breach-result", "BREACH_RESULT", "Result of breach proceedings", BREACH, by="Court",
              text="The result", text_needed=True),
    Happening("notified", "NOTIFIED", "Subject notified police of names and address", PNC, by="Who took it",
              where=True),
    Happening("pnc-requested", "PNC_REQUESTED", "Entry on PNC asked for", PNC, by="Who asked"),
    Happening("on-pnc", "ON_PNC", "Put on PNC", PNC, by="Who put it on"),
    Happening("off-pnc", "OFF_PNC", "Taken off PNC", PNC, by="Who took it off"),
)  # fmt: skip

BY_SLUG = {one.slug: one for one in HAPPENINGS}
SLUG_OF = {one.kind: one.slug for one in HAPPENINGS}
_STATED = frozenset({"MADE", "RENEWED"})


def can_happen(kind: str) -> list[Happening]:
    """What can be recorded of an order of a kind, in the order of the list."""
    rules = KINDS[kind]
    return [
        one
        for one in HAPPENINGS
        if kind in EVENT_KINDS[one.kind].kinds
        and (one.kind != "RENEWED" or rules.can_vary)
        and (one.kind != "NOTIFIED" or rules.notifies)
    ]


class HappenedForm(DoingForm):
    """The questions of one happening. `events()` is what they come to."""

    def __init__(self, happening: Happening, kind: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.happening, self.rules = happening, KINDS[kind]
        self._ask()

    def _ask(self) -> None:
        one, fields = self.happening, self.fields
        fields["at"] = MomentField(
            called=f"Time it was {one.title.lower()}" if one.kind in ("SERVED", "MADE", "AUTHORISED") else "When",
            label="When",
            help_text=one.hint
            or "The local time, for example 23 11 2026 at 14:30. Leave the time blank if it is not known.",
            time_required=False,
            not_future=one.kind not in AHEAD,
        )
        if one.how:
            fields["how"] = forms.ChoiceField(
                label="How", choices=one.how, widget=forms.RadioSelect, error_messages={"required": "Select how"}
            )
        if one.by:
            fields["by"] = forms.CharField(
                label=one.by,
                max_length=200,
                required=one.kind == "BREACHED",
                error_messages={"required": f"Enter the {one.by.lower()}"},
            )
        if one.where:
            fields["where"] = forms.CharField(label="Where", max_length=200, required=False)
        if one.until:
            self._ask_until(one)
        if one.kind == "BREACHED":
            self._ask_arrest()
        fields["text"] = forms.CharField(
            label=one.text,
            max_length=4000,
            required=one.text_needed or (one.kind == "DISCHARGED" and self.rules.code == "DVPO"),
            widget=forms.Textarea(attrs={"rows": 4}),
            error_messages={"required": f"Say {one.text[0].lower()}{one.text[1:]}"},
        )

    def _ask_until(self, one: Happening) -> None:
        if one.kind in _STATED:
            choices = [("date", "On a date")]
            if self.rules.open_ended:
                choices.append(("open", "Until further order"))
            if one.kind == "MADE" and not self.rules.most_days:
                choices.append(("unknown", "The order does not say"))
            self.fields["ends"] = forms.ChoiceField(
                label="When does it end?",
                choices=choices,
                widget=forms.RadioSelect,
                initial="date" if len(choices) == 1 else None,
                error_messages={"required": "Select when it ends"},
            )
        words: dict[str, Any] = {
            "called": one.until.removeprefix("If adjourned, "),
            "label": one.until,
            "required": False,
            "help_text": _length_hint(self.rules) if one.kind == "MADE" else "",
        }
        hearing = one.kind == "HEARING"
        self.fields["until"] = MomentField(**words, time_required=False) if hearing else DateField(**words)

    def _ask_arrest(self) -> None:
        self.fields["arrest"] = forms.ChoiceField(
            label="Were they arrested?",
            choices=[("yes", "Yes"), ("no", "No")],
            widget=forms.RadioSelect,
            error_messages={"required": "Select whether they were arrested"},
        )
        self.fields["arrested_at"] = MomentField(
            called="Time of arrest",
            label="If yes, when",
            help_text="The custody clock is counted from this time.",
            required=False,
            time_required=False,
            not_future=True,
        )
        self.fields["not_arrested"] = forms.CharField(
            label="If no, why not", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )

    def clean(self) -> dict[str, Any]:
        """What one answer requires of another."""
        values = super().clean() or {}
        if "ends" in self.fields:
            self.count_only_with("ends", "date", "until")
        self.count_only_with("arrest", "yes", "arrested_at")
        self.count_only_with("arrest", "no", "not_arrested")
        if values.get("ends") == "date" and not values.get("until") and "until" not in self.errors:
            self.add_error("until", f"Enter {self.happening.until[0].lower()}{self.happening.until[1:]}")
        if values.get("arrest") == "yes" and not values.get("arrested_at") and "arrested_at" not in self.errors:
            self.add_error("arrested_at", "Enter the time of arrest")
        if values.get("arrest") == "no" and not (values.get("not_arrested") or "").strip():
            self.add_error("not_arrested", "Say why they were not arrested")
        if not self.errors and values.get("arrest") == "yes" and (wrong := arrest_errors(*self.events())):
            self.add_error("arrested_at", wrong)
        return values

    def events(self) -> list[StatuteEvent]:
        """What has happened, as the answers say; the form must be valid."""
        values = self.cleaned_data
        moment: Moment = values["at"]
        until, until_is_date = _until(values.get("until")) if values.get("ends", "date") == "date" else (None, False)
        told = [values.get("how") or "", (values.get("where") or "").strip(), (values.get("text") or "").strip()]
        if values.get("arrest") == "no":
            told.append(f"Not arrested: {values['not_arrested'].strip()}")
        main = StatuteEvent(
            self.happening.kind,
            moment.at,
            moment.is_date,
            until=until,
            until_is_date=until_is_date,
            until_open=values.get("ends") == "open",
            by=(values.get("by") or "").strip(),
            text=_sentences(told),
        )
        if values.get("arrest") == "yes":
            arrested: Moment = values["arrested_at"]
            return [
                main,
                StatuteEvent("ARRESTED", arrested.at, arrested.is_date, text="For the breach recorded with it"),
            ]
        return [main]

    def refuse(self, messages: Sequence[str]) -> None:
        """Put what an action refused beside the field it names, in the form's words."""
        for message in messages:
            name, _, words = message.partition(": ")
            field = {"at": "at", "until": "until", "text": "text"}.get(name)
            words = words or message
            self.add_error(field if field in self.fields else None, f"{words[0].upper()}{words[1:]}")


def _sentences(parts: Sequence[str]) -> str:
    """What was answered, one after the other; what was typed keeps its own last mark."""
    said = [part for part in parts if part]
    return " ".join(part if part == said[-1] or part[-1] in ".!?" else f"{part}." for part in said)


def _until(value: Any) -> tuple[datetime | None, bool]:
    if value is None:
        return None, False
    if isinstance(value, Moment):
        return value.at, value.is_date
    return local_midnight(value), True


def _length_hint(rules: KindRules) -> str:
    if rules.most_days:
        return f"{rules.least_days} to {rules.most_days} days, counting the day it was made as the first ({rules.act})."
    if rules.least_months:
        return (
            f"At least {rules.least_months // 12} years from the day it was made ({rules.act}); if less, say why below."
        )
    return ""
