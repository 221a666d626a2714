"""What is asked of how a protected person can be reached without harm."""

from __future__ import annotations

from typing import Any

from django import forms

from orders.actions.safe_contact import Said
from orders.forms.doing import DoingForm


class SafeContactForm(DoingForm):
    """What is known; the next statement stands in the place of this one."""

    never = forms.CharField(
        label="What must never be done",
        help_text="For example: do not ring the landline; do not leave a message or a card.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    safe = forms.CharField(
        label="How and when it is safe to make contact",
        help_text="For example: by text on weekdays between 9:30 and 14:30, from a number that is not the police's.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    children = forms.CharField(
        label="Children who live there",
        help_text="How many and how old, without names. For example: two, 4 and 9; another at weekends.",
        required=False,
        max_length=500,
    )
    language = forms.CharField(label="Language", required=False, max_length=100)
    interpreter = forms.ChoiceField(
        label="Is an interpreter needed?",
        choices=[("yes", "Yes"), ("no", "No"), ("", "Not known")],
        widget=forms.RadioSelect,
        required=False,
    )
    kept_back = forms.CharField(
        label="Number or place to use",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label="How that is known",
        required=False,
        max_length=500,
        help_text="For example: from the person, by telephone, today. Name nobody: this is kept in the log.",
    )

    def __init__(self, *args: Any, sees_kept_back: bool, is_kept: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sees_kept_back = sees_kept_back
        self.is_kept = is_kept
        words = "Telephone numbers and addresses belong here and nowhere above: only they see it who see the address."
        if is_kept and not sees_kept_back:
            words += " Something is kept here that is not shown to you. Leave this empty to keep it."
        self.fields["kept_back"].help_text = words

    def said(self) -> Said:
        """What was answered; the form must be valid."""
        told = {name: self.cleaned_data[name].strip() for name in ("safe", "never", "children", "language")}
        kept = self.cleaned_data["kept_back"].strip()
        leave = not kept and self.is_kept and not self.sees_kept_back
        return Said(**told, interpreter=self.cleaned_data["interpreter"], kept_back=None if leave else kept)
