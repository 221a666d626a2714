"""A form that comes after its sender's session has ended is kept for two hours, and offered to them when they are back.

It is kept only if it carried a good token against forgery, so nobody else can plant one, and only for the account whose
session it came from, which is sealed with it. Passwords, codes and files are never kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from orders.models import User
from signin.models import KeptForm
from signin.sealing import CannotOpen, seal, unseal

KEPT_FOR = timedelta(hours=2)
LONGEST = 200_000
_NEVER = frozenset({"password", "password1", "password2", "code", "secret", "csrfmiddlewaretoken"})
_NO_PAGES = ("signin", "admin")


@dataclass(frozen=True)
class Form:
    """What was sent: to what address, the answers in their order, and the names of files that must be chosen again.

    `unkept`: a password or code was among them.
    """

    path: str
    answers: list[tuple[str, str]]
    files: list[str]
    unkept: bool = False


def keep(request: HttpRequest, user_id: Any) -> KeptForm | None:
    """Keep the form that a request carries for a user; None if it carries none, or one that is not to be kept."""
    match = request.resolver_match
    if request.method != "POST" or match is None or match.app_name in _NO_PAGES:
        return None
    form = sent(request)
    if form is None or not form.answers:
        return None
    text = json.dumps({"user": str(user_id), "answers": form.answers, "files": form.files})
    if len(text) > LONGEST:
        return None
    return KeptForm.objects.create(user_id=user_id, path=seal(request.get_full_path()), body=seal(text))


def sent(request: HttpRequest) -> Form | None:
    """The form that a request carries, without passwords and codes; None if it carries none."""
    if request.method != "POST":
        return None
    answers = [
        (name, value)
        for name, values in request.POST.lists()
        if not set(name.lower().replace("-", "_").split("_")) & _NEVER
        for value in values
    ]
    unkept = len(answers) < sum(len(values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return Form(request.get_full_path(), answers, sorted(request.FILES), unkept)


def kept_for(user: User) -> Any:
    """The forms kept for a user, latest first."""
    return KeptForm.objects.filter(user=user, kept_at__gt=timezone.now() - KEPT_FOR).order_by("-kept_at")


def opened(kept: KeptForm) -> Form | None:
    """What was kept; None if it cannot be opened any more."""
    try:
        path, body = unseal(kept.path), json.loads(unseal(kept.body))
    except CannotOpen:
        return None
    if body.get("user") != str(kept.user_id):
        return None
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return None
    return Form(path, [(name, value) for name, value in body["answers"]], list(body["files"]))


def forget_old() -> int:
    """Delete what has been kept for longer than is promised; returns how many."""
    return KeptForm.objects.filter(kept_at__lte=timezone.now() - KEPT_FOR).delete()[0]
