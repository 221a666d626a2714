"""What was refused, in the log of who looked: what, by whom if signed in, from where; no word of what was sent.

Whoever refuses puts a name of it on the request (`refused`); a 401 or 403 of any page counts by itself. More than so
many of a sort from one address in a minute are counted, not written, so that nobody fills the log.
"""

from __future__ import annotations

import structlog
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from orders.access import audit, pace
from orders.models import Category, User
from ordersite.middleware import Answer

log = structlog.get_logger(__name__)

MOST_A_MINUTE = 30
_MARK = "register.refused"


def refused(request: HttpRequest, what: str) -> None:
    """Have it recorded that the request was refused, and as what."""
    request.META.setdefault(_MARK, what)


def recorded(get_response: Answer) -> Answer:
    """Write down what was refused, when the answer is made and whatever the request wrote is committed or undone."""

    def answer(request: HttpRequest) -> HttpResponse:
        parts = request.path.replace("\\", "/").split("/")
        if ".." in parts or "\x00" in request.path:
            refused(request, "path refused")
        if "\x00" in request.path:
            # No name of anything holds it, and the database takes no such text.
            response = HttpResponse("There is no such address.\n", status=404, content_type="text/plain")
        elif request.method in ("TRACE", "TRACK", "CONNECT"):
            refused(request, "method refused")
            response = HttpResponse("This method is not answered.\n", status=405, content_type="text/plain")
        else:
            response = get_response(request)
        if response.status_code in (401, 403):
            refused(request, "token refused" if response.status_code == 401 else "access refused")
        elif response.status_code == 413:
            refused(request, "size refused")
        what = request.META.get(_MARK)
        if what:
            _write(request, what, response.status_code)
        return response

    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a request that cannot be meant well; which sort it was is recorded."""
    if isinstance(exception, DisallowedHost):
        refused(request, "host refused")
    elif isinstance(exception, SuspiciousOperation):
        refused(request, "request refused")
    return defaults.bad_request(request, exception)


def _write(request: HttpRequest, what: str, status: int) -> None:
    address = request.META.get("REMOTE_ADDR") or None
    user = getattr(request, "user", None)
    match = request.resolver_match
    try:
        ((number, _),) = pace.count([f"{what} {address}"]).values()
        log.warning("refused", what=what, status=status, address=address, number=number)
        if number <= MOST_A_MINUTE:
            audit.record(
                by=user if isinstance(user, User) else None, category=Category.REFUSAL, action=what, address=address,
                detail={"page": match.view_name if match else "", "method": (request.method or "")[:10],
                        "status": status, **({"more": "not written"} if number == MOST_A_MINUTE else {})},
            )  # fmt: skip
    except DatabaseError:
        # The answer stays the refusal that it is; the line above or the database's own says what was wrong.
        log.exception("refusal_not_recorded", what=what)
