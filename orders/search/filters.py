"""What can be asked of a search, and nothing else: an unknown or malformed parameter finds nothing and is named.

django-filter by itself ignores what it cannot read and then returns everything; these FilterSets fail closed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from orders.models import Area, Place, User
from orders.querysets import STANDINGS, PlaceQuerySet
from orders.search import by_area
from orders.search.by_area import Question
from orders.search.cards import CONDITION_WORDS
from orders.search.filter_fields import (
    MOST_DAYS,
    AreaFilter,
    AskedFilter,
    BreachedFilter,
    DaysFilter,
    InstantField,
    InstantFilter,
    ListFilter,
    SavedFilter,
)
from orders.search.narrowing import ONLY
from orders.search.own_areas import Own, own
from orders.statute import KINDS

ROLES = [
    ("perpetrator", "Perpetrator lives there"),
    ("victim", "Victim lives there"),
    ("either", "Either lives there"),
    ("both", "Both live there"),
]
NOT_PLACED = ("not placed", "Not placed: no known home")
CONDITIONS = [(code, words.capitalize()) for code, words in CONDITION_WORDS.items()]
STANDING_WORDS = [(standing, standing.capitalize()) for standing in STANDINGS]
YES_NO = [("Y", "Yes"), ("N", "No")]
KIND_WORDS = [(code, f"{rules.name} ({code})") for code, rules in KINDS.items()]


TEAM_THEN = (
    "Which team owned an order is searched as it is known now, not as it was known at another time. Take out the team, "
    "or “As known at”."
)


class StrictForm(forms.Form):
    """A form that knows which parameters there are: its fields, and those that somebody else reads beside them."""

    BESIDE: ClassVar[frozenset[str]] = frozenset()

    def clean(self) -> dict[str, Any]:
        """Refuse parameters that nothing here asks for, and those given more often than they can be."""
        cleaned = super().clean() or {}
        for name in self.data:
            if name not in self.fields and name not in self.BESIDE:
                self.add_error(None, ValidationError("%(name)s: there is no such parameter", params={"name": name}))
            elif isinstance(self.data, QueryDict) and len(self.data.getlist(name)) > 1:
                field = self.fields.get(name)
                if not isinstance(field, forms.MultipleChoiceField):
                    self.add_error(
                        name if field else None,
                        ValidationError("can be given only once" if field else f"{name}: can be given only once"),
                    )
        if cleaned.get("team") and cleaned.get("known_at"):
            self.add_error("team", ValidationError(TEAM_THEN))
        return cleaned


class InstantForm(StrictForm):
    """The instant that a page is about, and when what it says had been recorded; blank is now."""

    at = InstantField(label="As at", required=False)
    known_at = InstantField(label="As known at", required=False)


class InstantPageForm(InstantForm):
    """The same of a list that is shown page by page."""

    page = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)


class AreaForm(InstantForm):
    """What an area page can be asked."""

    role = forms.ChoiceField(label="Who lives there", choices=[("", "Anyone"), *ROLES], required=False)


class SearchForm(StrictForm):
    """What a search can be asked; the page of the answer is read by whoever shows it."""

    BESIDE = frozenset({"page", "page_size", "after"})


_FORMS: dict[type, type[forms.Form]] = {}


class OrdersFilter(django_filters.FilterSet):
    """A search of one area: everything that page and API have in common."""

    area = django_filters.ModelChoiceFilter(
        label="Area", queryset=Area.objects.all(), to_field_name="code", empty_label=None
    )
    role = django_filters.ChoiceFilter(label="Who lives there", choices=ROLES, empty_label="Anyone")
    kind = django_filters.MultipleChoiceFilter(
        label="Kind of order", choices=KIND_WORDS, widget=forms.CheckboxSelectMultiple
    )
    standing = django_filters.MultipleChoiceFilter(
        label="Standing", choices=STANDING_WORDS, widget=forms.CheckboxSelectMultiple
    )
    served = django_filters.ChoiceFilter(label="Served", choices=YES_NO, empty_label="Any")
    on_pnc = django_filters.ChoiceFilter(label="On PNC", choices=YES_NO, empty_label="Any")
    reference = django_filters.CharFilter(label="Reference", max_length=100)
    at = InstantFilter(label="As at")
    known_at = InstantFilter(label="As known at")

    class Meta:
        model = Place
        fields: list[str] = []
        form = SearchForm

    def __init__(self, data: Any = None, *, user: User, now: datetime | None = None) -> None:
        # Not as FilterSet does, which copies every filter for each search: nothing here changes one.
        self.data, self.is_bound, self.form_prefix = data if data is not None else QueryDict(), True, None
        self.user = user
        self.now = now or timezone.now()

    def get_form_class(self) -> type[forms.Form]:
        """The form, put together once for a class of filters: it does not change, and each form copies its fields."""
        if type(self) not in _FORMS:
            super().__init__(self.data, Place.objects.none())
            _FORMS[type(self)] = super().get_form_class()
        return _FORMS[type(self)]

    @property
    def qs(self) -> PlaceQuerySet:
        """The rows that answer; none at all where anything asked could not be understood."""
        question = self.question()
        return Place.objects.none() if question is None else by_area.rows(question, self.user)

    def question(self) -> Question | None:
        """What is asked, or None if it cannot be understood (the form's errors say why)."""
        if not self.form.is_valid():
            return None
        asked = self.form.cleaned_data
        area = asked["area"] or self.default_area()
        if area is None:
            return None
        return Question(
            area=area,
            at=asked["at"] or self.now,
            known_at=asked["known_at"],
            role=asked["role"] or None,
            kinds=tuple(asked["kind"]),
            standings=tuple(standing for standing in STANDINGS if standing in asked["standing"]),
            served=_yes_no(asked["served"]),
            on_pnc=_yes_no(asked["on_pnc"]),
            reference=asked["reference"],
            only=asked.get("only") or "",
            ending=asked.get("ending"),
            open_homes=asked.get("homes") == "open",
            listed=asked.get("list") or "",
            breached=asked.get("breached"),
            conditions=tuple(asked.get("condition") or ()),
            team=asked.get("team") or "",
            person=typed.person if (typed := asked.get("s")) else None,
            exact=asked.get("exact") == "Y",
        )

    def default_area(self) -> Area | None:
        """Where the user's search begins."""
        return default_area(self.user)


class PageFilter(OrdersFilter):
    """The search page: the areas of the user's force, and what needs something done."""

    area = AreaFilter(label="Area", max_length=100)
    only = django_filters.ChoiceFilter(label="Needing", choices=list(ONLY.items()), empty_label="Anything")
    ending = DaysFilter(label="Ends within so many days", min_value=0, max_value=MOST_DAYS)
    breached = BreachedFilter(label="Breached", max_length=10)
    condition = django_filters.MultipleChoiceFilter(
        label="Must not, or must", choices=CONDITIONS, widget=forms.CheckboxSelectMultiple
    )
    team = django_filters.ChoiceFilter(label="Owning team", empty_label="Any")
    homes = django_filters.ChoiceFilter(label="Homes", choices=[("open", "Only what an email may tell")])
    list = ListFilter(label="List")
    s = AskedFilter(label="What was typed", max_length=16)
    exact = django_filters.ChoiceFilter(label="Spelling", choices=[("Y", "Exact only")])
    saved = SavedFilter(label="Saved search", max_length=16)

    class Meta(OrdersFilter.Meta):
        pass

    def __init__(self, data: Any = None, *, user: User, now: datetime | None = None, reads: Own | None = None) -> None:
        """`reads`: what the user may choose of, where it has been asked for already."""
        super().__init__(data, user=user, now=now)
        self.own = reads or own(user)
        form = self.form
        form.fields["role"].choices = [("", "Anyone"), *ROLES, NOT_PLACED]
        form.fields["area"].areas = self.own.areas
        form.fields["s"].user = form.fields["saved"].user = form.fields["list"].user = user
        form.fields["team"].choices = [("", "Any"), *((name, name) for name in self.own.teams)]

    def default_area(self) -> Area | None:
        """As of any search, of the areas that have been read already."""
        return self.own.areas.of_id(self.user.home_area_id or self.user.force_id) or super().default_area()


def default_area(user: User) -> Area | None:
    """Where a user's search begins: their home area, else their force."""
    return user.home_area or user.force


def _yes_no(value: str) -> bool | None:
    return {"Y": True, "N": False}.get(value)
