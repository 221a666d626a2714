"""The form that a page of questions shows: derive from it, and `{{ form }}` or `{{ form.field }}` does the rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.renderers import TemplatesSetting

from govuk_forms.question import Question
from govuk_forms.turning import TURNING


class GovukRenderer(TemplatesSetting):
    """Renders the fields of a form with the templates of this package."""

    form_template_name = "govuk_forms/form.html"
    field_template_name = "govuk_forms/field.html"
    bound_field_class = Question


turned_round = RegexValidator(
    TURNING,
    "This holds invisible marks that turn the direction of text round. Type it again, without pasting",
    inverse_match=True,
)
"""Refuses the directional formatting characters."""


class GovukForm(forms.Form):
    """A form whose errors come from the server alone, in our words: the browser's own checks are off.

    `field_order` and the like work as in any form. Render one field with `{{ form.name.as_field_group }}`.
    """

    default_renderer = GovukRenderer
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.PasswordInput):
                field.validators = [*field.validators, turned_round]

    def count_only_with(self, question: str, answer: str, *names: str) -> None:
        """Of what is asked only with one answer nothing counts beside another, nor what is wrong with it."""
        if self.cleaned_data.get(question) == answer:
            return
        for name in names:
            if name in self.fields:
                self.errors.pop(name, None)
                self.cleaned_data[name] = "" if isinstance(self.fields[name], forms.CharField) else None
