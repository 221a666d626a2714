"""The force's identity provider by OpenID Connect: discovery, code with PKCE, state and nonce, and what its tokens say.

Authlib does the protocol and checks the tokens; this module says with what settings, and asks again in a session.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from signin.sealing import CannotOpen, seal, unseal

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_SECONDS = 10
_LEEWAY = timedelta(minutes=2)


class NotReachable(Exception):
    """The provider did not answer, or not as a provider does."""


class Refused(Exception):
    """The provider, or what it sent, says no."""


def is_used() -> bool:
    """Whether the register is set up to sign in by a provider."""
    return bool(settings.OIDC_ISSUER)


def to_provider(request: HttpRequest) -> HttpResponseRedirect:
    """Where the browser goes to sign in; state, nonce and PKCE verifier wait in the session. Raises NotReachable."""
    try:
        answer = _client().authorize_redirect(request, _absolute("signin:provider-return"))
    except (requests.RequestException, ValueError) as error:
        raise NotReachable from error
    return cast(HttpResponseRedirect, answer)


def returned(request: HttpRequest) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The claims and the tokens of whoever comes back. Raises Refused or NotReachable."""
    try:
        token = _client().authorize_access_token(request, claims_options=_expected())
    except (AuthlibBaseError, JoseError) as error:
        raise Refused(type(error).__name__) from error
    except (requests.RequestException, ValueError, KeyError) as error:
        raise NotReachable from error
    claims = token.get("userinfo")
    if not claims:
        raise Refused("no id token")
    return claims, token


def ask_again(tokens: bytes, subject: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What the provider says of an account now: claims and new tokens. Raises Refused or NotReachable.

    A refresh token is redeemed, which a provider refuses for an account that was closed; the claims come from the new
    id token, or from the user information if there is none. Without a refresh token the user information is asked.
    """
    client = _client()
    try:
        held = json.loads(unseal(tokens))
        if held["refresh_token"]:
            token = client.fetch_access_token(grant_type="refresh_token", refresh_token=held["refresh_token"])
            claims = client.parse_id_token(token, nonce=None, claims_options=_expected())
        else:
            token, claims = {"access_token": held["access_token"], "token_type": "Bearer"}, None
        claims = claims or client.userinfo(token=token)
    except CannotOpen as error:
        raise Refused("token sealed with another key") from error
    except (AuthlibBaseError, JoseError) as error:
        raise Refused(type(error).__name__) from error
    except requests.HTTPError as error:
        if error.response is not None and error.response.status_code in (400, 401, 403):
            raise Refused("user information refused") from error
        raise NotReachable from error
    except (requests.RequestException, ValueError, KeyError) as error:
        raise NotReachable from error
    if claims.get("sub") != subject:
        raise Refused("another subject")
    return claims, token


def sealed_tokens(token: Mapping[str, Any], before: bytes = b"") -> bytes:
    """What is kept of tokens, encrypted. A provider that gives no new refresh token means the old one to be used."""
    old = json.loads(unseal(before)) if before else {}
    return seal(
        json.dumps(
            {
                "refresh_token": token.get("refresh_token") or old.get("refresh_token", ""),
                "access_token": token.get("access_token", ""),
            }
        )
    )


def sign_out_address(id_token: bytes) -> str | None:
    """Where the browser goes to sign out there too, None if the provider offers no such thing or does not answer."""
    try:
        hint = unseal(id_token) if id_token else None
        made = _client().create_logout_url(
            post_logout_redirect_uri=_absolute("signin:sign-in"), id_token_hint=hint, client_id=settings.OIDC_CLIENT_ID
        )
    except (requests.RequestException, RuntimeError, ValueError, CannotOpen):
        return None
    return str(made["url"])


def logged_out_by(token: str, now: datetime) -> tuple[str, str, datetime]:
    """Subject, session and time of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).

    Subject or session may be blank, never both. Raises Refused or NotReachable.
    """
    client = _client()
    try:
        metadata = client.load_server_metadata()
        registry = JWSRegistry(
            algorithms=[
                one for one in metadata.get("id_token_signing_alg_values_supported", ["RS256"]) if one != "none"
            ],
            strict_check_header=False,
        )
        try:
            found = jwt.decode(token, KeySet.import_key_set(client.fetch_jwk_set()), registry=registry)
        except InvalidKeyIdError:
            found = jwt.decode(token, KeySet.import_key_set(client.fetch_jwk_set(force=True)), registry=registry)
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(_LEEWAY.total_seconds()),
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
            iat={"essential": True},
            jti={"essential": True},
            events={"essential": True},
        ).validate(found.claims)
    except (requests.RequestException, KeyError) as error:
        raise NotReachable from error
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(type(error).__name__) from error
    claims = found.claims
    if str(found.header.get("typ", "logout+jwt")).lower() not in ("logout+jwt", "jwt"):
        raise Refused("not a logout token")
    if "nonce" in claims or not isinstance(claims["events"], dict) or LOGOUT_EVENT not in claims["events"]:
        raise Refused("not a logout token")
    issued = datetime.fromtimestamp(int(claims["iat"]), UTC)
    subject, session = str(claims.get("sub") or ""), str(claims.get("sid") or "")
    if not (subject or session) or issued < now - 2 * _LEEWAY or issued > now + _LEEWAY:
        raise Refused("of nobody, or too old")
    return subject, session, issued


def _client() -> Any:
    return _made(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_SCOPES)


@lru_cache(maxsize=4)
def _made(issuer: str, client_id: str, secret: str, scopes: str) -> Any:
    client = OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": scopes, "code_challenge_method": "S256", "default_timeout": _SECONDS},
    )
    metadata = client.load_server_metadata()
    if metadata.get("issuer") != issuer:
        raise ValueError("the provider calls itself by another name than OIDC_ISSUER")
    return client


def _expected() -> dict[str, Any]:
    """Who must have issued an id token, and for whom."""
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
    }


def _absolute(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"
