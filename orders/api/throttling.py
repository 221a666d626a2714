"""How often a token may ask, counted in the database so that all web processes count together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from rest_framework.throttling import BaseThrottle

from orders.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

_COUNT = """
    INSERT INTO orders_apiuse AS held (token_id, minute, requests)
    VALUES (%s, date_trunc('minute', clock_timestamp()), 1)
    ON CONFLICT (token_id) DO UPDATE
       SET requests = CASE WHEN held.minute = excluded.minute THEN least(held.requests, 1000000) + 1 ELSE 1 END,
           minute = excluded.minute
    RETURNING requests, extract(epoch FROM minute + interval '1 minute' - clock_timestamp())"""


class TokenRate(BaseThrottle):
    """At most API_REQUESTS_PER_MINUTE requests of a token in a minute of the clock."""

    def __init__(self) -> None:
        self._left = 60.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request, and say whether it is still within the limit. Who has no token is not counted."""
        token: Any = request.auth
        if not isinstance(token, ApiToken):
            return True
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [token.pk])
            requests, left = cursor.fetchone() or (1, 60)
        self._left = float(left)
        return bool(requests <= settings.API_REQUESTS_PER_MINUTE)

    def wait(self) -> float:
        """Seconds until the next minute begins: what `Retry-After` says."""
        return max(1.0, math.ceil(self._left))
