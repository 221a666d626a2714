"""As at, as known at: the instant that a page is about, asked for in its address and kept in its links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from orders.search.filters import InstantForm
from orders.statute import LONDON, parse_local


@dataclass(frozen=True, slots=True)
class Then:
    """The instant (UTC) that a page is about. `past`: the reader asked for it, so that no action is offered.

    `known_at`: answer from what had been recorded by then. `query`, `link` and `more` keep both in an address, as all
    of its query, as its end, and after other parameters; all are blank for now. `now` is this address without them.
    """

    at: datetime
    known_at: datetime | None = None
    past: bool = False
    query: str = ""
    now: str = ""

    @property
    def link(self) -> str:
        """The end of an address without other parameters."""
        return f"?{self.query}" if self.query else ""

    @property
    def more(self) -> str:
        """The end of an address with other parameters."""
        return f"&{self.query}" if self.query else ""


def asked_then(request: HttpRequest, form: InstantForm | None = None) -> Then | None:
    """The instant that a request asks for, None if it cannot be understood. `form`: the page's own, if it has one."""
    form = form or InstantForm(request.GET)
    if not form.is_valid():
        return None
    return then_of(request, at=form.cleaned_data["at"], known_at=form.cleaned_data["known_at"])


def then_of(request: HttpRequest, *, at: datetime | None, known_at: datetime | None) -> Then:
    """The instants that were asked for; None is now."""
    asked = {name: in_address(value) for name, value in (("at", at), ("known_at", known_at)) if value is not None}
    return Then(
        at=at or timezone.now(),
        known_at=known_at,
        past=bool(asked),
        query=urlencode(asked),
        now=f"{request.path}{_without_instants(request.GET)}",
    )


def in_address(at: datetime) -> str:
    """An instant in local time as InstantField reads it, with an offset only where a clock change asks for one."""
    local = at.astimezone(LONDON)
    text = local.replace(tzinfo=None).isoformat(timespec="auto" if local.second or local.microsecond else "minutes")
    try:
        return text if parse_local(text) == at else local.isoformat()
    except ValueError:
        return local.isoformat()


def not_understood(request: HttpRequest, form: InstantForm | None = None) -> HttpResponse:
    """The answer to an address that asks for what cannot be understood: it is named, and nothing is shown."""
    form = form or InstantForm(request.GET)
    return render(request, "orders/not_understood.html", {"errors": form.errors, "path": request.path}, status=400)


def _without_instants(data: QueryDict) -> str:
    query = data.copy()
    query.pop("at", None)
    query.pop("known_at", None)
    return f"?{query.urlencode()}" if query else ""
