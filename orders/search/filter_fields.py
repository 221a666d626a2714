"""How parameters of a search are read, one by one: each says what was wrong and what to give instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from orders.models import Area, AskedSearch, OrderList, SavedSearch, User
from orders.search.asked import PersonAsked, understand
from orders.search.narrowing import EVER, NEVER
from orders.search.own_areas import Areas
from orders.statute import parse_local

KEPT = "What was typed is kept for 12 hours, and for whoever typed it alone. Type it again."
BREACHED = {"ever": EVER, "never": NEVER}
MOST_DAYS = 3660


def _by_hand(text: str) -> str:
    """What a person typed as day, month, year and time, in ISO 8601; nothing if it is something else."""
    for form in ("%d/%m/%Y %H:%M", "%d %B %Y %H:%M"):
        try:
            return datetime.strptime(" ".join(text.replace(",", " ").split()), form).isoformat()  # noqa: DTZ007 -- local time
        except ValueError:
            continue
    return ""


class InstantField(forms.CharField):
    """An instant in ISO 8601; without an offset, local time."""

    def clean(self, value: Any) -> datetime | None:
        """The instant in UTC, None if blank. Raises ValidationError with the remedy."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_local(_by_hand(text) or (text.replace(" ", "+") if "T" in text else text))
        except ValueError as problem:
            if " write it like " in str(problem):
                raise ValidationError(
                    f"“{text}” is not a real date with a time. Write it like 20/11/2026 14:30."
                ) from None
            raise ValidationError(str(problem)) from problem


class InstantFilter(django_filters.Filter):
    """Filters by an instant."""

    field_class = InstantField


class AreaField(forms.CharField):
    """The code of an area of the reader's force."""

    areas: Areas = Areas(())

    def clean(self, value: Any) -> Area | None:
        """The area, None if blank. Raises ValidationError with the remedy."""
        code = super().clean(value)
        if not code:
            return None
        area = self.areas.area(code)
        if area is None:
            raise ValidationError("There is no such area in your force, or no longer. Choose another.")
        return area


class AreaFilter(django_filters.Filter):
    """Filters by an area of the reader's force."""

    field_class = AreaField


class DaysFilter(django_filters.Filter):
    """Filters by a number of days."""

    field_class = forms.IntegerField


class BreachedField(forms.CharField):
    """Whether there was a breach, and how long ago: `ever`, `never` or a number of days."""

    def clean(self, value: Any) -> int | None:
        """Days, EVER or NEVER, None if blank. Raises ValidationError with the remedy."""
        text = super().clean(value)
        if text in BREACHED:
            return BREACHED[text]
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= MOST_DAYS):
            raise ValidationError(f"Give a number of days from 1 to {MOST_DAYS}, “ever” or “never”.")
        return int(text) if text else None


class BreachedFilter(django_filters.Filter):
    """Filters by breaches."""

    field_class = BreachedField


class ListField(forms.CharField):
    """The key of a list of orders of the reader's force; another force's is like one that there is not."""

    user: User | None = None

    def clean(self, value: Any) -> str:
        """The key; raises ValidationError if there is no such list."""
        key: str = super().clean(value)
        force = self.user.force_id if self.user else None
        if key and not OrderList.objects.filter(key=key, force_id=force).exists():
            raise ValidationError("There is no such list. Open the link in the email again, or search by area.")
        return key


class ListFilter(django_filters.Filter):
    """Filters by a list of orders."""

    field_class = ListField


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed in the box, and who is meant by it."""

    text: str
    person: PersonAsked


class AskedField(forms.CharField):
    """The key of what somebody typed; opens for them alone, and not for long."""

    user: User | None = None

    def clean(self, value: Any) -> Asked | None:
        """What was typed, None if blank. Raises ValidationError with the remedy."""
        key = super().clean(value)
        if not key:
            return None
        kept = AskedSearch.objects.filter(key=key, owner=self.user, expires_at__gt=timezone.now()).first()
        words = None if kept is None else kept.words
        if words is None:
            raise ValidationError(KEPT)
        read = understand(words, timezone.localdate())
        if read.problems:
            raise ValidationError([f"{problem.field} {problem.message}" for problem in read.problems])
        return Asked(words, read.person)


class AskedFilter(django_filters.Filter):
    """Filters by what was typed in the box."""

    field_class = AskedField


class SavedField(forms.CharField):
    """The key of a saved search that the user may open."""

    user: User | None = None

    def clean(self, value: Any) -> SavedSearch | None:
        """The saved search, None if blank. Raises ValidationError with the remedy."""
        key = super().clean(value)
        if not key or self.user is None:
            return None
        saved = SavedSearch.objects.visible_to(self.user).select_related("owner", "shared_area").filter(key=key).first()
        if saved is None:
            raise ValidationError(
                "There is no such saved search, or it is no longer shared with you. See Saved searches."
            )
        return saved


class SavedFilter(django_filters.Filter):
    """Does not filter: says from which saved search this one began."""

    field_class = SavedField
