"""Passkeys (WebAuthn). The authenticator asks for a finger, a face or a PIN, so a passkey is two factors in one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from orders.models import User
from signin.models import Passkey

_ADDING, _SHOWING = "passkey_adding", "passkey_showing"
_REQUIRED = UserVerificationRequirement.REQUIRED


class NotAccepted(Exception):
    """What the browser sent is no passkey of ours."""


def begin_adding(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey; the challenge is kept in the session."""
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(
            id=str(user.pk).encode(), name=user.username, display_name=user.full_name or user.username
        ),
        credentials=[AttestedCredentialData(bytes(held.credential)) for held in user.passkeys.all()],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
    )
    request.session[_ADDING] = state
    return dict(options)


def finish_adding(request: HttpRequest, user: User, name: str, sent: str) -> Passkey:
    """Store what the browser made. Raises NotAccepted."""
    state = request.session.pop(_ADDING, None)
    try:
        made = _server(request).register_complete(_state(state), _answer(sent))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAccepted from error
    data = made.credential_data
    if data is None:
        raise NotAccepted
    return Passkey.objects.create(
        user=user, name=name, credential_id=data.credential_id, credential=bytes(data), uses=made.counter
    )


def begin_showing(request: HttpRequest) -> dict[str, Any]:
    """What the browser needs to show a passkey; which account it is of, the passkey says."""
    options, state = _server(request).authenticate_begin(user_verification=_REQUIRED)
    request.session[_SHOWING] = state
    return dict(options)


@transaction.atomic
def whose(request: HttpRequest, sent: str) -> User | None:
    """Whose passkey the browser shows; None if it is none of ours or was copied (its counter went back)."""
    state = request.session.pop(_SHOWING, None)
    try:
        answer = AuthenticationResponse.from_dict(_answer(sent))
        held = (
            Passkey.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(credential_id=answer.raw_id, user__is_active=True)
            .first()
        )
        if held is None:
            return None
        _server(request).authenticate_complete(_state(state), [AttestedCredentialData(bytes(held.credential))], answer)
        uses = answer.response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if uses and uses <= held.uses:
        return None
    held.uses, held.used_at = uses, timezone.now()
    held.save(update_fields=["uses", "used_at"])
    return held.user


def _server(request: HttpRequest) -> Fido2Server:
    """For the host that was asked, which ALLOWED_HOSTS has checked; pages of any other origin are refused."""
    host = request.get_host()
    origin = f"{request.scheme}://{host}"
    entity = PublicKeyCredentialRpEntity(id=host.rsplit(":", 1)[0], name=f"Civil orders, {settings.BRAND_NAME}")
    return Fido2Server(entity, verify_origin=lambda found: found == origin)


def _state(state: object) -> dict[str, Any]:
    if not isinstance(state, dict):
        raise ValueError("no challenge was given")
    return state


def _answer(sent: str) -> Mapping[str, Any]:
    found = json.loads(sent)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
