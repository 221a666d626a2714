"""Search for other systems: `GET /api/orders`, and `POST /api/orders/search` for what describes a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.access import audit, reasons
from orders.access.permissions import Action
from orders.api import schema, scope
from orders.api.authentication import BearerToken
from orders.api.described import DESCRIBING, beyond_the_calendar, described_from, is_text, said
from orders.api.permissions import Permitted
from orders.api.schema import LARGEST_PAGE, LAST_PAGE, USUAL_PAGE
from orders.models import Category, User
from orders.record.explain import instant
from orders.search import by_area, onward
from orders.search.asked import PersonAsked
from orders.search.by_area import Question
from orders.search.by_person import Match, find
from orders.search.filters import OrdersFilter
from orders.search.results import Result, results
from orders.statute import local_day
from orders.views.access import address_of


class Misunderstood(Exception):
    """A parameter that cannot be understood: name and remedy."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class Orders(APIView):
    """The orders of an area, live first."""

    needs = Action.API

    @extend_schema(operation_id="orders", parameters=schema.PARAMETERS, responses=schema.GET_ANSWERS)
    def get(self, request: Request) -> Response:
        """Answer a search whose parameters describe no person."""
        for name in DESCRIBING:
            if name in request.query_params:
                return _bad({name: ["describes a person and must not stand in an address; POST to /api/orders/search"]})
        return _answer(request, request.query_params, PersonAsked())


class SearchOrders(APIView):
    """The same, and by what describes a person, asked in the body."""

    needs = Action.API

    @extend_schema(
        operation_id="search_orders",
        parameters=schema.PAGING,
        request=schema.SearchBody,
        responses=schema.POST_ANSWERS,
        examples=[schema.BODY_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Answer a search whose JSON body has the keys of GET, and name, date_of_birth, postcode, pnc_id.

        `next` is this address with `at` and the place of the next page, which outrank the body's: the same body goes
        there.
        """
        try:
            body = request.data
        except (ParseError, RecursionError):
            # Brackets within brackets, by the hundred thousand, are no question either.
            body = None
        if not isinstance(body, dict):
            return _bad({"body": ["is not a JSON object"]})
        errors: dict[str, list[str]] = {
            name: ["must not stand in the address of this search; give it in the body"]
            for name in request.query_params
            if name not in _TURNING
        }
        data = QueryDict(mutable=True)
        for name, value in body.items():
            if name not in DESCRIBING:
                values = value if isinstance(value, list) else [value]
                if all(_is_plain(item) for item in values) and is_text(name):
                    data.setlist(name, [str(item) for item in values])
                else:
                    errors[repr(name)[1:-1]] = ["is neither text, a number nor a list of them"]
        if request.query_params.keys() & {"page", "after"}:
            data.pop("page", None)
            data.pop("after", None)
        for name, values in request.query_params.lists():
            data.setlist(name, values)
        described, unread = described_from(body, local_day(timezone.now()))
        if errors or unread:
            return _bad(errors | unread)
        return _answer(request, data, described)


class Schema(SpectacularAPIView):
    """What the API offers, as OpenAPI: for a token, and for those signed in who may ask by the API."""

    needs = Action.API
    authentication_classes = [BearerToken, SessionAuthentication]
    permission_classes = [Permitted]


def _answer(request: Request, data: QueryDict, described: PersonAsked) -> Response:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the permission class has seen to it
    if beyond := beyond_the_calendar(data):
        return _bad(beyond)
    if any(not text.strip() for text in data.getlist("reference")):
        return _bad({"reference": ["is blank; left unread it would find every order. Give one, or leave it out"]})
    data = scope.asked_within(request.auth, data)
    asked = OrdersFilter(data, user=user)
    question = asked.question()
    if question is not None and (refusal := scope.refusal(request.auth, question.area)):
        return _bad({"area": [refusal]}, status.HTTP_403_FORBIDDEN)
    try:
        number, size = _number(data, "page", 1, LAST_PAGE), _number(data, "page_size", USUAL_PAGE, LARGEST_PAGE)
        if question is None:
            raise Misunderstood(
                {name if name != "__all__" else "parameters": list(map(str, problems))
                 for name, problems in asked.form.errors.items()}
                or {"area": ["is missing, and the token's user has no area of their own"]}
            )  # fmt: skip
        if not scope.knows_postcode(request.auth, described.postcode):
            raise Misunderstood({"postcode": ["is not known to lie in what this token may read"]})
        found = _found(question, user, described, data, (number - 1) * size, size)
    except Misunderstood as misunderstood:
        return _bad(misunderstood.errors)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="search by API",
        orders=found.ids,
        detail={
            "query": dict(data.lists()),
            "described": {name: reasons.sealed(words, orders=found.ids) for name, words in said(described).items()},
            "found": found.count,
            "token": getattr(request.auth, "name", ""),
        },
        address=address_of(request),
    )
    told = scope.codes(request.auth)
    return Response(
        {
            "count": found.count,
            "live": found.live,
            "at": instant(question.at),
            "next": _next(request, data, question.at, found.next) if found.next else None,
            "results": [
                _result(request, shown, found.matched.get(shown.order.pk), told)
                for shown in results(found.ids, user=user, at=question.at, known_at=question.known_at)
            ],
        }
    )


_TURNING = ("at", "page", "after")
"""What the address of the next page says anew."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of an answer; `next` is the parameter that asks for the page after it, None on the last."""

    ids: list[int]
    count: int
    live: int
    next: tuple[str, str] | None
    matched: dict[int, Match] = field(default_factory=dict)


def _found(question: Question, user: User, described: PersonAsked, data: QueryDict, offset: int, limit: int) -> _Found:
    """By its number; or after the page before, which is what `next` asks for where nobody is described."""
    after = None
    if "after" in data:
        if described:
            raise Misunderstood({"after": ["belongs to a search that describes nobody; begin without it"]})
        try:
            after = onward.read(data.get("after", ""), question, user, at=question.at)
        except onward.NotOfThisSearch:
            raise Misunderstood({"after": ["belongs to another search, or was altered; begin without it"]}) from None
        if "page" in data:
            raise Misunderstood({"after": ["cannot be given with page"]})
    with_live = "live" in by_area.wanted(question)
    if described:
        answer = find(replace(question, person=described), user, offset=offset, limit=limit)
        total = answer.total(question.standings)
        by_number = ("page", str(offset // limit + 2)) if offset + limit < total else None
        return _Found(answer.order_ids, total, answer.counts["live"] if with_live else 0, by_number, answer.matched)
    counted = by_area.counts(question, user)
    if after is not None:
        ids = onward.page(question, user, after, limit=limit + 1, counted=counted)
    else:
        ids = by_area.page(question, user, offset=offset, limit=limit + 1, counted=counted)
    goes_on, ids = len(ids) > limit, ids[:limit]
    number = (after.number if after else offset) + len(ids)
    reached = onward.reached(question, user, ids, number=number) if goes_on else None
    following = ("after", onward.written(reached, question, user, at=question.at)) if reached else None
    return _Found(ids, by_area.asked_count(question, counted), counted["live"] if with_live else 0, following)


def _result(request: Request, found: Result, match: Match | None, told: Collection[str] | None) -> dict[str, Any]:
    person = found.perpetrator
    return {
        "reference": found.order.reference,
        "kind": found.order.kind,
        "standing": found.assessment.standing,
        "in_force_from": None if found.hidden else _instant(found.in_force_from),
        "in_force_until": None if found.hidden else _instant(found.in_force_until),
        "perpetrator": None
        if person is None
        else {
            "family_name": person.family_name,
            "given_names": person.given_names,
            "date_of_birth": None if person.date_of_birth is None else person.date_of_birth.isoformat(),
        },
        "areas": [
            {"code": area.code, "roles": list(area.roles)} for area in found.areas if told is None or area.code in told
        ],
        "matched": None if match is None or found.hidden else {"on": match.on, "value": match.told, "how": match.how},
        "url": request.build_absolute_uri(reverse("orders:order", args=[found.order.public_id])),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _next(request: Request, data: QueryDict, at: datetime, following: tuple[str, str]) -> str:
    """The address of the next page, of the same instant; a body stays a body and is posted there again."""
    asked = data.lists() if request.method == "GET" else []
    query = [(name, value) for name, values in asked if name not in _TURNING for value in values]
    address = request.build_absolute_uri(request.path)
    return f"{address}?{urlencode([*query, ('at', instant(at)), following])}"


def _number(data: QueryDict, name: str, usual: int, most: int) -> int:
    text = data.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise Misunderstood({name: [f"is not a number from 1 to {most:,}"]})
    return int(text)


def _is_plain(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) if not isinstance(item, str) else is_text(item)


def _bad(errors: dict[str, list[str]], code: int = status.HTTP_400_BAD_REQUEST) -> Response:
    return Response({"errors": errors}, status=code)
