"""Whether the register can answer: what a load balancer and `bin/run` ask."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse

from orders.access.permissions import Action
from orders.record import freshness
from orders.views.access import permitted


@permitted(Action.PUBLIC)
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 500 otherwise. Says nothing else to whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@permitted(Action.PUBLIC)
def health_of_imports(request: HttpRequest) -> HttpResponse:
    """200 when no unattended import failed, 503 with how many did: whoever asks learns no more."""
    failed = len(freshness.failed_imports())
    words = f"failed: {failed}\n" if failed else "ok\n"
    return HttpResponse(words, status=503 if failed else 200, content_type="text/plain")
