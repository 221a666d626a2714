"""What area a token may read: its own and what lies within, in lists and in counts."""

from __future__ import annotations

from django.db.models import Q
from django.http import QueryDict

from orders.models import ApiToken, Area, Postcode


def asked_within(token: object, data: QueryDict) -> QueryDict:
    """What is asked, of the token's own area where no area is named."""
    if not isinstance(token, ApiToken) or token.area is None or data.get("area"):
        return data
    asked = data.copy()
    asked["area"] = token.area.code
    return asked


def refusal(token: object, area: Area) -> str:
    """Why a token may not ask about an area; blank if it may."""
    if not isinstance(token, ApiToken) or token.area is None:
        return ""
    if token.area_id in (area.pk, area.parent_id, area.force_id):
        return ""
    return f"lies outside what this token may read, which is {token.area.code} and what lies within"


def knows_postcode(token: object, postcode: str) -> bool:
    """Whether a token may ask who lives at a postcode: one that the register places in the token's area.

    Of others it would learn, by whether an order of its area is found, that somebody lives there.
    """
    if not isinstance(token, ApiToken) or token.area_id is None or not postcode:
        return True
    scope = token.area_id
    placed = Postcode.objects.filter(postcode=postcode.replace(" ", "").upper())
    return placed.filter(
        Q(neighbourhood_id=scope) | Q(neighbourhood__parent_id=scope) | Q(neighbourhood__force_id=scope)
    ).exists()


def codes(token: object) -> frozenset[str] | None:
    """The codes of the areas that a token may be told of; None if they are not narrowed."""
    if not isinstance(token, ApiToken) or token.area_id is None:
        return None
    scope = token.area_id
    within = Area.objects.filter(Q(pk=scope) | Q(parent_id=scope) | Q(force_id=scope))
    return frozenset(within.values_list("code", flat=True))
