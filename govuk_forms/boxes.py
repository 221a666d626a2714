"""Several small boxes for one answer: the day, the month and the year, and the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True)
class Part:
    """A box: its name, which ends the names and ids of its input; its label; how many characters wide."""

    name: str
    label: str
    width: int
    inputmode: str = "numeric"
    autocomplete: str = ""


DAY_MONTH_YEAR = (Part("day", "Day", 2), Part("month", "Month", 2), Part("year", "Year", 4))
TIME = Part("time", "Time", 5, inputmode="")


class Boxes(forms.Widget):
    """A row of boxes; its value is the list of what was typed in them."""

    template_name = "govuk_forms/boxes.html"
    use_fieldset = True

    def __init__(self, parts: Sequence[Part], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.parts = tuple(parts)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """What was typed, box by box."""
        return [str(data.get(f"{name}_{part.name}") or "").strip() for part in self.parts]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether none of the boxes was on the form that was sent."""
        return all(f"{name}_{part.name}" not in data for part in self.parts)

    def id_for_label(self, id_: str | None, index: Any = None) -> str:
        """A legend names the whole, so no box is labelled by it."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The boxes for the template. `value` is a list of texts, or None."""
        attrs = attrs or {}
        wrong = attrs.get("wrong") or ()
        values = list(value) if value else []
        base = attrs.get("id") or name
        return {
            "id": base,
            "boxes": [
                {
                    "part": part,
                    "id": f"{base}-{part.name}",
                    "name": f"{name}_{part.name}",
                    "value": values[number] if number < len(values) else "",
                    "wrong": part.name in wrong,
                }
                for number, part in enumerate(self.parts)
            ],
        }
