"""The summary of a form's errors."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm

register = template.Library()


@register.inclusion_tag("govuk_forms/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """Every error of a form at the top of the page, each a link to the control in which it is mended."""
    problems = [("", str(problem)) for problem in form.non_field_errors()]
    for name, found in form.errors.items():
        if name in form.fields:
            field: Any = form[name]
            target = getattr(field, "error_target", field.id_for_label)
            problems += [("" if field.is_hidden else target, str(problem)) for problem in found]
    return {"problems": problems}
