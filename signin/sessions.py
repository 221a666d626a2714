"""How a session begins, how long it lasts, and how it ends. Times are UTC.

The marks of a session lie in Django's session: when it began, when it was last used (exact to a minute), by what it was
opened, when the identity provider was last asked. A session without marks is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from orders.access import audit
from orders.models import Category, User
from orders.views.access import address_of, user_of
from signin.models import How, SignedIn

MARKS = "signed_in"
NOTED = timedelta(minutes=1)
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "Mac"),
            ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """When a session ends if nothing is done (`idle`), and when in any case (`latest`)."""

    idle: datetime
    latest: datetime

    @property
    def ends(self) -> datetime:
        """Whichever comes first."""
        return min(self.idle, self.latest)


def begin(request: HttpRequest, user: User, how: How, **provider: Any) -> SignedIn:
    """Sign a user in under a new session id, and log it. `provider`: the fields of `SignedIn` that it fills."""
    login(request, user, backend=_BACKEND)
    if request.session.session_key is None:
        request.session.create()
    now = timezone.now()
    row = SignedIn.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        at=now,
        seen_at=now,
        how=how,
        address=address_of(request),
        browser=browser_of(request),
        checked_at=now if how == How.PROVIDER else None,
        **provider,
    )
    mark(request.session, how=how, now=now, row=row.pk)
    audit.record(
        by=user, category=Category.ACCESS, action="sign in", detail={"by": how.label}, address=address_of(request)
    )
    return row


def mark(session: Any, *, how: How, now: datetime, row: int | None = None) -> None:
    """Write the marks of a session that begins."""
    instant = now.timestamp()
    session[MARKS] = {"at": instant, "seen": instant, "checked": instant, "how": how.value, "row": row}


def strengthen(request: HttpRequest, how: How) -> None:
    """A second factor was shown in a session that had none: it goes on under a new id, as one that had."""
    marks = dict(request.session[MARKS]) | {"how": how.value}
    request.session.cycle_key()
    request.session[MARKS] = marks
    SignedIn.objects.filter(pk=marks["row"]).update(session_key=request.session.session_key, how=how)


def keep(request: HttpRequest) -> None:
    """The password was changed in this session: it goes on under a new id, and all others of the user end."""
    user = user_of(request)
    marks = dict(request.session[MARKS])
    update_session_auth_hash(request, user)
    request.session[MARKS] = marks
    SignedIn.objects.filter(pk=marks["row"]).update(session_key=request.session.session_key)
    end_rows(open_of(user).exclude(pk=marks["row"]), "password changed")


def is_foreign(request: HttpRequest) -> bool:
    """Whether the request brings a session id under which there is no session: one that ended, or that was made up."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key is None


def note_others_pages(request: HttpRequest) -> None:
    """Somebody else was signed in by this browser before: pages of theirs may still be open in it."""
    request.session[MARKS] = dict(request.session[MARKS]) | {"others_pages": True}


def may_be_anothers(request: HttpRequest) -> bool:
    """Whether a form from before this session began may be somebody else's."""
    return bool((marks_of(request) or {}).get("others_pages"))


def marks_of(request: HttpRequest) -> dict[str, Any] | None:
    """The marks of the present session, None where it has none."""
    found = request.session.get(MARKS)
    return found if isinstance(found, dict) else None


def how_of(request: HttpRequest) -> How:
    """By what the present session was opened; the weakest where it does not say."""
    marks = marks_of(request)
    return How(marks["how"]) if marks else How.PASSWORD


def limits_of(request: HttpRequest) -> Limits | None:
    """When the present session ends, None where there is none."""
    marks = marks_of(request)
    if marks is None:
        return None
    return Limits(
        datetime.fromtimestamp(marks["seen"], UTC) + timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        datetime.fromtimestamp(marks["at"], UTC) + timedelta(seconds=settings.SESSION_SECONDS),
    )


def note_use(request: HttpRequest, now: datetime, *, exactly: bool = False) -> None:
    """The session was used: its idle time begins again. Written at most once a minute, or at once if `exactly`."""
    marks = marks_of(request)
    if marks is None or (not exactly and now.timestamp() - marks["seen"] < NOTED.total_seconds()):
        return
    request.session[MARKS] = marks | {"seen": now.timestamp()}
    SignedIn.objects.filter(pk=marks["row"]).update(seen_at=now)


def end(request: HttpRequest, why: str) -> None:
    """End the present session, and log it. `why` in a few words."""
    user, marks = request.user, marks_of(request)
    if marks is not None:
        SignedIn.objects.filter(pk=marks["row"], ended_at=None).update(ended_at=timezone.now(), ended_why=why)
    if isinstance(user, User):
        audit.record(
            by=user, category=Category.ACCESS, action="sign out", detail={"why": why}, address=address_of(request)
        )
    logout(request)


def open_of(user: User) -> Any:
    """The sessions of a user that are not known to have ended, latest first."""
    since = timezone.now() - timedelta(seconds=settings.SESSION_SECONDS)
    idle = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS) - NOTED
    return SignedIn.objects.filter(user=user, ended_at=None, at__gt=since, seen_at__gt=idle).order_by("-at")


def end_rows(rows: Any, why: str, *, address: str | None = None) -> int:
    """End sessions from elsewhere, at once, and log it; returns how many."""
    found = list(rows.select_related("user"))
    Session.objects.filter(session_key__in=[row.session_key for row in found]).delete()
    SignedIn.objects.filter(pk__in=[row.pk for row in found]).update(ended_at=timezone.now(), ended_why=why)
    for row in found:
        audit.record(by=row.user, category=Category.ACCESS, action="sign out", detail={"why": why}, address=address)
    return len(found)


def browser_of(request: HttpRequest) -> str:
    """Browser and system in words that their owner recognises; never the whole header."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for name in _BROWSERS if name in agent), "")
    system = next((word for name, word in _SYSTEMS if name in agent), "")
    words = {"Edg": "Edge"}.get(browser, browser) or "Unknown browser"
    return f"{words} on {system}" if system else words


def prove(request: HttpRequest) -> None:
    """The password was typed again in this session: the ways to sign in may be changed for a quarter of an hour."""
    request.session[MARKS] = dict(request.session[MARKS]) | {"proved": timezone.now().timestamp()}


def proved_lately(request: HttpRequest) -> bool:
    """Whether that was less than a quarter of an hour ago."""
    since: float = timezone.now().timestamp() - (marks_of(request) or {}).get("proved", 0)
    return since < timedelta(minutes=15).total_seconds()
