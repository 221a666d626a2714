"""Adding and removing a second factor: a passkey, an app that shows codes, recovery codes."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.access import audit
from orders.access.permissions import Action
from orders.models import Category
from orders.views.access import address_of, permitted, user_of
from signin import codes, passkeys, sessions
from signin.forms import ConfirmForm, NewAppForm, PasskeyNameForm
from signin.models import How, Passkey
from signin.sealing import seal, unseal
from signin.views.account import confirmed

_NEW = "new_app"


def _local(request: HttpRequest) -> bool:
    """Whether the account is the register's own; of another the provider keeps the factors."""
    return user_of(request).has_usable_password()


def _weak(request: HttpRequest) -> bool:
    """Whether the account has no second factor yet, so that the session just opened may add the first."""
    return not codes.has_second_factor(user_of(request))


@permitted(Action.ACCOUNT)
@require_GET
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Which second factor to add."""
    if not _local(request):
        return redirect("signin:account")
    return render(
        request, "signin/second_factor.html", {"weak": _weak(request), "needed": settings.SECOND_FACTOR_REQUIRED}
    )


@permitted(Action.ACCOUNT)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def app_page(request: HttpRequest) -> HttpResponse:
    """Add an app: its secret is shown as a square code and as text, and stored once it has shown a right code."""
    user = user_of(request)
    if not _local(request):
        return redirect("signin:account")
    if not _weak(request) and not _proved(request):
        return redirect("signin:confirm", "app")
    held = request.session.get(_NEW)
    secret = unseal(held.encode()) if held else codes.new_secret()
    if not held:
        request.session[_NEW] = seal(secret).decode()
    form = NewAppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = codes.step_of(secret, form.cleaned_data["code"])
        if step is not None:
            first = _weak(request)
            codes.add(user, secret, step)
            request.session.pop(_NEW, None)
            return _added(request, "an app that shows codes", How.CODE, first)
        form.add_error("code", "The code is wrong. Wait for the next one, and check the clock of the phone")
    drawn = io.BytesIO()
    # An SVG without style attributes, which the content security policy would refuse.
    segno.make(codes.address_of_secret(secret, user, f"Civil orders {settings.BRAND_NAME}"), error="m").save(
        drawn, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, dark="#000", light="#fff"
    )
    context = {
        "title": "Add an app that shows codes",
        "form": form,
        "words": "Add the app",
        "lead": "Read this square with your app, or type the text below it. Then type the code that it shows.",
        "square": mark_safe(drawn.getvalue().decode()),  # noqa: S308 - drawn here from our own text
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "cancel": reverse("signin:second-factor"),
    }
    return render(request, "signin/app.html", context)


@permitted(Action.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_page(request: HttpRequest) -> HttpResponse:
    """Add a passkey: a name is asked for, the browser does the rest."""
    if not _local(request):
        return redirect("signin:account")
    if not _weak(request) and not _proved(request):
        return redirect("signin:confirm", "passkey")
    form = PasskeyNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        first = _weak(request)
        try:
            passkeys.finish_adding(request, user_of(request), form.cleaned_data["name"], request.POST.get("answer", ""))
        except passkeys.NotAccepted:
            form.add_error(None, "The browser did not make a passkey. Try again; passkeys need JavaScript")
        else:
            return _added(request, "a passkey", How.PASSKEY, first)
    context = {
        "title": "Add a passkey",
        "form": form,
        "words": "Add the passkey",
        "lead": "A passkey is kept by your device or a security key, which asks for your finger, face or PIN.",
    }
    return render(request, "signin/passkey.html", context)


@permitted(Action.ACCOUNT)
@require_POST
def new_passkey_options(request: HttpRequest) -> JsonResponse:
    """The challenge for a new passkey."""
    if not _local(request) or not (_weak(request) or _proved(request)):
        return JsonResponse({"problem": "Confirm your password first."}, status=403)
    return JsonResponse(passkeys.begin_adding(request, user_of(request)))


@permitted(Action.ACCOUNT)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, what: str) -> HttpResponse:
    """The password again, before the ways to sign in are changed; an open session alone does not do."""
    if not _local(request):
        return redirect("signin:account")
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and confirmed(request, form.cleaned_data["password"], form):
        sessions.prove(request)
        return redirect(f"signin:{what}" if what in ("app", "passkey", "recovery-codes") else "signin:account")
    context = {"title": "Confirm that it is you", "form": form, "cancel": reverse("signin:account")}
    return render(request, "ordersite/question.html", context)


@permitted(Action.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes_page(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them this once."""
    if not _local(request) or _weak(request):
        return redirect("signin:second-factor")
    if not _proved(request):
        return redirect("signin:confirm", "recovery-codes")
    made: list[str] = []
    if request.method == "POST":
        made = codes.new_recovery_codes(user_of(request))
        _log(request, "make recovery codes")
    return render(request, "signin/recovery_codes.html", {"made": made, "left": codes.codes_left(user_of(request))})


@permitted(Action.ACCOUNT)
@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a passkey."""
    held = get_object_or_404(Passkey, pk=pk, user=user_of(request))
    if not _proved(request):
        return redirect("signin:confirm", "account")
    if not _last(request):
        held.delete()
        _log(request, "remove own passkey")
        messages.success(request, f"The passkey “{held.name}” is removed.")
    return redirect("signin:account")


@permitted(Action.ACCOUNT)
@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """Remove the app."""
    user = user_of(request)
    if not _proved(request):
        return redirect("signin:confirm", "account")
    if hasattr(user, "authenticator") and not _last(request):
        user.authenticator.delete()
        _log(request, "remove own app")
        messages.success(request, "The app is removed.")
    return redirect("signin:account")


def _last(request: HttpRequest) -> bool:
    """Whether only one factor is left where one is needed; says so."""
    user = user_of(request)
    if settings.SECOND_FACTOR_REQUIRED and user.passkeys.count() + hasattr(user, "authenticator") < 2:
        messages.error(request, "It is your only second factor. Add another before you remove it.")
        return True
    return False


def _proved(request: HttpRequest) -> bool:
    return sessions.proved_lately(request)


def _added(request: HttpRequest, what: str, how: How, first: bool) -> HttpResponse:
    _log(request, f"add {what}")
    messages.success(request, f"You have added {what}. The next time you sign in you are asked for it.")
    if not first:
        return redirect("signin:account")
    sessions.strengthen(request, how)
    sessions.prove(request)
    return redirect("signin:recovery-codes")


def _log(request: HttpRequest, action: str) -> None:
    audit.record(by=user_of(request), category=Category.ACCESS, action=action, address=address_of(request))
