"""Saved searches: the list, saving one, opening one, and what its owner can do with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from govuk_forms.forms import GovukForm
from orders.access.permissions import Action, searchable_areas
from orders.actions import saving
from orders.actions.by_hand import Refused
from orders.actions.saving import UNDO, Sharing
from orders.models import Area, Level, Role, SavedSearch, User
from orders.search.filters import PageFilter
from orders.search.saved import UNREADABLE, found_by
from orders.views.access import permitted, user_of
from orders.views.search_filters import chips, without_page

SHARED_ROLES = (Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM)


class SaveForm(GovukForm):
    """Under what name a search is kept, with whom it is shared, and whether its owner is told of new orders."""

    name = forms.CharField(
        label="Name of the search",
        max_length=80,
        help_text="Everybody with whom you share it sees the name. Do not name a person in it.",
        error_messages={
            "required": "Give the search a name to find it by",
            "max_length": "Give it at most 80 characters",
        },
    )
    share = forms.ChoiceField(
        label="Share it with",
        required=False,
        help_text="Each reader sees only the orders that they may see themselves.",
        error_messages={"invalid_choice": "Choose from the list with whom to share it"},
    )
    alert = forms.BooleanField(
        label="Email me when a new order enters it",
        required=False,
        help_text="The email says how many and their references, nothing of any person.",
    )
    home = forms.BooleanField(label="Begin with it when I sign in", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = user.email
        self.areas = {area.code: area for area in searchable_areas(user).filter(level=Level.LPA).order_by("code")}
        share: Any = self.fields["share"]
        share.choices = [
            ("", "Nobody: it is mine alone"),
            *((f"area {code}", f"Everybody in {area.name}") for code, area in self.areas.items()),
            *((f"role {role.value}", f"Everybody with the role {role.label.lower()}") for role in SHARED_ROLES),
        ]

    def clean_alert(self) -> bool:
        """Whether to tell; needs an address that may be told."""
        alert = bool(self.cleaned_data["alert"])
        domain = self.address.rpartition("@")[2].lower()
        if alert and not any(domain == one or domain.endswith(f".{one}") for one in settings.DIGEST_DOMAINS):
            raise forms.ValidationError(
                "Your account has no email address that may be told of orders. Ask an administrator to enter one, or "
                "leave this blank"
            )
        return alert

    def sharing(self) -> Sharing:
        """With whom it is shared."""
        kind, _, value = self.cleaned_data["share"].partition(" ")
        if kind == "area":
            return Sharing(area=self.areas[value])
        return Sharing(role=Role(value)) if kind == "role" else Sharing()


@permitted(Action.SAVED_SEARCHES)
def saved_page(request: HttpRequest) -> HttpResponse:
    """The searches that the user may open, with what each finds now; and those lately deleted, to put back."""
    user, now = user_of(request), timezone.now()
    visible = SavedSearch.objects.visible_to(user).select_related("owner", "shared_area")
    by_name = sorted(visible[: 2 * saving.MOST_KEPT], key=lambda saved: saved.name.casefold())
    listed = [(saved, found_by(saved, user, now)) for saved in by_name]
    deleted = SavedSearch.objects.filter(owner=user, deleted_at__gt=now - UNDO)
    context = {
        "own": [(saved, found) for saved, found in listed if saved.owner_id == user.pk],
        "shared": [(saved, found) for saved, found in listed if saved.owner_id != user.pk],
        "deleted": deleted,
        "has_address": bool(user.email),
    }
    return render(request, "orders/saved.html", context)


@permitted(Action.SAVED_SEARCHES)
def save_page(request: HttpRequest) -> HttpResponse:
    """Give a search, whose query is that of this address, a name; posted, keep it and go back to it."""
    user = user_of(request)
    asked = PageFilter(request.GET, user=user)
    if asked.question() is None:
        return redirect(f"{reverse('orders:search')}?{request.GET.urlencode()}")
    typed = asked.form.cleaned_data["s"]
    form = SaveForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        query = kept_query(request.GET)
        try:
            saved = saving.save_search(
                name=form.cleaned_data["name"],
                query=query.urlencode(),
                text=typed.text if typed else "",
                sharing=form.sharing(),
                by=user,
            )
        except Refused as refused:
            _refuse(form, refused)
        else:
            _settle(saved, form, user)
            messages.success(request, f"Saved as “{saved.name}”.")
            query = without_page(request.GET, saved=saved.key)
            return redirect(f"{reverse('orders:search')}?{query.urlencode()}")
    context = {
        "form": form,
        "title": "Save this search",
        "words": "Save search",
        "lead": _lead(asked, request.GET, bool(typed)),
        "cancel": f"{reverse('orders:search')}?{request.GET.urlencode()}",
    }
    return render(request, "ordersite/question.html", context, status=400 if form.errors else 200)


@permitted(Action.SAVED_SEARCHES)
def open_saved(request: HttpRequest, key: str) -> HttpResponse:
    """Go to what a saved search asks; its words are asked in the reader's own name."""
    user = user_of(request)
    saved = _visible(user, key)
    query = QueryDict(saved.query, mutable=True)
    query["saved"] = saved.key
    words = saved.words
    if words is None:
        messages.error(request, f"“{saved.name}”: {UNREADABLE}.")
        return redirect("orders:saved")
    if words:
        query["s"] = saving.ask(words, by=user).key
    return redirect(f"{reverse('orders:search')}?{query.urlencode()}")


@permitted(Action.SAVED_SEARCHES)
def edit_saved(request: HttpRequest, key: str) -> HttpResponse:
    """Rename a search of one's own, share it, be told of it, begin with it."""
    user = user_of(request)
    saved = _own(user, key)
    shared = f"area {saved.shared_area.code}" if saved.shared_area else f"role {saved.shared_role}"
    initial = {
        "name": saved.name,
        "share": shared if shared != "role " else "",
        "alert": saved.alert,
        "home": saved.is_home,
    }
    form = SaveForm(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saving.change_search(saved, name=form.cleaned_data["name"], sharing=form.sharing(), by=user)
        except Refused as refused:
            _refuse(form, refused)
        else:
            saved.refresh_from_db()
            _settle(saved, form, user)
            messages.success(request, f"“{saved.name}” was changed.")
            return redirect("orders:saved")
    context = {
        "form": form,
        "title": "Change a saved search",
        "words": "Save changes",
        "lead": f"“{saved.name}”",
        "cancel": reverse("orders:saved"),
    }
    return render(request, "ordersite/question.html", context, status=400 if form.errors else 200)


@require_POST
@permitted(Action.SAVED_SEARCHES)
def change_saved(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Let a saved search ask what is asked now, delete it, put it back, or be told of it no longer."""
    user = user_of(request)
    saved = get_object_or_404(SavedSearch.objects.filter(owner=user), key=key)
    if what == "update":
        asked = PageFilter(QueryDict(request.POST.get("query", "")), user=user)
        if asked.question() is None:
            return redirect(f"{reverse('orders:search')}?{request.POST.get('query', '')}")
        typed = asked.form.cleaned_data["s"]
        query = kept_query(asked.form.data)
        saving.update_search(saved, query=query.urlencode(), text=typed.text if typed else "", by=user)
        messages.success(request, f"“{saved.name}” was updated.")
        return redirect("orders:open-saved", key=saved.key)
    match what:
        case "delete":
            saving.delete_search(saved, by=user)
            messages.success(request, f"“{saved.name}” was deleted. You can put it back for a day, below.")
        case "restore":
            saving.restore_search(saved, by=user)
            messages.success(request, f"“{saved.name}” was put back.")
        case "quiet":
            saving.set_alert(saved, alert=False, by=user)
            messages.success(request, f"You will get no more emails about “{saved.name}”.")
        case _:
            raise Http404
    return redirect("orders:saved")


@permitted(Action.ACCOUNT)
def start(request: HttpRequest) -> HttpResponse:
    """Where a user begins: the saved search that they chose for it, else My area."""
    user = user_of(request)
    saved = SavedSearch.objects.visible_to(user).filter(owner=user, is_home=True).first()
    return redirect("orders:open-saved", key=saved.key) if saved else redirect("orders:home")


def kept_query(data: QueryDict) -> QueryDict:
    """Of the query of a search what a saved one keeps: what was typed is kept beside it."""
    return without_page(data, s=None, saved=None)


def _settle(saved: SavedSearch, form: SaveForm, user: User) -> None:
    if form.cleaned_data["alert"] != saved.alert:
        saving.set_alert(saved, alert=form.cleaned_data["alert"], by=user)
    if form.cleaned_data["home"] != saved.is_home:
        saving.set_home(saved, home=form.cleaned_data["home"], by=user)


def _refuse(form: SaveForm, refused: Refused) -> None:
    for message in refused.messages:
        name, _, words = message.partition(": ")
        form.add_error(name if name in form.fields else None, f"{words[:1].upper()}{words[1:]}")


def _lead(asked: PageFilter, data: QueryDict, has_words: bool) -> str:
    area = asked.form.cleaned_data["area"]
    parts = [str(area.name) if isinstance(area, Area) else "My own area", *(chip.words for chip in chips(asked, data))]
    if has_words:
        parts.append("what you typed, which whoever opens it sees")
    return ", ".join(parts)


def _visible(user: User, key: str) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.visible_to(user), key=key)


def _own(user: User, key: str) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.visible_to(user).filter(owner=user), key=key)
