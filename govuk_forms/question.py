"""A field of a form as its template needs it: classes, ids of hint and error, and where its error is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from govuk_forms.boxes import Boxes


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button or a checkbox."""

    id: str
    name: str
    value: str
    label: str
    hint: str
    chosen: bool


class Question(BoundField):
    """A field with what GOV.UK Frontend's markup asks for.

    The hint is the field's `help_text`; `option_hints` of a field with choices is a mapping from values to hints.
    """

    @property
    def hint_id(self) -> str:
        """The id of the hint."""
        return f"{self.auto_id}-hint"

    @property
    def error_id(self) -> str:
        """The id of the message."""
        return f"{self.auto_id}-error"

    @property
    def aria_describedby(self) -> str | None:
        """The ids of hint and message, as far as there are any."""
        ids = [self.hint_id] if self.help_text else []
        return " ".join([*ids, self.error_id] if self.errors else ids) or None

    @property
    def kind(self) -> str:
        """How it is laid out: `choices`, `checkbox`, `boxes`, `hidden` or `single`."""
        widget = self.field.widget
        if self.is_hidden:
            return "hidden"
        if isinstance(widget, Boxes):
            return "boxes"
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        return "checkbox" if isinstance(widget, forms.CheckboxInput) else "single"

    @property
    def component(self) -> str:
        """The component of a field with choices: `radios` or `checkboxes`."""
        radios = isinstance(self.field.widget, forms.RadioSelect) and not isinstance(
            self.field.widget, forms.CheckboxSelectMultiple
        )
        return "radios" if radios else "checkboxes"

    @property
    def options(self) -> list[Option]:
        """The choices; the first has the field's own id, so that a link to the field leads there."""
        hints: Mapping[str, str] = getattr(self.field, "option_hints", {})
        found = []
        for number, widget in enumerate(self.subwidgets, 1):
            value = str(widget.data["value"])
            found.append(
                Option(
                    id=f"{self.auto_id}-{number}" if number > 1 else str(self.auto_id),
                    name=str(widget.data["name"]),
                    value=value,
                    label=str(widget.choice_label),
                    hint=hints.get(value, ""),
                    chosen=bool(widget.data["selected"]),
                )
            )
        return found

    @property
    def error_target(self) -> str:
        """The id of the control in which the error is mended."""
        widget = self.field.widget
        if isinstance(widget, Boxes):
            return f"{self.auto_id}-{next(iter(self._wrong(widget)), widget.parts[0].name)}"
        return str(self.auto_id)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        """What its control carries."""
        widget = widget or self.field.widget
        attrs = {**attrs}
        if isinstance(widget, Boxes):
            return {**attrs, "wrong": self._wrong(widget)}
        if self.is_hidden:
            return attrs
        if self.aria_describedby and self.kind != "choices":
            attrs["aria-describedby"] = self.aria_describedby
        if self.field.disabled:
            attrs["disabled"] = True
        name = _CLASSES.get(type(widget)) or next(
            (name for kind, name in _CLASSES.items() if isinstance(widget, kind)), "govuk-input"
        )
        given = widget.attrs.get("class", "")
        wrong = f" {name}--error" if self.errors else ""
        return {**attrs, "class": f"{name}{wrong}{' ' + given if given else ''}"}

    def _wrong(self, widget: Boxes) -> tuple[str, ...]:
        """The boxes that the error is about: those it names, else all."""
        found = self.form.errors.as_data().get(self.name, [])
        names = tuple(part.name for part in widget.parts)
        named = tuple(
            name for problem in found for name in ((problem.params or {}).get("boxes") or ()) if name in names
        )
        return named or (names if found else ())


_CLASSES: dict[type[forms.Widget], str] = {
    forms.Textarea: "govuk-textarea",
    forms.CheckboxInput: "govuk-checkboxes__input",
    forms.Select: "govuk-select",
    forms.FileInput: "govuk-file-upload",
    forms.TextInput: "govuk-input",
}
