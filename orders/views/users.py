"""Accounts and roles, kept by administrators. An account is closed, never deleted: the log refers to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from govuk_forms.forms import GovukForm
from orders.access import audit, sealing, second_person
from orders.access.permissions import Action
from orders.imports.values import ValueProblem, postcode_from
from orders.models import Area, Category, Level, Role, User
from orders.oversight.own_home import OWN_HOME, live_at
from orders.templatetags.order_words import moment
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
    may_see_secret_places = forms.BooleanField(
        label="May open secret addresses",
        required=False,
        help_text="Given only when a second administrator confirms it.",
    )
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

    def __init__(self, *args: Any, account: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.by = account, by
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
        if sorted(told.get("roles", [])) == sorted(self.account.roles):
            told["roles"] = list(self.account.roles)  # in another order they are the same
        self._nothing_of_ones_own(told)
        stays = told.get("is_active") and Role.ADMINISTRATOR in told.get("roles", [])
        others = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR]).exclude(pk=self.account.pk)
        if self.account.has_role(Role.ADMINISTRATOR) and not stays and not others.exists():
            self.add_error("roles", "Nobody else is an administrator: name another first")
        return told

    def _nothing_of_ones_own(self, told: dict[str, Any]) -> None:
        """What decides over what an account may see is changed by somebody else than its owner."""
        if self.account != self.by:
            return
        for name, words in _RIGHTS.items():
            if name in told and told[name] != _as_asked(self.account)[name]:
                self.add_error(name, f"You cannot change {words} of your own account. Ask another administrator")


_FIELDS = ("username", "full_name", "email", "roles", "force", "home_area", "may_see_secret_places", "is_active")
_RIGHTS = {
    "roles": "the roles", "force": "the force", "home_area": "the home area",
    "may_see_secret_places": "the permission for secret addresses", "is_active": "the opening or closing",
}  # fmt: skip
"""The fields of which the log says what they were and became, in words that follow "cannot change"."""


def _as_asked(account: User) -> dict[str, Any]:
    """The fields of an account as its form shows them: a permission that waits is ticked."""
    values = {name: getattr(account, name) for name in _FIELDS}
    return values | {"may_see_secret_places": account.may_see_secret_places or second_person.waits(account)}


@permitted(Action.USERS)
def users_page(request: HttpRequest) -> HttpResponse:
    """Every account, and what it may do."""
    found = User.objects.select_related("force", "home_area", "secret_places_asked_by").order_by(
        "-is_active", "username"
    )
    accounts = [(account, [Role(role).label for role in account.roles]) for account in found]
    return render(request, "orders/users.html", {"accounts": accounts})


@permitted(Action.USERS)
def user_page(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Open an account, or change one."""
    account = User(is_active=True) if pk is None else get_object_or_404(User, pk=pk)
    initial = _as_asked(account) | {
        "force": account.force_id, "home_area": account.home_area_id,
    }  # fmt: skip
    initial |= dict(zip(OWN_HOME, sealing.unseal(getattr(account, name) for name in OWN_HOME), strict=True))
    form = UserForm(request.POST or None, account=account, by=user_of(request), initial=initial)
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


class SecondForm(GovukForm):
    """What the second administrator says to a permission that another asked for."""

    answer = forms.ChoiceField(
        label="May they open secret addresses?", widget=forms.RadioSelect,
        choices=[("give", "Yes: I know who they are and why they need it"), ("refuse", "No")],
        error_messages={"required": "Select whether they may"},
    )  # fmt: skip


@permitted(Action.USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def permission_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or refuse, as the second administrator, that an account may open secret addresses."""
    by, account = user_of(request), get_object_or_404(User, pk=pk)
    form = SecondForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        give = form.cleaned_data["answer"] == "give"
        problem = second_person.decide(account, by=by, give=give, address=address_of(request))
        if not problem:
            messages.success(
                request, f"{account} {'may now' if give else 'may not'} open secret addresses. It is recorded."
            )
            return redirect("orders:users")
        form.add_error(None, problem)
    asker, at = account.secret_places_asked_by, account.secret_places_asked_at
    lead = f"{asker} asked for it on {moment(at)}." if at else "Nobody asks for this permission now."
    context = {"form": form, "title": f"Secret addresses: {account}", "words": "Record it", "back": "/reference/users"}
    return render(request, "ordersite/question.html", context | {"lead": lead}, status=400 if form.errors else 200)


def _store(request: HttpRequest, account: User, form: UserForm) -> None:
    told, by = form.cleaned_data, user_of(request)
    shown = _as_asked(account)
    changed = [name for name in _FIELDS if shown[name] != told[name]]
    before = {name: _words(shown[name]) for name in _RIGHTS}
    for name in _FIELDS:
        if name != "may_see_secret_places":
            setattr(account, name, told[name])
    permission = second_person.ask(account, wanted=told["may_see_secret_places"], by=by)
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
            by=by,
            category=Category.ALTERATION,
            action="add user" if added else "change user",
            detail={"user": account.username, "fields": sorted(changed)}
            | {
                name: f"before: {before[name]}; now: {_words(told[name])}"
                for name in _RIGHTS
                if name in changed and name != "may_see_secret_places"
            }
            | ({"secret addresses": permission} if permission else {}),
            address=address_of(request),
        )
    if permission == second_person.ASKED:
        messages.success(
            request,
            f"{account} may open secret addresses only once another administrator has confirmed it, on this page.",
        )


def _words(value: Any) -> str:
    """A field's value for the log: roles by name, an area by code."""
    if isinstance(value, list):
        return ", ".join(Role(role).label for role in value) or "none"
    if isinstance(value, bool):
        return "open" if value else "closed"
    return value.code if isinstance(value, Area) else "none"
