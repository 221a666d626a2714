"""The sign-in page: the force's identity provider first, a passkey, or user name and password and then a code."""

from __future__ import annotations

import math
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orders.access.permissions import Action
from orders.models import User
from orders.views.access import permitted
from signin import codes, kept_forms, passkeys, provider, sessions, tries
from signin.forms import CodeForm, PasswordForm
from signin.models import How, Outcome, SignedIn

_PENDING = "signing_in"
_PENDING_FOR = timedelta(minutes=10)
_WORDS = {
    "idle": "You were signed out because nothing was done for {idle} minutes.",
    "too-long": "You were signed out because a session lasts {longest} hours at most.",
    "kept": (
        "You were signed out before your form arrived. What you typed is kept for two hours: sign in and you are "
        "offered it again."
    ),
    "not-kept": "You were signed out before your form arrived. Nothing was recorded, and what you typed is not kept.",
    "closed-at-the-identity-provider": "Your force’s identity provider no longer confirms your account.",
    "no-role-in-the-register-any-more": "You are no longer in a group that may use the register.",
    "not-confirmed-by-the-identity-provider": (
        "Your force’s identity provider has not answered for a while, so your session could not be confirmed."
    ),
    "signed-out": "You are signed out.",
}
NOT_TOGETHER = "The user name and password do not belong together, or the account is closed"


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a page of the register, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("orders:start")


@permitted(Action.PUBLIC)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Ask who somebody is; a right password leads on, to the code where the account has one."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(safe_next(request))
        return _page(request, PasswordForm())
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=200)
    username, password = form.cleaned_data["username"].strip(), form.cleaned_data["password"]

    def check() -> User | None:
        found = authenticate(request, username=username, password=password)
        return found if isinstance(found, User) else None

    try:
        user = tries.tried(request, username, How.PASSWORD, check)
    except tries.MustWait as wait:
        form.add_error(None, waiting(wait))
        return _page(request, form, status=429)
    if user is None:
        form.add_error("username", NOT_TOGETHER)
        return _page(request, form)
    if user.password_until is not None and user.password_until < timezone.now():
        tries.refused(request, username, How.PASSWORD, Outcome.WRONG)
        form.add_error("password", "The password that you were given has ended. Ask an administrator for another")
        return _page(request, form)
    if codes.has_second_factor(user):
        request.session.cycle_key()
        request.session[_PENDING] = {"user": user.pk, "at": timezone.now().timestamp(), "next": safe_next(request)}
        return redirect("signin:code")
    return complete(request, user, How.PASSWORD, safe_next(request))


@permitted(Action.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Ask for the code that belongs to the password just typed."""
    pending = request.session.get(_PENDING) or {}
    user = User.objects.filter(pk=pending.get("user") or 0, is_active=True).first()
    fresh = timezone.now().timestamp() - pending.get("at", 0) < _PENDING_FOR.total_seconds()
    if user is None or not fresh:
        return redirect("signin:sign-in")
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed, how = form.cleaned_data["code"], How.CODE
        if len("".join(letter for letter in typed if letter.isalnum())) > 6:
            how = How.RECOVERY
        right = codes.use_code if how is How.CODE else codes.use_recovery_code
        try:
            found = tries.tried(request, user.username, how, lambda: user if right(user, typed) else None)
        except tries.MustWait as wait:
            form.add_error(None, waiting(wait))
            found, status = None, 429
        else:
            if found is None:
                form.add_error("code", "The code is wrong, or has been used. Wait for the app to show the next one")
        if found is not None:
            return complete(request, found, how, pending["next"])
    context = {
        "title": "Show that it is you",
        "form": form,
        "words": "Sign in",
        "lead": "Your password was right. Now the second step.",
        "cancel": reverse("signin:sign-in"),
        "passkey": user.passkeys.exists(),
    }
    return render(request, "signin/code.html", context, status=status)


@permitted(Action.PUBLIC)
@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """The challenge that a passkey must sign."""
    return JsonResponse(passkeys.begin_showing(request))


@permitted(Action.PUBLIC)
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whose passkey it is."""

    def check() -> User | None:
        return passkeys.whose(request, request.POST.get("answer", ""))

    form = PasswordForm()
    try:
        user = tries.tried(request, "", How.PASSKEY, check)
    except tries.MustWait as wait:
        form = PasswordForm({"username": "", "password": ""})
        form.full_clean()
        form.errors.clear()
        form.add_error(None, waiting(wait))
        return _page(request, form, status=429)
    if user is None:
        messages.error(request, "The passkey was not accepted. Try again, or sign in another way.")
        return redirect("signin:sign-in")
    return complete(request, user, How.PASSKEY, safe_next(request))


def complete(request: HttpRequest, user: User, how: How, next_page: str, **stored: object) -> HttpResponse:
    """Begin the session, tell of the last one, and lead to a form that was kept, else to the page that was wanted."""
    last = SignedIn.objects.filter(user=user).order_by("-at").first()
    request.session.pop(_PENDING, None)
    others = tries.last_here(request) not in (None, user.pk)
    sessions.begin(request, user, how, **stored)
    if others:
        sessions.note_others_pages(request)
    if last is not None:
        at = timezone.localtime(last.at)
        messages.info(
            request,
            f"You last signed in on {at.day} {at:%B %Y at %H:%M}, by {How(last.how).label}, from {last.address}. "
            "If that was not you, end that session under your account and tell your information security team.",
        )
    answer: HttpResponse = HttpResponseRedirect(next_page)
    kept = kept_forms.kept_for(user).first()
    if kept is not None:
        answer = redirect("signin:kept-form", kept.public_id)
    tries.succeeded(request, answer, user, how)
    return answer


def waiting(wait: tries.MustWait) -> str:
    """What somebody is told who must wait."""
    minutes = max(1, math.ceil((wait.until - timezone.now()).total_seconds() / 60))
    return (
        f"There were too many wrong tries. Wait {minutes} minute{'' if minutes == 1 else 's'} and try again, "
        "or sign in on a device that you have used before"
    )


def _page(request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
    why = _WORDS.get(request.GET.get("why", ""), "")
    context = {
        "title": "Sign in to the civil orders register",
        "form": form,
        "next": safe_next(request),
        "why": why.format(idle=settings.SESSION_IDLE_SECONDS // 60, longest=settings.SESSION_SECONDS // 3600),
        "by_provider": provider.is_used(),
        "password_only": not settings.SECOND_FACTOR_REQUIRED,
    }
    return render(request, "signin/sign_in.html", context, status=status)
