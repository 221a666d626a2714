"""One's own account: when and from where one signed in, what is open, and how one signs in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.access import audit
from orders.access.permissions import Action
from orders.models import Category, Theme, User
from orders.views.access import address_of, permitted, user_of
from signin import codes, sessions, tries
from signin.forms import NewPasswordForm, ThemeForm
from signin.models import Attempt, How, SignedIn

_SHOWN = 20


@permitted(Action.ACCOUNT)
@require_GET
def account_page(request: HttpRequest) -> HttpResponse:
    """The sessions that are open, the last tries to sign in, passkeys and app."""
    user = user_of(request)
    context = {
        "open": sessions.open_of(user),
        "present": (sessions.marks_of(request) or {}).get("row"),
        "tries": Attempt.objects.filter(user=user).order_by("-at")[:_SHOWN],
        "by_provider": hasattr(user, "identity"),
        "passkeys": user.passkeys.all(),
        "app": getattr(user, "authenticator", None),
        "codes_left": codes.codes_left(user),
        "limits": sessions.limits_of(request),
        "theme": Theme(user.theme).label if user.theme else "As the device is set",
    }
    return render(request, "signin/account.html", context)


@permitted(Action.ACCOUNT)
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's sessions."""
    row = get_object_or_404(sessions.open_of(user_of(request)), pk=pk)
    if row.pk == (sessions.marks_of(request) or {}).get("row"):
        sessions.end(request, "signed out")
        return redirect("signin:sign-in")
    sessions.end_rows(SignedIn.objects.filter(pk=row.pk), "ended by its owner", address=address_of(request))
    messages.success(request, "The session is ended.")
    return redirect("signin:account")


@permitted(Action.ACCOUNT)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this."""
    others = sessions.open_of(user_of(request)).exclude(pk=(sessions.marks_of(request) or {}).get("row"))
    count = sessions.end_rows(others, "ended by its owner", address=address_of(request))
    messages.success(request, f"{count} other session{' is' if count == 1 else 's are'} ended.")
    return redirect("signin:account")


@permitted(Action.ACCOUNT)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_page(request: HttpRequest) -> HttpResponse:
    """Change one's password: the old one is asked for, all other sessions end."""
    user = user_of(request)
    if not user.has_usable_password():
        messages.info(request, "Your password is kept by your force’s identity provider. Change it there.")
        return redirect("signin:account")
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and confirmed(request, form.cleaned_data["password"], form):
        user.set_password(form.cleaned_data["new_password"])
        user.password_until = None
        user.save(update_fields=["password", "password_until"])
        sessions.keep(request)
        audit.record(by=user, category=Category.ACCESS, action="change own password", address=address_of(request))
        messages.success(request, "Your password is changed. Your other sessions are ended.")
        return redirect("signin:account")
    context = {"title": "Change your password", "form": form, "words": "Change password",
               "cancel": reverse("signin:account")}  # fmt: skip
    return render(request, "ordersite/question.html", context)


@permitted(Action.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def theme_page(request: HttpRequest) -> HttpResponse:
    """Choose how pages look, on every device."""
    user = user_of(request)
    form = ThemeForm(request.POST if request.method == "POST" else None, initial={"theme": user.theme})
    if request.method == "POST" and form.is_valid():
        user.theme = form.cleaned_data["theme"]
        user.save(update_fields=["theme"])
        messages.success(request, "Saved.")
        return redirect("signin:account")
    back = reverse("signin:account")
    context = {"title": "Light or dark", "form": form, "words": "Save", "back": back, "cancel": back}
    return render(request, "ordersite/question.html", context, status=400 if form.errors else 200)


def confirmed(request: HttpRequest, password: str, form: object) -> bool:
    """Whether the password typed is the user's; if not, the form says so. Guessing is slowed down as at the sign-in."""
    user = user_of(request)

    def check() -> User | None:
        found = authenticate(request, username=user.username, password=password)
        return found if isinstance(found, User) else None

    try:
        if tries.tried(request, user.username, How.PASSWORD, check) == user:
            return True
        form.add_error("password", "The password is wrong")  # type: ignore[attr-defined]  # any form with that field
    except tries.MustWait:
        form.add_error("password", "There were too many wrong tries. Wait a few minutes")  # type: ignore[attr-defined]  # as above
    return False
