"""What the API takes and answers, for the OpenAPI document: it describes, the views decide."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from orders.querysets import STANDINGS
from orders.statute import KINDS

ROLES = ("perpetrator", "victim", "either", "both")
LARGEST_PAGE, USUAL_PAGE = 100, 25
LAST_PAGE = 10_000_000


class PerpetratorShown(serializers.Serializer[Any]):
    """Who the order binds."""

    family_name = serializers.CharField()
    given_names = serializers.CharField()
    date_of_birth = serializers.DateField(allow_null=True)


class AreaShown(serializers.Serializer[Any]):
    """An area under which the order is found, and who lives there; never an address."""

    code = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES[:2]))


class MatchShown(serializers.Serializer[Any]):
    """What of the order matched what was asked of a person."""

    on = serializers.CharField(help_text="What matched: family name, alias, date of birth, postcode, PNC ID …")
    value = serializers.CharField(
        help_text="What matched, as the register holds it; blank of a victim whose name is not just so"
    )
    how = serializers.CharField(help_text="In what way: exact, spelling …")


class OrderShown(serializers.Serializer[Any]):
    """One order. Of a restricted one only reference, kind and standing; nothing of it matches before it is opened."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    standing = serializers.ChoiceField(choices=STANDINGS)
    in_force_from = serializers.DateTimeField(
        allow_null=True, help_text="Of the interval that holds `at`, else of the latest"
    )
    in_force_until = serializers.DateTimeField(allow_null=True, help_text="The first instant outside; null is no end")
    perpetrator = PerpetratorShown(allow_null=True)
    areas = AreaShown(many=True)
    matched = MatchShown(allow_null=True, help_text="Null where no person was asked for")
    url = serializers.URLField(help_text="The page of the order, for people who may sign in")


class OrdersFound(serializers.Serializer[Any]):
    """A page of an answer."""

    count = serializers.IntegerField(help_text="How many orders the whole answer has")
    live = serializers.IntegerField(help_text="How many of them are live")
    at = serializers.DateTimeField(help_text="The instant that the answer is of")
    next = serializers.URLField(allow_null=True, help_text="The next page, of the same instant; null on the last")
    results = OrderShown(many=True)


Misread = inline_serializer(
    "Misread", {"errors": serializers.DictField(child=serializers.ListField(child=serializers.CharField()))}
)
"""Each parameter that was not understood, or may not be asked, with what is wrong and what to do."""


NotAllowed = inline_serializer(
    "NotAllowed",
    {
        "errors": serializers.DictField(
            required=False, child=serializers.ListField(child=serializers.CharField()), help_text="The area, and why"
        ),
        "detail": serializers.CharField(required=False),
    },
)
"""Why the token may not ask this: of the area, or at all."""


class Refused(serializers.Serializer[Any]):
    """Why there is no answer."""

    detail = serializers.CharField()


class SearchBody(serializers.Serializer[Any]):
    """The parameters of GET, and what describes a person. No other key is taken."""

    name = serializers.CharField(required=False, help_text="Family and given names in any order, or an alias")
    date_of_birth = serializers.CharField(required=False, help_text="YYYY-MM-DD")
    postcode = serializers.CharField(required=False, help_text="Never matches an address that is or may be secret")
    pnc_id = serializers.CharField(required=False)
    area = serializers.CharField(required=False)
    role = serializers.ChoiceField(required=False, choices=ROLES)
    kind = serializers.ListField(required=False, child=serializers.ChoiceField(choices=list(KINDS)))
    standing = serializers.ListField(required=False, child=serializers.ChoiceField(choices=STANDINGS))
    at = serializers.CharField(required=False)
    known_at = serializers.CharField(required=False)
    reference = serializers.CharField(required=False)
    served = serializers.ChoiceField(required=False, choices=("Y", "N"))
    on_pnc = serializers.ChoiceField(required=False, choices=("Y", "N"))
    after = serializers.CharField(required=False)
    page = serializers.IntegerField(required=False, min_value=1, max_value=LAST_PAGE)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


def _parameter(name: str, words: str, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, options.pop("type", OpenApiTypes.STR), description=words, **options)


_SIZE = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}
PARAMETERS = [
    _parameter("area", "Code of a force, local policing area or neighbourhood; without it the token's own area"),
    _parameter("role", "Who lives in the area", enum=ROLES),
    _parameter("kind", "Kind of order; repeat it for several", many=True, enum=list(KINDS)),
    _parameter("standing", "Repeat it for several; all without it, live first", many=True, enum=STANDINGS),
    _parameter("at", "The instant asked about, ISO 8601; local time without an offset; now without it"),
    _parameter("known_at", "Answer from what had been recorded by then"),
    _parameter("reference", "As officers quote it: case, spaces and punctuation do not matter"),
    _parameter("served", "Whether it had been served", enum=("Y", "N")),
    _parameter("on_pnc", "Whether it was on PNC", enum=("Y", "N")),
    _parameter("after", "Where an answer goes on: given in `next`, good for the same question alone"),
    _parameter("page", "From 1; not with `after`", type={"type": "integer", "minimum": 1, "maximum": LAST_PAGE}),
    _parameter("page_size", f"At most {LARGEST_PAGE}; {USUAL_PAGE} without it", type=_SIZE),
]
"""What GET takes."""

PAGING = [parameter for parameter in PARAMETERS if parameter.name in ("at", "page", "after")]
"""What the address of a POST may have: the `next` of an answer."""

_FOUND = {
    "count": 1, "live": 1, "at": "2026-11-24T09:30:00Z", "next": None,
    "results": [
        {
            "reference": "SPO/2026/0004", "kind": "SPO", "standing": "live",
            "in_force_from": "2026-02-10T10:30:00Z", "in_force_until": "2028-02-10T00:00:00Z",
            "perpetrator": {"family_name": "Example", "given_names": "Adam", "date_of_birth": "1986-06-23"},
            "areas": [{"code": "WMP-WAL", "roles": ["perpetrator"]}, {"code": "WMP-WAL-01", "roles": ["perpetrator"]}],
            "matched": None, "url": "https://register.example/orders/1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        }
    ],
}  # fmt: skip
_MATCHED = _FOUND | {
    "results": [_FOUND["results"][0] | {"matched": {"on": "family name", "value": "Example", "how": "exact"}}]  # type: ignore[index] # a list of one
}


def _answered(example: dict[str, Any]) -> dict[int, OpenApiResponse]:
    limit = OpenApiExample("Too often", {"detail": "Request was throttled. Expected available in 12 seconds."})
    return {
        200: OpenApiResponse(OrdersFound, "A page of orders, live first", [OpenApiExample("Found", example)]),
        400: OpenApiResponse(
            Misread,
            "Something asked is unknown or cannot be read; nothing was searched",
            [OpenApiExample("Not a standing", {"errors": {"standing": ["Select a valid choice."]}})],
        ),
        401: OpenApiResponse(
            Refused,
            "No token, or one that is not known, has expired or was revoked",
            [OpenApiExample("Not good", {"detail": "The token is not known, has expired or was revoked."})],
        ),
        403: OpenApiResponse(
            NotAllowed,
            "The area lies outside what the token may read (`errors`), or its user may not look at orders (`detail`)",
            [OpenApiExample("Another area", {"errors": {"area": ["lies outside what this token may read."]}})],
        ),
        429: OpenApiResponse(
            Refused, "More requests in a minute than a token may make; `Retry-After` says in how many seconds", [limit]
        ),
    }


GET_ANSWERS, POST_ANSWERS = _answered(_FOUND), _answered(_MATCHED)

BODY_EXAMPLE = OpenApiExample(
    "By name, in an area", {"area": "WMP-WAL", "name": "Husain", "standing": ["live"]}, request_only=True
)
