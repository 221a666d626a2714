"""Accounts and roles, kept by administrators. An account is closed, never deleted: the log refers to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from govuk_forms.forms import GovukForm
from orders.access import audit, sealing
from orders.access.permissions import Action
from orders.imports.values import ValueProblem, postcode_from
from orders.models import Area, Category, Level, Role, User
from orders.oversight.own_home import OWN_HOME, live_at
from orders.views.access import address_of, permitted, user_of

GIVEN_FOR = timedelta(days=3)
"""How long a password that an administrator gave can be used to choose one's own."""


class UserForm(GovukForm):
    """An account: who, in what roles, of which force. A password is set and never shown."""

    username = forms.CharField(
        label="User name", max_length=150, error_messages={"required": "Enter a user name"},
        validators=User._meta.get_field("username").validators,
    )  # fmt: skip
    full_name = forms.CharField(label="Full name", required=False, max_length=150)
    email = forms.EmailField(label="Email address", required=False)
    roles = forms.MultipleChoiceField(
        label="Roles", required=False, choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    force = forms.ChoiceField(label="Force", required=False)
    home_area = forms.ChoiceField(label="Home area", required=False, help_text="Where “My area” begins.")
    may_see_secret_places = forms.BooleanField(label="May open secret addresses", required=False)
    is_active = forms.BooleanField(label="The account is open", required=False, initial=True)
    own_address = forms.CharField(
        label="Where they live: address", required=False, max_length=300,
        help_text="Sealed. Only to tell auditors when somebody opens an order of people at their own address.",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )  # fmt: skip
    own_postcode = forms.CharField(label="Where they live: postcode", required=False, max_length=8)
    password = forms.CharField(
        label="New password",
        required=False,
        strip=False,
        help_text="At least 12 characters. They must choose their own within three days, at their next sign-in. "
        "Leave it blank to keep the one there is.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        areas = list(Area.objects.exclude(level=Level.NEIGHBOURHOOD).order_by("code"))
        for name in ("force", "home_area"):
            choices = [(str(area.pk), area.name) for area in areas if name != "force" or area.level == Level.FORCE]
            self.fields[name].choices = [("", "None"), *choices]  # type: ignore[attr-defined]  # a choice field

    def clean_username(self) -> str:
        """A name that nobody else has."""
        name: str = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username=name).exclude(pk=self.account.pk).exists():
            raise ValidationError(f"Somebody has the user name {name} already")
        return name

    def clean_own_postcode(self) -> str:
        """A postcode, or nothing."""
        text: str = self.cleaned_data["own_postcode"].strip()
        try:
            return postcode_from(text) if text else ""
        except ValueProblem as problem:
            raise ValidationError(f"This {problem}. Enter a full postcode, like WS1 1AA") from problem

    def clean(self) -> dict[str, Any]:
        """A password that is good enough; a home area in the force; an administrator left."""
        told = super().clean() or {}
        if told.get("password"):
            try:
                password_validation.validate_password(told["password"], self.account)
            except ValidationError as problem:
                self.add_error("password", problem)
        force = Area.objects.filter(pk=int(told.get("force") or 0)).first()
        home = Area.objects.filter(pk=int(told.get("home_area") or 0)).first()
        if home and (force is None or home.force_or_self_id != force.pk):
            self.add_error("home_area", "Choose a home area of the user's force")
        told["force"], told["home_area"] = force, home
        stays = told.get("is_active") and Role.ADMINISTRATOR in told.get("roles", [])
        others = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR]).exclude(pk=self.account.pk)
        if self.account.has_role(Role.ADMINISTRATOR) and not stays and not others.exists():
            self.add_error("roles", "Nobody else is an administrator: name another first")
        return told


_FIELDS = ("username", "full_name", "email", "roles", "force", "home_area", "may_see_secret_places", "is_active")


@permitted(Action.USERS)
def users_page(request: HttpRequest) -> HttpResponse:
    """Every account, and what it may do."""
    found = User.objects.select_related("force", "home_area").order_by("-is_active", "username")
    accounts = [(account, [Role(role).label for role in account.roles]) for account in found]
    return render(request, "orders/users.html", {"accounts": accounts})


@permitted(Action.USERS)
def user_page(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Open an account, or change one."""
    account = User(is_active=True) if pk is None else get_object_or_404(User, pk=pk)
    initial = {name: getattr(account, name) for name in _FIELDS} | {
        "force": account.force_id, "home_area": account.home_area_id,
    }  # fmt: skip
    initial |= dict(zip(OWN_HOME, sealing.unseal(getattr(account, name) for name in OWN_HOME), strict=True))
    form = UserForm(request.POST or None, account=account, initial=initial)
    if request.method == "POST" and form.is_valid():
        _store(request, account, form)
        return redirect("orders:users")
    return render(
        request,
        "ordersite/question.html",
        {
            "form": form,
            "title": f"Account of {account}" if pk else "Open an account",
            "words": "Store",
            "back": "/reference/users",
            "lead": "What an account may do is decided by its roles; what it sees, by its force.",
        },
        status=400 if form.errors else 200,
    )


def _store(request: HttpRequest, account: User, form: UserForm) -> None:
    told = form.cleaned_data
    changed = [name for name in _FIELDS if getattr(account, name) != told[name]]
    before = list(account.roles)
    for name in _FIELDS:
        setattr(account, name, told[name])
    if live_at(account, told["own_address"], told["own_postcode"]):
        changed.append("own home")
    if told["password"]:
        account.set_password(told["password"])
        account.password_until = timezone.now() + GIVEN_FOR
        changed.append("password")
    elif account.pk is None:
        account.set_unusable_password()
    with transaction.atomic():
        added = account.pk is None
        account.save()
        audit.record(
            by=user_of(request),
            category=Category.ALTERATION,
            action="add user" if added else "change user",
            detail={
                "user": account.username, "fields": sorted(changed), "roles_before": before, "roles": account.roles,
            },
            address=address_of(request),
        )  # fmt: skip
