"""Which account belongs to what the identity provider says: roles from groups, force and area from claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from orders.access import audit
from orders.models import Area, Category, Level, Role, User
from signin.models import Identity

log = structlog.get_logger(__name__)


class NoAccess(Exception):
    """Somebody whom the provider knows and the register does not let in; the words are for them."""


@transaction.atomic
def account_of(claims: Mapping[str, Any]) -> User:
    """The account of whoever the claims are about, made or brought up to date. Raises NoAccess.

    It is found by issuer and subject, never by name: a name may be given to somebody else, and a local account of the
    same name is not taken over.
    """
    issuer, subject = str(claims["iss"]) if "iss" in claims else settings.OIDC_ISSUER, str(claims["sub"])
    roles, secret_places = _roles(claims)
    force = _force(claims)
    identity = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    user = identity.user if identity else User(username=_username(claims))
    if not user.is_active:
        raise NoAccess("Your account in the register is closed. Ask an administrator of the register.")
    fields: dict[str, Any] = {
        "full_name": str(claims.get("name") or user.full_name)[:150],
        "email": str(claims.get("email") or user.email)[:254],
        "roles": roles,
        "may_see_secret_places": secret_places,
        "force": force,
        "home_area": _home(claims, force),
    }
    changed = sorted(name for name, value in fields.items() if getattr(user, name) != value)
    rights = {
        name: f"before: {getattr(user, name) or 'none'}; now: {fields[name] or 'none'}"
        for name in ("roles", "may_see_secret_places", "force", "home_area")
        if name in changed
    }
    for name in changed:
        setattr(user, name, fields[name])
    if identity is None:
        user.set_unusable_password()
        user.save()
        Identity.objects.create(user=user, issuer=issuer, subject=subject)
        audit.record(by=user, category=Category.ALTERATION, action="add user", detail={"id": str(user.pk)})
    elif changed:
        user.save(update_fields=changed)
        audit.record(
            by=user, category=Category.ALTERATION, action="change user",
            detail={"id": str(user.pk), "user": user.username, "fields": changed} | rights | {
                "why": "as the identity provider says",
            },
        )  # fmt: skip
    return user


def _roles(claims: Mapping[str, Any]) -> tuple[list[str], bool]:
    groups = claims.get(settings.OIDC_GROUPS_CLAIM)
    if groups is None and settings.OIDC_GROUPS_CLAIM in (claims.get("_claim_names") or {}):
        raise NoAccess(
            "You are in so many groups that the identity provider does not name them. Ask force IT to send only the "
            "groups of the register."
        )
    held = {groups} if isinstance(groups, str) else set(groups or ())
    roles = [role.value for role in Role if held & set(_listed(settings.OIDC_ROLES.get(role.value, "")))]
    if not roles:
        raise NoAccess(
            "You are not in a group that may use the register. If you need it for your work, ask an administrator of "
            "the register."
        )
    return roles, bool(held & set(_listed(settings.OIDC_SECRET_PLACES_GROUP)))


def _listed(text: str) -> Iterable[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _force(claims: Mapping[str, Any]) -> Area:
    code = (
        str(claims.get(settings.OIDC_FORCE_CLAIM) or settings.OIDC_FORCE)
        if settings.OIDC_FORCE_CLAIM
        else (settings.OIDC_FORCE)
    )
    force = Area.objects.filter(code=code, level=Level.FORCE).first()
    if force is None:
        raise NoAccess("The register does not know your force. Ask an administrator of the register.")
    return force


def _home(claims: Mapping[str, Any], force: Area) -> Area:
    """Where "my area" begins; what is no area of the force counts as the whole force, and is logged."""
    code = str(claims.get(settings.OIDC_AREA_CLAIM) or "")
    if not code:
        return force
    area = Area.objects.filter(code=code).exclude(level=Level.NEIGHBOURHOOD).first()
    if area is None or area.force_or_self_id != force.pk:
        log.warning("home_area_not_known", code=code)
        return force
    return area


def _username(claims: Mapping[str, Any]) -> str:
    name = str(claims.get(settings.OIDC_USERNAME_CLAIM) or claims["sub"])[:150]
    if User.objects.filter(username__iexact=name).exists():
        raise NoAccess("An account of your name exists already. Ask an administrator of the register to rename it.")
    return name
