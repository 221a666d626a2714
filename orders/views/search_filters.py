"""The filter column of the search page: each choice with how many orders it would leave; and the chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.template.defaultfilters import capfirst

from orders.search.filter_fields import BREACHED
from orders.search.filters import PageFilter
from orders.search.narrowing import NEVER
from orders.templatetags.order_words import moment, plural


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its value, its words, how many orders it would leave ("" where nobody counts), whether it is made."""

    value: str
    words: str
    count: str
    chosen: bool
    id: str


@dataclass(frozen=True, slots=True)
class Group:
    """A filter: `many` may be chosen of it or one."""

    name: str
    label: str
    many: bool
    choices: list[Choice]
    errors: list[str]

    @property
    def chosen(self) -> bool:
        """Whether anything of it is asked for or wrong."""
        return bool(self.errors) or any(choice.chosen and choice.value for choice in self.choices)


MANY = frozenset({"standing", "kind", "condition"})
BREACHED_DAYS = ("7", "30", "90", "365")
NAMES = ("standing", "role", "only", "breached", "served", "on_pnc", "team", "kind", "condition")


def groups(asked: PageFilter, counts: dict[str, dict[str, Any]]) -> dict[str, Group]:
    """The filters by name, with the numbers of `counts` by filter and choice."""
    return {name: _group(asked, name, counts.get(name, {})) for name in NAMES}


def _group(asked: PageFilter, name: str, counts: dict[str, Any]) -> Group:
    bound = asked.form[name]
    value = bound.value()
    chosen = {str(one) for one in value} if name in MANY else {str(value or "")}
    choices = _breached_choices(chosen) if name == "breached" else list(bound.field.choices)
    return Group(
        name=name,
        label=str(bound.label),
        many=name in MANY,
        choices=[
            Choice(
                str(one), str(words), _count(counts.get(str(one))), str(one) in chosen, f"id_{name}_{number}"
            )
            for number, (one, words) in enumerate(choices)
        ],
        errors=list(bound.errors),
    )  # fmt: skip


def _breached_choices(chosen: set[str]) -> list[tuple[str, str]]:
    """The usual ones, and whatever an address asks for besides."""
    days = sorted({*BREACHED_DAYS, *(one for one in chosen if one.isdigit())}, key=int)
    found = [("", "Any"), ("ever", "Ever"), *((one, f"In the last {plural(int(one), 'day,days')}") for one in days)]
    found.append(("never", "Never"))
    return found + [(one, one) for one in chosen if one and one not in dict(found)]


def _count(count: Any) -> str:
    if count is None:
        return ""
    return count if isinstance(count, str) else f"{count:,}"


def words(asked: PageFilter, name: str, value: Any) -> str:
    """One thing that is asked for, in words: "Standing: Live"."""
    form = asked.form
    if name == "ending":
        return f"Ends within {plural(int(value), 'day,days')}"
    if name == "breached":
        if value in BREACHED.values():
            return "Never breached" if value == NEVER else "Breached"
        return f"Breached in the last {plural(int(value), 'day,days')}"
    if name in ("at", "known_at"):
        return f"{form.fields[name].label} {moment(value)}"
    if name == "homes":
        return "As an email may tell it"
    if name == "list":
        return "A list that an email pointed to"
    label = str(form.fields[name].label or name)
    choices = {str(key): str(text) for key, text in getattr(form.fields[name], "choices", ())}
    return f"{label}: {choices.get(str(value), str(value))}"


@dataclass(frozen=True, slots=True)
class Chip:
    """What narrows the answer, in words, and the search without it."""

    words: str
    query: str
    without: QueryDict


def chips(asked: PageFilter, data: QueryDict) -> list[Chip]:
    """Everything that narrows the search, in the order of the address; the area is named elsewhere."""
    found = []
    for name, values in data.lists():
        if name in BESIDE or name not in asked.form.cleaned_data:
            continue
        cleaned = asked.form.cleaned_data[name]
        for value in values:
            if value:
                query = without_page(data)
                query.setlist(name, [other for other in values if other != value])
                meant = value if isinstance(cleaned, list) else cleaned
                found.append(Chip(capfirst(words(asked, name, meant)), query.urlencode(), query))
    return found


BESIDE = frozenset({"page", "after", "area", "saved", "s", "exact"})
"""Parameters that are no filter with a chip of its own."""


def without_page(data: QueryDict, **changes: str | None) -> QueryDict:
    """The query of a search without its page and without blanks, with some parameters set instead, or gone if None."""
    query = data.copy()
    for name in ("page", "after"):
        query.pop(name, None)
    for name in list(query):
        query.setlist(name, [value for value in query.getlist(name) if value])
        if not query.getlist(name):
            del query[name]
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return query
