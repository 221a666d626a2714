"""A second factor that was lost: an administrator takes it away, having made sure who asks, and its owner is told."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from govuk_forms.forms import GovukForm
from orders.access import audit
from orders.access.permissions import Action
from orders.models import Category, FactorReset, User
from orders.views.access import address_of, permitted, user_of
from signin import codes, sessions
from signin.models import Authenticator

PROOFS = (
    ("in person", "They stood before me with their warrant or staff card"),
    ("video", "By video, with their warrant or staff card, and their supervisor confirmed it"),
    ("supervisor", "Their supervisor, whom I know, vouched for them in person"),
)
"""Ways of making sure who asks that are as good as that by which the account was opened (ASVS 6.4.4)."""


class ResetForm(GovukForm):
    """How the administrator made sure who asks, and why the factor is gone."""

    proof = forms.ChoiceField(
        label="How did you make sure who they are?", choices=PROOFS, widget=forms.RadioSelect,
        error_messages={"required": "Select how you made sure; a call or an email is not enough"},
    )  # fmt: skip
    reason = forms.CharField(
        label="What happened to the second factor?", min_length=10, max_length=300,
        error_messages={"required": "Say what happened to it", "min_length": "Say it in at least 10 characters"},
    )  # fmt: skip


@permitted(Action.USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor of somebody else's local account away; its sessions end and its owner is told by email."""
    by, account = user_of(request), get_object_or_404(User, pk=pk)
    problem = ""
    if account == by:
        problem = "Another administrator must do this for your own account. You change your factors under Your account."
    elif not account.has_usable_password():
        problem = "The second factor of this account is kept by the force’s identity provider. It is reset there."
    elif not codes.has_second_factor(account):
        problem = "This account has no second factor. Its owner is asked to add one when they next sign in."
    form = ResetForm(request.POST or None)
    if not problem and request.method == "POST" and form.is_valid():
        take_away(account, by=by, proof=form.cleaned_data["proof"], reason=form.cleaned_data["reason"],
                  address=address_of(request))  # fmt: skip
        where = account.email or "the data protection mailbox, as the account has no address"
        messages.success(request, f"The second factor of {account} is taken away. {where} is told by email.")
        return redirect("orders:users")
    context = {
        "title": f"Take away the second factor of {account}", "form": None if problem else form,
        "words": "Take it away", "back": reverse("orders:users"), "problem": problem,
        "lead": "Whoever has the password can then sign in and add a factor of their own, so make sure who asks. "
        "Their sessions end. This is recorded, and they are told by email.",
    }  # fmt: skip
    template = "signin/no_reset.html" if problem else "ordersite/question.html"
    status = 409 if problem and request.method == "POST" else 400 if form.errors else 200
    return render(request, template, context, status=status)


def take_away(account: User, *, by: User, proof: str, reason: str, address: str | None) -> FactorReset:
    """Remove passkeys, app and recovery codes, end the sessions, record it, and owe the owner a message."""
    with transaction.atomic():
        account.passkeys.all().delete()
        account.recovery_codes.all().delete()
        Authenticator.objects.filter(user=account).delete()
        entry = audit.record(
            by=by, category=Category.ALTERATION, action="take second factor away", chosen=dict(PROOFS)[proof],
            reason=reason, detail={"user": account.username}, address=address,
        )  # fmt: skip
        sessions.end_rows(sessions.open_of(account), "second factor taken away", address=address)
        return FactorReset.objects.create(user=account, entry=entry)
