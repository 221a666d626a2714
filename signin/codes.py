"""Codes from an app (TOTP, RFC 6238) and recovery codes. None works twice."""

from __future__ import annotations

import secrets
import time

import pyotp
from django.db import transaction
from django.utils import timezone

from orders.models import User
from signin.models import Authenticator, RecoveryCode
from signin.sealing import keyed_hash, seal, unseal

HOW_MANY = 10
STEP = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for an app, 160 bits."""
    return pyotp.random_base32()


def address_of_secret(secret: str, user: User, issuer: str) -> str:
    """The `otpauth:` address that an app reads from a square code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=issuer))


def step_of(secret: str, typed: str) -> int | None:
    """The time step whose code was typed: the present one, or one to either side for clocks that are off; else None."""
    code = "".join(typed.split())
    now = int(time.time()) // STEP
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if code.isascii() and pyotp.utils.strings_equal(totp.at(step * STEP), code):
            return step
    return None


def add(user: User, secret: str, step: int) -> None:
    """Store an app's secret; the code that proved it is spent."""
    Authenticator.objects.update_or_create(
        user=user, defaults={"secret": seal(secret), "last_step": step, "added_at": timezone.now()}
    )


@transaction.atomic
def use_code(user: User, typed: str) -> bool:
    """Whether a code from the user's app is right and fresh; it is then spent, with all before it."""
    held = Authenticator.objects.select_for_update().filter(user=user).first()
    if held is None:
        return False
    step = step_of(unseal(held.secret), typed)
    if step is None or step <= held.last_step:
        return False
    held.last_step = step
    held.save(update_fields=["last_step"])
    return True


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes of 49 bits, to be shown once; the old ones are void."""
    RecoveryCode.objects.filter(user=user).delete()
    found = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(code)) for code in found])
    return [f"{code[:5]}-{code[5:]}" for code in found]


def use_recovery_code(user: User, typed: str) -> bool:
    """Whether a recovery code is the user's and unused; it is then spent."""
    digest = _digest("".join(letter for letter in typed.lower() if letter.isalnum()))
    return RecoveryCode.objects.filter(user=user, digest=digest, used_at=None).update(used_at=timezone.now()) == 1


def codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def has_second_factor(user: User) -> bool:
    """Whether a password alone does not do for the account."""
    return Authenticator.objects.filter(user=user).exists() or user.passkeys.exists()


def _digest(code: str) -> str:
    return keyed_hash("recovery code", code)
