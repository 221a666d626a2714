"""How often somebody may try to sign in: guessing is slowed down, and nobody can lock anybody else out.

Wrong tries are counted in four ways, each with a wait that grows, none for ever:

* of one account from one address or known device: after 5, half a minute, doubling up to a quarter of an hour;
* from one address, whatever the account (spraying): after 30 in an hour;
* of one account from addresses and devices that it never signed in from (a spread attack): after 20 in a day.

A device that the account signed in from before carries a signed cookie. It is not held up by what others do, only by
its own tries; so an attacker who knows a user name cannot keep its owner out. An account that does not exist is treated
alike, in words and in time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders.access import audit
from orders.models import Category, User
from orders.views.access import address_of
from signin.models import Attempt, How, Outcome
from signin.sealing import keyed_hash

FREE_OF_PAIR, FREE_OF_ADDRESS, FREE_OF_ACCOUNT = 5, 30, 20
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
_DEVICE_DAYS = 365
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class MustWait(Exception):
    """Too many tries; `until` is when the next is looked at."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class From:
    """Whence a try comes: the address, and the device if it is one that the account signed in from before."""

    name: str
    address: str | None
    device: str


def folded(username: str) -> str:
    """The keyed hash of a user name, however it is typed."""
    return keyed_hash("user name", username.strip().casefold())


def tried(request: HttpRequest, username: str, how: How, check: Callable[[], User | None]) -> User | None:
    """Whom `check` finds, counted and logged; None if nobody. Raises MustWait without asking it.

    Tries from one address at one account come one after the other, so that a hundred at once count as a hundred.
    """
    origin = whence(request, username)
    with transaction.atomic():
        with connection.cursor() as cursor:
            lock = f"sign in {origin.name} {origin.device or origin.address}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
        until = _waits_until(origin, timezone.now())
        found = None if until else check()
        if until or found is None:
            _note(request, origin, username, Outcome.WAIT if until else Outcome.WRONG, how)
    if until:
        raise MustWait(until)
    return found


def succeeded(request: HttpRequest, response: HttpResponse, user: User, how: How) -> None:
    """Count a sign-in that was completed, and let the device be known to the account from now on."""
    origin = whence(request, user.username)
    device = origin.device or secrets.token_hex(16)
    Attempt.objects.create(
        user=user, name=origin.name, address=origin.address, device=device, outcome=Outcome.SIGNED_IN, how=how
    )
    response.set_signed_cookie(
        settings.DEVICE_COOKIE_NAME,
        f"{user.pk}:{device}",
        salt="known device",
        max_age=timedelta(days=_DEVICE_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def refused(request: HttpRequest, username: str, how: How, outcome: Outcome) -> None:
    """Count and log a try that was refused for another reason."""
    _note(request, whence(request, username), username, outcome, how)


def whence(request: HttpRequest, username: str) -> From:
    """Whence a request comes, as far as this account knows it."""
    device = ""
    owner, number = _known_device(request)
    if owner and User.objects.filter(pk=owner, username__iexact=username.strip()).exists():
        device = number
    return From(folded(username), address_of(request), device)


def last_here(request: HttpRequest) -> int | None:
    """The id of whoever last signed in by this browser, if their session may have lasted until two hours ago."""
    owner, number = _known_device(request)
    since = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    user_id = int(owner) if owner.isdecimal() else 0
    found = Attempt.objects.filter(user_id=user_id, device=number, outcome=Outcome.SIGNED_IN, at__gt=since)
    return user_id if user_id and found.exists() else None


def _known_device(request: HttpRequest) -> tuple[str, str]:
    """The account that last signed in by this browser and the browser's number for it; blank where none did."""
    try:
        text = request.get_signed_cookie(
            settings.DEVICE_COOKIE_NAME, salt="known device", max_age=timedelta(days=_DEVICE_DAYS)
        )
    except (KeyError, signing.BadSignature):
        text = ""
    owner, _, number = str(text).partition(":")
    return owner, number


def _waits_until(origin: From, now: datetime) -> datetime | None:
    wrong, none = Attempt.objects.filter(outcome=Outcome.WRONG, at__gt=now - _DAY), Attempt.objects.none()
    from_address = wrong.filter(address=origin.address, device="", at__gt=now - _HOUR)
    if origin.name == folded(""):
        # A passkey or the provider: no account is named, and neither can be guessed.
        return _until(from_address, none, FREE_OF_ADDRESS, 5, now)
    if origin.device:
        mine = wrong.filter(name=origin.name, device=origin.device)
        good = Attempt.objects.filter(name=origin.name, device=origin.device, outcome=Outcome.SIGNED_IN)
        return _until(mine, good, FREE_OF_PAIR, 1, now)
    mine = wrong.filter(name=origin.name, address=origin.address, device="")
    good = Attempt.objects.filter(name=origin.name, address=origin.address, outcome=Outcome.SIGNED_IN)
    return max(
        filter(
            None,
            (
                _until(mine, good, FREE_OF_PAIR, 1, now),
                _until(from_address, none, FREE_OF_ADDRESS, 5, now),
                _until(wrong.filter(name=origin.name, device=""), none, FREE_OF_ACCOUNT, 5, now),
            ),
        ),
        default=None,
    )


def _until(wrong: QuerySet[Attempt], good: QuerySet[Attempt], free: int, steps: int, now: datetime) -> datetime | None:
    """When the next try is looked at: the wait doubles with every `steps` wrong tries beyond the free ones."""
    since = good.aggregate(at=Max("at"))["at"]
    found = wrong.filter(at__gt=since) if since else wrong
    times = list(found.order_by("-at").values_list("at", flat=True)[: free + 60])
    if len(times) < free:
        return None
    doublings = min((len(times) - free) // steps, 10)
    until: datetime = times[0] + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return until if until > now else None


def _note(request: HttpRequest, origin: From, username: str, outcome: Outcome, how: How) -> None:
    user = User.objects.filter(username__iexact=username.strip()).first()
    Attempt.objects.create(
        user=user, name=origin.name, address=origin.address, device=origin.device, outcome=outcome, how=how
    )
    # What was typed for a user name that does not exist may be a password, so it is not logged.
    audit.record(
        by=user, category=Category.ACCESS, action="sign-in refused",
        detail={"why": outcome.label, "by": how.label}, address=origin.address,
    )  # fmt: skip
