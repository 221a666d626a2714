"""Whether the register can answer: what a load balancer and `bin/run` ask."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse

from orders.permissions import Action
from orders.views.access import permitted


@permitted(Action.PUBLIC)
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 500 otherwise. Says nothing else to whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
