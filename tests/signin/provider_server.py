"""An identity provider of the shape of Entra ID, in a process of its own: `python -m tests.signin.provider_server PORT`.

Discovery, keys, code with PKCE, refresh with rotation, user information, sign-out. Whom it signs in and what is wrong with
it is told by `POST /control` as JSON. It is strict: a client that leaves out state, nonce, PKCE or its secret is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "register", "the secret of the client"


class Provider(ThreadingHTTPServer):
    """What it knows."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Answering)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, Any] = {"sub": "abc"}
        self.closed = False
        self.broken = False
        self.faults: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.refresh: dict[str, str] = {}
        self.asked: list[str] = []

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None, typ: str = "JWT") -> str:
        """Claims as a token."""
        used = key or self.key
        return jwt.encode({"alg": "RS256", "kid": "one", "typ": typ}, claims, used)

    def id_token(self, nonce: str | None, sid: str) -> str:
        """An id token of whoever is signed in; `faults` replace claims, `other_key` signs with a key of somebody else."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600, "sid": sid, **self.claims}
        if nonce:
            claims["nonce"] = nonce
        claims |= {name: value for name, value in self.faults.items() if name != "other_key"}
        other = RSAKey.generate_key(2048, {"kid": "one"}) if self.faults.get("other_key") else None
        return self.signed(claims, other)

    def tokens(self, sid: str, nonce: str | None) -> dict[str, Any]:
        """An answer of the token address, with a new refresh token."""
        refresh = secrets.token_urlsafe(16)
        self.refresh[refresh] = sid
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(16),
            "expires_in": 3600,
            "refresh_token": refresh,
            "id_token": self.id_token(nonce, sid),
        }


class Answering(BaseHTTPRequestHandler):
    """One request."""

    server: Provider

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Discovery, keys, authorisation, user information, sign-out."""
        provider, url = self.server, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        provider.asked.append(url.path)
        if provider.broken:
            return self._json({}, 503)
        if url.path == "/.well-known/openid-configuration":
            return self._json(
                {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "userinfo_endpoint": f"{provider.issuer}/userinfo",
                    "jwks_uri": f"{provider.issuer}/keys",
                    "end_session_endpoint": f"{provider.issuer}/logout",
                    "backchannel_logout_supported": True,
                    "backchannel_logout_session_supported": True,
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["pairwise"],
                    "code_challenge_methods_supported": ["S256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
            )
        if url.path == "/keys":
            return self._json({"keys": [provider.key.as_dict(private=False)]})
        if url.path == "/authorize":
            right = asked.get("client_id") == CLIENT and asked.get("code_challenge_method") == "S256"
            if not (right and asked.get("state") and asked.get("nonce") and asked.get("code_challenge")):
                return self._json({"error": "invalid_request"}, 400)
            code = secrets.token_urlsafe(16)
            provider.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
            return self._to(f"{asked['redirect_uri']}?{urlencode(back)}")
        if url.path == "/logout":
            return self._to(asked.get("post_logout_redirect_uri", "/"))
        if url.path == "/userinfo":
            return self._json(
                {"error": "invalid_token"} if provider.closed else provider.claims, 401 if provider.closed else 200
            )
        return self._json({}, 404)

    def do_POST(self) -> None:
        """Tokens, and what the tests tell it."""
        provider = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        provider.asked.append(self.path)
        if self.path == "/control":
            told = json.loads(body)
            if "logout_token" in told:
                return self._json({"logout_token": provider.signed(told["logout_token"], typ="logout+jwt")})
            for name, value in told.items():
                setattr(provider, name, value)
            asked, provider.asked = provider.asked, []
            return self._json({"asked": asked})
        if provider.broken:
            return self._json({}, 503)
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            return self._json({"error": "invalid_client"}, 401)
        if provider.closed:
            return self._json({"error": "invalid_grant", "error_description": "the account is disabled"}, 400)
        if sent.get("grant_type") == "refresh_token":
            sid = provider.refresh.pop(sent.get("refresh_token", ""), None)
            return self._json(provider.tokens(sid, None)) if sid else self._json({"error": "invalid_grant"}, 400)
        asked = provider.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != sent.get("redirect_uri"):
            return self._json({"error": "invalid_grant"}, 400)
        return self._json(provider.tokens(secrets.token_hex(8), asked["nonce"]))

    def _json(self, found: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _to(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    server = Provider(int(sys.argv[1]))
    sys.stdout.write(f"{server.issuer}\n")
    sys.stdout.flush()
    server.serve_forever()
