"""The edge: what every request must be like, and what every answer carries."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template import loader
from django.views.decorators.debug import sensitive_variables

from ordersite.refusals import refused

Answer = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    # No camera, microphone, place, payment …; passkeys on our own pages only.
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), usb=(), "
        "xr-spatial-tracking=()"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_MAKE_MARKUP: dict[str, dict[str, list[str] | None]] = {
    "/admin/": {"require-trusted-types-for": None, "trusted-types": None},
    "/search": {"trusted-types": ["default"]},
}
"""Pages whose scripts make markup out of text, and what of the policy is otherwise there.

On the search page static/ordersite/search.js lets through what htmx got from the register, letter for letter, and
nothing else. Django's own scripts of the administration write markup that nothing could tell from another's.
"""


def request_number(get_response: Answer) -> Answer:
    """Give each request a number that stands in every line of the log and on the page of an error."""

    def answer(request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(5)
        request.META["request.number"] = number
        with structlog.contextvars.bound_contextvars(request=number):
            return get_response(request)

    return answer


def client_address(get_response: Answer) -> Answer:
    """Behind proxies take the address that the first of ours saw: so many from the end of X-Forwarded-For as there are.

    What a client writes into the header itself stands further to the front and is not believed. Without proxies the
    header counts for nothing.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            parts = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
            if len(parts) >= settings.PROXIES:
                try:
                    request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(parts[-settings.PROXIES]))
                except ValueError:
                    request.META["REMOTE_ADDR"] = ""
        return get_response(request)

    return answer


def safe_headers(get_response: Answer) -> Answer:
    """The headers that the browser keeps to. Pages allow no script to make markup out of text (trusted types)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        for beginning, policy in _MAKE_MARKUP.items():
            if request.path.startswith(beginning):
                response._csp_replace = policy  # type: ignore[attr-defined]  # read by django-csp
        return response

    return answer


def size_limit(get_response: Answer) -> Answer:
    """Refuse a body that is too large by its own account, before a byte of it is read; an upload may be larger."""

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return HttpResponse("The length of the request is no number.\n", status=400, content_type="text/plain")
        upload = request.content_type == "multipart/form-data"
        if length > (settings.LARGEST_UPLOAD if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return HttpResponse("The request is too large.\n", status=413, content_type="text/plain")
        return get_response(request)

    return answer


def encrypted_api(get_response: Answer) -> Answer:
    """Refuse a request of the API that came unencrypted, instead of leading it on: its token was seen on the way."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and request.path.startswith("/api/") and not request.is_secure():
            refused(request, "plain request refused")
            words = "Use https. The token that came with this must be revoked: it travelled unencrypted."
            return JsonResponse({"errors": {"connection": [words]}}, status=403)
        return get_response(request)

    return answer


@sensitive_variables()
def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """The page of an error: nothing of the error, but the number under which the log has it."""
    # Without the request: what every other page knows may be what failed.
    page = loader.get_template("500.html").render({"number": request.META.get("request.number", "")})
    return HttpResponseServerError(page)
