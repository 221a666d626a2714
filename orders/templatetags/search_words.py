"""The filter column of the search page: some sixty choices, and hundreds of areas. A template is slow at that.

Every word goes through `escape` where it is put between marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.forms import BoundField

    from orders.search.own_areas import Choices
    from orders.views.search_filters import Choice, Group

register = template.Library()


@register.simple_tag
def area_options(groups: Choices, chosen: str | None) -> SafeString:
    """The options of a list of areas with groups."""
    value = f'<option value="{escape(chosen or "")}"'
    return SafeString(_options(groups).replace(value, f"{value} selected", 1))


@lru_cache(maxsize=50)
def _options(groups: Choices) -> str:
    return "".join(
        f'<optgroup label="{escape(group)}">'
        + "".join(f'<option value="{escape(code)}">{escape(name)}</option>' for code, name in choices)
        + "</optgroup>"
        for group, choices in groups
    )


@register.simple_tag
def filter_group(group: Group) -> SafeString:
    """A filter: check boxes where many may be chosen of it, else a list."""
    name, label, wrong, described = group.name, escape(group.label), "", ""
    if group.errors:
        wrong, described = _wrong(name, group.errors[0]), f' aria-describedby="error_{name}"'
    if group.many:
        inside = (
            f'<fieldset class="govuk-fieldset"{described}>'
            f'<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{label}</legend>{wrong}'
            f'<div class="govuk-checkboxes govuk-checkboxes--small">{_boxes(name, group.choices)}</div></fieldset>'
        )
    else:
        inside = (
            f'<label class="govuk-label govuk-label--s" for="id_{name}">{label}</label>{wrong}'
            f'<select class="govuk-select" form="ask" id="id_{name}" name="{name}"{described}>'
            f"{_listed(group.choices)}</select>"
        )
    return _group(inside, wrong=bool(group.errors))


def _boxes(name: str, choices: Sequence[Choice]) -> str:
    built = []
    for choice in choices:
        count = f' <span class="register-facet">({escape(choice.count)})</span>' if choice.count else ""
        built.append(
            f'<div class="govuk-checkboxes__item"><input class="govuk-checkboxes__input" form="ask" id="{choice.id}" '
            f'name="{name}" type="checkbox" value="{escape(choice.value)}"{" checked" if choice.chosen else ""}> '
            f'<label class="govuk-label govuk-checkboxes__label" for="{choice.id}">{escape(choice.words)}{count}'
            "</label></div>"
        )
    return "".join(built)


def _listed(choices: Sequence[Choice]) -> str:
    return "".join(
        f'<option value="{escape(choice.value)}"{" selected" if choice.chosen else ""}>{escape(choice.words)}'
        f"{f' ({escape(choice.count)})' if choice.count else ''}</option>"
        for choice in choices
    )


@register.simple_tag
def filter_text(field: BoundField, *, hint: str = "", kind: str = "text", width: str = "") -> SafeString:
    """A filter that is typed: `width` in characters of a number; `kind` the type of the input."""
    name, errors, value = field.html_name, list(field.errors), field.value()
    wrong = _wrong(name, errors[0]) if errors else ""
    hints = f'<div class="govuk-hint" id="hint_{name}">{escape(hint)}</div>' if hint else ""
    by = " ".join([*([f"hint_{name}"] if hint else []), *([f"error_{name}"] if errors else [])])
    described = f' aria-describedby="{by}"' if by else ""
    marks = f"{f' govuk-input--width-{width}' if width else ''}{' govuk-input--error' if errors else ''}"
    mode = ' inputmode="numeric"' if width else ""
    inside = (
        f'<label class="govuk-label govuk-label--s" for="id_{name}">{escape(str(field.label))}</label>{hints}{wrong}'
        f'<input class="govuk-input{marks}" form="ask" id="id_{name}" name="{name}" type="{kind}"{mode} '
        f'autocomplete="off" spellcheck="false"{described} value="{"" if value is None else escape(str(value))}">'
    )
    return _group(inside, wrong=bool(errors))


def _wrong(name: str, problem: object) -> str:
    return (
        f'<p class="govuk-error-message" id="error_{name}"><span class="govuk-visually-hidden">Error:</span> '
        f"{escape(str(problem))}</p>"
    )


def _group(inside: str, *, wrong: bool) -> SafeString:
    return SafeString(f'<div class="govuk-form-group{" govuk-form-group--error" if wrong else ""}">{inside}</div>')
