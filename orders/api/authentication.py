"""Bearer tokens (RFC 6750)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from orders.models import ApiToken, User

USE_NOTED = timedelta(minutes=1)


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer …`, issued by `bin/manage issue_api_token`; stands for its user."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The user and the token; None without a header. Raises AuthenticationFailed for a token that is not good."""
        word, _, text = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer" or not text:
            return None
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("user__force", "user__home_area", "area")
            .filter(digest=ApiToken.digest_of(text.strip()), revoked_at__isnull=True, expires_at__gt=now)
            .first()
        )
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("The token is not known, has expired or was revoked. Ask for a new one.")
        if token.last_used_at is None or now - token.last_used_at > USE_NOTED:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 answers with."""
        return 'Bearer realm="civil orders"'


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # has no types
    """Says so in the schema."""

    target_class = BearerToken
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer"}
