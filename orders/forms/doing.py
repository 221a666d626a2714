"""What every form that changes something carries besides its questions, unseen."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from govuk_forms.forms import GovukForm
from orders.record.writing import Form
from orders.statute import parse_local


class DoingForm(GovukForm):
    """A form that is carried out once: its key, the version of the order that its page showed, and when that was."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def uuid_sent(self) -> uuid.UUID | None:
        """The key that was sent, whatever else is wrong; None if there is none."""
        self.full_clean()
        return self.cleaned_data.get("key")

    def once(self, leads_to: str) -> Form:
        """What an action needs to carry it out once."""
        return Form(self.cleaned_data["key"], self.cleaned_data["version"], leads_to)

    def seen(self) -> Any:
        """The instant at which the page was shown (UTC); now, where it cannot be read."""
        try:
            return parse_local(self.cleaned_data.get("seen_at") or "")
        except ValueError:
            return timezone.now()


def unseen(version: str = "") -> dict[str, Any]:
    """The initial values of a form that is now shown."""
    return {
        "key": uuid.uuid4(),
        "version": version,
        "seen_at": timezone.now().isoformat(),
    }
