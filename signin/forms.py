"""What the pages of signing in ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from govuk_forms.forms import GovukForm
from orders.models import Theme, User

_WIDTH = {"class": "govuk-input--width-20"}


def _secret(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput({**_WIDTH, "autocomplete": autocomplete, "spellcheck": "false"})


def _code() -> forms.TextInput:
    return forms.TextInput(
        {
            "class": "govuk-input--width-10",
            "autocomplete": "one-time-code",
            "spellcheck": "false",
            "autocapitalize": "none",
        }
    )


class PasswordForm(GovukForm):
    """User name and password."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        error_messages={"required": "Enter your user name"},
        widget=forms.TextInput(
            {**_WIDTH, "autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=4096,
        error_messages={"required": "Enter your password"},
        widget=_secret("current-password"),
    )


class CodeForm(GovukForm):
    """A code from an app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your app shows now, or one of your recovery codes",
        error_messages={"required": "Enter the code that your app shows"},
        widget=_code(),
    )


class NewAppForm(GovukForm):
    """The first code from an app that is being added."""

    code = forms.CharField(
        label="Code that the app shows now",
        max_length=10,
        error_messages={"required": "Enter the six digits that the app shows"},
        widget=_code(),
    )


class PasskeyNameForm(GovukForm):
    """What a passkey is called by its owner."""

    name = forms.CharField(
        label="Name of this passkey",
        max_length=60,
        help_text="So that you know it again, for example “key on my ring” or “work laptop”",
        error_messages={"required": "Enter a name for the passkey"},
        widget=forms.TextInput(_WIDTH),
    )


class ConfirmForm(GovukForm):
    """The password again, before something that an open session alone should not do."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        error_messages={"required": "Enter your password"},
        widget=_secret("current-password"),
    )


class NewPasswordForm(ConfirmForm):
    """The old password and a new one."""

    new_password = forms.CharField(
        label="New password",
        strip=False,
        max_length=4096,
        help_text=" ".join(password_validators_help_texts()),
        error_messages={"required": "Enter a new password"},
        widget=_secret("new-password"),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_new_password(self) -> str:
        """Good enough, and new. Raises ValidationError."""
        typed: str = self.cleaned_data["new_password"]
        if typed == self.cleaned_data.get("password"):
            raise ValidationError("The new password must differ from the old one")
        validate_password(typed, self.user)
        return typed


class ThemeForm(GovukForm):
    """How pages look."""

    theme = forms.ChoiceField(
        label="Light or dark",
        choices=[("", "As this device is set"), *Theme.choices],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Select light, dark or as the device is set"},
    )
